//! The search for secrets against random secrets, texts and encodings.

use proptest::prelude::*;

use super::finder::{Finder, Needle};
use super::forms;
use super::layers::{self, Back, Layer};
use super::{MASK, SHORTEST, WORK};

/// Characters that encodings change, that they are made of, and others.
const SECRET: &str = "[a-zA-Z0-9 %+&\\\\\"'/<>;:{}?=~_#\n密é😀-]{4,40}";
/// Characters that are no part of an escape.
const BESIDE: &str = "[g-mo-qsv-z ,.:<>()\n密]{0,30}";
/// Few letters and the beginnings of escapes, so that values overlap and encodings meet.
const CROWDED: &str = "[abAB%41\\\\u0&;#+]{4,9}";

/// How many of each: more where `PROPTEST_CASES` says so.
fn cases() -> u32 {
    let given = std::env::var("PROPTEST_CASES").ok();
    given.and_then(|cases| cases.parse().ok()).unwrap_or(300)
}

fn finder<S: AsRef<str>>(values: &[S]) -> Finder {
    let needles = values.iter().map(|value| Needle {
        value: value.as_ref().into(),
        replacement: MASK.into(),
        in_base64: false,
    });
    Finder::new(&needles.collect::<Vec<_>>())
}

/// What a vendor may do to a text.
#[derive(Debug, Clone, Copy)]
enum Encoding {
    Percent,
    LowerPercent,
    Form,
    Json,
    AsciiJson,
    Debug,
    Xml,
    NumericXml,
}

const ENCODINGS: [Encoding; 8] = [
    Encoding::Percent,
    Encoding::LowerPercent,
    Encoding::Form,
    Encoding::Json,
    Encoding::AsciiJson,
    Encoding::Debug,
    Encoding::Xml,
    Encoding::NumericXml,
];

impl Encoding {
    fn encode(self, text: &str) -> String {
        let percent = || percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC);
        let unquoted = |text: String| text[1..text.len() - 1].to_owned();
        let json = || unquoted(serde_json::Value::from(text).to_string());
        match self {
            Self::Percent => percent().to_string(),
            Self::LowerPercent => percent()
                .map(|piece| {
                    if piece.starts_with('%') {
                        piece.to_lowercase()
                    } else {
                        piece.to_owned()
                    }
                })
                .collect(),
            Self::Form => url::form_urlencoded::byte_serialize(text.as_bytes()).collect(),
            Self::Json => json(),
            Self::AsciiJson => {
                let unit = |unit: u16| format!("\\u{unit:04x}");
                json()
                    .chars()
                    .map(|character| match character {
                        ' '..='~' => character.to_string(),
                        _ => character
                            .encode_utf16(&mut [0; 2])
                            .iter()
                            .copied()
                            .map(unit)
                            .collect(),
                    })
                    .collect()
            }
            Self::Debug => unquoted(format!("{text:?}")),
            Self::Xml => String::from_utf8(super::xml::escape(text, false)).unwrap(),
            Self::NumericXml => text
                .chars()
                .map(|character| match character {
                    'a'..='z' | 'A'..='Z' | '0'..='9' => character.to_string(),
                    _ => format!("&#x{:X};", u32::from(character)),
                })
                .collect(),
        }
    }
}

/// What becomes of the text's letters and bytes.
#[derive(Debug, Clone, Copy)]
enum Variant {
    AsItIs,
    Upper,
    Lower,
    LittleEndian,
    BigEndian,
}

const VARIANTS: [Variant; 5] = [
    Variant::AsItIs,
    Variant::Upper,
    Variant::Lower,
    Variant::LittleEndian,
    Variant::BigEndian,
];

impl Variant {
    fn cased(self, text: &str) -> String {
        match self {
            Self::Upper => text.to_uppercase(),
            Self::Lower => text.to_lowercase(),
            _ => text.to_owned(),
        }
    }

    fn bytes(self, text: &str) -> Vec<u8> {
        match self {
            Self::LittleEndian => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::BigEndian => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            _ => text.as_bytes().to_vec(),
        }
    }
}

