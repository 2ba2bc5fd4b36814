//! What a guest has in a secret's stead.

use std::sync::Arc;

use serde_json::Value;

use crate::error::Error;

/// How every placeholder begins, so that a person who meets one knows what it is.
const PREFIX: &str = "PatchbaySecret";
/// How many random characters follow. Each is one of 62, so that one can't be guessed.
const RANDOM: usize = 32;
/// Nothing else: they survive percent, form, JSON and header encoding unchanged.
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// One secret, and what stands for it in the sandbox.
#[derive(Clone)]
pub(super) struct Secret {
    /// The setting that it is, or is in.
    pub(super) setting: String,
    pub(super) value: Arc<str>,
    pub(super) placeholder: Arc<str>,
}

/// What a guest sees of a secret setting. The secrets in it are added to `secrets`.
///
/// A JSON object or array keeps its structure and its keys, and each string and number in it is a secret
/// of its own. What is empty stays empty, because that means that it isn't set.
pub(super) fn visible(setting: &str, value: &str, secrets: &mut Vec<Secret>) -> Result<String, Error> {
    let mut stand_in = |value: &str| -> Result<String, Error> {
        if value.is_empty() {
            return Ok(String::new());
        }
        let placeholder = placeholder()?;
        secrets.push(Secret {
            setting: setting.to_owned(),
            value: value.into(),
            placeholder: placeholder.as_str().into(),
        });
        Ok(placeholder)
    };
    match serde_json::from_str(value) {
        Ok(mut json @ (Value::Object(_) | Value::Array(_))) => {
            replace(&mut json, &mut stand_in)?;
            Ok(json.to_string())
        }
        _ => stand_in(value),
    }
}

/// The values in a setting: the strings and numbers of a JSON object or array, else the whole.
pub(super) fn leaves(value: &str) -> Vec<Arc<str>> {
    let mut found = Vec::new();
    match serde_json::from_str(value) {
        Ok(mut json @ (Value::Object(_) | Value::Array(_))) => {
            // Nothing fails: every value stays as it is.
            let _ = replace(&mut json, &mut |leaf| {
                found.push(leaf.into());
                Ok(leaf.to_owned())
            });
        }
        _ => found.push(value.into()),
    }
    found.retain(|leaf: &Arc<str>| !leaf.is_empty());
    found
}

fn replace(value: &mut Value, stand_in: &mut dyn FnMut(&str) -> Result<String, Error>) -> Result<(), Error> {
    match value {
        Value::String(text) => *text = stand_in(text)?,
        Value::Number(number) => *value = stand_in(&number.to_string())?.into(),
        Value::Array(items) => items.iter_mut().try_for_each(|item| replace(item, stand_in))?,
        Value::Object(members) => members
            .values_mut()
            .try_for_each(|member| replace(member, stand_in))?,
        Value::Null | Value::Bool(_) => {}
    }
    Ok(())
}

fn placeholder() -> Result<String, Error> {
    let random = rustls::crypto::ring::default_provider().secure_random;
    let mut text = PREFIX.to_owned();
    while text.len() < PREFIX.len() + RANDOM {
        let mut bytes = [0; RANDOM];
        random.fill(&mut bytes).map_err(|_| {
            Error::usage("the system gives no random numbers, which placeholders of secrets are made of")
        })?;
        // What doesn't divide evenly is left out: every character is as likely as any other.
        let even = bytes.iter().filter(|byte| **byte < 248);
        let characters = even.map(|byte| char::from(ALPHABET[usize::from(byte % 62)]));
        text.extend(characters.take(PREFIX.len() + RANDOM - text.len()));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_survives_every_encoding_and_tells_nothing() {
        let mut secrets = Vec::new();
        let one = visible("key", "geheim", &mut secrets).unwrap();
        let other = visible("key", "geheim", &mut secrets).unwrap();
        assert_ne!(one, other);
        assert_eq!(one.len(), PREFIX.len() + RANDOM);
        assert!(one.starts_with(PREFIX) && one.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_eq!(visible("key", "", &mut secrets).unwrap(), "", "not set");
        assert_eq!(secrets.len(), 2);
    }

    #[test]
    fn an_object_keeps_its_structure() {
        let mut secrets = Vec::new();
        let text = r#"{"x-key":"one","more":["two",3,true,null,""]}"#;
        let seen: Value = serde_json::from_str(&visible("headers", text, &mut secrets).unwrap()).unwrap();
        let values: Vec<&str> = secrets.iter().map(|secret| &*secret.value).collect();
        assert_eq!(values, ["one", "two", "3"]);
        let of = |index: usize| Value::from(&*secrets[index].placeholder);
        let expected = serde_json::json!({ "x-key": of(0), "more": [of(1), of(2), true, null, ""] });
        assert_eq!(seen.to_string(), expected.to_string());
    }
}
