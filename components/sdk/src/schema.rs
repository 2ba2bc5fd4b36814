//! JSON Schemas and descriptions, derived from an endpoint's own types and doc comments.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

/// What a doc comment says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Documentation {
    /// The first paragraph, without a full stop at its end.
    pub summary: String,
    /// Everything else.
    pub description: String,
    /// The paragraph that starts with `Section`, without its full stop.
    pub reference: String,
}

/// Returns the JSON Schema (draft 2020-12) of `T`, without references, and what the type's doc comment says.
#[must_use]
pub fn of<T: JsonSchema>() -> (Value, Documentation) {
    generate::<T>(SchemaSettings::draft2020_12())
}

/// Returns the same for an input. Optional parameters are left out rather than `null`, which Rust's `Option`
/// takes as well: it isn't offered.
#[must_use]
pub fn of_input<T: JsonSchema>() -> (Value, Documentation) {
    generate::<T>(SchemaSettings::draft2020_12().with_transform(RecursiveTransform(without_null)))
}

fn generate<T: JsonSchema>(mut settings: SchemaSettings) -> (Value, Documentation) {
    settings.inline_subschemas = true;
    let settings = settings.with_transform(RecursiveTransform(unwrap_lines));
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    let members = schema.ensure_object();
    // The document's name is Rust's name of the type; it says nothing to a caller.
    members.shift_remove("title");
    let documentation = match members.shift_remove("description") {
        Some(Value::String(text)) => Documentation::parse(&text),
        _ => Documentation::default(),
    };
    (schema.into(), documentation)
}

fn without_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [kind] = types.as_slice() {
            let kind = kind.clone();
            schema.insert("type".to_owned(), kind);
        }
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.retain(|choice| choice["type"] != "null");
        if let [Value::Object(choice)] = choices.as_mut_slice() {
            // The parameter's own description stands above that of its type.
            let choice = std::mem::take(choice);
            let members = schema.ensure_object();
            members.shift_remove("anyOf");
            for (name, value) in choice {
                members.entry(name).or_insert(value);
            }
        }
    }
}

/// Takes the line breaks out of descriptions that doc comments have for their width only.
fn unwrap_lines(schema: &mut Schema) {
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = unwrapped(text);
    }
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

impl Documentation {
    fn parse(text: &str) -> Self {
        let mut documentation = Self::default();
        let mut rest: Vec<&str> = Vec::new();
        for paragraph in text.split("\n\n").map(str::trim).filter(|p| !p.is_empty()) {
            if documentation.summary.is_empty() {
                let line = paragraph.replace('\n', " ");
                line.trim_end_matches('.').clone_into(&mut documentation.summary);
            } else if paragraph.starts_with("Section ") {
                paragraph
                    .trim_end_matches('.')
                    .clone_into(&mut documentation.reference);
            } else {
                rest.push(paragraph);
            }
        }
        documentation.description = unwrapped(&rest.join("\n\n"));
        documentation
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// List the robots.
    ///
    /// Section 3.4.1.
    ///
    /// Tokens are masked.
    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct List {
        /// Number of the page.
        page: i64,
    }

    #[test]
    fn a_doc_comment_is_split_into_summary_description_and_reference() {
        let (schema, documentation) = of::<List>();
        assert_eq!(documentation.summary, "List the robots");
        assert_eq!(documentation.description, "Tokens are masked.");
        assert_eq!(documentation.reference, "Section 3.4.1");
        assert_eq!(schema["properties"]["page"]["description"], "Number of the page.");
        assert_eq!(schema.get("description"), None);
    }

    #[test]
    fn a_summary_is_one_line_and_the_first_paragraph_whatever_it_says() {
        let documentation = Documentation::parse("Section of a\nwarehouse.\n\nWith its racks.\n\nSectional.");
        let expected = Documentation {
            summary: "Section of a warehouse".to_owned(),
            description: "With its racks.\n\nSectional.".to_owned(),
            reference: String::new(),
        };
        assert_eq!(documentation, expected);
        assert_eq!(Documentation::parse(""), Documentation::default());
    }

    /// How urgent.
    #[derive(JsonSchema)]
    #[serde(rename_all = "lowercase")]
    #[expect(dead_code, reason = "only its schema is used")]
    enum Urgency {
        High,
        Low,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Optional {
        /// A text that is described on
        /// two lines.
        text: Option<String>,
        /// A choice.
        choice: Option<Urgency>,
        /// More.
        nested: Option<Vec<Option<i64>>>,
    }

    #[test]
    fn an_input_does_not_offer_null() {
        let (schema, _) = of_input::<Optional>();
        assert!(!schema.to_string().contains("null"), "{schema:#}");
        let properties = &schema["properties"];
        assert_eq!(properties["text"]["type"], "string");
        assert_eq!(
            properties["text"]["description"],
            "A text that is described on two lines."
        );
        assert_eq!(properties["choice"]["description"], "A choice.");
        assert!(properties["choice"].to_string().contains("high"), "{schema:#}");
        assert_eq!(properties["nested"]["items"]["type"], "integer");
        assert!(of::<Optional>().0.to_string().contains("null"), "an output does");
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
