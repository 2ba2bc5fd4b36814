//! Live tokens: what a connection's stored records hold.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::MASK;
use super::finder::{Finder, Needle};
use super::settings::Known;

/// How many strings of a connection's sessions are looked for. A session has a handful; what a connector
/// has invented to keep the host busy protects nothing.
const MOST: usize = 1024;

/// The records that a connection has stored.
pub(crate) trait StoredRecords: Send + Sync {
    /// All of them, with their keys.
    fn records(&self) -> Vec<(String, Vec<u8>)>;
}

/// What must not leave the host, as of the last time that the records were read.
pub(super) struct Tokens {
    known: Arc<Known>,
    records: Vec<(String, Vec<u8>)>,
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
    pub(super) fn refreshed(&mut self, known: &Arc<Known>, records: Vec<(String, Vec<u8>)>) -> Arc<Finder> {
        if self.records != records || !Arc::ptr_eq(&self.known, known) {
            self.known = known.clone();
            let mut needles = known.needles();
            let tokens = tokens(&records, &known.public_records)
                .into_iter()
                .map(|token| Needle {
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

/// The tokens in stored records: the strings of a JSON text, or the whole of another one. What a record's
/// key ends with is its name; those that the manifest calls public have none.
fn tokens(records: &[(String, Vec<u8>)], public: &BTreeSet<String>) -> Vec<String> {
    let mut tokens = Vec::new();
    for (key, record) in records {
        let name = key.rsplit('/').next().unwrap_or(key);
        if public.contains(name) {
            continue;
        }
        match serde_json::from_slice::<Value>(record) {
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
    fn tokens_are_found_in_every_record_but_public_ones() {
        let records = [
            (
                "v/1/session",
                r#"{"until_ms":17,"session":{"access_token":"tok-123","more":["tok-456"]}}"#,
            ),
            ("v/1/failure", r#"{"kind":"rejected","message":"no such user"}"#),
            ("failure/other", r#"{"token":"tok-789"}"#),
            ("plain", "tok-plain"),
        ];
        let records = records.map(|(key, record)| (key.to_owned(), record.as_bytes().to_vec()));
        let public = BTreeSet::from(["failure".to_owned()]);
        assert_eq!(
            tokens(&records, &public),
            ["tok-123", "tok-456", "tok-789", "tok-plain"]
        );
    }

    #[test]
    fn a_finder_is_made_anew_only_for_other_tokens() {
        let known = Arc::new(Known::default());
        let mut tokens = Tokens::new(known.clone());
        let record = |token: &str| vec![("k".to_owned(), token.as_bytes().to_vec())];
        let first = tokens.refreshed(&known, record("tok-1"));
        assert!(first.is_in(b"a tok-1 b"));
        assert!(Arc::ptr_eq(&first, &tokens.refreshed(&known, record("tok-1"))));
        let second = tokens.refreshed(&known, record("tok-2"));
        assert!(second.is_in(b"tok-2") && !second.is_in(b"tok-1"));
    }
}
