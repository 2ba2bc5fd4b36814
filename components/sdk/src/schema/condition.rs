//! Conditions between the members of an object, as JSON Schema says them.

use super::{Writer, quote};
use crate::shape::{Condition, Literal, Object, Rule, Shape};

impl Writer {
    pub(super) fn condition(&mut self, object: &Object, condition: &Condition) {
        match condition {
            Condition::AnyOf(names) | Condition::FirstOf(names) => self.alternatives("anyOf", object, names),
            Condition::OneOf(names) => self.alternatives("oneOf", object, names),
            Condition::Needs { param, when, is } => {
                self.name("if");
                self.text.push('{');
                match is {
                    None => self.given(object, when),
                    Some(literal) => {
                        self.list("required", [when], |writer, name| quote(&mut writer.text, name));
                        self.name("properties");
                        self.text.push('{');
                        self.name(when);
                        self.text.push('{');
                        self.value_or_text(object, when, *literal);
                        self.text.push_str("}}");
                    }
                }
                self.text.push('}');
                self.name("then");
                self.text.push('{');
                self.given(object, param);
                self.text.push('}');
            }
        }
    }

    /// A value, or the text that a lenient parameter takes for it.
    fn value_or_text(&mut self, object: &Object, name: &str, literal: Literal) {
        let field = object.field(name);
        let lenient = field.is_some_and(|field| field.rules.iter().any(|rule| matches!(rule, Rule::Lenient)));
        if !lenient || matches!(literal, Literal::Text(_)) {
            self.name("const");
            return self.literal(&literal);
        }
        self.list("enum", [false, true], |writer, as_text| {
            let quotation = if as_text { "\"" } else { "" };
            writer.text.push_str(quotation);
            writer.literal(&literal);
            writer.text.push_str(quotation);
        });
    }

    fn alternatives(&mut self, keyword: &str, object: &Object, names: &[&str]) {
        self.list(keyword, names, |writer, name| {
            writer.text.push('{');
            writer.given(object, name);
            writer.text.push('}');
        });
    }

    /// What holds where a member is given, and isn't an empty string.
    fn given(&mut self, object: &Object, name: &str) {
        self.list("required", [name], |writer, name| quote(&mut writer.text, name));
        if object
            .field(name)
            .is_some_and(|field| matches!(field.shape.present(), Shape::Text))
        {
            self.name("properties");
            self.text.push('{');
            self.name(name);
            self.text.push_str(r#"{"minLength":1}}"#);
        }
    }
}
