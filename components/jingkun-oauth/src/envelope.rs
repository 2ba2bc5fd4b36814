//! The envelope `{code, message, data}` and its codes (the table at the end of both documents).

use patchbay_sdk::mask::MASK;
use patchbay_sdk::{Envelope, Failure, Payload, Refusal, Response};
use serde_json::Value;

use crate::codes::CODES;

/// The envelope. The table of codes doesn't say whether they are HTTP statuses or members of the body;
/// both count.
const ENVELOPE: Envelope = Envelope {
    shape: "{code, message, data}",
    code: "code",
    message: "message",
    payload: "data",
    success: "200",
    codes: CODES,
    refused: &[401, 403],
};
/// What means wrong credentials where it answers a login: its parameters are nothing but credentials, so
/// besides 998 (no such user), parameters that aren't valid (400) and business exceptions (999) mean them.
/// 404, 500, 503 and 997 are the platform's own troubles.
const LOGIN_REFUSED: [&str; 5] = ["400", "401", "403", "998", "999"];

/// Opens the envelope.
pub(crate) fn open(response: Response, now_ms: u64) -> Result<Payload, Failure> {
    ENVELOPE.open(response, now_ms).map_err(|failure| match failure {
        // Authentication failed: only 403 is in the table; gateways say 401.
        Failure::Rejected(refusal) if has_code(&refusal, &["401"]) => Failure::Unauthorized(refusal),
        failure => failure,
    })
}

/// What a failed login means.
pub(crate) fn login_failure(failure: Failure) -> Failure {
    match failure {
        Failure::Rejected(refusal)
            if has_code(&refusal, &LOGIN_REFUSED)
                || refusal.code.is_none() && refusal.http_status == Some(400) =>
        {
            Failure::Unauthorized(refusal)
        }
        failure => failure,
    }
}

/// The same failure without `secret`, in case the vendor quotes what it was sent.
pub(crate) fn conceal(mut failure: Failure, secret: &str) -> Failure {
    if let Failure::Rejected(refusal) | Failure::Unauthorized(refusal) | Failure::Throttled { refusal, .. } =
        &mut failure
    {
        refusal.message = refusal.message.replace(secret, MASK);
        if let Some(details) = &mut refusal.details {
            conceal_value(details, secret);
        }
    } else if let Failure::Unreachable(interruption) | Failure::Timeout(interruption) = &mut failure {
        interruption.message = interruption.message.replace(secret, MASK);
    }
    failure
}

fn conceal_value(value: &mut Value, secret: &str) {
    match value {
        Value::String(text) => *text = text.replace(secret, MASK),
        Value::Array(items) => items.iter_mut().for_each(|item| conceal_value(item, secret)),
        Value::Object(members) => members
            .values_mut()
            .for_each(|member| conceal_value(member, secret)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn has_code(refusal: &Refusal, codes: &[&str]) -> bool {
    refusal.code.as_deref().is_some_and(|code| codes.contains(&code))
}
