//! Bodies of requests, whole, within what bodies may take.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use patchbay::{Error, JsonShape, Kind, Violation};

use super::budget::{BodyBudget, NoRoom, Reserved};
use super::options::ServiceLimits;
use super::problem::Problem;

/// How long a client should wait where there is no room for its body, in milliseconds.
const LATER: u64 = 1000;

/// An input, and the bytes of the budget that it takes.
#[derive(Debug)]
pub(super) struct Input {
    /// JSON, or what should be.
    pub(super) text: String,
    /// Given back when the call has ended.
    _reserved: Reserved,
}

/// Reads a body to its end, within the size, the time and the memory that a client may use; the check of an input
/// builds it. An empty body is an input without parameters.
pub(super) async fn input(body: Body, limits: &ServiceLimits, budget: &BodyBudget) -> Result<Input, Problem> {
    let mut reserved = budget.reserve();
    let bytes = whole(body, limits, &mut reserved).await?;
    if bytes.is_empty() {
        return Ok(Input {
            text: "{}".to_owned(),
            _reserved: reserved,
        });
    }
    let shape = JsonShape::of(&bytes);
    // The text, and the value that is built of it.
    let memory = shape.memory().saturating_add(bytes.len());
    reserved.resize(memory).map_err(|no_room| match no_room {
        NoRoom::Now => busy(limits),
        NoRoom::Ever => Problem::usage(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!(
                "the request's body has {} values, which take up to {memory} bytes of memory, and all bodies together may take {}; send less, or raise bodies in limits under [serve]",
                shape.values, limits.bodies
            ),
        ),
    })?;
    let text = String::from_utf8(bytes.into()).map_err(|error| {
        Error::invalid_input(vec![Violation {
            path: String::new(),
            message: format!("isn't JSON: {}", error.utf8_error()),
        }])
    })?;
    Ok(Input {
        text,
        _reserved: reserved,
    })
}

/// Reads a body to its end. What has come is reserved, not what was announced: who announces much and sends nothing
/// takes nothing.
async fn whole(body: Body, limits: &ServiceLimits, reserved: &mut Reserved) -> Result<Bytes, Problem> {
    let mut body = Limited::new(body, limits.body);
    let read = async {
        let mut whole = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| {
                if error.is::<LengthLimitError>() {
                    too_large(limits)
                } else {
                    Problem::usage(
                        StatusCode::BAD_REQUEST,
                        "the request's body broke off; send it whole",
                    )
                }
            })?;
            if let Ok(data) = frame.into_data() {
                // It grows by doubling.
                let room = (whole.len() + data.len()).saturating_mul(2);
                reserved
                    .resize(room.min(limits.bodies))
                    .map_err(|_| busy(limits))?;
                whole.extend_from_slice(&data);
            }
        }
        Ok(whole.freeze())
    };
    match tokio::time::timeout(limits.request, read).await {
        Ok(read) => read,
        Err(_) => Err(Problem::usage(
            StatusCode::REQUEST_TIMEOUT,
            format!(
                "the request's body didn't arrive within {}; send it faster, or raise request in limits under [serve]",
                humantime::format_duration(limits.request)
            ),
        )),
    }
}

/// The bodies of other requests take all the room that there is.
fn busy(limits: &ServiceLimits) -> Problem {
    let message = format!(
        "the bodies of other requests and responses take up the {} bytes that all may take together; send it again in a moment, or raise bodies in limits under [serve]",
        limits.bodies
    );
    let mut error = Error::new(Kind::Unavailable, message).sent(false);
    error.retry_after_ms = Some(LATER);
    error.into()
}

/// The body is larger than it may be.
pub(super) fn too_large(limits: &ServiceLimits) -> Problem {
    Problem::usage(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!(
            "the request's body has more than {} bytes; send less, or raise body in limits under [serve]",
            limits.body
        ),
    )
}
