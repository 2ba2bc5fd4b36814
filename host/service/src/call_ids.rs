//! An id for each request: in its extensions, in the log, and in its response.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};
use patchbay::CallId;
use tracing::Instrument;

const HEADER: HeaderName = HeaderName::from_static("x-call-id");

/// Gives the request an id. Nothing else of it goes into the span: a path may hold a secret.
pub(super) async fn give(mut request: Request, next: Next) -> Response {
    let id = CallId::new();
    request.extensions_mut().insert(id);
    let span = tracing::info_span!("request", call_id = %id);
    let mut response = next.run(request).instrument(span).await;
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}
