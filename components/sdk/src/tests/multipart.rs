//! Multipart bodies, read back by a parser that knows nothing of the encoder.

use proptest::collection::vec;
use proptest::prelude::*;

use super::support::text;
use crate::encode::{Body, Encoded, Part};
use crate::testing::header;
use crate::{Method, Request};

fn request(parts: Vec<Part>) -> Request {
    let encoded = Encoded {
        body: Body::Multipart(parts),
        ..Encoded::new(Method::POST, "/files")
    };
    encoded.to_request("https://vendor.example")
}

/// A part as it stands in a body.
#[derive(Debug, PartialEq)]
struct Raw {
    head: Vec<String>,
    content: Vec<u8>,
}

fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).position(|window| window == pattern)
}

fn boundary(request: &Request) -> &str {
    let content_type = header(request, "content-type").unwrap();
    let boundary = content_type
        .strip_prefix("multipart/form-data; boundary=")
        .unwrap();
    // RFC 2046: at most 70 characters; without these it needs no quotes either.
    assert!((1..=70).contains(&boundary.len()));
    assert!(boundary.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    boundary
}

/// The parts of a body, as RFC 2046 splits it: at CR LF, two hyphens and the boundary.
fn parse(request: &Request) -> Vec<Raw> {
    let length = request.body.len().to_string();
    assert_eq!(header(request, "content-length"), Some(length.as_str()));
    let delimiter = format!("\r\n--{}", boundary(request));
    let mut rest = request.body.strip_prefix(&delimiter.as_bytes()[2..]).unwrap();
    let mut parts = Vec::new();
    while rest != b"--\r\n" {
        rest = rest.strip_prefix(b"\r\n").unwrap();
        let head_end = find(rest, b"\r\n\r\n").unwrap();
        let head = String::from_utf8(rest[..head_end].to_vec()).unwrap();
        rest = &rest[head_end + 4..];
        let content_end = find(rest, delimiter.as_bytes()).unwrap();
        parts.push(Raw {
            head: head.split("\r\n").map(str::to_owned).collect(),
            content: rest[..content_end].to_vec(),
        });
        rest = &rest[content_end + delimiter.len()..];
    }
    parts
}

/// What the WHATWG's form encoding makes of a name, the other way round. Names with these escapes in
/// them can't be distinguished; no browser can.
fn unquoted(name: &str) -> String {
    assert!(!name.contains(['"', '\r', '\n']), "{name:?}");
    name.replace("%22", "\"")
        .replace("%0D", "\r")
        .replace("%0A", "\n")
}

fn decode(raw: &Raw) -> Part {
    let fields = raw.head[0]
        .strip_prefix("Content-Disposition: form-data; name=\"")
        .and_then(|fields| fields.strip_suffix('"'))
        .unwrap();
    if let Some((name, file_name)) = fields.split_once("\"; filename=\"") {
        assert_eq!(raw.head[1..], ["Content-Type: application/octet-stream"]);
        Part::file(unquoted(name), unquoted(file_name), raw.content.clone())
    } else {
        assert_eq!(raw.head.len(), 1);
        Part {
            content: raw.content.clone(),
            ..Part::text(unquoted(fields), "")
        }
    }
}

fn name() -> impl Strategy<Value = String> {
    text().prop_filter("looks escaped already", |name| !name.contains('%'))
}

fn content() -> impl Strategy<Value = Vec<u8>> {
    let awkward = proptest::sample::select(vec![
        b"\r\n".to_vec(),
        b"\r\n--".to_vec(),
        b"--patchbay-".to_vec(),
        b"\r\n\r\n".to_vec(),
        b"\0".to_vec(),
    ]);
    vec(prop_oneof![awkward, vec(any::<u8>(), 0..8)], 0..8).prop_map(|pieces| pieces.concat())
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        (name(), text()).prop_map(|(name, text)| Part::text(name, text)),
        (name(), name(), content()).prop_map(|(name, file, content)| Part::file(name, file, content)),
    ]
}

proptest! {
    #[test]
    fn parts_parse_back(parts in vec(part(), 0..5)) {
        let request = request(parts.clone());
        let parsed: Vec<Part> = parse(&request).iter().map(decode).collect();
        prop_assert_eq!(parsed, parts);
    }
}

#[test]
fn names_cannot_end_their_quotes_or_their_line() {
    let request = request(vec![Part::file(
        "f\"; x=\"",
        "周报 \"1\"\r\nX-Evil: 1;\\.txt",
        b"x".to_vec(),
    )]);
    let head = [
        "Content-Disposition: form-data; name=\"f%22; x=%22\"; filename=\"周报 %221%22%0D%0AX-Evil: 1;\\.txt\"",
        "Content-Type: application/octet-stream",
    ];
    assert_eq!(parse(&request)[0].head, head);
}

#[test]
fn every_body_has_its_own_boundary() {
    let parts = vec![Part::text("a", "b")];
    assert_ne!(boundary(&request(parts.clone())), boundary(&request(parts)));
}
