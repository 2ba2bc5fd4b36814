//! What vendors answer, and what is made of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::answer::{self, File, MAX_FILE, file_content, refusal, retry_after_ms, status_failure, text};
use crate::codes::{FailureKind, VendorCode};
use crate::testing::json_response;
use crate::{Failure, Interruption, Refusal, Response};

/// 2015-10-21T07:28:00Z.
const NOON: u64 = 1_445_412_480_000;

fn response(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Response {
    Response {
        status,
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: body.to_vec(),
    }
}

#[test]
fn json_keeps_digits_and_order() {
    let body = r#"{"z":12345678901234567890123,"a":1.10,"e":1e400}"#;
    let value = answer::json(&json_response(200, body)).unwrap();
    assert_eq!(value.to_string(), body.replace("1e400", "1e+400"));
}

#[test]
fn what_is_not_json_is_malformed() {
    let html = response(200, &[("content-type", "text/html")], b"<p>secret</p>");
    let bare = response(206, &[], b"{");
    let empty = response(204, &[("content-type", "application/json")], b"");
    for (response, words) in [
        (html, ["HTTP 200", "13 bytes (text/html) that aren't JSON"]),
        (bare, ["HTTP 206", "1 bytes (no content type)"]),
        (empty, ["HTTP 204", "an empty body"]),
    ] {
        match answer::json(&response) {
            Err(Failure::MalformedResponse { message, http_status }) => {
                assert_eq!(http_status, Some(response.status));
                assert!(words.iter().all(|word| message.contains(word)), "{message}");
                assert!(!message.contains("secret"), "{message}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn text_takes_strings_and_numbers() {
    let object: Map<String, Value> =
        serde_json::from_str(r#"{"s":"x","n":90071992547409931,"b":true,"o":{},"z":null}"#).unwrap();
    assert_eq!(text(&object, "s").as_deref(), Some("x"));
    assert_eq!(text(&object, "n").as_deref(), Some("90071992547409931"));
    for name in ["b", "o", "z", "absent"] {
        assert_eq!(text(&object, name), None, "{name}");
    }
}

#[test]
fn a_refusal_takes_code_and_message_of_the_envelope() {
    let refused = refusal(
        &json_response(500, r#"{"rc":4001,"msg":"没有权限"}"#),
        "rc",
        "msg",
        &[],
    );
    let expected = Refusal {
        code: Some("4001".to_owned()),
        message: "没有权限".to_owned(),
        http_status: Some(500),
        details: None,
    };
    assert_eq!(refused, expected);
}

#[test]
fn a_refusal_without_words_quotes_the_body() {
    for (body, code, message) in [
        (
            r#"{"rc":"x","msg":""}"#,
            Some("x"),
            r#"HTTP 502: {"rc":"x","msg":""}"#,
        ),
        (r#"{"msg":{"a":1}}"#, None, r#"HTTP 502: {"msg":{"a":1}}"#),
        ("[1]", None, "HTTP 502: [1]"),
        (
            "<h1>\n  Bad\t Gateway </h1>\n",
            None,
            "HTTP 502: <h1> Bad Gateway </h1>",
        ),
        (" \n", None, "HTTP 502 without a body"),
        ("", None, "HTTP 502 without a body"),
    ] {
        let refusal = refusal(&json_response(502, body), "rc", "msg", &[]);
        assert_eq!(refusal.message, message);
        assert_eq!(refusal.code.as_deref(), code);
        assert_eq!(refusal.http_status, Some(502));
    }
}

#[test]
fn a_quoted_body_is_cut_between_characters() {
    let page = "密".repeat(400);
    let message = refusal(&json_response(503, &page), "code", "message", &[]).message;
    assert_eq!(message, format!("HTTP 503: {}", "密".repeat(300)));
    let binary = refusal(&response(503, &[], &[0xff; 3]), "code", "message", &[]).message;
    assert_eq!(binary, "HTTP 503: \u{fffd}\u{fffd}\u{fffd}");
}

const CODES: &[VendorCode] = &[
    VendorCode {
        code: "4001",
        meaning: "没有权限",
        kind: FailureKind::Rejected,
    },
    VendorCode {
        code: "4004",
        meaning: "无效的accesstoken",
        kind: FailureKind::Unauthorized,
    },
];

#[test]
fn a_refusal_without_words_has_the_meaning_of_its_code() {
    for (body, message) in [
        (r#"{"rc":4001}"#, "没有权限"),
        (r#"{"rc":"4001","msg":" "}"#, "没有权限"),
        (r#"{"rc":4001,"msg":"no"}"#, "no"),
        (r#"{"rc":4002,"msg":""}"#, r#"HTTP 400: {"rc":4002,"msg":""}"#),
    ] {
        let refusal = refusal(&json_response(400, body), "rc", "msg", CODES);
        assert_eq!(refusal.message, message);
    }
}

#[test]
fn what_else_an_envelope_says_is_details() {
    let details = |body: &str| refusal(&json_response(400, body), "rc", "msg", CODES).details;
    let body = r#"{"rc":1,"msg":"no","requestId":"r","errors":[{"field":"a"}],"data":null,"ok":false,"t":1,"x":"","y":{}}"#;
    assert_eq!(
        details(body).unwrap().to_string(),
        r#"{"requestId":"r","errors":[{"field":"a"}]}"#
    );
    assert_eq!(
        details(r#"{"rc":1,"msg":{"a":"b"}}"#),
        Some(json!({ "msg": { "a": "b" } }))
    );
    for without in [r#"{"rc":"1","msg":"no","data":null,"ok":false}"#, "[]", "no"] {
        assert_eq!(details(without), None);
    }
    let of_size = |size: usize| details(&json!({ "x": "y".repeat(size) }).to_string());
    assert!(of_size(8000).is_some());
    assert_eq!(of_size(9000), None, "it has a limit");
}

#[test]
fn the_status_decides_between_throttled_unreachable_and_rejected() {
    let failure = |status, headers: &[(&str, &str)]| {
        let response = response(status, headers, b"no");
        status_failure(&response, refusal(&response, "code", "message", &[]), NOON)
    };
    let refusal = |status: u16| Refusal {
        message: format!("HTTP {status}: no"),
        http_status: Some(status),
        ..Refusal::default()
    };
    for (retry_after, retry_after_ms) in [(Some("7"), Some(7000)), (None, None)] {
        let headers: Vec<_> = retry_after
            .map(|value| ("retry-after", value))
            .into_iter()
            .collect();
        let throttled = Failure::Throttled {
            refusal: refusal(429),
            retry_after_ms,
        };
        assert_eq!(failure(429, &headers), throttled);
        for status in [502, 503, 504] {
            let unreachable = Failure::Unreachable(Interruption {
                message: format!("HTTP {status}: no"),
                request_sent: true,
                http_status: Some(status),
                retry_after_ms,
            });
            assert_eq!(failure(status, &headers), unreachable);
        }
    }
    for status in [400, 401, 404, 500, 501, 505] {
        let rejected = failure(status, &[("retry-after", "7")]);
        assert_eq!(rejected, Failure::Rejected(refusal(status)));
    }
}

#[test]
fn retry_after_is_seconds_or_a_date_and_a_day_at_most() {
    const DAY: u64 = 86_400_000;
    for (value, expected) in [
        (" 120 ", Some(120_000)),
        ("0", Some(0)),
        ("86399", Some(DAY - 1000)),
        ("86401", Some(DAY)),
        ("9223372036854775807", Some(DAY)),
        ("18446744073709551615", Some(DAY)),
        ("184467440737095516150000", Some(DAY)),
        ("Wed, 21 Oct 2015 07:29:30 GMT", Some(90_000)),
        ("Wed, 21 Oct 2015 07:27:00 GMT", Some(0)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", Some(DAY)),
        ("-1", None),
        ("+1", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
    ] {
        let response = response(429, &[("retry-after", value)], b"");
        assert_eq!(retry_after_ms(&response, NOON), expected, "{value:?}");
    }
    assert_eq!(retry_after_ms(&response(429, &[], b""), NOON), None);
}

#[test]
fn a_file_has_name_type_and_content() {
    let headers = [
        ("content-type", "text/csv; charset=gbk"),
        ("content-disposition", "attachment; filename=\"a.csv\""),
    ];
    let file = File::from_response(&response(200, &headers, &[0, 255, 10]), "asked").unwrap();
    let expected = json!({ "fileName": "a.csv", "contentType": "text/csv; charset=gbk", "content": "AP8K" });
    assert_eq!(serde_json::to_value(file).unwrap(), expected);

    let bare = File::from_response(&response(200, &[], b""), "asked").unwrap();
    assert_eq!(bare.file_name, "asked");
    assert_eq!(bare.content_type, "application/octet-stream");
    assert_eq!(bare.content, "");
}

#[test]
fn file_names_are_read_as_rfc_6266_says() {
    for (disposition, expected) in [
        ("attachment; filename=plain.txt", "plain.txt"),
        ("ATTACHMENT;FileName = \"a b.txt\" ; size=3", "a b.txt"),
        ("attachment; filename=\"a; filename=b.txt\"", "a; filename=b.txt"),
        (
            r#"attachment; filename="say \"ja\"; x.txt"; size=1"#,
            r#"say "ja"; x.txt"#,
        ),
        (
            r#"attachment; filename="5\" disk; a.txt"; size=1"#,
            r#"5" disk; a.txt"#,
        ),
        ("attachment; filename*=UTF-8''%E5%91%A8%20%22.txt", "周 \".txt"),
        ("attachment; filename*=utf-8'zh'a%27b.txt", "a'b.txt"),
        ("attachment; filename=\"f.txt\"; filename*=UTF-8''g.txt", "g.txt"),
        ("attachment; filename*=UTF-8''g.txt; filename=\"f.txt\"", "g.txt"),
        // Other charsets and what isn't an extended value at all: the plain one holds.
        ("attachment; filename*=GBK''%D6%DC.txt; filename=f.txt", "f.txt"),
        ("attachment; filename*=g.txt; filename=\"f.txt\"", "f.txt"),
        ("attachment; filename*=UTF-8''%FF; filename=\"f.txt\"", "f.txt"),
        ("attachment; filename*=UTF-8''%FF", "asked"),
        ("attachment", "asked"),
        ("", "asked"),
    ] {
        let response = response(200, &[("content-disposition", disposition)], b"x");
        let file = File::from_response(&response, "asked").unwrap();
        assert_eq!(file.file_name, expected, "{disposition}");
    }
}

#[test]
fn a_file_may_be_as_large_as_the_limit_and_no_larger() {
    let file = |size| File::from_response(&response(200, &[], &vec![7; size]), "f");
    let content = file(MAX_FILE).unwrap().content;
    assert_eq!(file_content("/content", &content).unwrap(), vec![7; MAX_FILE]);

    let too_large = file(MAX_FILE + 1);
    assert!(
        matches!(&too_large, Err(Failure::MalformedResponse { message, http_status: Some(200) })
            if message.contains("8388609 bytes; at most 8388608")),
        "{:?}",
        too_large.err()
    );

    let failure = file_content("/content", &STANDARD.encode(vec![7; MAX_FILE + 1])).unwrap_err();
    let message = "has 8388609 bytes; at most 8388608 go through one call";
    assert_eq!(failure, Failure::invalid_input("/content", message));
}

#[test]
fn file_content_must_be_base64() {
    assert_eq!(file_content("/content", "AP8K").unwrap(), [0, 255, 10]);
    assert_eq!(file_content("/content", "").unwrap(), b"");
    for wrong in ["AP8", "A P8", "密", "_-==", "AP8K=\n"] {
        match file_content("/files/0/content", wrong) {
            Err(Failure::InvalidInput(violations)) => {
                assert_eq!(violations[0].path, "/files/0/content");
                assert!(
                    violations[0].message.starts_with("isn't Base64"),
                    "{violations:?}"
                );
            }
            other => panic!("{wrong:?}: {other:?}"),
        }
    }
}
