//! Checking inputs against their [shapes](crate::shape), for all endpoints.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::answer::to_text;
use crate::failure::{Failure, Violation};
use crate::params::{Params, is_given};
use crate::pattern;
use crate::schema::lenient_pattern;
use crate::shape::{Condition, Field, Literal, Object, Range, Rule, Shape};

/// How many violations are returned at most.
const MAX_VIOLATIONS: usize = 16;
/// How much of a value a violation quotes, in characters.
const EXCERPT: usize = 60;

/// Checks an input, a JSON text, against what an operation takes. The parameters come out in the order of
/// their declaration, of the documented types.
///
/// # Errors
///
/// [`Failure::InvalidInput`] with all that is wrong, up to 16 violations.
pub fn input(object: &Object, text: &str) -> Result<Params, Failure> {
    if !text.trim_start().starts_with('{') {
        return Err(Failure::invalid_input("", "must be an object"));
    }
    let Members(members) = serde_json::from_str(text)
        .map_err(|error| Failure::invalid_input("", format!("isn't valid JSON: {error}")))?;
    let mut checker = Checker::default();
    let params = checker.object(object, members);
    match checker.violations.as_slice() {
        [] => Ok(params.into()),
        _ => Err(Failure::InvalidInput(checker.violations)),
    }
}

/// Checks another value against its shape, such as the body of a callback. Members that aren't declared may be
/// there. Returns what is wrong, up to 16 violations.
#[must_use]
pub fn value(shape: &'static Shape, value: &Value) -> Vec<Violation> {
    let mut checker = Checker {
        open: true,
        ..Checker::default()
    };
    checker.value(shape, &[], value.clone());
    checker.violations
}

/// The members of a JSON object. A `Map` would hide that one is there twice.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collector;

        impl<'de> Visitor<'de> for Collector {
            type Value = Members;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = access.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Collector)
    }
}

#[derive(Default)]
struct Checker {
    violations: Vec<Violation>,
    /// JSON Pointer to what is being checked.
    path: String,
    /// Whether every object may have members that aren't declared.
    open: bool,
}

impl Checker {
    fn violation(&mut self, message: impl Into<String>) {
        if self.violations.len() < MAX_VIOLATIONS {
            self.violations.push(Violation::new(self.path.clone(), message));
        }
    }

    /// Does something at a member of what is being checked.
    fn at<T>(&mut self, name: &str, check: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        self.path.push('/');
        self.path
            .push_str(&cut(name).replace('~', "~0").replace('/', "~1"));
        let checked = check(self);
        self.path.truncate(length);
        checked
    }

    fn object(
        &mut self,
        object: &Object,
        members: impl IntoIterator<Item = (String, Value)>,
    ) -> Map<String, Value> {
        let mut given: Vec<Option<Value>> = object.fields.iter().map(|_| None).collect();
        let mut others = Map::new();
        for (name, value) in members {
            let index = object.fields.iter().position(|field| field.name == name);
            let twice = match index.and_then(|index| given.get_mut(index)) {
                Some(place) => place.replace(value).is_some(),
                None if object.open || self.open => others.insert(name.clone(), value).is_some(),
                None => {
                    let known: Vec<&str> = object.fields.iter().map(|field| field.name).collect();
                    let known = match known.as_slice() {
                        [] => "there is none".to_owned(),
                        known => format!("there are {}", known.join(", ")),
                    };
                    self.at(&name, |checker| {
                        checker.violation(format!("isn't a parameter; {known}"));
                    });
                    false
                }
            };
            if twice {
                self.at(&name, |checker| checker.violation("is there twice"));
            }
        }
        let mut checked = Map::new();
        for (field, value) in object.fields.iter().zip(given) {
            match value {
                None if field.is_required() => {
                    self.at(field.name, |checker| checker.violation("is required"));
                }
                // `null` for what may be left out.
                None => {}
                Some(Value::Null) if !field.is_required() => {}
                Some(value) => {
                    let value = self.at(field.name, |checker| checker.field(field, value));
                    checked.insert(field.name.to_owned(), value);
                }
            }
        }
        checked.append(&mut others);
        for condition in object.conditions {
            self.condition(condition, &mut checked);
        }
        checked
    }

