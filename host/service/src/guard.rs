//! What is refused by its head, before anything else is looked at.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_LENGTH;
use http::{Request as HttpRequest, StatusCode};

use super::app::Service;
use super::body::too_large;
use super::options::ServiceLimits;
use super::problem::Problem;

/// What a header field takes besides its name and value: `: ` and the line end.
const FRAME: usize = 4;

/// Refuses what is too large.
pub(super) async fn sizes(State(service): State<Service>, request: Request, next: Next) -> Response {
    match check(&request, service.limits()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

fn check<B>(request: &HttpRequest<B>, limits: &ServiceLimits) -> Result<(), Problem> {
    let target = request
        .uri()
        .path_and_query()
        .map_or(0, |target| target.as_str().len());
    let fields = request.headers().iter();
    let fields = fields.map(|(name, value)| name.as_str().len() + value.len() + FRAME);
    if target + fields.sum::<usize>() > limits.headers {
        return Err(Problem::usage(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            format!(
                "the request's head has more than {} bytes; send less, or raise headers in limits under [serve]",
                limits.headers
            ),
        ));
    }
    // Without it the body is counted while it is read.
    let announced = request.headers().get(CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limits.body as u64) {
        return Err(too_large(limits));
    }
    Ok(())
}
