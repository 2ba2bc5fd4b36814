//! The fields that a schema describes, at any depth.

use std::fmt;

use serde_json::Value;

use crate::pointer::escape;

/// How deep fields are looked for: schemas may refer to themselves.
const DEPTH: usize = 24;
/// How many parts of one schema are looked at: references multiply them.
const PARTS: usize = 20_000;

/// A field that a schema describes.
#[derive(Debug, Clone)]
pub struct Field<'a> {
    steps: Vec<Step<'a>>,
    schema: &'a Value,
}

/// From a value to one in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step<'a> {
    Property(&'a str),
    /// Whichever property.
    AnyProperty,
    /// Whichever item of an array.
    Item,
}

impl<'a> Field<'a> {
    /// Every field of the values that a schema describes, those of the items of arrays included. A field that several
    /// parts of the schema speak of is there several times.
    #[must_use]
    pub fn all(schema: &'a Value) -> Vec<Self> {
        let mut walk = Walk {
            root: schema,
            fields: Vec::new(),
            left: PARTS,
        };
        walk.enter(schema, &mut Vec::new(), DEPTH);
        walk.fields
    }

    /// Its schema.
    #[must_use]
    pub fn schema(&self) -> &'a Value {
        self.schema
    }

    /// Its own name; empty where it has none.
    #[must_use]
    pub fn name(&self) -> &'a str {
        match self.steps.last() {
            Some(Step::Property(name)) => name,
            _ => "",
        }
    }

    /// Whether its value is a file in Base64.
    #[must_use]
    pub fn is_base64(&self) -> bool {
        self.keyword("contentEncoding").eq_ignore_ascii_case("base64")
    }

    /// A keyword of its schema that has a text; empty where it has none.
    #[must_use]
    pub fn keyword(&self, name: &str) -> &'a str {
        self.schema.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// The JSON Pointer to it, where it is one place: not within the items of an array.
    #[must_use]
    pub fn pointer(&self) -> Option<String> {
        let mut pointer = String::new();
        for step in &self.steps {
            let Step::Property(name) = step else { return None };
            pointer.push('/');
            pointer.push_str(&escape(name));
        }
        Some(pointer)
    }

    /// The JSON Pointer to the place that a text names, where that is this field: a JSON Pointer itself, or names with
    /// dots between them, and the numbers of items.
    #[must_use]
    pub fn place(&self, text: &str) -> Option<String> {
        let tokens: Vec<String> = match text.strip_prefix('/') {
            Some(pointer) => pointer
                .split('/')
                .map(|token| token.replace("~1", "/").replace("~0", "~"))
                .collect(),
            None => text.split('.').map(str::to_owned).collect(),
        };
        let fits = tokens.len() == self.steps.len()
            && self.steps.iter().zip(&tokens).all(|(step, token)| match step {
                Step::Property(name) => name == token,
                Step::AnyProperty => true,
                Step::Item => token.parse::<usize>().is_ok(),
            });
        fits.then(|| {
            let tokens: Vec<String> = tokens.iter().map(|token| escape(token)).collect();
            format!("/{}", tokens.join("/"))
        })
    }
}

/// Names with dots between them; `[]` stands for any item of an array, `*` for any property.
impl fmt::Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.steps.iter().enumerate() {
            let dot = if index > 0 { "." } else { "" };
            match step {
                Step::Property(name) => write!(f, "{dot}{name}")?,
                Step::AnyProperty => write!(f, "{dot}*")?,
                Step::Item => f.write_str("[]")?,
            }
        }
        Ok(())
    }
}

struct Walk<'a> {
    root: &'a Value,
    fields: Vec<Field<'a>>,
    /// How many parts of the schema may still be looked at.
    left: usize,
}

impl<'a> Walk<'a> {
    /// Looks for the fields of a value that this schema describes.
    fn enter(&mut self, schema: &'a Value, steps: &mut Vec<Step<'a>>, depth: usize) {
        let (Some(deeper), Some(left)) = (depth.checked_sub(1), self.left.checked_sub(1)) else {
            return;
        };
        self.left = left;
        let own = |keyword: &str| schema.get(keyword);
        if let Some(place) = own("$ref").and_then(Value::as_str)
            && let Some(referred) = place.strip_prefix('#').and_then(|place| self.root.pointer(place))
        {
            self.enter(referred, steps, deeper);
        }
        for keyword in ["allOf", "anyOf", "oneOf"] {
            for part in own(keyword).and_then(Value::as_array).into_iter().flatten() {
                self.enter(part, steps, deeper);
            }
        }
        for keyword in ["if", "then", "else"] {
            if let Some(part) = own(keyword) {
                self.enter(part, steps, deeper);
            }
        }
        for (name, schema) in own("properties").and_then(Value::as_object).into_iter().flatten() {
            self.found(Step::Property(name), schema, steps, deeper);
        }
        if let Some(schema) = own("additionalProperties").filter(|schema| schema.is_object()) {
            self.found(Step::AnyProperty, schema, steps, deeper);
        }
        let items = own("prefixItems").and_then(Value::as_array).into_iter().flatten();
        for schema in items.chain(own("items")) {
            self.found(Step::Item, schema, steps, deeper);
        }
    }

    fn found(&mut self, step: Step<'a>, schema: &'a Value, steps: &mut Vec<Step<'a>>, depth: usize) {
        if self.left == 0 {
            return;
        }
        steps.push(step);
        self.fields.push(Field {
            steps: steps.clone(),
            schema,
        });
        self.enter(schema, steps, depth);
        steps.pop();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_found_at_any_depth() {
        let schema = json!({
            "properties": {
                "a": { "type": "string" },
                "list": { "items": { "$ref": "#/$defs/file" } },
            },
            "anyOf": [{ "properties": { "b": { "title": "either" } } }],
            "additionalProperties": { "properties": { "c": {} } },
            "$defs": { "file": { "properties": { "content": { "contentEncoding": "base64" } } } },
        });
        let fields = Field::all(&schema);
        let names: Vec<String> = fields.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["b", "a", "list", "list[]", "list[].content", "*", "*.c"]);
        let files: Vec<&Field<'_>> = fields.iter().filter(|field| field.is_base64()).collect();
        let [content] = files[..] else { panic!("{files:?}") };
        assert_eq!((content.name(), content.pointer()), ("content", None));
        for text in ["list.0.content", "/list/0/content"] {
            assert_eq!(content.place(text).as_deref(), Some("/list/0/content"), "{text}");
        }
        for text in [
            "list.content",
            "list.x.content",
            "content",
            "/content",
            "list.0.content.x",
        ] {
            assert_eq!(content.place(text), None, "{text}");
        }
        assert_eq!(fields[1].pointer().as_deref(), Some("/a"));
    }

    #[test]
    fn a_schema_that_refers_to_itself_comes_to_an_end() {
        let schema = json!({
            "allOf": [{ "$ref": "#" }, { "$ref": "#" }],
            "properties": { "a": { "$ref": "#" }, "b": { "$ref": "#" } },
        });
        assert!(Field::all(&schema).len() <= PARTS);
    }
}