    fn condition(&mut self, condition: &Condition, members: &mut Map<String, Value>) {
        match condition {
            Condition::AnyOf(names) | Condition::FirstOf(names) | Condition::OneOf(names) => {
                let mut given: Vec<&str> = names
                    .iter()
                    .copied()
                    .filter(|name| is_given(members, name))
                    .collect();
                if given.is_empty() || given.len() > 1 && matches!(condition, Condition::OneOf(_)) {
                    let how = if matches!(condition, Condition::OneOf(_)) {
                        "exactly"
                    } else {
                        "at least"
                    };
                    self.violation(format!("needs {how} one of {}", quoted(names)));
                    return;
                }
                if matches!(condition, Condition::FirstOf(_)) {
                    given.truncate(1);
                }
                for name in names.iter().filter(|name| !given.contains(name)) {
                    members.shift_remove(*name);
                }
            }
            Condition::Needs { param, when, is } => {
                let applies = match is {
                    Some(literal) => members.get(*when).is_some_and(|value| literal.is(value)),
                    None => is_given(members, when),
                };
                if applies && !is_given(members, param) {
                    let when = match is {
                        Some(Literal::Text(text)) => format!("{when} is {text:?}"),
                        Some(Literal::Integer(number)) => format!("{when} is {number}"),
                        Some(Literal::Boolean(flag)) => format!("{when} is {flag}"),
                        None => format!("{when} is given"),
                    };
                    self.at(param, |checker| {
                        checker.violation(format!("is required when {when}"));
                    });
                }
            }
        }
    }

    fn field(&mut self, field: &Field, value: Value) -> Value {
        let Value::String(text) = &value else {
            return self.value(field.shape, field.rules, value);
        };
        // A text in place of what it holds is checked as that, and stays as it is.
        let held = field.rules.iter().find_map(|rule| match rule {
            Rule::JsonText => Some((
                serde_json::from_str(text).map_err(|error| format!("isn't JSON: {error}")),
                [].as_slice(),
            )),
            Rule::CommaList => Some((
                Ok(text.split(',').map(Value::from).collect()),
                // An integer of the list is digits here.
                [Rule::Lenient].as_slice(),
            )),
            _ => None,
        });
        match held {
            None => return self.value(field.shape, field.rules, value),
            Some((Err(message), _)) => self.violation(message),
            Some((Ok(held), more)) => {
                self.value(field.shape, &[field.rules, more].concat(), held);
            }
        }
        value
    }

    fn value(&mut self, shape: &Shape, rules: &[Rule], value: Value) -> Value {
        let lenient = rules.iter().any(|rule| matches!(rule, Rule::Lenient));
        match (shape, value) {
            (Shape::Optional(inner), value) => self.value(inner, rules, value),
            (Shape::Reference(inner), value) => self.value(inner(), rules, value),
            (Shape::Any, value)
            | (Shape::Boolean, value @ Value::Bool(_))
            | (Shape::Number, value @ Value::Number(_)) => value,
            (Shape::Boolean, Value::String(text)) if lenient && matches!(text.as_str(), "true" | "false") => {
                Value::Bool(text == "true")
            }
            (Shape::Integer(range), Value::Number(number)) => match whole(&number) {
                Some(number) => self.integer(*range, rules, number),
                None => self.mismatch(shape, rules, Value::Number(number)),
            },
            (Shape::Integer(range), Value::String(text))
                if lenient && pattern::matches(lenient_pattern(rules), &text) =>
            {
                match text.parse() {
                    Ok(number) => self.integer(*range, rules, number),
                    Err(_) => self.mismatch(shape, rules, Value::String(text)),
                }
            }
            (Shape::Text, Value::String(text)) => {
                self.text(rules, &text);
                Value::String(text)
            }
            (Shape::Text, Value::Number(number)) if lenient && whole(&number).is_some() => {
                let text = number.as_str().to_owned();
                self.text(rules, &text);
                Value::String(text)
            }
            (Shape::List(item), Value::Array(items)) => self.list(item, rules, items),
            (Shape::Map(member), Value::Object(members)) => {
                let checked = members.into_iter().map(|(name, value)| {
                    let value = self.at(&name, |checker| checker.value(member, rules, value));
                    (name, value)
                });
                Value::Object(checked.collect())
            }
            (Shape::Object(object), Value::Object(members)) => Value::Object(self.object(object, members)),
            (Shape::Choice(variants), value) if variants.iter().any(|variant| variant.value.is(&value)) => {
                value
            }
            (_, value) => self.mismatch(shape, rules, value),
        }
    }

