//! JSON Schemas and descriptions, derived from an endpoint's own types and doc comments.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
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

/// The JSON Schema (draft 2020-12) of `T`, without references, and what the type's doc comment says.
#[must_use]
pub fn of<T: JsonSchema>() -> (Value, Documentation) {
    let generator = SchemaSettings::draft2020_12()
        .with(|settings| settings.inline_subschemas = true)
        .into_generator();
    let mut schema = Value::from(generator.into_root_schema_for::<T>());
    let mut documentation = Documentation::default();
    if let Some(object) = schema.as_object_mut() {
        // The document's name is Rust's name of the type; it says nothing to a caller.
        object.shift_remove("title");
        if let Some(Value::String(text)) = object.shift_remove("description") {
            documentation = Documentation::parse(&text);
        }
    }
    (schema, documentation)
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
        documentation.description = rest.join("\n\n");
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
        let documentation =
            Documentation::parse("Section of a\nwarehouse.\n\nWith\nits racks.\n\nSectional.");
        let expected = Documentation {
            summary: "Section of a warehouse".to_owned(),
            description: "With\nits racks.\n\nSectional.".to_owned(),
            reference: String::new(),
        };
        assert_eq!(documentation, expected);
        assert_eq!(Documentation::parse(""), Documentation::default());
    }
}