/// What must be found, found the slow way: every form, at every place, in every layer.
fn slowly<S: AsRef<str>>(text: &[u8], values: &[S]) -> Vec<u8> {
    let mut hidden = vec![false; text.len()];
    let mut backs: Vec<Back> = Vec::new();
    let mut layer = text.to_vec();
    loop {
        for form in values.iter().flat_map(|value| forms::texts(value.as_ref())) {
            for start in 0..(layer.len() + 1).saturating_sub(form.len()) {
                if layer[start..start + form.len()].eq_ignore_ascii_case(&form) {
                    let mut part = (start, start + form.len());
                    for back in backs.iter().rev() {
                        part = back.before(part.0, part.1);
                    }
                    hidden[part.0..part.1].fill(true);
                }
            }
        }
        match Layer::of(&layer, true) {
            Some(next) if backs.len() < layers::MOST => {
                layer = next.bytes;
                backs.push(next.back);
            }
            _ => break,
        }
    }
    // What is hidden is marked by a byte that no text has.
    let marked = text.iter().zip(hidden);
    marked
        .map(|(byte, hidden)| if hidden { 0xff } else { *byte })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn whatever_has_a_secret_in_a_known_encoding_loses_it_and_nothing_else(
        secret in SECRET,
        encodings in prop::collection::vec(prop::sample::select(&ENCODINGS[..]), 0..4),
        variant in prop::sample::select(&VARIANTS[..]),
        before in BESIDE,
        after in BESIDE,
    ) {
        let mut encoded = variant.cased(&secret);
        for encoding in &encodings {
            encoded = encoding.encode(&encoded);
        }
        let text = variant.bytes(&format!("{before}|{encoded}|{after}"));
        let found = finder(&[&secret]).replace(&text, &mut usize::MAX.clone());
        let (found, _) = found.unwrap_or_else(|| panic!("not found in {}", String::from_utf8_lossy(&text)));
        let expected = variant.bytes(&format!("{before}|{MASK}|{after}"));
        let bare = |mut bytes: Vec<u8>| {
            bytes.retain(|byte| *byte != 0);
            String::from_utf8_lossy(&bytes).into_owned()
        };
        prop_assert_eq!(bare(found), bare(expected));
    }

    #[test]
    fn what_is_found_is_what_a_slow_search_finds(
        secrets in prop::collection::vec(CROWDED, 1..5),
        text in "[abAB%41\\\\u0&;#+\0]{0,80}",
    ) {
        let marked = slowly(text.as_bytes(), &secrets);
        let found = finder(&secrets).replace(text.as_bytes(), &mut usize::MAX.clone());
        let found = found.map_or_else(|| text.clone().into_bytes(), |(found, _)| found);
        // Places that touch are one here, and may be several there.
        let squeeze = |bytes: &[u8], mark: &[u8]| {
            let text: String = String::from_utf8_lossy(bytes).into();
            let mark = String::from_utf8_lossy(mark);
            let mut parts: Vec<&str> = text.split(&*mark).collect();
            let (first, last) = (0, parts.len() - 1);
            let mut index = 0;
            parts.retain(|part| {
                index += 1;
                !part.is_empty() || index - 1 == first || index - 1 == last
            });
            parts.join("|")
        };
        prop_assert_eq!(squeeze(&found, MASK.as_bytes()), squeeze(&marked, &[0xff]), "{:?}", secrets);
    }

    #[test]
    fn the_work_is_linear_in_the_text(
        secrets in prop::collection::vec("[ab%]{4,300}", 1..60),
        piece in CROWDED,
        repeated in 1_usize..2_000,
    ) {
        let finder = finder(&secrets);
        let text = piece.repeat(repeated);
        WORK.set(0);
        finder.replace(text.as_bytes(), &mut usize::MAX.clone());
        let bound = 8 * (layers::MOST + 1) * (text.len() + 1);
        prop_assert!(WORK.get() <= bound, "{} steps for {} bytes", WORK.get(), text.len());
    }

    #[test]
    fn a_text_without_a_secret_stays(secret in "[0-9]{4,20}", text in "[^0-9]{0,200}") {
        prop_assert_eq!(finder(&[secret]).replace(text.as_bytes(), &mut usize::MAX.clone()), None);
    }
}

#[test]
fn nested_tokens_cost_no_more_than_one() {
    let nested: Vec<String> = (SHORTEST..404).map(|length| "ab".repeat(length)).collect();
    let text = "ab".repeat(75_000);
    let finder = finder(&nested);
    WORK.set(0);
    assert_eq!(finder.replace_text(&text), MASK);
    assert!(WORK.get() < 8 * text.len(), "{}", WORK.get());
}