    fn list(&mut self, item: &Shape, rules: &[Rule], items: Vec<Value>) -> Value {
        for rule in rules {
            match rule {
                Rule::MinItems(least) if items.len() < *least as usize => {
                    self.violation(format!(
                        "must have at least {least} items, and has {}",
                        items.len()
                    ));
                }
                Rule::MaxItems(most) if items.len() > *most as usize => {
                    self.violation(format!("must have at most {most} items, and has {}", items.len()));
                }
                _ => {}
            }
        }
        let items = items.into_iter().enumerate();
        let checked = items
            .map(|(index, value)| self.at(&index.to_string(), |checker| checker.value(item, rules, value)));
        Value::Array(checked.collect())
    }

    fn integer(&mut self, range: Range, rules: &[Rule], number: i64) -> Value {
        let message = if (range.minimum..=range.maximum).contains(&number) {
            rules.iter().find_map(|rule| match rule {
                Rule::Minimum(least) if number < *least => {
                    Some(format!("must be at least {least}, and is {number}"))
                }
                Rule::Maximum(most) if number > *most => {
                    Some(format!("must be at most {most}, and is {number}"))
                }
                _ => None,
            })
        } else {
            let Range { minimum, maximum, .. } = range;
            Some(format!("must be from {minimum} to {maximum}, and is {number}"))
        };
        if let Some(message) = message {
            self.violation(message);
        }
        Value::from(number)
    }

    fn text(&mut self, rules: &[Rule], text: &str) {
        for rule in rules {
            match rule {
                Rule::MinLength(least) if text.chars().count() < *least as usize => {
                    self.violation(match least {
                        1 => "must not be empty".to_owned(),
                        _ => format!("must have at least {least} characters"),
                    });
                }
                Rule::MaxLength(most) if text.chars().count() > *most as usize => {
                    self.violation(format!("must have at most {most} characters"));
                }
                Rule::Pattern(expected) if !pattern::matches(expected, text) => {
                    self.violation(format!(
                        "must match {expected}, and is {}",
                        excerpt(&Value::from(text))
                    ));
                }
                _ => {}
            }
        }
    }

    fn mismatch(&mut self, shape: &Shape, rules: &[Rule], value: Value) -> Value {
        let lenient = rules.iter().any(|rule| matches!(rule, Rule::Lenient));
        let expected = match shape {
            Shape::Boolean => "a boolean".to_owned(),
            Shape::Integer(_) if lenient => "an integer, or a string of digits".to_owned(),
            Shape::Integer(_) => "an integer".to_owned(),
            Shape::Number => "a number".to_owned(),
            Shape::List(_) => "a list".to_owned(),
            Shape::Map(_) | Shape::Object(_) => "an object".to_owned(),
            Shape::Choice(variants) => {
                let values: Vec<String> = variants.iter().map(|variant| literal(variant.value)).collect();
                format!("one of {}", values.join(", "))
            }
            Shape::Text | Shape::Any | Shape::Optional(_) | Shape::Reference(_) => "a string".to_owned(),
        };
        self.violation(format!("must be {expected}, and is {}", excerpt(&value)));
        value
    }
}

/// A number without fraction and exponent that an `i64` holds. `1.0` is one, as in JSON Schema.
fn whole(number: &Number) -> Option<i64> {
    let text = number.as_str();
    let digits = match text.split_once('.') {
        Some((digits, fraction)) if fraction.bytes().all(|byte| byte == b'0') => digits,
        Some(_) => return None,
        None => text,
    };
    digits.parse().ok()
}

fn literal(literal: Literal) -> String {
    match literal {
        Literal::Text(text) => format!("{text:?}"),
        Literal::Integer(number) => number.to_string(),
        Literal::Boolean(flag) => flag.to_string(),
    }
}

fn quoted(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    names.join(" and ")
}

/// A value in a message: scalars as they are, cut where they are long.
fn excerpt(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        scalar => cut(&to_text(scalar)).into_owned(),
    }
}

/// Text from outside in a message.
fn cut(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}
