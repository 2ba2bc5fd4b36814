//! Looks for secrets in texts, in every form that they take on their way.
//!
//! The cost is linear in the text: it is read once for each layer of encoding, and of all the values that end at a
//! byte only the longest counts, because it covers the others. Nearly every text has nothing in it, which is seen
//! without the automaton.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use aho_corasick::automaton::Automaton;
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, Input, MatchKind};

use super::fragments::Fragments;
use super::layers::{self, Back, Layer};
use super::{forms, work};

/// A longer form is looked for in pieces, in bytes: its beginning,
const FIRST_PIECE: usize = 512;
/// and the rest, so that an echo that is cut off shows no more than this of it.
const NEXT_PIECE: usize = 32;

/// What is looked for, and what takes its place.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Needle {
    pub(super) value: Arc<str>,
    pub(super) replacement: Arc<str>,
    /// Whether it is looked for in Base64 too.
    pub(super) in_base64: bool,
}

/// Finds many values at once.
pub(super) struct Finder {
    patterns: Vec<Pattern>,
    replacements: Vec<Arc<str>>,
    /// Tells that nothing is in a text, where that can be told quickly.
    fragments: Option<Fragments>,
    /// Made for the first text that has something in it. `None` where it takes more memory than there is.
    automaton: OnceLock<Option<NFA>>,
}

/// A piece of a form of a value.
pub(super) struct Pattern {
    pub(super) bytes: Box<[u8]>,
    /// Which needle it belongs to.
    needle: u32,
    /// Whether another piece goes before it.
    continues: bool,
    /// Whether the case of letters matters: Base64.
    pub(super) exactly: bool,
}

impl Pattern {
    #[cfg(test)]
    pub(super) fn of(bytes: &[u8], exactly: bool) -> Self {
        Self {
            bytes: bytes.into(),
            needle: 0,
            continues: false,
            exactly,
        }
    }

    /// Whether a piece of a text is this.
    pub(super) fn is(&self, piece: &[u8]) -> bool {
        if self.exactly {
            *piece == *self.bytes
        } else {
            piece.eq_ignore_ascii_case(&self.bytes)
        }
    }
}

/// A place where something was found. As small as can be, because a text may have millions.
#[derive(Debug, Clone, Copy)]
struct Found {
    start: u32,
    end: u32,
    /// The length of what was found: where several overlap, the longest is what is there.
    length: u32,
    needle: u32,
}

