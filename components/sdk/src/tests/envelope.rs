//! The payload comes out of the envelope as it would by parsing the whole answer.

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::json::{damaged, envelope, written};
use crate::testing::json_response;
use crate::{Envelope, Failure, Payload, Response};

const ENVELOPE: Envelope = Envelope {
    shape: "{code, msg, data}",
    code: "code",
    message: "msg",
    payload: "data",
    success: "0",
    codes: &[],
    refused: &[401],
};

/// Opens an envelope by parsing everything.
fn parsed(response: &Response) -> Result<Value, Failure> {
    ENVELOPE.check_status(response, 0)?;
    let Value::Object(mut members) = crate::answer::json(response)? else {
        return Err(ENVELOPE.members(response, ["code"], 0).unwrap_err());
    };
    ENVELOPE.check_members(members.clone(), response, 0)?;
    Ok(members.shift_remove("data").unwrap_or(Value::Null))
}

fn opened(response: &Response) -> Result<Value, Failure> {
    let payload = ENVELOPE.open(response.clone(), 0)?;
    // What comes out is something that whoever reads it takes.
    Ok(serde_json::from_str(payload.as_str()).unwrap())
}

/// Opens the envelope in its parts, as a connector does whose payload is more than one member.
fn in_parts(response: &Response) -> Result<Value, Failure> {
    let [code, data] = ENVELOPE.members(response, ["code", "data"], 0)?;
    ENVELOPE.check_code(code, response, 0)?;
    Ok(data.map_or_else(Payload::null, Payload::from).to_value())
}

fn assert_alike(body: &[u8]) {
    let response = Response {
        body: body.to_vec(),
        ..json_response(200, "")
    };
    let expected = parsed(&response);
    assert_eq!(opened(&response), expected, "{}", String::from_utf8_lossy(body));
    assert_eq!(in_parts(&response), expected, "{}", String::from_utf8_lossy(body));
}

fn nested(depth: usize) -> String {
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}

#[test]
fn the_payload_is_the_vendors_text() {
    for (body, payload) in [
        (
            r#"{"code":0,"data":{ "a" : 1.10, "b":1E400 }}"#,
            r#"{ "a" : 1.10, "b":1E400 }"#,
        ),
        (
            r#" { "data" : [12345678901234567890123 , "\u00e9"] , "code" : "0" } "#,
            r#"[12345678901234567890123 , "\u00e9"]"#,
        ),
        (r#"{"c\u006fde":0,"d\u0061ta":"x"}"#, r#""x""#),
        (r#"{"code":1,"data":1,"code":0,"data":2}"#, "2"),
        (r#"{"code":0,"data":null}"#, "null"),
        (r#"{"code":0,"msg":{"data":3}}"#, "null"),
    ] {
        let opened = ENVELOPE.open(json_response(200, body), 0);
        assert_eq!(opened.as_ref().map(Payload::as_str), Ok(payload), "{body}");
        assert_alike(body.as_bytes());
    }
}

#[test]
fn what_cannot_be_read_is_malformed() {
    let deep = |depth| format!(r#"{{"code":0,"data":{}}}"#, nested(depth));
    assert!(opened(&json_response(200, &deep(126))).is_ok());
    for body in [
        deep(127),
        deep(100_000),
        format!(r#"{{"code":0,"other":{}}}"#, nested(127)),
        r#"{"code":0,"data":"\ud800"}"#.to_owned(),
        r#"{"code":0,"data":{"\uDC00":1}}"#.to_owned(),
        r#"{"code":0,"data":{"$serde_json::private::Number":"x"}}"#.to_owned(),
        r#"{"code":0,"data":{"\u0024serde_json::private::Number":"x"}}"#.to_owned(),
        r#"{"code":0,"data":1} {}"#.to_owned(),
        r#"{"code":0,"data":01}"#.to_owned(),
        r#"{"code":0,"data":[1,]}"#.to_owned(),
        r#"{"code":0"#.to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        String::new(),
    ] {
        let opened = opened(&json_response(200, &body));
        assert!(
            matches!(opened, Err(Failure::MalformedResponse { .. })),
            "{opened:?}"
        );
        assert_alike(body.as_bytes());
    }
    assert_alike(b"{\"code\":0,\"data\":\"\xff\"}");
    assert_alike(b"\xef\xbb\xbf{\"code\":0}");
    // Brackets in strings don't count, nor do those beside each other.
    let brackets = format!(
        r#"{{"code":0,"data":["{}\"{}",{}{{}}]}}"#,
        "[".repeat(200),
        "{".repeat(200),
        "[],".repeat(200)
    );
    assert!(self::opened(&json_response(200, &brackets)).is_ok());
    assert_alike(brackets.as_bytes());
}

#[test]
fn a_payload_without_an_envelope_is_the_body() {
    let payload = |body: &str| Payload::from_response(json_response(200, body));
    assert_eq!(payload(" [1, 2]\n").unwrap().as_str(), "[1, 2]");
    for wrong in ["", "x", "[1] 2", "\"\\ud800\"", nested(128).as_str()] {
        assert_eq!(
            payload(wrong).unwrap_err(),
            crate::answer::json(&json_response(200, wrong))
                .err()
                .unwrap_or_else(|| panic!("{wrong}"))
        );
    }
}

#[test]
fn an_output_that_is_not_json_is_an_error() {
    let keys = std::collections::BTreeMap::from([((1, 2), 3)]);
    let failed = Payload::serialize(&keys);
    assert!(
        matches!(failed, Err(Failure::MalformedResponse { .. })),
        "{failed:?}"
    );
    let members: Map<String, Value> = Map::from_iter([("a".to_owned(), Value::Null)]);
    assert_eq!(Payload::serialize(&members).unwrap().as_str(), r#"{"a":null}"#);
}

proptest! {
    #[test]
    fn any_envelope_is_opened_as_by_parsing_it(envelope in envelope(), blanks in any::<u64>()) {
        assert_alike(written(&envelope, blanks).as_bytes());
    }

    #[test]
    fn what_is_nearly_json_is_taken_as_by_parsing_it(body in damaged()) {
        assert_alike(&body);
    }

    #[test]
    fn the_payload_keeps_its_bytes(envelope in envelope(), blanks in any::<u64>()) {
        let body = written(&envelope, blanks);
        if let Ok(payload) = ENVELOPE.open(json_response(200, &body), 0) {
            prop_assert!(payload.is_null() || body.contains(payload.as_str()), "{}", body);
        }
    }
}
