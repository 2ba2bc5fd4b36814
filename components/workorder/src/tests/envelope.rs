//! How answers are opened (响应码).

use patchbay_sdk::transport::TransportError;
use patchbay_sdk::{Interruption, Refusal};

use super::*;

const PAGE: &str = r#"{"pageNum":1,"pageSize":10}"#;
const TYPES: &str = r#"{"pageNo":1,"pageSize":10}"#;
const TASK: &str = r#"{"taskId":"t"}"#;

fn refusal(code: Option<&str>, message: &str, http_status: u16) -> Refusal {
    Refusal {
        code: code.map(str::to_owned),
        message: message.to_owned(),
        http_status: Some(http_status),
        details: None,
    }
}

fn delete(status: u16, body: &str) -> Result<String, Failure> {
    output("task.delete", TASK, json_response(status, body))
}

fn malformed(result: Result<String, Failure>) -> String {
    match result {
        Err(Failure::MalformedResponse {
            message,
            http_status: Some(200),
        }) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn success_gives_the_data() {
    assert_eq!(
        delete(200, r#"{"code":200,"msg":"ok","data":{"a":1}}"#).unwrap(),
        r#"{"a":1}"#
    );
    assert_eq!(
        delete(200, r#"{"code":"200","data":"TaskId:1"}"#).unwrap(),
        r#""TaskId:1""#
    );
    assert_eq!(delete(201, r#"{"code":200,"data":{}}"#).unwrap(), "{}");
}

#[test]
fn absent_data_is_null_or_an_empty_list() {
    for body in [
        r#"{"code":200,"msg":"ok"}"#,
        r#"{"code":200,"msg":"ok","data":null}"#,
    ] {
        assert_eq!(delete(200, body).unwrap(), "null");
        let types = output("synthesis-workorder-type.list", TYPES, json_response(200, body));
        assert_eq!(types.unwrap(), "[]");
        let page = output("todo-task.list", PAGE, json_response(200, body));
        assert_eq!(page.unwrap(), r#"{"total":0,"rows":[]}"#);
    }
}

#[test]
fn a_page_gives_total_and_rows() {
    let body = r#"{"msg":"ok","rows":[{"taskId":"1","new":[1]}],"extra":1,"code":200,"total":3}"#;
    for operation in [
        "process.list",
        "own-process.list",
        "todo-task.list",
        "finished-task.list",
    ] {
        let page = output(operation, PAGE, json_response(200, body));
        assert_eq!(page.unwrap(), r#"{"total":3,"rows":[{"taskId":"1","new":[1]}]}"#);
    }
}

#[test]
fn rows_that_are_null_are_none() {
    let body = r#"{"code":200,"total":0,"rows":null}"#;
    let page = output("process.list", PAGE, json_response(200, body));
    assert_eq!(page.unwrap(), r#"{"total":0,"rows":[]}"#);
}

#[test]
fn rows_without_a_code_are_accepted() {
    let body = r#"{"total":1,"rows":[{}]}"#;
    let page = output("own-process.list", PAGE, json_response(200, body));
    assert_eq!(page.unwrap(), r#"{"total":1,"rows":[{}]}"#);
    // Nothing else is.
    malformed(delete(200, body));
    malformed(delete(200, r#"{"data":{}}"#));
    malformed(delete(200, r#"{"rows":[],"data":{}}"#));
    malformed(output(
        "own-process.list",
        PAGE,
        json_response(200, r#"{"total":1,"rows":null}"#),
    ));
    malformed(output(
        "own-process.list",
        PAGE,
        json_response(200, r#"{"total":1,"rows":{}}"#),
    ));
}

#[test]
fn what_stands_in_the_wrong_place_is_not_taken_for_nothing() {
    for body in [
        r#"{"code":200,"data":[{}]}"#,
        r#"{"code":200,"rows":[{}]}"#,
        r#"{"code":200,"total":1,"rows":{}}"#,
        r#"{"code":200,"total":1,"data":[{}]}"#,
    ] {
        let message = malformed(output("process.list", PAGE, json_response(200, body)));
        assert_eq!(message, "the vendor's answer has no total with an array of rows");
    }
    let body = r#"{"code":200,"total":1,"rows":[{}]}"#;
    let message = malformed(output("app-workorder-type.list", TYPES, json_response(200, body)));
    assert_eq!(message, "the vendor's answer has rows in place of data");
}

#[test]
fn a_code_other_than_success_is_rejected() {
    for (code, body) in [
        ("0", r#"{"code":0,"msg":"m"}"#),
        ("404", r#"{"code":404,"msg":"m"}"#),
        ("4000", r#"{"code":4000,"msg":"m"}"#),
        ("4001", r#"{"code":4001,"msg":"m"}"#),
        ("4002", r#"{"code":4002,"msg":"m"}"#),
        ("4101", r#"{"code":"4101","msg":"m","data":{}}"#),
        ("4200", r#"{"code":4200,"msg":"m","data":{}}"#),
        ("5003", r#"{"code":5003,"msg":"m","rows":[],"total":0}"#),
    ] {
        assert_eq!(
            delete(200, body),
            Err(Failure::Rejected(refusal(Some(code), "m", 200)))
        );
    }
    assert_eq!(
        delete(200, r#"{"code":405}"#),
        Err(Failure::Rejected(refusal(
            Some("405"),
            "code 405 without a message",
            200
        )))
    );
    // The vendor's document says what it means.
    for body in [r#"{"code":4101}"#, r#"{"code":4101,"msg":""}"#] {
        let rejected = Failure::Rejected(refusal(Some("4101"), "参数错误", 200));
        assert_eq!(delete(200, body), Err(rejected));
    }
}

#[test]
fn a_code_that_refuses_the_credentials_is_unauthorized() {
    for (code, status) in [("4004", 200), ("4004", 400), ("4004", 500)] {
        assert_eq!(
            delete(status, &format!(r#"{{"code":{code},"msg":"无效的accesstoken"}}"#)),
            Err(Failure::Unauthorized(refusal(
                Some(code),
                "无效的accesstoken",
                status
            )))
        );
    }
}

#[test]
fn http_401_and_403_are_refusals_and_not_repeated() {
    for status in [401, 403] {
        let answer = json_response(status, r#"{"code":404,"msg":"no"}"#);
        let (sent, output) = exchange(SERVICE, answer, "task.delete", TASK);
        assert_eq!(sent.len(), 1);
        let refusal = refusal(Some("404"), "no", status);
        assert_eq!(
            output,
            Err(if status == 401 {
                Failure::Unauthorized(refusal)
            } else {
                Failure::Rejected(refusal)
            })
        );
    }
}

#[test]
fn other_http_statuses_are_rejected_whatever_the_body() {
    assert_eq!(
        delete(500, r#"{"code":5001,"msg":"m"}"#),
        Err(Failure::Rejected(refusal(Some("5001"), "m", 500)))
    );
    // Success in the body doesn't count.
    assert_eq!(
        delete(404, r#"{"code":200,"msg":"ok","data":{}}"#),
        Err(Failure::Rejected(refusal(Some("200"), "ok", 404)))
    );
    assert_eq!(
        delete(501, "<h1>Bad\n gateway</h1>"),
        Err(Failure::Rejected(refusal(
            None,
            "HTTP 501: <h1>Bad gateway</h1>",
            501
        )))
    );
    assert_eq!(
        delete(302, ""),
        Err(Failure::Rejected(refusal(None, "HTTP 302 without a body", 302)))
    );
}

#[test]
fn a_gateway_that_answers_is_unreachable_and_the_request_was_sent() {
    for status in [502, 503, 504] {
        assert_eq!(
            delete(status, "<h1>Bad\n gateway</h1>"),
            Err(Failure::Unreachable(Interruption {
                http_status: Some(status),
                ..Interruption::new(format!("HTTP {status}: <h1>Bad gateway</h1>"), true)
            }))
        );
    }
}

#[test]
fn http_429_is_throttled() {
    let mut answer = json_response(429, r#"{"code":404,"msg":"slow"}"#);
    answer.headers.push(("retry-after".to_owned(), "7".to_owned()));
    assert_eq!(
        output("task.delete", TASK, answer),
        Err(Failure::Throttled {
            refusal: refusal(Some("404"), "slow", 429),
            retry_after_ms: Some(7000),
        })
    );
}

#[test]
fn what_is_no_envelope_is_malformed() {
    for body in [
        "",
        "<html>",
        "[]",
        "null",
        "\"ok\"",
        "{}",
        r#"{"code":null,"data":1}"#,
        r#"{"code":200"#,
    ] {
        malformed(delete(200, body));
    }
}

#[test]
fn an_interruption_keeps_its_kind() {
    let script = Script::new(|_| {
        Err(TransportError::Timeout {
            message: "slow".to_owned(),
            request_sent: true,
        })
    });
    let output = invoke::<WorkOrder>(script.host(SERVICE), "task.delete", TASK);
    assert_eq!(output, Err(Failure::Timeout(Interruption::new("slow", true))));
    assert_eq!(script.sent().len(), 1);
}

#[test]
fn application_secrets_are_masked() {
    let body = r#"{"code":200,"data":[{"appId":"1","applicationSecret":"s3"},{"applicationSecret":null}]}"#;
    let list = |settings: &[(&str, &str)]| {
        exchange(
            settings,
            json_response(200, body),
            "app-workorder-type.list",
            TYPES,
        )
        .1
        .unwrap()
    };
    let masked = r#"[{"appId":"1","applicationSecret":"***"},{"applicationSecret":null}]"#;
    assert_eq!(list(SERVICE), masked);
    assert_eq!(
        list(&changed(SERVICE, "", &[("reveal_secrets", "false")])),
        masked
    );
    assert_eq!(
        list(&changed(SERVICE, "", &[("reveal_secrets", "true")])),
        r#"[{"appId":"1","applicationSecret":"s3"},{"applicationSecret":null}]"#
    );
}
