mod examples;
mod forms;
mod inputs;
mod manifest;
mod secrets;
mod wait;

use patchbay_sdk::testing::{Script, body, header, json_response};
use patchbay_sdk::transport::TransportError;
use patchbay_sdk::{Failure, Request, Response};
use serde_json::Value;

use crate::IsearchRpa;

type Answer = Result<Response, TransportError>;

const SETTINGS: [(&str, &str); 3] = [
    ("base_url", "https://rpa.example"),
    ("access_key", "k"),
    ("secret_key", "s"),
];
const DONE: &str = r#"{"code":0,"msg":"操作成功"}"#;

/// A vendor that answers business calls as `business` does.
fn vendor(business: impl Fn(&Request) -> Answer + 'static) -> Script {
    Script::new(move |request| {
        if request.url.contains("/oapi/v1/token?") {
            let session = r#"{"code":0,"msg":"操作成功","result":{"access_token":"t","refresh_token":"r","expires_in":1799999}}"#;
            Ok(json_response(200, session))
        } else {
            business(request)
        }
    })
}

/// A vendor that answers every business call with this body.
fn answering(body: &str) -> Script {
    let body = body.to_owned();
    vendor(move |_| Ok(json_response(200, &body)))
}

fn invoke_with(
    script: &Script,
    settings: &[(&str, &str)],
    operation: &str,
    input: &Value,
) -> Result<String, Failure> {
    let host = script.host(&[&SETTINGS, settings].concat());
    patchbay_sdk::operations::invoke::<IsearchRpa>(host, operation, &input.to_string())
}

fn invoke(script: &Script, operation: &str, input: &Value) -> Result<String, Failure> {
    invoke_with(script, &[], operation, input)
}

/// What was sent besides logins.
fn business(script: &Script) -> Vec<Request> {
    let mut sent = script.sent();
    sent.retain(|request| !request.url.contains("/oapi/v1/token?"));
    sent
}
