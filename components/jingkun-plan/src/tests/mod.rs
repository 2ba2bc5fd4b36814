mod operations;
mod run;

use patchbay_sdk::Failure;
use patchbay_sdk::testing::{Script, json_response};
use serde_json::Value;

use crate::JingkunPlan;

const SETTINGS: [(&str, &str); 3] = [
    ("base_url", "https://dpa.example:29041"),
    ("client_id", "id"),
    ("client_secret", "secret"),
];

/// A vendor that answers business calls with this body.
fn vendor(body: &str) -> Script {
    let body = body.to_owned();
    Script::new(move |request| {
        Ok(if request.url.contains("/oauth/authorize") {
            json_response(200, r#"{"code":200,"message":"","data":{"code":"c"}}"#)
        } else if request.url.contains("/oauth/token") {
            let token = r#"{"code":200,"message":"","data":{"token_type":"Bearer","access_token":"t"}}"#;
            json_response(200, token)
        } else {
            json_response(200, &body)
        })
    })
}

fn invoke_with(
    script: &Script,
    settings: &[(&str, &str)],
    operation: &str,
    input: &Value,
) -> Result<String, Failure> {
    patchbay_sdk::operations::invoke::<JingkunPlan>(script.host(settings), operation, &input.to_string())
}
