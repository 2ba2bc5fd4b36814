mod execute;
mod follow;
mod operations;

use patchbay_sdk::testing::{Script, body, header, json_response};
use patchbay_sdk::transport::TransportError;
use patchbay_sdk::{Failure, Request, Response};
use serde_json::Value;

use crate::JingkunWorkflow;

const SETTINGS: [(&str, &str); 3] = [
    ("base_url", "https://dpa.example:29041/gate"),
    ("client_id", "id"),
    ("client_secret", "secret"),
];

/// A vendor that answers business calls as `business` does.
fn vendor(business: impl Fn(&Request) -> Result<Response, TransportError> + 'static) -> Script {
    Script::new(move |request| {
        if request.url.contains("/oauth/authorize") {
            Ok(json_response(
                200,
                r#"{"code":200,"message":"","data":{"code":"c"}}"#,
            ))
        } else if request.url.contains("/oauth/token") {
            let token = r#"{"code":200,"message":"","data":{"token_type":"Bearer ","access_token":"t"}}"#;
            Ok(json_response(200, token))
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
    patchbay_sdk::operations::invoke::<JingkunWorkflow>(host, operation, &input.to_string())
}

fn invoke(script: &Script, operation: &str, input: &Value) -> Result<String, Failure> {
    invoke_with(script, &[], operation, input)
}

/// What was sent after the login.
fn business(script: &Script) -> Vec<Request> {
    let mut sent = script.sent();
    sent.retain(|request| !request.url.contains("/api/dp/auth/oauth/"));
    sent
}
