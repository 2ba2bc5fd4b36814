//! Looks for secrets in texts, in every form that they take on their way.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::layers::{self, Layer};

/// Base64 text that shows a secret at fewer characters isn't looked for: it would be found in every file.
const SHORTEST_BASE64: usize = 6;
/// How much of a value goes into the automaton, in bytes. The rest is compared where that is found.
const LONGEST_PATTERN: usize = 512;

/// What is looked for, and what takes its place.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Needle {
    pub(super) value: Arc<str>,
    pub(super) replacement: Arc<str>,
    /// Whether it is looked for in Base64 too.
    pub(super) in_base64: bool,
}

/// Finds many values at once.
pub(super) struct Finder {
    /// Absent where there is nothing to look for.
    automaton: Option<AhoCorasick>,
    patterns: Vec<Pattern>,
}

struct Pattern {
    bytes: Vec<u8>,
    replacement: Arc<str>,
    base64: bool,
}

/// A place where something was found.
struct Found {
    range: Range<usize>,
    /// The length of what was found: where several overlap, the longest is what is there.
    length: usize,
    pattern: usize,
}

impl Finder {
    /// A finder of these values.
    pub(super) fn new<'a>(needles: impl IntoIterator<Item = &'a Needle>) -> Self {
        let mut patterns: Vec<Pattern> = Vec::new();
        for needle in needles {
            let mut add = |bytes: Vec<u8>, base64| {
                patterns.push(Pattern {
                    bytes,
                    replacement: needle.replacement.clone(),
                    base64,
                });
            };
            // A text loses as many layers as it takes; what looks like a layer in the value goes with them.
            let mut layer = needle.value.as_bytes().to_vec();
            for _ in 0..layers::MOST {
                let next = Layer::of(&layer, false).map(|layer| layer.bytes);
                if layer.len() >= super::SHORTEST {
                    add(layer, false);
                }
                let Some(next) = next else { break };
                layer = next;
            }
            if needle.in_base64 {
                for core in base64_cores(needle.value.as_bytes()) {
                    add(core, true);
                }
            }
        }
        let starts = patterns.iter().map(|pattern| {
            let length = pattern.bytes.len().min(LONGEST_PATTERN);
            &pattern.bytes[..length]
        });
        let automaton = AhoCorasick::builder()
            // Overlapping finds need it: one secret may be part of another, or begin within it.
            .match_kind(MatchKind::Standard)
            // A table of all transitions takes megabytes for each connection.
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(starts);
        let automaton = match automaton {
            _ if patterns.is_empty() => None,
            Ok(automaton) => Some(automaton),
            Err(error) => {
                // It takes gigabytes of values, which neither settings nor sessions can have.
                tracing::error!("secrets can't be looked for: {error}");
                None
            }
        };
        Self { automaton, patterns }
    }

    /// Whether there is anything to look for.
    pub(super) fn is_empty(&self) -> bool {
        self.automaton.is_none()
    }

    /// Whether something is in the text, in any form.
    pub(super) fn is_in(&self, text: &[u8]) -> bool {
        let Some(automaton) = &self.automaton else {
            return false;
        };
        let mut layer = Cow::Borrowed(text);
        for _ in 0..layers::MOST {
            if automaton.is_match(layer.as_ref()) {
                return true;
            }
            match Layer::of(&layer, false) {
                Some(next) => layer = Cow::Owned(next.bytes),
                None => return false,
            }
        }
        automaton.is_match(layer.as_ref())
    }

    /// How many places of the text have something in them.
    pub(super) fn count(&self, text: &[u8]) -> usize {
        if self.is_in(text) {
            self.find(text).len()
        } else {
            0
        }
    }

    /// The text with everything replaced that is found in it; `None` where there is nothing.
    pub(super) fn replace(&self, text: &[u8]) -> Option<Vec<u8>> {
        if !self.is_in(text) {
            return None;
        }
        let mut replaced = Vec::with_capacity(text.len());
        let mut copied = 0;
        for found in self.find(text) {
            replaced.extend_from_slice(&text[copied..found.range.start]);
            replaced.extend_from_slice(self.patterns[found.pattern].replacement.as_bytes());
            copied = found.range.end;
        }
        replaced.extend_from_slice(&text[copied..]);
        Some(replaced)
    }

    /// The same for a text that is UTF-8.
    pub(super) fn replace_text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.replace(text.as_bytes()) {
            // What is found ends where characters end, but for values that are no text themselves.
            Some(replaced) => Cow::Owned(String::from_utf8_lossy(&replaced).into_owned()),
            None => Cow::Borrowed(text),
        }
    }

    /// What is found, in order and apart.
    fn find(&self, text: &[u8]) -> Vec<Found> {
        let mut found = Vec::new();
        let mut taken_off: Vec<Layer> = Vec::new();
        loop {
            let layer = taken_off.last().map_or(text, |layer| layer.bytes.as_slice());
            self.find_as_is(layer, |mut one| {
                for layer in taken_off.iter().rev() {
                    (one.range.start, one.range.end) = layer.before(one.range.start, one.range.end);
                }
                found.push(one);
            });
            if taken_off.len() == layers::MOST {
                break;
            }
            match Layer::of(layer, true) {
                Some(next) => taken_off.push(next),
                None => break,
            }
        }
        found.sort_by_key(|one| (one.range.start, one.range.end));
        let mut apart: Vec<Found> = Vec::new();
        for one in found {
            match apart.last_mut() {
                Some(last) if one.range.start < last.range.end => {
                    last.range.end = last.range.end.max(one.range.end);
                    if one.length > last.length {
                        (last.length, last.pattern) = (one.length, one.pattern);
                    }
                }
                _ => apart.push(one),
            }
        }
        apart
    }

    fn find_as_is(&self, text: &[u8], mut give: impl FnMut(Found)) {
        let Some(automaton) = &self.automaton else { return };
        for one in automaton.find_overlapping_iter(text) {
            let index = one.pattern().as_usize();
            let pattern = &self.patterns[index];
            let mut range = one.range();
            let rest = pattern.bytes.get(LONGEST_PATTERN..).unwrap_or_default();
            range.end += common(&text[range.end..], rest);
            if pattern.base64 {
                // The characters at both ends hold some bits of the secret's first and last byte.
                range.start -= usize::from(range.start > 0 && is_base64(text[range.start - 1]));
                range.end += usize::from(text.get(range.end).is_some_and(|byte| is_base64(*byte)));
            }
            give(Found {
                length: range.len(),
                range,
                pattern: index,
            });
        }
    }
}

