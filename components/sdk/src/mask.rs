//! Secrets in what vendors answer.

use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::members::{occurrences, value_end};
use crate::payload::Payload;

/// What a secret in a vendor's answer is replaced by.
pub const MASK: &str = "***";

/// Says whether a member of an object is a secret there.
pub type IsSecret = fn(&Map<String, Value>) -> bool;

/// Which members of a vendor's answers are secrets, at any depth. They come out as `***`, but for `null`.
#[derive(Debug, Clone, Copy)]
pub struct Secrets {
    /// Members that are secrets wherever they are.
    pub always: &'static [&'static str],
    /// Members that are secrets in some objects: their name, and which objects.
    pub sometimes: &'static [(&'static str, IsSecret)],
}

impl Secrets {
    /// Masks a payload, or the details of a refusal.
    ///
    /// # Errors
    ///
    /// The failure that `result` is.
    pub fn mask_result(&self, mut result: Result<Payload, Failure>) -> Result<Payload, Failure> {
        if let Err(
            Failure::Rejected(refusal) | Failure::Unauthorized(refusal) | Failure::Throttled { refusal, .. },
        ) = &mut result
            && let Some(details) = &mut refusal.details
        {
            self.mask_value(details);
        }
        result.map(|payload| self.mask(payload))
    }

    /// Masks a payload. It is parsed only where it has one of the members that are secrets in some objects.
    #[must_use]
    pub fn mask(&self, payload: Payload) -> Payload {
        if self.needs_value(payload.as_str()) {
            let mut value = payload.to_value();
            self.mask_value(&mut value);
            return value.into();
        }
        self.always.iter().fold(payload, |payload, name| {
            match mask_member(payload.as_str(), name) {
                Some(masked) => Payload::trusted(masked),
                None => payload,
            }
        })
    }

    /// Replaces the secrets in a value.
    pub fn mask_value(&self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.mask_value(item)),
            Value::Object(object) => {
                let secret = |name: &str| {
                    self.always.contains(&name)
                        || self
                            .sometimes
                            .iter()
                            .any(|(known, is)| *known == name && is(object))
                };
                let names: Vec<String> = object.keys().filter(|name| secret(name)).cloned().collect();
                for (name, member) in object.iter_mut() {
                    if !names.contains(name) {
                        self.mask_value(member);
                    } else if !member.is_null() {
                        *member = Value::from(MASK);
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether the secrets can't be found in the text alone: the objects matter, or names may be escaped. What
    /// [`is_plain`] can be escaped in one way only.
    fn needs_value(&self, json: &str) -> bool {
        let has = |part: &str| occurrences(json, part).next().is_some();
        self.sometimes.iter().any(|(name, _)| has(name))
            || has("\\u00")
            || !self.always.iter().all(|name| is_plain(name))
            || !self.sometimes.iter().all(|(name, _)| is_plain(name))
    }
}

fn is_plain(name: &str) -> bool {
    name.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Masks the members of one name, which must be plain and not escaped in `json`. `None` where there are none.
fn mask_member(json: &str, name: &str) -> Option<String> {
    let bytes = json.as_bytes();
    let mut masked = String::new();
    let mut copied = 0;
    for at in occurrences(json, name) {
        // It isn't in a secret that has been replaced.
        let outside = at > copied;
        if let Some(start) = member_value(bytes, at, name.len()).filter(|_| outside) {
            let end = value_end(bytes, start);
            if &bytes[start..end] != b"null" {
                masked.push_str(&json[copied..start]);
                masked.push('"');
                masked.push_str(MASK);
                masked.push('"');
                copied = end;
            }
        }
    }
    (copied > 0).then(|| masked + &json[copied..])
}

/// Returns where the value begins of the member whose name is at `at`, where that is the name of a member.
fn member_value(json: &[u8], at: usize, length: usize) -> Option<usize> {
    let after_blanks = |from: usize| {
        let blanks = json
            .get(from..)?
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace());
        Some(from + blanks.count())
    };
    // A quote that opens a string stands behind no backslash, and one that closes a string before no name.
    let opens = json[..at].ends_with(b"\"") && !json[..at].ends_with(b"\\\"");
    let closes = json.get(at + length) == Some(&b'"');
    let colon = after_blanks(at + length + 1).filter(|_| opens && closes)?;
    (json.get(colon) == Some(&b':')).then(|| after_blanks(colon + 1))?
}
