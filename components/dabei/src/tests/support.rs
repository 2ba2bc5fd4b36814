//! What the tests share.

use patchbay_sdk::testing::{Script, json_response};
use patchbay_sdk::{Failure, Request, Response, operations};
use serde_json::Value;

use crate::Dabei;

pub(super) const BASE_URL: (&str, &str) = ("base_url", "https://dabei.example/open");

/// A vendor that says yes to everything.
pub(super) fn yes() -> Script {
    Script::new(|_| Ok(json_response(200, r#"{"errcode":0,"errmsg":"success"}"#)))
}

/// A vendor that always gives this answer.
pub(super) fn always(response: &Response) -> Script {
    let response = response.clone();
    Script::new(move |_| Ok(response.clone()))
}

/// Calls an operation with `base_url` and these settings.
pub(super) fn call(
    script: &Script,
    settings: &[(&str, &str)],
    operation: &str,
    input: &str,
) -> Result<Value, Failure> {
    let settings: Vec<_> = [BASE_URL].iter().chain(settings).copied().collect();
    operations::invoke::<Dabei>(script.host(&settings), operation, input)
        .map(|output| serde_json::from_str(&output).unwrap())
}

/// The one request that a successful call sends.
pub(super) fn sent(settings: &[(&str, &str)], operation: &str, input: &str) -> Request {
    let script = yes();
    call(&script, settings, operation, input).unwrap();
    let requests = script.sent();
    assert_eq!(requests.len(), 1, "{operation} sends one request");
    requests[0].clone()
}

/// What a call gives that the vendor answers like this, with everything set that any call needs.
pub(super) fn answered(operation: &str, status: u16, body: &str) -> Result<Value, Failure> {
    let settings = [("client_id", "patchbay"), ("client_secret", "hunter2")];
    let input = match operation {
        "oauth-user.get" => r#"{"code":"c"}"#,
        "app.list" | "org.list" => "{}",
        "org.get" | "user.list" => r#"{"org_id":"o"}"#,
        "user.get" => r#"{"user_id":"u"}"#,
        "form.list" => r#"{"app_id":"a"}"#,
        "form-field.list" => r#"{"app_id":"a","form_id":"f"}"#,
        "record.create" | "record.list" => r#"{"app_id":"a","form_id":"f","user_id":"u"}"#,
        _ => r#"{"app_id":"a","form_id":"f","record_id":"r","user_id":"u"}"#,
    };
    call(&always(&json_response(status, body)), &settings, operation, input)
}

/// What a request carries in its body.
pub(super) fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}