/// How many bytes two texts have in common at their beginning.
fn common(one: &[u8], other: &[u8]) -> usize {
    one.iter().zip(other).take_while(|(a, b)| a == b).count()
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// What every Base64 text has in it that encodes a text with this value, whatever stands before and after.
fn base64_cores(value: &[u8]) -> Vec<Vec<u8>> {
    let mut cores = Vec::new();
    for before in 0..3 {
        let bits = (before + value.len()) * 8;
        // Whole characters that the value alone decides.
        let range = (before * 8).div_ceil(6)..bits / 6;
        if range.len() < SHORTEST_BASE64 {
            continue;
        }
        let shifted = [&[0; 2][..before], value].concat();
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let core = engine.encode(&shifted).as_bytes()[range.clone()].to_vec();
            if !cores.contains(&core) {
                cores.push(core);
            }
        }
    }
    cores
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finder(values: &[(&str, &str)]) -> Finder {
        let needles: Vec<Needle> = values
            .iter()
            .map(|(value, replacement)| Needle {
                value: (*value).into(),
                replacement: (*replacement).into(),
                in_base64: true,
            })
            .collect();
        Finder::new(&needles)
    }

    #[test]
    fn a_secret_is_found_in_every_form() {
        let secret = "p&ss w/rd+密码~*\"\\";
        let found = finder(&[(secret, "***")]);
        let json = |text: &str| {
            let quoted = serde_json::Value::from(text).to_string();
            quoted[1..quoted.len() - 1].to_owned()
        };
        let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let percent =
            percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC).to_string();
        for text in [
            secret.to_owned(),
            form.clone(),
            percent.clone(),
            percent.to_lowercase(),
            percent
                .replace("%2F", "/")
                .replace("%7E", "~")
                .replace("%2A", "*"),
            json(secret),
            json(&json(secret)),
            json(&json(&json(secret))),
            json(&form),
            json(secret).replace('密', "\\u5bc6").replace('/', "\\/"),
            json(secret).replace('&', "\\u0026"),
            secret
                .replace('&', "&amp;")
                .replace('"', "&quot;")
                .replace('密', "&#23494;"),
            format!("{secret:?}").trim_matches('"').to_owned(),
            url::form_urlencoded::byte_serialize(percent.as_bytes()).collect(),
        ] {
            assert_eq!(found.replace_text(&format!("a {text} b")), "a *** b", "{text}");
        }
        assert_eq!(found.replace_text("p&ss w/rd"), "p&ss w/rd", "half of it");
    }

    #[test]
    fn base64_shows_nothing_of_a_secret_wherever_it_begins() {
        for before in ["", "u", "us", "user:"] {
            for after in ["", "!", "!?", ":more"] {
                let shown = |secret: &str| {
                    let text = STANDARD_NO_PAD.encode(format!("{before}{secret}{after}"));
                    let replaced = finder(&[(secret, "***")]).replace_text(&text).into_owned();
                    assert!(replaced.contains("***"), "{text}");
                    replaced
                };
                // What is left doesn't depend on it.
                assert_eq!(
                    shown("geheimes Wort"),
                    shown("\u{1}?~anderes\u{7f}~~"),
                    "{before} {after}"
                );
            }
        }
    }

    #[test]
    fn overlapping_secrets_are_hidden_whole() {
        let found = finder(&[("abcdef", "<1>"), ("defghi-long", "<2>"), ("abcd", "<3>")]);
        assert_eq!(found.replace_text("abcdefghi-long"), "<2>");
        assert_eq!(found.replace_text("abcdef"), "<1>");
        assert_eq!(found.replace_text("abcd.abcdabcdef"), "<3>.<3><1>");
    }

    #[test]
    fn a_value_that_looks_encoded_is_found_as_it_is_and_encoded() {
        let found = finder(&[(r"100%41+\n", "***")]);
        for text in [
            r"100%41+\n",
            "100%2541%2B%5Cn",
            r"100%41+\\n",
            "100%252541%252B%255Cn",
        ] {
            assert_eq!(found.replace_text(text), "***", "{text}");
        }
    }

    #[test]
    fn a_long_value_is_hidden_to_its_end() {
        let long = "0123456789abcdef".repeat(100);
        let found = finder(&[(&long, "***")]);
        assert_eq!(found.replace_text(&format!("<{long}>")), "<***>");
    }

    #[test]
    fn what_is_short_is_not_looked_for() {
        assert!(finder(&[("abc", "***"), ("", "***")]).is_empty());
        assert!(!finder(&[]).is_in(b"abc"));
    }
}
