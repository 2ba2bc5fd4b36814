//! JSON texts as vendors may write them, and ones that are nearly JSON.

use proptest::collection::vec;
use proptest::prelude::*;

/// A JSON document as it is written: members may repeat, names and strings be escaped.
#[derive(Debug, Clone)]
pub(super) enum Json {
    /// Written as it is.
    Token(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// Escapes and raw characters of strings, some of them halves of surrogate pairs or no escapes at all.
fn character() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "[a-z{}\\[\\]:, 密]",
        1 => proptest::sample::select(vec![
            "\\\"", "\\\\", "\\/", "\\n", "\\u0061", "\\u00e9", "\\u5bc6", "\\uD83D\\uDE00", "é", "😀",
        ]).prop_map(str::to_owned),
    ]
}

fn string() -> impl Strategy<Value = String> {
    let plain = vec(character(), 0..8).prop_map(|characters| characters.concat());
    let known = proptest::sample::select(vec![
        "a",
        "code",
        "msg",
        "data",
        "d\\u0061ta",
        "c\\u006fde",
        "\\u0063\\u006f\\u0064\\u0065",
        "0",
        "200",
    ]);
    prop_oneof![known.prop_map(str::to_owned), plain].prop_map(|text| format!("\"{text}\""))
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("0".to_owned()),
        "-?(0|[1-9][0-9]{0,39})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,5})?",
    ]
}

/// A document, of any shape.
pub(super) fn document() -> impl Strategy<Value = Json> {
    let word = proptest::sample::select(vec!["null", "true", "false"]).prop_map(str::to_owned);
    let leaf = prop_oneof![string(), number(), word].prop_map(Json::Token);
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![vec(inner.clone(), 0..5).prop_map(Json::List), object(inner),]
    })
}

fn object(member: impl Strategy<Value = Json>) -> impl Strategy<Value = Json> {
    vec((string(), member), 0..6).prop_map(Json::Object)
}

/// A document that is an object, and mostly an envelope.
pub(super) fn envelope() -> impl Strategy<Value = Json> {
    let code = proptest::sample::select(vec!["0", "\"0\"", "0", "\"\\u0030\"", "1", "null", "0.0", "[0]"]);
    let code = (
        "\"c(ode|\\\\u006fde)\"",
        code.prop_map(|code| Json::Token(code.to_owned())),
    );
    (vec(code, 0..3), object(document()), any::<bool>()).prop_map(|(codes, object, first)| match object {
        Json::Object(members) if first => Json::Object(codes.into_iter().chain(members).collect()),
        Json::Object(members) => Json::Object(members.into_iter().chain(codes).collect()),
        other => other,
    })
}

/// Writes a document, with blanks between its tokens where the bits of `blanks` say so.
pub(super) fn written(document: &Json, mut blanks: u64) -> String {
    fn write(json: &Json, text: &mut String, blanks: &mut u64) {
        let mut blank = |text: &mut String| {
            text.push_str(["", "", "", " ", "\n\t", "", "\r\n", ""][usize::try_from(*blanks & 7).unwrap()]);
            *blanks = blanks.rotate_right(3);
        };
        blank(text);
        match json {
            Json::Token(token) => text.push_str(token),
            Json::List(items) => {
                text.push('[');
                for (place, item) in items.iter().enumerate() {
                    if place > 0 {
                        text.push(',');
                    }
                    write(item, text, blanks);
                }
                text.push(']');
            }
            Json::Object(members) => {
                text.push('{');
                for (place, (name, member)) in members.iter().enumerate() {
                    if place > 0 {
                        text.push(',');
                    }
                    write(&Json::Token(name.clone()), text, blanks);
                    text.push(':');
                    write(member, text, blanks);
                }
                text.push('}');
            }
        }
        text.push_str(if *blanks & 1 == 1 { " " } else { "" });
    }
    let mut text = String::new();
    write(document, &mut text, &mut blanks);
    text
}

/// Bytes that are nearly JSON: a document with some bytes cut out, put in or exchanged.
pub(super) fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let bytes = proptest::sample::select(vec![
        &b"\xff"[..],
        b"\xe5\xaf",
        b"\"",
        b"\\",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"0",
        b"-",
        b"e",
        b"\0",
        b"\n",
        b"\\ud800",
        b"\\udc00",
        b"\\u00",
        b"\\x",
        b"tru",
        b"\xef\xbb\xbf",
        b"",
        b"",
    ]);
    let change = (any::<prop::sample::Index>(), 0..3_usize, bytes);
    (envelope(), any::<u64>(), vec(change, 0..3)).prop_map(|(envelope, blanks, changes)| {
        let mut text = written(&envelope, blanks).into_bytes();
        for (place, removed, inserted) in changes {
            let start = place.index(text.len() + 1);
            let end = text.len().min(start + removed);
            text.splice(start..end, inserted.iter().copied());
        }
        text
    })
}
