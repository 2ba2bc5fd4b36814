//! The forms in which a value is looked for, besides those that taking layers off a text brings back.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::SHORTEST;
use super::layers::{self, Layer};

/// Base64 text that shows a secret at fewer characters isn't looked for: it would be found in every file.
const SHORTEST_BASE64: usize = 6;

/// The texts in which a value is found, whatever the case of their ASCII letters.
///
/// Letters beyond ASCII are all as they are, all lower or all upper case. UTF-16 is looked for without its zero
/// bytes, which texts lose with a layer.
pub(super) fn texts(value: &str) -> BTreeSet<Vec<u8>> {
    let mut texts = BTreeSet::new();
    // What begins an escape is lost with what happens to follow.
    let beginning = value.strip_suffix(['%', '\\', '&']).unwrap_or(value);
    for cased in [value, beginning]
        .into_iter()
        .flat_map(|value| [value.to_owned(), value.to_lowercase(), value.to_uppercase()])
    {
        for bytes in utf16(&cased).into_iter().chain([cased.into_bytes()]) {
            // A text loses as many layers as it takes; what looks like a layer in the value goes with them.
            let mut layer = bytes.to_ascii_lowercase();
            let mut taken_off = Layer::of(&bytes, false);
            for _ in 0..layers::MOST {
                if layer.len() >= SHORTEST {
                    texts.insert(layer);
                }
                let Some(next) = taken_off else { break };
                layer = next.bytes.to_ascii_lowercase();
                taken_off = Layer::of(&next.bytes, false);
            }
        }
    }
    texts
}

/// UTF-16 in both byte orders without its zero bytes, where that is something else than the text itself.
fn utf16(text: &str) -> Vec<Vec<u8>> {
    if text.is_ascii() {
        return Vec::new();
    }
    [u16::to_le_bytes, u16::to_be_bytes]
        .into_iter()
        .map(|order| {
            let bytes = text.encode_utf16().flat_map(order);
            bytes.filter(|byte| *byte != 0).collect()
        })
        .collect()
}

/// What every Base64 text has in it that encodes a text with this value, whatever stands before and after.
pub(super) fn base64_cores(value: &[u8]) -> BTreeSet<Vec<u8>> {
    let mut cores = BTreeSet::new();
    for before in 0..3 {
        let bits = (before + value.len()) * 8;
        // Whole characters that the value alone decides.
        let range = (before * 8).div_ceil(6)..bits / 6;
        if range.len() < SHORTEST_BASE64 {
            continue;
        }
        let shifted = [&[0; 2][..before], value].concat();
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            cores.insert(engine.encode(&shifted).as_bytes()[range.clone()].to_vec());
        }
    }
    cores
}
