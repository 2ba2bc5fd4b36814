//! What the vendor's answers become.

use patchbay_sdk::testing::json_response;
use patchbay_sdk::{Failure, Refusal};
use serde_json::{Value, json};

use super::support::{always, answered, call};

fn ok(operation: &str, body: &str) -> Value {
    answered(operation, 200, body).unwrap_or_else(|failure| panic!("{operation}: {failure:?}"))
}

fn malformed(operation: &str, status: u16, body: &str) {
    match answered(operation, status, body) {
        Err(Failure::MalformedResponse { http_status, .. }) => assert_eq!(http_status, Some(status)),
        other => panic!("{operation} with {body}: {other:?}"),
    }
}

#[test]
fn data_comes_out_without_its_envelope() {
    let output = ok(
        "app.list",
        r#"{"errcode":0,"errmsg":"success","data":[{"id":"684a","name":"应用","icon":"x"}]}"#,
    );
    assert_eq!(output, json!([{"id":"684a","name":"应用","icon":"x"}]));
}

#[test]
fn only_errcode_decides() {
    assert_eq!(
        ok("org.get", r#"{"errcode":0,"success":false,"data":{"id":"o"}}"#),
        json!({"id":"o"})
    );
    assert_eq!(
        ok("org.get", r#"{"errcode":"0","data":{"id":"o"}}"#),
        json!({"id":"o"})
    );
    let refused = answered(
        "org.get",
        200,
        r#"{"errcode":7,"success":true,"data":{"id":"o"}}"#,
    );
    assert!(matches!(refused, Err(Failure::Rejected(_))), "{refused:?}");
}

#[test]
fn any_other_errcode_is_the_vendors_refusal() {
    for (operation, body, code, message) in [
        (
            "record.get",
            r#"{"errcode":40035,"errmsg":"记录不存在","data":null}"#,
            "40035",
            "记录不存在",
        ),
        (
            "oauth-user.get",
            r#"{"errcode":"E1","errmsg":"code 已失效"}"#,
            "E1",
            "code 已失效",
        ),
        (
            "app.list",
            r#"{"errcode":-1}"#,
            "-1",
            "errcode -1 without a message",
        ),
    ] {
        assert_eq!(
            answered(operation, 200, body),
            Err(Failure::Rejected(Refusal {
                code: Some(code.to_owned()),
                message: message.to_owned(),
                http_status: Some(200),
                details: None,
            }))
        );
    }
}

#[test]
fn what_is_not_the_envelope_is_malformed() {
    for body in [
        "",
        "<html>busy</html>",
        "{",
        "null",
        "7",
        r#""ok""#,
        "{}",
        r#"{"code":0,"data":[]}"#,
        r#"{"errcode":null,"data":[]}"#,
        "[]",
    ] {
        malformed("app.list", 200, body);
    }
    malformed("record.list", 200, "[]");
    malformed("task.list", 201, r#"{"tasks":[]}"#);
}

#[test]
fn task_list_may_come_without_an_envelope() {
    let tasks = r#"[{"taskId":"0000001111111","taskName":"行政审批","process":{"id":"r","definitionName":"流程定义"}}]"#;
    let expected: Value = serde_json::from_str(tasks).unwrap();
    let string = Value::from(tasks).to_string();
    assert_eq!(ok("task.list", tasks), expected);
    assert_eq!(
        ok("task.list", &format!(r#"{{"errcode":0,"data":{tasks}}}"#)),
        expected
    );
    assert_eq!(
        ok("task.list", &format!(r#"{{"errcode":0,"data":{string}}}"#)),
        expected
    );
    assert_eq!(ok("task.list", "[]"), json!([]));
}

/// The examples of the second list (2 and 4) and a shortened one of 1.
#[test]
fn data_that_is_a_string_holding_json_is_parsed() {
    assert_eq!(
        ok(
            "org.list",
            r#"{"errcode":0,"errmsg":"success","data":"[{\"children\":[{\"id\":\"2bf4\",\"name\":\"产品部\",\"pid\":\"d990\"}],\"id\":\"d990\",\"name\":\"公司\",\"pid\":\"a4dc\"}]","success":true}"#
        ),
        json!([{"children":[{"id":"2bf4","name":"产品部","pid":"d990"}],"id":"d990","name":"公司","pid":"a4dc"}])
    );
    assert_eq!(
        ok(
            "org.get",
            r#"{"errcode":0,"errmsg":"success","data":"{\"id\":\"b1f1bdfe0ee04b1da93d6677c936313e\",\"name\":\"研发部\",\"pid\":\"d990d4bf1a494c0aba7c4d5d8625c20d\"}"}"#
        ),
        json!({"id":"b1f1bdfe0ee04b1da93d6677c936313e","name":"研发部","pid":"d990d4bf1a494c0aba7c4d5d8625c20d"})
    );
    assert_eq!(
        ok(
            "user.get",
            r#"{"errcode":0,"errmsg":"success","data":"{\"departmentId\":\"3f93\",\"departmentIds\":[\"3f93\"],\"id\":\"46e9\",\"name\":\"张三\"}","success":true}"#
        ),
        json!({"departmentId":"3f93","departmentIds":["3f93"],"id":"46e9","name":"张三"})
    );
}

#[test]
fn it_is_parsed_once_and_only_data_itself() {
    assert_eq!(
        ok("org.get", r#"{"errcode":0,"data":"\"{\\\"id\\\":1}\""}"#),
        json!(r#"{"id":1}"#)
    );
    assert_eq!(
        ok("org.get", r#"{"errcode":0,"data":"{\"id\":\"[1]\"}"}"#),
        json!({"id":"[1]"})
    );
    assert_eq!(
        ok("record.get", r#"{"errcode":0,"data":{"text":"{\"a\":1}"}}"#),
        json!({"text":"{\"a\":1}"})
    );
}

#[test]
fn a_string_that_is_an_id_or_a_text_stays_a_string() {
    for text in ["5f2fda02", "684097", "12345678901234567890", "true", "", "[draft"] {
        let body = json!({"errcode":0,"data":text}).to_string();
        assert_eq!(ok("record.create", &body), json!(text));
    }
}

#[test]
fn nothing_is_an_empty_list_for_lists_and_null_for_the_rest() {
    let nothing = [
        r#"{"errcode":0}"#,
        r#"{"errcode":0,"data":null}"#,
        r#"{"errcode":0,"data":"null"}"#,
    ];
    for body in nothing {
        for operation in [
            "app.list",
            "form.list",
            "form-field.list",
            "record.list",
            "task.list",
            "org.list",
            "user.list",
        ] {
            assert_eq!(ok(operation, body), json!([]), "{operation}");
        }
        for operation in [
            "record.create",
            "record.update",
            "record.delete",
            "record.get",
            "org.get",
            "user.get",
        ] {
            assert_eq!(ok(operation, body), Value::Null, "{operation}");
        }
    }
}

#[test]
fn numbers_keep_their_digits() {
    let numbers = r#"{"id":12345678901234567890123,"amount":1.10,"huge":1e400}"#;
    let settings = [super::support::BASE_URL];
    for body in [
        format!(r#"{{"errcode":0,"data":{numbers}}}"#),
        json!({"errcode":0,"data":numbers}).to_string(),
    ] {
        let script = always(&json_response(200, &body));
        let output = patchbay_sdk::operations::invoke::<crate::Dabei>(
            script.host(&settings),
            "org.get",
            r#"{"org_id":"o"}"#,
        );
        // serde_json writes the exponent's sign.
        assert_eq!(output.unwrap().replace("e+", "e"), numbers);
    }
}

#[test]
fn http_failures_keep_the_vendors_words() {
    let refused = |code: Option<&str>, message: &str, status| Refusal {
        code: code.map(str::to_owned),
        message: message.to_owned(),
        http_status: Some(status),
        details: None,
    };
    for (status, body, code, message) in [
        (400, r#"{"errcode":400,"errmsg":"bad"}"#, Some("400"), "bad"),
        (404, "<h1>Not\n found</h1>", None, "HTTP 404: <h1>Not found</h1>"),
        (500, "", None, "HTTP 500 without a body"),
        // Not even a success code makes a success of it.
        (500, r#"{"errcode":0,"errmsg":"success"}"#, Some("0"), "success"),
        (302, "", None, "HTTP 302 without a body"),
    ] {
        assert_eq!(
            answered("task.list", status, body),
            Err(Failure::Rejected(refused(code, message, status)))
        );
    }
}

#[test]
fn too_many_requests_say_how_long_to_wait() {
    let mut response = json_response(429, r#"{"errcode":429,"errmsg":"slow down"}"#);
    response.headers.push(("retry-after".to_owned(), "7".to_owned()));
    match call(&always(&response), &[], "app.list", "{}") {
        Err(Failure::Throttled {
            refusal,
            retry_after_ms,
        }) => {
            assert_eq!(retry_after_ms, Some(7000));
            assert_eq!(refusal.message, "slow down");
            assert_eq!(refusal.code.as_deref(), Some("429"));
        }
        other => panic!("{other:?}"),
    }
}
