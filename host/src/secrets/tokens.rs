//! Live tokens: what a connection's sessions hold.

use std::sync::Arc;

use serde_json::Value;

use super::MASK;
use super::finder::{Finder, Needle};
use super::settings::Known;

/// How many strings of a connection's sessions are looked for. A session has a handful; what a connector
/// has invented to keep the host busy protects nothing.
const MOST: usize = 1024;

/// What must not leave the host, as of the last time that the sessions were read.
pub(super) struct Tokens {
    known: Arc<Known>,
    records: Vec<Vec<u8>>,
    finder: Arc<Finder>,
}

impl Tokens {
    /// No tokens yet.
    pub(super) fn new(known: Arc<Known>) -> Self {
        Self {
            finder: Arc::new(Finder::new(&known.needles())),
            known,
            records: Vec::new(),
        }
    }

    /// The finder for these settings and records: a new one only where they have changed.
    pub(super) fn refreshed(&mut self, known: &Arc<Known>, records: Vec<Vec<u8>>) -> Arc<Finder> {
        if self.records != records || !Arc::ptr_eq(&self.known, known) {
            self.known = known.clone();
            let mut needles = known.needles();
            let tokens = tokens(&records).into_iter().map(|token| Needle {
                value: token.into(),
                replacement: MASK.into(),
                in_base64: false,
            });
            needles.extend(tokens);
            self.finder = Arc::new(Finder::new(&needles));
            self.records = records;
        }
        self.finder.clone()
    }

    /// The finder of the last time.
    pub(super) fn finder(&self) -> Arc<Finder> {
        self.finder.clone()
    }
}

/// The tokens in session records: the strings of a record's `session`, or the whole of a record of another
/// shape.
fn tokens(records: &[Vec<u8>]) -> Vec<String> {
    let mut tokens = Vec::new();
    for record in records {
        match serde_json::from_slice::<Value>(record) {
            Ok(Value::Object(members)) if members.contains_key("failed") => {}
            Ok(Value::Object(mut members)) if members.contains_key("session") => {
                if let Some(session) = members.get_mut("session") {
                    strings(session.take(), &mut tokens);
                }
            }
            Ok(json) => strings(json, &mut tokens),
            Err(_) => tokens.extend(String::from_utf8(record.clone())),
        }
    }
    tokens.truncate(MOST);
    tokens
}

fn strings(value: Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(items) => items.into_iter().for_each(|item| strings(item, found)),
        Value::Object(members) => members.into_iter().for_each(|(_, member)| strings(member, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_found_in_records_of_every_shape() {
        let records = [
            r#"{"until_ms":17,"session":{"access_token":"tok-123","more":["tok-456"]}}"#,
            r#"{"until_ms":17,"failed":{"kind":"rejected","message":"no such user"}}"#,
            r#"{"token":"tok-789"}"#,
            "tok-plain",
        ];
        let records: Vec<Vec<u8>> = records.iter().map(|record| record.as_bytes().to_vec()).collect();
        assert_eq!(tokens(&records), ["tok-123", "tok-456", "tok-789", "tok-plain"]);
    }

    #[test]
    fn a_finder_is_made_anew_only_for_other_tokens() {
        let known = Arc::new(Known::default());
        let mut tokens = Tokens::new(known.clone());
        let record = |token: &str| vec![token.as_bytes().to_vec()];
        let first = tokens.refreshed(&known, record("tok-1"));
        assert!(first.is_in(b"a tok-1 b"));
        assert!(Arc::ptr_eq(&first, &tokens.refreshed(&known, record("tok-1"))));
        let second = tokens.refreshed(&known, record("tok-2"));
        assert!(second.is_in(b"tok-2") && !second.is_in(b"tok-1"));
    }
}
