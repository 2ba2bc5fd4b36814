//! Whole bodies of requests.

use axum::body::Body;
use bytes::Bytes;
use http::StatusCode;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::options::ServiceLimits;
use super::problem::Problem;

/// Reads a body to its end, within the size and the time that a client may use.
pub(super) async fn whole(body: Body, limits: &ServiceLimits) -> Result<Bytes, Problem> {
    let read = Limited::new(body, limits.body).collect();
    match tokio::time::timeout(limits.request, read).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large(limits)),
        Ok(Err(_)) => Err(Problem::usage(
            StatusCode::BAD_REQUEST,
            "the request's body broke off; send it whole",
        )),
        Err(_) => Err(Problem::usage(
            StatusCode::REQUEST_TIMEOUT,
            format!(
                "the request's body didn't arrive within {}; send it faster, or raise request in limits under [serve]",
                humantime::format_duration(limits.request)
            ),
        )),
    }
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
