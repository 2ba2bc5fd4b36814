//! Secrets replaced in texts and JSON, which stays JSON.

use std::collections::BTreeSet;

use serde::de::IgnoredAny;
use serde_json::Value;

use super::finder::Finder;

/// How much longer than what they replace all replacements together may be, in bytes.
const ROOM: usize = 256 << 10;
/// How deep JSON in strings of JSON is looked into. Deeper, it is a text like any other.
const DEEPEST: usize = 8;

/// Replaces what is found, and counts the places.
pub(super) struct Replacing<'a> {
    finder: &'a Finder,
    room: usize,
    places: usize,
}

impl<'a> Replacing<'a> {
    pub(super) fn new(finder: &'a Finder) -> Self {
        Self {
            finder,
            room: ROOM,
            places: 0,
        }
    }

    /// In a text that may be JSON; `None` where nothing is found. Where a secret reaches across values of JSON,
    /// it is replaced in the text.
    pub(super) fn body(&mut self, body: &[u8]) -> Option<Vec<u8>> {
        self.json_or_text(body, 0)
    }

    /// In each string, key and number of a JSON text. The rest stays as it is, to the byte. A secret that reaches
    /// across values stays too.
    pub(super) fn json(&mut self, text: &[u8]) -> Vec<u8> {
        self.json_at(text, 0)
    }

    /// In a text; `None` where nothing is found.
    pub(super) fn text(&mut self, text: &[u8]) -> Option<Vec<u8>> {
        let (replaced, places) = self.finder.replace(text, &mut self.room)?;
        self.places += places;
        Some(replaced)
    }

    /// In a value: strings, keys and numbers. A number in which something is found becomes a string.
    pub(super) fn value(&mut self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(replaced) = self.json_or_text(text.as_bytes(), 1) {
                    *text = lossy(replaced);
                }
            }
            Value::Number(number) => {
                if let Some(replaced) = self.text(number.to_string().as_bytes()) {
                    *value = lossy(replaced).into();
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(members) => {
                members.values_mut().for_each(|member| self.value(member));
                if members.keys().any(|key| self.finder.is_in(key.as_bytes())) {
                    let mut replaced = BTreeSet::new();
                    for (key, member) in std::mem::take(members) {
                        let key = self.key(&key, &mut replaced).unwrap_or(key);
                        members.insert(key, member);
                    }
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// A key of an object; `None` where nothing is found. Two keys may differ in nothing but their secrets, and
    /// stay two.
    fn key(&mut self, key: &str, replaced: &mut BTreeSet<String>) -> Option<String> {
        let mut key = lossy(self.text(key.as_bytes())?);
        while !replaced.insert(key.clone()) {
            key.push('*');
        }
        Some(key)
    }

    fn json_or_text(&mut self, text: &[u8], depth: usize) -> Option<Vec<u8>> {
        let places = self.finder.count(text);
        if places == 0 {
            return None;
        }
        // In a string, words and numbers that happen to be JSON are no more than text.
        let is_nested = matches!(text.trim_ascii_start(), [b'{' | b'[', ..]);
        if depth < DEEPEST && (depth == 0 || is_nested) && serde_json::from_slice::<IgnoredAny>(text).is_ok()
        {
            let mut within = Self { places: 0, ..*self };
            let replaced = within.json_at(text, depth);
            if within.places == places {
                (self.room, self.places) = (within.room, self.places + places);
                return Some(replaced);
            }
        }
        self.text(text)
    }

    fn json_at(&mut self, text: &[u8], depth: usize) -> Vec<u8> {
        let mut replaced = Vec::with_capacity(text.len());
        let mut rest = text;
        // The keys that were replaced, of every object that is open.
        let mut open: Vec<BTreeSet<String>> = Vec::new();
        while let Some(skipped) = next_token(rest, &mut open) {
            replaced.extend_from_slice(&rest[..skipped]);
            rest = &rest[skipped..];
            let (token, after) = rest.split_at(literal(rest).unwrap_or_else(|| number(rest)));
            let is_key = after.trim_ascii_start().starts_with(b":");
            let new = match serde_json::from_slice::<String>(token) {
                Ok(key) if is_key => open.last_mut().and_then(|keys| self.key(&key, keys)),
                Ok(text) => self.json_or_text(text.as_bytes(), depth + 1).map(lossy),
                Err(_) => self.text(token).map(lossy),
            };
            match new {
                Some(new) => replaced.extend(Value::from(new).to_string().into_bytes()),
                None => replaced.extend_from_slice(token),
            }
            rest = after;
        }
        replaced.extend_from_slice(rest);
        replaced
    }
}

/// How far away the next string or number is. Objects that open and close until there are noted.
fn next_token(text: &[u8], open: &mut Vec<BTreeSet<String>>) -> Option<usize> {
    for (index, byte) in text.iter().enumerate() {
        match byte {
            b'"' | b'-' | b'0'..=b'9' => return Some(index),
            b'{' => open.push(BTreeSet::new()),
            b'}' => drop(open.pop()),
            _ => {}
        }
    }
    None
}

/// How long the string literal is that a text begins with, both quotes included; `None` where there is none.
pub(super) fn literal(text: &[u8]) -> Option<usize> {
    if text.first() != Some(&b'"') {
        return None;
    }
    let mut at = 1;
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// How long the number is that a text begins with.
fn number(text: &[u8]) -> usize {
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
    text.iter().position(|byte| !is_digit(byte)).unwrap_or(text.len())
}

pub(super) fn lossy(text: Vec<u8>) -> String {
    // What is found ends where characters end, but for values that are no text themselves.
    String::from_utf8(text).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::secrets::finder::Needle;

    #[test]
    fn strings_keys_and_numbers_are_replaced_and_nothing_else() {
        let needles = ["12345", "geheim"].map(|value| Needle {
            value: value.into(),
            replacement: "***".into(),
            in_base64: false,
        });
        let mut value = json!({
            "a": ["a geheim b", 12345, 9_123_456, 1.5, true, null],
            "geheim": 1,
            "12345": 2,
            "text": r#"{"total":12345, "geheim":"a\u0067", "12345":{"geheim":1.0}}"#,
            "word": "geh\\u0065im",
        });
        let finder = Finder::new(&needles);
        let text = value.to_string();
        let mut replacing = Replacing::new(&finder);
        replacing.value(&mut value);
        assert_eq!(replacing.places, 10);
        let expected = json!({
            "a": ["a *** b", "***", "9***6", 1.5, true, null],
            "***": 1,
            "****": 2,
            "text": r#"{"total":"***", "***":"a\u0067", "****":{"***":1.0}}"#,
            "word": "***",
        });
        assert_eq!(value.to_string(), expected.to_string());
        assert_eq!(
            lossy(Replacing::new(&finder).json(text.as_bytes())),
            expected.to_string()
        );
        let body = Replacing::new(&finder).body(text.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(body).unwrap(), expected.to_string());
    }

    #[test]
    fn replacements_do_not_make_a_text_much_longer() {
        let finder = Finder::new(&[Needle {
            value: "1234".into(),
            replacement: "a-placeholder-of-many-characters".into(),
            in_base64: false,
        }]);
        let body = serde_json::to_vec(&vec!["1234"; 100_000]).unwrap();
        let replaced = Replacing::new(&finder).body(&body).unwrap();
        assert!(replaced.len() <= body.len() + ROOM, "{}", replaced.len());
        assert!(!finder.is_in(&replaced) && replaced.starts_with(b"[\"a-placeholder"));
    }
}
