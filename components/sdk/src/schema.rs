//! JSON Schemas (draft 2020-12), written from [shapes](crate::shape).

use std::fmt::Write as _;

use crate::shape::{Field, Literal, Object, Range, Rule, Shape};

mod condition;

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Returns the schema of an input. `examples` are whole inputs, as JSON. Optional parameters are left out
/// rather than `null`; objects have no members but the declared ones.
#[must_use]
pub fn of_input(object: &Object, examples: &[&str]) -> String {
    let mut writer = Writer::new(true);
    writer.object(object, "\"object\"");
    if !examples.is_empty() {
        writer.list("examples", examples, |writer, example| {
            writer.text.push_str(example);
        });
    }
    writer.finish()
}

/// Returns the schema of an output, or of another text that a vendor writes. Optional members may be `null`,
/// and there may be further ones.
#[must_use]
pub fn of_output(shape: &'static Shape) -> String {
    let mut writer = Writer::new(false);
    writer.body(shape, &[]);
    writer.finish()
}

/// Writes one schema.
struct Writer {
    text: String,
    input: bool,
    /// The types that a reference names.
    references: Vec<(String, &'static Object)>,
}

impl Writer {
    fn new(input: bool) -> Self {
        let mut writer = Self {
            text: "{".to_owned(),
            input,
            references: Vec::new(),
        };
        writer.string("$schema", DIALECT);
        writer
    }

    fn finish(mut self) -> String {
        let mut written = 0;
        while let Some((name, object)) = self.references.get(written).cloned() {
            if written == 0 {
                self.name("$defs");
                self.text.push('{');
            }
            written += 1;
            self.name(&name);
            self.text.push('{');
            self.described(object.description);
            self.object(object, "\"object\"");
            self.text.push('}');
        }
        if written > 0 {
            self.text.push('}');
        }
        self.text.push('}');
        self.text
    }

    /// A comma, where something stands before.
    fn next(&mut self) {
        if !self.text.ends_with(['{', '[']) {
            self.text.push(',');
        }
    }

    fn name(&mut self, name: &str) {
        self.next();
        quote(&mut self.text, name);
        self.text.push(':');
    }

    fn string(&mut self, name: &str, value: &str) {
        self.name(name);
        quote(&mut self.text, value);
    }

    fn raw(&mut self, name: &str, json: &str) {
        self.name(name);
        self.text.push_str(json);
    }

    fn number(&mut self, name: &str, number: i64) {
        self.name(name);
        // Writing to a string can't fail.
        let _ = write!(self.text, "{number}");
    }

    fn list<T>(&mut self, name: &str, items: impl IntoIterator<Item = T>, write: impl Fn(&mut Self, T)) {
        self.name(name);
        self.text.push('[');
        for item in items {
            self.next();
            write(self, item);
        }
        self.text.push(']');
    }

    fn described(&mut self, description: &str) {
        if !description.is_empty() {
            self.string("description", description);
        }
    }

    fn literal(&mut self, literal: &Literal) {
        match literal {
            Literal::Text(text) => quote(&mut self.text, text),
            Literal::Integer(number) => {
                let _ = write!(self.text, "{number}");
            }
            Literal::Boolean(flag) => self.text.push_str(if *flag { "true" } else { "false" }),
        }
    }

    fn field(&mut self, field: &Field) {
        self.name(field.name);
        self.text.push('{');
        if !field.title.is_empty() {
            self.string("title", field.title);
        }
        let present = field.shape.present();
        match (field.description, present) {
            ("", Shape::Object(object)) => self.described(object.description),
            (description, _) => self.described(description),
        }
        let as_text = |rule: &&Rule| matches!(rule, Rule::JsonText | Rule::CommaList);
        match field.rules.iter().find(as_text).filter(|_| self.input) {
            Some(rule) => {
                self.name("anyOf");
                self.text.push_str("[{");
                self.body(field.shape, field.rules);
                self.text.push_str(match rule {
                    Rule::JsonText => r#"},{"type":"string","contentMediaType":"application/json"}]"#,
                    _ => r#"},{"type":"string"}]"#,
                });
            }
            None => self.body(field.shape, field.rules),
        }
        for rule in field.rules {
            if let Rule::Default(json) = rule {
                self.raw("default", json);
            }
        }
        if field.rules.iter().any(|rule| matches!(rule, Rule::Example(_))) {
            let examples = field.rules.iter().filter_map(|rule| match rule {
                Rule::Example(json) => Some(json),
                _ => None,
            });
            self.list("examples", examples, |writer, json| writer.text.push_str(json));
        }
        self.text.push('}');
    }

