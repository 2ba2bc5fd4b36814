//! Tests of the whole connector, with a script in place of the vendor.

use patchbay_sdk::Failure;
use patchbay_sdk::operations::invoke;
use patchbay_sdk::testing::{Script, json_response};
use patchbay_sdk::transport::{Request, Response};

use crate::WorkOrder;

mod authentication;
mod envelope;
mod hostile;
mod requests;
mod responses;
mod schemas;

const BASE_URL: &str = "https://gateway.example/bus/apaas";

/// A service, as most connections will be.
const SERVICE: &[(&str, &str)] = &[
    ("base_url", BASE_URL),
    ("request_type", "service"),
    ("server_id", "the-service"),
    ("secret_key", "the-secret"),
    ("access_token", "the-token"),
];

/// An application.
const APP: &[(&str, &str)] = &[
    ("base_url", BASE_URL),
    ("request_type", "app"),
    ("app_id", "the-app"),
    ("secret_key", "the-secret"),
    ("access_token", "the-token"),
];

/// Lets a connection carry out one operation, and the vendor give one answer. What was sent, and what
/// came out.
fn exchange(
    settings: &[(&str, &str)],
    answer: Response,
    operation: &str,
    input: &str,
) -> (Vec<Request>, Result<String, Failure>) {
    let script = Script::new(move |_| Ok(answer.clone()));
    let output = invoke::<WorkOrder>(script.host(settings), operation, input);
    (script.sent(), output)
}

/// The request of an operation that succeeds.
fn request(settings: &[(&str, &str)], operation: &str, input: &str) -> Request {
    let answer = json_response(200, r#"{"code":200,"msg":"ok"}"#);
    let (mut sent, output) = exchange(settings, answer, operation, input);
    assert!(output.is_ok(), "{operation}: {output:?}");
    assert_eq!(sent.len(), 1, "{operation}");
    sent.remove(0)
}

/// What an operation makes of an answer.
fn output(operation: &str, input: &str, answer: Response) -> Result<String, Failure> {
    exchange(SERVICE, answer, operation, input).1
}

/// The settings without one of them, and with others in addition.
fn changed<'a>(
    settings: &[(&'a str, &'a str)],
    without: &str,
    with: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let kept = settings.iter().copied().filter(|(name, _)| *name != without);
    kept.chain(with.iter().copied()).collect()
}
