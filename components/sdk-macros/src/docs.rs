//! What doc comments say.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// Summary, description and section of a doc comment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Documentation {
    /// The first paragraph, without a full stop at its end.
    pub(crate) summary: String,
    /// Everything else.
    pub(crate) description: String,
    /// The paragraph that starts with `Section`, without its full stop.
    pub(crate) section: String,
}

impl Documentation {
    pub(crate) fn of(attributes: &[Attribute]) -> Self {
        Self::parse(&comment(attributes))
    }

    pub(crate) fn parse(text: &str) -> Self {
        let mut documentation = Self::default();
        let mut rest: Vec<&str> = Vec::new();
        for paragraph in text.split("\n\n").map(str::trim).filter(|p| !p.is_empty()) {
            if documentation.summary.is_empty() {
                let line = paragraph.replace('\n', " ");
                line.trim_end_matches('.').clone_into(&mut documentation.summary);
            } else if paragraph.starts_with("Section ") {
                let line = paragraph.replace('\n', " ");
                line.trim_end_matches('.').clone_into(&mut documentation.section);
            } else {
                rest.push(paragraph);
            }
        }
        documentation.description = unwrapped(&rest.join("\n\n"));
        documentation
    }
}

/// Returns the text of a doc comment, each paragraph on one line.
pub(crate) fn description(attributes: &[Attribute]) -> String {
    unwrapped(&comment(attributes))
}

fn comment(attributes: &[Attribute]) -> String {
    let mut text = String::new();
    for attribute in attributes {
        if let Meta::NameValue(pair) = &attribute.meta
            && pair.path.is_ident("doc")
            && let Expr::Lit(ExprLit {
                lit: Lit::Str(line), ..
            }) = &pair.value
        {
            for line in line.value().split('\n') {
                text.push_str(line.strip_prefix(' ').unwrap_or(line).trim_end());
                text.push('\n');
            }
        }
    }
    text.trim().to_owned()
}

/// Markdown with each paragraph on one line. Lists, tables and code stay as they are.
fn unwrapped(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| {
        // A name in backquotes may begin a line of a paragraph; a fence has three.
        let structured = |line: &str| {
            let marks = ["- ", "* ", "|", "```", "#"];
            marks.iter().any(|mark| line.trim_start().starts_with(mark))
        };
        if paragraph.lines().any(structured) {
            paragraph.to_owned()
        } else {
            paragraph.replace('\n', " ")
        }
    });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doc_comment_is_split_into_summary_description_and_section() {
        let documentation =
            Documentation::parse("List the robots.\n\nSection 3.4.1.\n\nTokens are masked.\nAlways.");
        assert_eq!(documentation.summary, "List the robots");
        assert_eq!(documentation.description, "Tokens are masked. Always.");
        assert_eq!(documentation.section, "Section 3.4.1");
    }

    #[test]
    fn a_summary_is_one_line_and_the_first_paragraph_whatever_it_says() {
        let documentation = Documentation::parse("Section of a\nwarehouse.\n\nWith its racks.\n\nSectional.");
        let expected = Documentation {
            summary: "Section of a warehouse".to_owned(),
            description: "With its racks.\n\nSectional.".to_owned(),
            section: String::new(),
        };
        assert_eq!(documentation, expected);
        assert_eq!(Documentation::parse(""), Documentation::default());
    }

    #[test]
    fn paragraphs_are_one_line_and_lists_keep_theirs() {
        let text = "One\nline.\n\n- first\n- second\n\nAnother\none.";
        assert_eq!(unwrapped(text), "One line.\n\n- first\n- second\n\nAnother one.");
        // A name may begin a line.
        assert_eq!(
            unwrapped("Needs one or\n`two`, not\n-1."),
            "Needs one or `two`, not -1."
        );
        let code = "```\nlet x = 1;\n```";
        assert_eq!(unwrapped(code), code);
    }
}
