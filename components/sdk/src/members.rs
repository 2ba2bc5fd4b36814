//! Finding the members of a JSON object without parsing what is in them.

use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// The deepest nesting that [`Value`] takes.
const MAX_DEPTH: usize = 127;

/// Returns the members of these names of the object that `text` is; where a name is there twice, the last one.
///
/// # Errors
///
/// Where `text` isn't an object that [`Value`] takes.
pub(crate) fn find<'a, const N: usize>(
    text: &'a str,
    names: [&str; N],
) -> serde_json::Result<[Option<&'a RawValue>; N]> {
    let mut found = [None; N];
    find_into(text, &names, &mut found)?;
    Ok(found)
}

fn find_into<'a>(
    text: &'a str,
    names: &[&str],
    found: &mut [Option<&'a RawValue>],
) -> serde_json::Result<()> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    deserializer.deserialize_map(Members { names, found })?;
    deserializer.end()?;
    check(text)
}

/// Checks what [`RawValue`] doesn't, so that a text is taken exactly where [`Value`] takes it: how deep it is
/// nested, that no half of a surrogate pair is in it, and no name that means something to `serde_json`. Whoever
/// parses the text later would refuse it.
pub(crate) fn check(text: &str) -> serde_json::Result<()> {
    let bytes = text.as_bytes();
    let opening = bytes.iter().filter(|byte| matches!(byte, b'[' | b'{')).count();
    if opening > MAX_DEPTH && is_deeper(bytes, MAX_DEPTH) {
        return Err(serde_json::Error::custom("recursion limit exceeded"));
    }
    // Surrogates begin with a D, what is escaped of such a name with two zeros. Both are rare.
    let doubtful = |at| matches!(bytes[at..], [_, b'u', b'd' | b'D' | b'0', ..]);
    if memchr::memchr_iter(b'\\', bytes).any(doubtful) || occurrences(text, "$serde_json").next().is_some() {
        serde_json::from_str::<Value>(text)?;
    }
    Ok(())
}

/// Returns where `part` is in `text`. It looks for the byte of `part` that is likely to be the rarest: for the names of
/// members that is fast enough, and it spares the component a searcher for everything.
pub(crate) fn occurrences(text: &str, part: &str) -> impl Iterator<Item = usize> {
    let rare = |byte: &u8| !byte.is_ascii_lowercase() && *byte != b'_';
    let anchor = part.bytes().position(|byte| rare(&byte)).unwrap_or(0);
    let anchors = part
        .as_bytes()
        .get(anchor)
        .map(|byte| memchr::memchr_iter(*byte, text.as_bytes()));
    anchors
        .into_iter()
        .flatten()
        .filter_map(move |at| at.checked_sub(anchor))
        .filter(move |start| text.as_bytes()[*start..].starts_with(part.as_bytes()))
}

/// Returns which part of `text` a value is that was found in it.
pub(crate) fn span(text: &str, part: &RawValue) -> Range<usize> {
    let start = part.get().as_ptr().addr() - text.as_ptr().addr();
    start..start + part.get().len()
}

/// Returns whether arrays and objects are nested more than `limit` deep.
fn is_deeper(json: &[u8], limit: usize) -> bool {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = json.get(at) {
        at += 1;
        match byte {
            b'"' => at = string_end(json, at),
            b'[' | b'{' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// Returns where the value ends that begins at `start`.
pub(crate) fn value_end(json: &[u8], start: usize) -> usize {
    let (mut depth, mut at) = (0_usize, start);
    while let Some(byte) = json.get(at) {
        match byte {
            b'"' => at = string_end(json, at + 1) - 1,
            b'[' | b'{' => depth += 1,
            b']' | b'}' | b',' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => return at,
            b']' | b'}' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    json.len()
}

/// Returns where the string ends, behind its closing quote. `at` is anywhere in it but in an escape.
fn string_end(json: &[u8], mut at: usize) -> usize {
    while let Some(next) = json.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += next;
        if json[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    json.len()
}

/// The members of an object that have one of `names`, each of which has its place in `found`.
struct Members<'n, 'de> {
    names: &'n [&'n str],
    found: &'n mut [Option<&'de RawValue>],
}

impl<'de> Visitor<'de> for Members<'_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        while let Some(place) = members.next_key_seed(Place(self.names))? {
            match place.and_then(|place| self.found.get_mut(place)) {
                Some(found) => *found = Some(members.next_value()?),
                None => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// Which of these names a member has.
struct Place<'n>(&'n [&'n str]);

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Place<'_> {
    type Value = Option<usize>;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the name of a member")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|known| *known == name))
    }
}
