//! The simulator's own paths, under `/__simulator/`, unsigned:
//!
//! | request | what it does |
//! | --- | --- |
//! | `POST faults` | puts a fault in force, as [`crate::fault`] reads it |
//! | `DELETE faults` | lifts every fault |
//! | `GET requests` | what was received |
//! | `DELETE requests` | forgets it |
//! | `POST expire-tokens` | ends the access tokens; `{"refresh": true}` the refresh tokens too |
//! | `GET state` | what the vendor holds, and the counters |

use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::fault;
use crate::lock;
use crate::record::Recorded;
use crate::server::Shared;
use crate::vendor::{Answer, Vendor};

pub(crate) fn handle<V: Vendor>(shared: &Shared<V>, method: &Method, command: &str, body: &Bytes) -> Answer {
    match run(shared, method, command, body) {
        Ok(value) => Answer::json(StatusCode::OK, &value),
        Err((status, error)) => Answer::json(status, &json!({"error": error})),
    }
}

fn run<V: Vendor>(
    shared: &Shared<V>,
    method: &Method,
    command: &str,
    body: &Bytes,
) -> Result<Value, (StatusCode, String)> {
    let input: Value = if body.is_empty() {
        json!({})
    } else {
        serde_json::from_slice(body)
            .map_err(|error| (StatusCode::BAD_REQUEST, format!("not JSON: {error}")))?
    };
    match (method.as_str(), command) {
        ("POST", "faults") => {
            let (on, fault, times) = fault::read(&input).map_err(|error| (StatusCode::BAD_REQUEST, error))?;
            lock(&shared.faults).arm(on, fault, times);
        }
        ("DELETE", "faults") => lock(&shared.faults).clear(),
        ("GET", "requests") => {
            let requests = lock(&shared.recorder).requests();
            return Ok(requests.iter().map(Recorded::describe).collect());
        }
        ("DELETE", "requests") => lock(&shared.recorder).clear(),
        ("POST", "expire-tokens") => {
            if input.get("refresh").and_then(Value::as_bool) == Some(true) {
                shared.vendor.revoke_all();
            } else {
                shared.vendor.expire_tokens();
            }
        }
        ("GET", "state") => {
            let counters = lock(&shared.recorder).describe();
            return Ok(json!({"counters": counters, "state": shared.vendor.state()}));
        }
        _ => {
            let error = format!("the simulator has no {method} {command}");
            return Err((StatusCode::NOT_FOUND, error));
        }
    }
    Ok(json!({"done": true}))
}
