//! Endpoints to encode, and decoders that share no code with the encoders.

use proptest::collection::vec;
use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::encode::Part;
use crate::{Effect, Encoding, Endpoint, Failure, Method, Nothing, Request};

/// Declares endpoints that take any parameters.
macro_rules! endpoints {
    ($($name:ident: $method:ident { $($constants:tt)* })*) => {
        $(
            #[derive(Debug, Serialize, Deserialize, JsonSchema)]
            #[serde(transparent)]
            pub(super) struct $name(pub(super) Map<String, Value>);

            impl Endpoint for $name {
                const ID: &'static str = stringify!($name);
                const TITLE: &'static str = "";
                const METHOD: Method = Method::$method;
                const PATH: &'static str = "/things";
                const EFFECT: Effect = Effect::Write;
                type Response = Nothing;
                $($constants)*
            }

            impl From<Value> for $name {
                fn from(params: Value) -> Self {
                    match params {
                        Value::Object(params) => Self(params),
                        other => panic!("{other} isn't an object"),
                    }
                }
            }
        )*
    };
}

endpoints! {
    Get: GET {}
    Post: POST {}
    Put: PUT {}
    Patch: PATCH {}
    Head: HEAD {}
    Delete: DELETE {}
    PostQuery: POST { const ENCODING: Encoding = Encoding::Query; }
    PostBoth: POST { const ENCODING: Encoding = Encoding::QueryAndJson; }
    PostForm: POST { const ENCODING: Encoding = Encoding::Form; }
    PostMultipart: POST {
        const ENCODING: Encoding = Encoding::Multipart;
        const IN_QUERY: &'static [&'static str] = &["dryRun"];
    }
    Upload: POST {
        const ENCODING: Encoding = Encoding::Multipart;
        fn parts(&self) -> Result<Vec<Part>, Failure> {
            Ok(vec![Part::text("id", "7"), Part::file("upload", "a.txt", b"A".to_vec())])
        }
    }
    Repeated: POST { const REPEATED: &'static [&'static str] = &["id"]; }
    InQuery: POST { const IN_QUERY: &'static [&'static str] = &["start", "absent"]; }
}

/// Undoes percent-encoding. Fails the test where anything else than unreserved characters and escapes
/// with upper-case digits stands in `text`.
pub(super) fn unpercent(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                assert!(!digits.iter().any(u8::is_ascii_lowercase), "{text}");
                let digits = std::str::from_utf8(&digits).unwrap();
                bytes.push(u8::from_str_radix(digits, 16).unwrap());
            }
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => bytes.push(byte),
            _ => panic!("{:?} stands raw in {text:?}", char::from(byte)),
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// The pairs of a query or a form.
pub(super) fn unpairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            (unpercent(name), unpercent(value))
        })
        .collect()
}

/// What comes after the question mark.
pub(super) fn query(request: &Request) -> &str {
    request.url.split_once('?').map_or("", |(_, query)| query)
}

/// The value of a header field, which must be there at most once.
pub(super) fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let mut values = request.headers.iter().filter(|(field, _)| field == name);
    let value = values.next().map(|(_, value)| value.as_str());
    assert_eq!(values.next(), None, "{name} is there twice");
    value
}

/// Any text that Unicode allows, control characters too.
pub(super) fn text() -> impl Strategy<Value = String> {
    let awkward = proptest::sample::select(vec!['"', '\\', '\r', '\n', '&', '=', '+', '%', ' ', '/', '密']);
    vec(prop_oneof![any::<char>(), awkward, any::<char>()], 0..12).prop_map(String::from_iter)
}
