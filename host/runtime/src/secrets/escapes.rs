//! Escapes that run into a secret. A vendor would take the beginning or the end of its value for a part of the
//! escape, and repeat the rest, in which the secret isn't recognised any more.

use super::layers::{self, Layer};

/// How much of the texts beside a secret is looked at, in bytes: more than an escape has, encoded some times.
const NEAR: usize = 256;
/// What an escape that begins before a value may go on with, whatever the value is: digits of any length, and the
/// letter of a short escape.
const CONTINUATIONS: [&[u8]; 3] = [b"4444;", b"44}", b"n"];

/// Whether half an escape at the end of a text runs into every value that follows. Whether a request is refused
/// must not tell how a secret begins.
pub(super) fn end_in_half(before: &[u8]) -> bool {
    let before = end(before);
    let mut continuations = CONTINUATIONS.iter();
    continuations.any(|value| straddled(before, value, layers::MOST))
}

/// Whether an escape reaches from what stands before a value into it, or from it into what stands after.
///
/// What follows is compared in the value's own encoding only, and the mark that an escape begins with may be the
/// value's last character: a secret that loses it is still found, see [`forms`](super::forms).
pub(super) fn run_into(before: &[u8], value: &[u8], after: &[u8]) -> bool {
    straddled(end(before), begin(value), layers::MOST) || straddled(end(without_mark(value)), begin(after), 1)
}

fn without_mark(value: &[u8]) -> &[u8] {
    match value {
        [rest @ .., b'%' | b'\\' | b'&'] => rest,
        _ => value,
    }
}

fn begin(text: &[u8]) -> &[u8] {
    &text[..text.len().min(NEAR)]
}

fn end(text: &[u8]) -> &[u8] {
    &text[text.len().saturating_sub(NEAR)..]
}

/// Whether an escape reaches from one text into the next: taken apart, they are decoded to something else.
fn straddled(one: &[u8], next: &[u8], layers: usize) -> bool {
    let (mut one, mut next) = (one.to_vec(), next.to_vec());
    let mut both = [&*one, &*next].concat();
    for _ in 0..layers {
        one = decoded(one);
        next = decoded(next);
        both = decoded(both);
        if !both.starts_with(&one) || both[one.len()..] != *next {
            return true;
        }
    }
    false
}

fn decoded(text: Vec<u8>) -> Vec<u8> {
    Layer::of(&text, false).map_or(text, |layer| layer.bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_an_escape_before_a_value_runs_into_every_value() {
        for before in [
            "%", "a%4", r"\", r"\\\", r"\u", r"\u0", r"\u00", r"\u004", r"\u{", r"\u{00", r"\x", r"\x4",
            "&#", "&#x", "&#x4", "&#1", "a&#X1", "%25", "%254", "%2", r"\\u00", "&amp;#x", r"%5Cu00",
            "%26%23",
        ] {
            assert!(end_in_half(before.as_bytes()), "{before}");
        }
    }

    #[test]
    fn what_is_whole_runs_into_nothing() {
        for before in [
            "", "a", "100% ", "%41", "k=v&k=", "%26", "&amp;", "&#65;", r"\n", r"\u0041", r#"\""#, "user:",
            "a&b=", "&", "\"", "<a>", "密", r"\x41", "Bearer ", "50%, ",
        ] {
            assert!(!end_in_half(before.as_bytes()), "{before}");
            for after in ["", "a", "41", ";", "&b=", "%20", "\"", r"\n", "}", "</a>", "nn"] {
                assert!(
                    !run_into(before.as_bytes(), b"geheim", after.as_bytes()),
                    "{before} {after}"
                );
            }
        }
    }

    #[test]
    fn a_value_that_ends_in_half_an_escape_runs_into_what_completes_it() {
        for (value, after) in [("geheim%4", "1"), (r"geheim\u00", "41"), ("geheim&l", "t;")] {
            assert!(
                run_into(b"", value.as_bytes(), after.as_bytes()),
                "{value} {after}"
            );
            assert!(!run_into(b"", value.as_bytes(), b" "), "{value}");
        }
        assert!(
            !run_into(b"", br"geheim\", b"\""),
            "it is found without its last character"
        );
        assert!(run_into(b"&", b"lt;geheim", b""));
        assert!(run_into(br"\ud83d", br"\ude00geheim", b""));
    }
}
