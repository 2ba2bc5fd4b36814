//! What the routes have in common: results out, names in.

use axum::body::Body;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use crate::problem::Problem;

/// A result.
pub(super) fn json(value: &Value) -> Response {
    text(value.to_string())
}

/// A result that is JSON text already.
pub(super) fn text(json: impl Into<Body>) -> Response {
    ([(CONTENT_TYPE, "application/json")], json.into()).into_response()
}

/// What a route has in braces, percent-decoded.
pub(super) type Segments<T> = Result<Path<T>, PathRejection>;

/// The same, where it could be decoded.
pub(super) fn segments<T>(segments: Segments<T>) -> Result<T, Problem> {
    match segments {
        Ok(Path(segments)) => Ok(segments),
        Err(_) => Err(Problem::usage(
            StatusCode::BAD_REQUEST,
            "the path isn't UTF-8 when it is percent-decoded; encode names as UTF-8",
        )),
    }
}
