//! An id for each request: in its extensions, in the log, and in its response.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use patchbay::CallId;
use tracing::Instrument;

const HEADER: HeaderName = HeaderName::from_static("x-call-id");

/// What stands in the extensions of a response to a request that ended with a panic.
#[derive(Debug, Clone, Copy)]
pub(super) struct Panicked;

/// Gives the request an id. The span is for debugging: making one takes longer than to log a call. Nothing else of the
/// request goes into it: a path may hold a secret.
pub(super) async fn give(mut request: Request, next: Next) -> Response {
    let id = CallId::new();
    request.extensions_mut().insert(id);
    let span = tracing::debug_span!("request", call_id = %id);
    let mut response = next.run(request).instrument(span).await;
    if response.extensions().get::<Panicked>().is_some() {
        // The panic itself has been printed, where the process prints panics.
        tracing::error!(call_id = %id, "a request ended with a panic");
    }
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}
