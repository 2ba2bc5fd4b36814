//! Secrets within JSON values.

use serde_json::Value;

use super::finder::Finder;

/// Replaces what is found in strings, keys and numbers, and counts the places. A number in which something
/// is found becomes a string.
pub(super) fn replace(value: &mut Value, finder: &Finder) -> usize {
    match value {
        Value::String(text) => replace_string(text, finder),
        Value::Number(number) => {
            let text = number.to_string();
            let places = finder.count(text.as_bytes());
            if places > 0 {
                *value = finder.replace_text(&text).into();
            }
            places
        }
        Value::Array(items) => items.iter_mut().map(|item| replace(item, finder)).sum(),
        Value::Object(members) => {
            let mut places = members.values_mut().map(|member| replace(member, finder)).sum();
            let in_keys: usize = members.keys().map(|key| finder.count(key.as_bytes())).sum();
            if in_keys > 0 {
                places += in_keys;
                for (key, member) in std::mem::take(members) {
                    let mut key = finder.replace_text(&key).into_owned();
                    // Two keys may differ in nothing but their secrets.
                    while members.contains_key(&key) {
                        key.push('*');
                    }
                    members.insert(key, member);
                }
            }
            places
        }
        Value::Null | Value::Bool(_) => 0,
    }
}

/// A string may be JSON itself, and stays it: a number in it must not become a word without quotes.
fn replace_string(text: &mut String, finder: &Finder) -> usize {
    let places = finder.count(text.as_bytes());
    if places == 0 {
        return 0;
    }
    if text.trim_start().starts_with(['{', '['])
        && let Ok(mut inner) = serde_json::from_str::<Value>(text)
        && replace(&mut inner, finder) == places
    {
        *text = inner.to_string();
    } else {
        *text = finder.replace_text(text).into_owned();
    }
    places
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
            "text": r#"{"total":12345,"geheim":"a\u0067"}"#,
            "word": "geh\\u0065im",
        });
        assert_eq!(replace(&mut value, &Finder::new(&needles)), 8);
        let expected = json!({
            "a": ["a *** b", "***", "9***6", 1.5, true, null],
            "***": 1,
            "****": 2,
            "text": r#"{"total":"***","***":"ag"}"#,
            "word": "***",
        });
        assert_eq!(value.to_string(), expected.to_string());
    }
}