impl Finder {
    /// A finder of these values.
    pub(super) fn new<'a>(needles: impl IntoIterator<Item = &'a Needle>) -> Self {
        let mut patterns = Patterns::default();
        let mut replacements = Vec::new();
        for (index, needle) in (0..).zip(needles) {
            replacements.push(needle.replacement.clone());
            for text in forms::texts(&needle.value) {
                patterns.add(index, text);
            }
            if needle.in_base64 {
                for core in forms::base64_cores(needle.value.as_bytes()) {
                    patterns.add_exactly(index, core);
                }
            }
        }
        let patterns = patterns.list;
        Self {
            fragments: Fragments::new(&patterns),
            automaton: OnceLock::new(),
            patterns,
            replacements,
        }
    }

    fn automaton(&self) -> Option<&NFA> {
        let made = self.automaton.get_or_init(|| {
            NFA::builder()
                // One secret may be part of another, or begin within it.
                .match_kind(MatchKind::Standard)
                .ascii_case_insensitive(true)
                .build(self.patterns.iter().map(|pattern| &pattern.bytes))
                .ok()
        });
        made.as_ref()
    }

    /// Whether there is anything to look for.
    pub(super) fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Whether nothing of a text with something in it may be shown, because places in it can't be told: it has more
    /// than 4 GiB, or the values have. Neither settings and sessions nor guests and answers come near.
    fn hides_all(&self, text: &[u8]) -> bool {
        text.len() > layers::LONGEST || self.automaton().is_none()
    }

    /// Whether there is something in the text, in any form: quicker than to find it.
    fn may_be_in(&self, text: &[u8]) -> bool {
        if self.is_empty() {
            return false;
        }
        let mut layer = Cow::Borrowed(text);
        for _ in 0..layers::MOST {
            if self.is_match(&layer) {
                return true;
            }
            match Layer::of(&layer, false) {
                Some(next) => layer = Cow::Owned(next.bytes),
                None => return false,
            }
        }
        self.is_match(&layer)
    }

    /// Whether there is something in a text as it stands.
    fn is_match(&self, text: &[u8]) -> bool {
        let fragments = self.fragments.as_ref();
        let quickly = fragments.and_then(|fragments| fragments.are_in(text, &self.patterns));
        quickly.unwrap_or_else(|| {
            work(text.len());
            let input = Input::new(text).earliest(true);
            // Without an automaton, or where it can't do what is asked of it, everything has something in it.
            let found = self.automaton().map(|automaton| automaton.try_find(&input));
            !matches!(found, Some(Ok(None)))
        })
    }

    /// Whether something is in the text, in any form.
    pub(super) fn is_in(&self, text: &[u8]) -> bool {
        self.count(text) > 0
    }

    /// How many places of the text have something in them.
    pub(super) fn count(&self, text: &[u8]) -> usize {
        self.find(text).len()
    }

    /// The text with everything replaced that is found in it, and how many places that were; `None` where there is
    /// nothing. Replacements may be longer than what they replace by `room` bytes together; beyond that,
    /// [`MASK`](super::MASK) takes their place.
    pub(super) fn replace(&self, text: &[u8], room: &mut usize) -> Option<(Vec<u8>, usize)> {
        let found = self.find(text);
        let places = found.len();
        if places == 0 {
            return None;
        }
        if self.hides_all(text) {
            return Some((super::MASK.into(), places));
        }
        let mut replaced = Vec::with_capacity(text.len());
        let mut copied = 0;
        for found in found {
            let Range { start, end } = found.range();
            let replacement = self.replacements[found.needle as usize].as_bytes();
            let more = replacement.len().saturating_sub(end - start);
            let replacement = match room.checked_sub(more) {
                Some(rest) => {
                    *room = rest;
                    replacement
                }
                None => super::MASK.as_bytes(),
            };
            replaced.extend_from_slice(&text[copied..start]);
            replaced.extend_from_slice(replacement);
            copied = end;
        }
        replaced.extend_from_slice(&text[copied..]);
        Some((replaced, places))
    }

    /// The same for a text that is UTF-8, whatever room it takes.
    pub(super) fn replace_text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.replace(text.as_bytes(), &mut usize::MAX.clone()) {
            // What is found ends where characters end, but for values that are no text themselves.
            Some((replaced, _)) => Cow::Owned(String::from_utf8_lossy(&replaced).into_owned()),
            None => Cow::Borrowed(text),
        }
    }

    /// What is found, in order and apart.
    fn find(&self, text: &[u8]) -> Vec<Found> {
        if !self.may_be_in(text) {
            return Vec::new();
        }
        if self.hides_all(text) {
            return vec![Found::new(&(0..0), 0)];
        }
        let mut found = self.find_as_is(text);
        let mut layer = Cow::Borrowed(text);
        let mut backs: Vec<Back> = Vec::new();
        while backs.len() < layers::MOST
            && let Some(next) = Layer::of(&layer, true)
        {
            backs.push(next.back);
            layer = Cow::Owned(next.bytes);
            let mut here = self.find_as_is(&layer);
            // What the layer has not changed was found before it was taken off.
            let changed = backs[backs.len() - 1..].iter();
            here.retain(|one| {
                changed
                    .clone()
                    .any(|back| back.touches(one.range().start, one.range().end))
            });
            for one in &mut here {
                for back in backs.iter().rev() {
                    one.put(back.before(one.range().start, one.range().end));
                }
            }
            found = merged(found, here);
        }
        found
    }

    /// What is found in a text as it stands, in order and apart.
    fn find_as_is(&self, text: &[u8]) -> Vec<Found> {
        let mut apart = Vec::new();
        let Some(automaton) = self.automaton() else {
            return apart;
        };
        // It begins anywhere, which it has been built for.
        let Ok(mut state) = automaton.start_state(Anchored::No) else {
            return apart;
        };
        work(text.len());
        for (index, byte) in text.iter().enumerate() {
            state = automaton.next_state(Anchored::No, state, *byte);
            if automaton.is_special(state)
                && automaton.is_match(state)
                && let Some((one, continues)) = self.longest(automaton, state, text, index + 1)
            {
                add(&mut apart, one, continues);
            }
        }
        apart
    }

    /// The longest of what ends here, and whether another piece of the same goes before it.
    fn longest(
        &self,
        automaton: &NFA,
        state: aho_corasick::automaton::StateID,
        text: &[u8],
        end: usize,
    ) -> Option<(Found, bool)> {
        // The longest is the first. Only Base64 in another case isn't what it looks like.
        (0..automaton.match_len(state)).find_map(|nth| {
            work(1);
            let index = automaton.match_pattern(state, nth);
            let pattern = &self.patterns[index.as_usize()];
            let mut range = end - automaton.pattern_len(index)..end;
            if pattern.exactly {
                work(range.len());
                if !pattern.is(&text[range.clone()]) {
                    return None;
                }
                // The characters at both ends hold some bits of the secret's first and last byte.
                range.start -= usize::from(range.start > 0 && is_base64(text[range.start - 1]));
                range.end += usize::from(text.get(range.end).is_some_and(|byte| is_base64(*byte)));
            }
            Some((Found::new(&range, pattern.needle), pattern.continues))
        })
    }
}

