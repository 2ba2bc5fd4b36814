//! The envelope `{code, message, data}` and its codes (the table at the end of both documents).

use patchbay_sdk::answer::{json, refusal, status_failure, text};
use patchbay_sdk::session::CallError;
use patchbay_sdk::{Failure, Refusal, Response};
use serde_json::Value;

/// Everything else is a failure.
const SUCCESS: &str = "200";
/// Authentication failed. Only 403 is in the table; gateways say 401.
const UNAUTHORIZED: [&str; 2] = ["401", "403"];
/// What means wrong credentials where it answers a login: its parameters are nothing but credentials, so
/// besides 998 (no such user), parameters that aren't valid (400) and business exceptions (999) mean them.
/// 404, 500, 503 and 997 are the platform's own troubles.
const LOGIN_REFUSED: [&str; 5] = ["400", "401", "403", "998", "999"];

/// Opens the envelope. The table of codes doesn't say whether they are HTTP statuses or members of the
/// body; both count.
pub(crate) fn open(response: &Response, now_ms: u64) -> Result<Value, CallError> {
    if !(200..300).contains(&response.status) {
        let refusal = refusal(response, "code", "message");
        let refused = matches!(response.status, 401 | 403) || has_code(&refusal, &UNAUTHORIZED);
        return Err(if refused && response.status != 429 {
            CallError::Refused(refusal)
        } else {
            CallError::Failed(status_failure(response, refusal, now_ms))
        });
    }
    let Value::Object(mut envelope) = json(response)? else {
        return Err(Failure::malformed(
            "the vendor's answer isn't the documented envelope {code, message, data}",
            response.status,
        )
        .into());
    };
    let Some(code) = text(&envelope, "code") else {
        return Err(Failure::malformed("the vendor's answer has no code", response.status).into());
    };
    if code == SUCCESS {
        return Ok(envelope.shift_remove("data").unwrap_or(Value::Null));
    }
    let message = text(&envelope, "message").filter(|message| !message.is_empty());
    let refusal = Refusal {
        message: message.unwrap_or_else(|| format!("code {code} without a message")),
        code: Some(code),
        http_status: Some(response.status),
    };
    Err(if has_code(&refusal, &UNAUTHORIZED) {
        CallError::Refused(refusal)
    } else {
        CallError::Failed(Failure::Rejected(refusal))
    })
}

/// What a failed login means.
pub(crate) fn login_failure(error: CallError) -> Failure {
    match error {
        CallError::Refused(refusal) => Failure::Unauthorized(refusal),
        CallError::Failed(Failure::Rejected(refusal))
            if has_code(&refusal, &LOGIN_REFUSED)
                || refusal.code.is_none() && refusal.http_status == Some(400) =>
        {
            Failure::Unauthorized(refusal)
        }
        CallError::Failed(failure) => failure,
    }
}

/// The same failure without `secret`, in case the vendor quotes what it was sent.
pub(crate) fn conceal(error: CallError, secret: &str) -> CallError {
    let concealed = |refusal: Refusal| Refusal {
        message: refusal.message.replace(secret, patchbay_sdk::answer::MASK),
        ..refusal
    };
    match error {
        CallError::Refused(refusal) => CallError::Refused(concealed(refusal)),
        CallError::Failed(Failure::Rejected(refusal)) => Failure::Rejected(concealed(refusal)).into(),
        CallError::Failed(Failure::Throttled {
            refusal,
            retry_after_ms,
        }) => Failure::Throttled {
            refusal: concealed(refusal),
            retry_after_ms,
        }
        .into(),
        CallError::Failed(failure) => failure.into(),
    }
}

fn has_code(refusal: &Refusal, codes: &[&str]) -> bool {
    refusal.code.as_deref().is_some_and(|code| codes.contains(&code))
}