    /// An item of a list, or a member of a map.
    fn inner(&mut self, name: &str, shape: &'static Shape, rules: &[Rule]) {
        match shape.present() {
            Shape::Any => self.raw(name, "true"),
            Shape::Map(_)
            | Shape::Boolean
            | Shape::Integer(_)
            | Shape::Number
            | Shape::Text
            | Shape::List(_)
            | Shape::Choice(_)
            | Shape::Reference(_)
            | Shape::Optional(_) => {
                self.name(name);
                self.text.push('{');
                self.body(shape, rules);
                self.text.push('}');
            }
            Shape::Object(object) => {
                self.name(name);
                self.text.push('{');
                self.described(object.description);
                self.body(shape, rules);
                self.text.push('}');
            }
        }
    }

    /// What a schema has besides title and description.
    fn body(&mut self, shape: &'static Shape, rules: &[Rule]) {
        let nullable = !self.input && matches!(shape, Shape::Optional(_));
        let lenient = self.input && rules.iter().any(|rule| matches!(rule, Rule::Lenient));
        match shape.present() {
            Shape::Any | Shape::Optional(_) => {}
            Shape::Boolean if lenient => {
                self.raw("type", r#"["boolean","string"]"#);
                self.raw("enum", r#"[true,false,"true","false"]"#);
            }
            Shape::Boolean => self.kind("\"boolean\"", nullable),
            Shape::Integer(range) => self.integer(*range, rules, lenient, nullable),
            Shape::Number => {
                self.kind("\"number\"", nullable);
                self.string("format", "double");
            }
            Shape::Text => {
                let kind = if lenient {
                    r#""string","integer""#
                } else {
                    "\"string\""
                };
                self.kind(kind, nullable);
                self.texts(rules);
            }
            Shape::List(item) => {
                self.kind("\"array\"", nullable);
                self.inner("items", item, rules);
                for rule in rules {
                    match rule {
                        Rule::MinItems(count) => self.number("minItems", i64::from(*count)),
                        Rule::MaxItems(count) => self.number("maxItems", i64::from(*count)),
                        _ => {}
                    }
                }
            }
            Shape::Map(member) => {
                self.kind("\"object\"", nullable);
                self.inner("additionalProperties", member, rules);
            }
            Shape::Object(object) => {
                let kind = if nullable {
                    r#"["object","null"]"#
                } else {
                    "\"object\""
                };
                self.object(object, kind);
            }
            Shape::Choice(variants) => {
                self.list("oneOf", *variants, |writer, variant| {
                    writer.text.push('{');
                    if !variant.title.is_empty() {
                        writer.string("title", variant.title);
                    }
                    writer.described(variant.description);
                    writer.string(
                        "type",
                        match variant.value {
                            Literal::Text(_) => "string",
                            Literal::Integer(_) => "integer",
                            Literal::Boolean(_) => "boolean",
                        },
                    );
                    writer.name("const");
                    writer.literal(&variant.value);
                    writer.text.push('}');
                });
                if nullable {
                    self.text.pop();
                    self.text.push_str(r#",{"type":"null"}]"#);
                }
            }
            Shape::Reference(shape) => self.reference(shape(), nullable),
        }
    }

    /// `type`. `kinds` are quoted, with a comma between them.
    fn kind(&mut self, kinds: &str, nullable: bool) {
        self.name("type");
        let several = nullable || kinds.contains(',');
        if several {
            self.text.push('[');
        }
        self.text.push_str(kinds);
        if nullable {
            self.text.push_str(",\"null\"");
        }
        if several {
            self.text.push(']');
        }
    }

    fn integer(&mut self, range: Range, rules: &[Rule], lenient: bool, nullable: bool) {
        let kind = if lenient {
            r#""integer","string""#
        } else {
            "\"integer\""
        };
        self.kind(kind, nullable);
        self.string("format", range.format);
        if lenient {
            self.string("pattern", lenient_pattern(rules));
        }
        let minimum = rules.iter().find_map(|rule| match rule {
            Rule::Minimum(minimum) => Some(*minimum),
            _ => None,
        });
        let maximum = rules.iter().find_map(|rule| match rule {
            Rule::Maximum(maximum) => Some(*maximum),
            _ => None,
        });
        // Those of a 64-bit type go without saying.
        let own = |bound: i64| Some(bound).filter(|bound| !matches!(*bound, i64::MIN | i64::MAX));
        if let Some(minimum) = minimum.or_else(|| own(range.minimum)) {
            self.number("minimum", minimum);
        }
        if let Some(maximum) = maximum.or_else(|| own(range.maximum)) {
            self.number("maximum", maximum);
        }
    }

    fn texts(&mut self, rules: &[Rule]) {
        for rule in rules {
            match rule {
                Rule::Pattern(pattern) => self.string("pattern", pattern),
                Rule::Format(format) => self.string("format", format),
                Rule::MinLength(length) => self.number("minLength", i64::from(*length)),
                Rule::MaxLength(length) => self.number("maxLength", i64::from(*length)),
                Rule::Base64 => self.string("contentEncoding", "base64"),
                _ => {}
            }
        }
    }

    fn reference(&mut self, shape: &'static Shape, nullable: bool) {
        let Shape::Object(object) = shape.present() else {
            return self.body(shape, &[]);
        };
        let known = self
            .references
            .iter()
            .find(|(_, known)| std::ptr::eq(*known, *object));
        let name = if let Some((name, _)) = known {
            name.clone()
        } else {
            let mut name = object.name.to_owned();
            while self.references.iter().any(|(taken, _)| *taken == name) {
                name.push('_');
            }
            self.references.push((name.clone(), object));
            name
        };
        let place = format!("#/$defs/{name}");
        if nullable {
            self.name("anyOf");
            self.text.push_str("[{");
            self.string("$ref", &place);
            self.text.push_str(r#"},{"type":"null"}]"#);
        } else {
            self.string("$ref", &place);
        }
    }

    fn object(&mut self, object: &Object, kind: &str) {
        self.raw("type", kind);
        if !object.fields.is_empty() {
            self.name("properties");
            self.text.push('{');
            for field in object.fields {
                self.field(field);
            }
            self.text.push('}');
        }
        let mut required = object
            .fields
            .iter()
            .filter(|field| field.is_required())
            .peekable();
        if required.peek().is_some() {
            self.list("required", required, |writer, field| {
                quote(&mut writer.text, field.name);
            });
        }
        if self.input {
            self.raw("additionalProperties", if object.open { "true" } else { "false" });
            match object.conditions {
                [] => {}
                [condition] => self.condition(object, condition),
                conditions => self.list("allOf", conditions, |writer, condition| {
                    writer.text.push('{');
                    writer.condition(object, condition);
                    writer.text.push('}');
                }),
            }
        }
    }
}

/// What a decimal string for an integer looks like. That it isn't too large is checked besides.
pub(crate) fn lenient_pattern(rules: &[Rule]) -> &'static str {
    let minimum = rules.iter().find_map(|rule| match rule {
        Rule::Minimum(minimum) => Some(*minimum),
        _ => None,
    });
    match minimum {
        Some(1..) => "^0*[1-9][0-9]*$",
        Some(0) => "^[0-9]+$",
        _ => "^-?[0-9]+$",
    }
}

/// Appends a JSON string.
fn quote(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            '\n' => json.push_str("\\n"),
            '\0'..='\x1f' => {
                let _ = write!(json, "\\u{:04x}", u32::from(character));
            }
            _ => json.push(character),
        }
    }
    json.push('"');
}