impl Found {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "texts that are looked through are no longer than LONGEST"
    )]
    fn new(range: &Range<usize>, needle: u32) -> Self {
        Self {
            start: range.start as u32,
            end: range.end as u32,
            length: range.len() as u32,
            needle,
        }
    }

    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    #[expect(clippy::cast_possible_truncation, reason = "as above")]
    fn put(&mut self, (start, end): (usize, usize)) {
        (self.start, self.end) = (start as u32, end as u32);
    }
}

/// Adds what doesn't begin after the last one ends by itself, else makes one of both.
fn add(apart: &mut Vec<Found>, mut one: Found, continues: bool) {
    while let Some(last) = apart.last_mut() {
        work(1);
        if last.end == one.start && continues && last.needle == one.needle {
            one.length += last.length;
        } else if last.end <= one.start {
            break;
        } else if last.length > one.length {
            (one.length, one.needle) = (last.length, last.needle);
        }
        one.start = one.start.min(last.start);
        one.end = one.end.max(last.end);
        apart.pop();
    }
    apart.push(one);
}

/// What is in either, each of which is in order and apart.
fn merged(some: Vec<Found>, others: Vec<Found>) -> Vec<Found> {
    if others.is_empty() {
        return some;
    }
    let mut merged = Vec::with_capacity(some.len() + others.len());
    let (mut some, mut others) = (some.into_iter().peekable(), others.into_iter().peekable());
    loop {
        let next = match (some.peek(), others.peek()) {
            (Some(one), Some(other)) if one.end <= other.end => some.next(),
            (_, Some(_)) => others.next(),
            (Some(_), None) => some.next(),
            (None, None) => return merged,
        };
        if let Some(next) = next {
            add(&mut merged, next, false);
        }
    }
}

/// What goes into the automaton.
#[derive(Default)]
struct Patterns {
    list: Vec<Pattern>,
    /// What is there already: the first needle that has a form keeps it.
    known: BTreeSet<Vec<u8>>,
}

impl Patterns {
    /// A form in which the case of letters doesn't matter; they are small here.
    fn add(&mut self, needle: u32, form: Vec<u8>) {
        let Some((first, rest)) = form.split_at_checked(FIRST_PIECE) else {
            return self.add_piece(needle, form, false);
        };
        self.add_piece(needle, first.to_vec(), false);
        let whole = rest.len() - rest.len() % NEXT_PIECE;
        for piece in rest[..whole].chunks(NEXT_PIECE) {
            self.add_piece(needle, piece.to_vec(), true);
        }
        if whole < rest.len() {
            self.add_piece(needle, form[form.len() - NEXT_PIECE..].to_vec(), true);
        }
    }

    fn add_piece(&mut self, needle: u32, piece: Vec<u8>, continues: bool) {
        if self.known.insert(piece.clone()) {
            self.list.push(Pattern {
                bytes: piece.into(),
                needle,
                continues,
                exactly: false,
            });
        }
    }

    fn add_exactly(&mut self, needle: u32, form: Vec<u8>) {
        self.list.push(Pattern {
            bytes: form.into(),
            needle,
            continues: false,
            exactly: true,
        });
    }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD_NO_PAD;

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
