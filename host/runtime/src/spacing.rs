//! The space between the values of a JSON text. Numbers keep their digits, and strings their escapes.

use serde_json::value::RawValue;

/// What a level of nesting is indented by.
const INDENT: &str = "  ";

/// Returns the text on one line, without space between values.
#[must_use]
pub fn compact(json: &RawValue) -> String {
    let mut out = String::with_capacity(json.get().len());
    for token in Tokens(json.get()) {
        out.push_str(token);
    }
    out
}

/// Returns the text with each item and member on a line of its own, indented.
#[must_use]
pub fn pretty(json: &RawValue) -> String {
    let mut out = String::with_capacity(json.get().len() * 2);
    let mut depth = 0_usize;
    let mut tokens = Tokens(json.get()).peekable();
    while let Some(token) = tokens.next() {
        let next = tokens.peek().copied();
        let opened = matches!(token, "[" | "{");
        let closes = matches!(next, Some("]" | "}"));
        depth += usize::from(opened);
        depth = depth.saturating_sub(usize::from(closes));
        out.push_str(token);
        if token == ":" {
            out.push(' ');
        } else if token == "," || opened != closes {
            out.push('\n');
            out.extend(std::iter::repeat_n(INDENT, depth));
        }
    }
    out
}

/// The brackets, commas, colons, strings and other values of a text that is JSON.
struct Tokens<'a>(&'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.0.trim_ascii_start();
        let length = match text.as_bytes().first()? {
            b'"' => string(text),
            b'[' | b']' | b'{' | b'}' | b',' | b':' => 1,
            _ => text
                .find([']', '}', ',', ':', ' ', '\t', '\r', '\n'])
                .unwrap_or(text.len()),
        };
        let (token, rest) = text.split_at(length);
        self.0 = rest;
        Some(token)
    }
}

/// How long the string is that a text begins with, both quotes included.
fn string(text: &str) -> usize {
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((index, byte)) = bytes.next() {
        match byte {
            b'"' => return index + 1,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    #[test]
    fn only_the_space_between_values_changes() {
        let text = "\r\n{ \"a b\\\" \\\\\" :\t[ 12345678901234567890123 , 1.10,1E+2 ,[ ],{\n} , [[0]] ],\"\\u00e9\\/\": \"[ 1 , {\" } ";
        assert_eq!(
            compact(&raw(text)),
            r#"{"a b\" \\":[12345678901234567890123,1.10,1E+2,[],{},[[0]]],"\u00e9\/":"[ 1 , {"}"#
        );
        let expected = r#"{
  "a b\" \\": [
    12345678901234567890123,
    1.10,
    1E+2,
    [],
    {},
    [
      [
        0
      ]
    ]
  ],
  "\u00e9\/": "[ 1 , {"
}"#;
        assert_eq!(pretty(&raw(text)), expected);
        for single in ["1.10", "\"a\"", "null", "[]", "{}"] {
            assert_eq!(
                (pretty(&raw(single)), compact(&raw(single))),
                (single.to_owned(), single.to_owned())
            );
        }
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,5}".prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 64, 5, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..5).prop_map(Value::from),
                vec((".{0,3}", inner), 0..5).prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_text_is_spaced_as_its_value_is(value in json()) {
            let (tight, wide) = (value.to_string(), format!("{value:#}"));
            prop_assert_eq!(compact(&raw(&wide)), tight.clone());
            prop_assert_eq!(pretty(&raw(&tight)), wide);
        }
    }
}
