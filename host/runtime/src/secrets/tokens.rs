//! Live tokens: what a connection's stored records hold.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::MASK;
use super::finder::{Finder, Needle};
use super::settings::Known;

/// How many strings of a connection's sessions are looked for, and how many bytes of them. A session has a
/// handful; what a connector has invented to keep the host busy protects nothing.
const MOST: usize = 1024;
const MOST_BYTES: usize = 256 << 10;
/// Shorter strings aren't tokens, in bytes: a session also has states, counters and names of types.
const SHORTEST: usize = 8;
/// Strings of fewer different characters aren't tokens.
const LEAST_VARIETY: usize = 5;
/// A word that isn't longer isn't a token, in characters: `Bearer`, `authorization`, a user's name.
const LONGEST_WORD: usize = 15;

/// The records that a connection has stored.
pub(crate) trait StoredRecords: Send + Sync {
    /// A number that grows with every change of them.
    fn generation(&self) -> u64;

    /// All of them, with their keys.
    fn records(&self) -> Vec<(String, Vec<u8>)>;
}

/// What must not leave the host, as of the last time that the records were read.
pub(super) struct Tokens {
    known: Arc<Known>,
    /// The generation of the records, once they were read.
    generation: Option<u64>,
    finder: Arc<Finder>,
}

impl Tokens {
    /// No tokens yet.
    pub(super) fn new(known: Arc<Known>) -> Self {
        Self {
            finder: known.masked.clone(),
            known,
            generation: None,
        }
    }

    /// The finder for these settings and this generation of the records, where it is that of the last time.
    pub(super) fn of(&self, known: &Arc<Known>, generation: u64) -> Option<Arc<Finder>> {
        let same = self.generation == Some(generation) && Arc::ptr_eq(&self.known, known);
        same.then(|| self.finder())
    }

    /// The finder for these settings and records. The records are of this generation, or newer.
    pub(super) fn refreshed(
        &mut self,
        known: &Arc<Known>,
        generation: u64,
        records: &[(String, Vec<u8>)],
    ) -> Arc<Finder> {
        let tokens = tokens(records, &known.public_records);
        let finder = if tokens.is_empty() {
            known.masked.clone()
        } else {
            let mut needles = known.needles();
            needles.extend(tokens.into_iter().map(|token| Needle {
                value: token.into(),
                replacement: MASK.into(),
                in_base64: false,
            }));
            Arc::new(Finder::new(&needles))
        };
        // What another call has read later stays.
        if self.generation.is_none_or(|last| last <= generation) {
            self.known = known.clone();
            self.generation = Some(generation);
            self.finder = finder.clone();
        }
        finder
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
    tokens.retain(|text| may_be_token(text));
    tokens.truncate(MOST);
    let mut room = MOST_BYTES;
    tokens.retain(|token| {
        let rest = room.checked_sub(token.len());
        room = rest.unwrap_or(room);
        rest.is_some()
    });
    tokens
}

/// Whether a string in a stored record is looked for. What vendors give as tokens is long and varied; anything
/// else would be found in texts that have nothing to do with it.
fn may_be_token(text: &str) -> bool {
    let mut rest = text.chars().skip(1);
    let is_word = text.chars().all(char::is_alphabetic)
        && text.chars().count() <= LONGEST_WORD
        && (!rest.clone().any(char::is_uppercase) || !rest.any(char::is_lowercase));
    // Few are enough: the others needn't be looked at.
    let variety: BTreeSet<char> = text.chars().take(MOST).collect();
    text.len() >= SHORTEST && variety.len() >= LEAST_VARIETY && !is_word
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
                r#"{"until_ms":17,"session":{"access_token":"token-123","more":["token-456"]}}"#,
            ),
            ("v/1/failure", r#"{"kind":"rejected","message":"no such user"}"#),
            ("failure/other", r#"{"token":"token-789"}"#),
            ("plain", "token-plain"),
        ];
        let records = records.map(|(key, record)| (key.to_owned(), record.as_bytes().to_vec()));
        let public = BTreeSet::from(["failure".to_owned()]);
        assert_eq!(
            tokens(&records, &public),
            ["token-123", "token-456", "token-789", "token-plain"]
        );
    }

    #[test]
    fn a_finder_is_made_anew_only_for_another_generation() {
        let known = Arc::new(Known::default());
        let mut tokens = Tokens::new(known.clone());
        let record = |token: &str| vec![("k".to_owned(), token.as_bytes().to_vec())];
        assert!(tokens.of(&known, 0).is_none());
        let first = tokens.refreshed(&known, 0, &record("token-17"));
        assert!(first.is_in(b"a token-17 b"));
        assert!(Arc::ptr_eq(&first, &tokens.of(&known, 0).unwrap()));
        assert!(tokens.of(&known, 1).is_none());
        assert!(tokens.of(&Arc::new(Known::default()), 0).is_none());
        let second = tokens.refreshed(&known, 1, &record("token-18"));
        assert!(second.is_in(b"token-18") && !second.is_in(b"token-17"));
        let late = tokens.refreshed(&known, 0, &record("token-17"));
        assert!(late.is_in(b"token-17"));
        assert!(Arc::ptr_eq(&second, &tokens.finder()), "the newer one stays");
    }

    #[test]
    fn ordinary_strings_of_a_session_are_not_looked_for() {
        for ordinary in [
            "INFO",
            "true",
            "bearer",
            "Bearer",
            "UNAUTHORIZED",
            "authorization",
            "tok-123",
            "00000000",
            "--------",
            "2026-26-20",
            "管理员账号",
        ] {
            assert!(!may_be_token(ordinary), "{ordinary}");
        }
        for token in [
            "aB3dE6gH",
            "token-of-a-session",
            "qWeRtYuIoP",
            "0f1e2d3c",
            "abcdefghijklmnopqrst",
        ] {
            assert!(may_be_token(token), "{token}");
        }
    }

    #[test]
    fn tokens_beyond_the_bound_are_left_out() {
        let token = |number: usize| format!("token-{number}-{}", "x".repeat(1000));
        let all: Vec<String> = (0..2000).map(token).collect();
        let record = serde_json::to_vec(&all).unwrap();
        let found = tokens(&[("k".to_owned(), record)], &BTreeSet::new());
        assert!(found.len() > 200 && found.iter().map(String::len).sum::<usize>() <= MOST_BYTES);
    }
}
