//! What the routes have in common: results out, names and parameters in.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, StatusCode, Uri};
use serde_json::Value;

use crate::problem::Problem;

/// The version of the connector that served a call.
const VERSION: HeaderName = HeaderName::from_static("x-connector-version");

/// A response, with the version of the connector that it comes from.
pub(super) fn versioned(mut response: Response, version: &str) -> Response {
    if let Ok(version) = HeaderValue::from_str(version) {
        response.headers_mut().insert(VERSION, version);
    }
    response
}

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

/// The parameters of a query, each of which must be among `known` and there once at most.
pub(super) fn parameters(uri: &Uri, known: &[&str]) -> Result<BTreeMap<String, String>, Problem> {
    let mut parameters = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        if !known.contains(&name.as_ref()) {
            let message = format!(
                "the query has the parameter {name:?}; known are {}",
                known.join(", ")
            );
            return Err(Problem::usage(StatusCode::BAD_REQUEST, message));
        }
        if parameters.insert(name.to_string(), value.into_owned()).is_some() {
            let message = format!("the query has the parameter {name:?} twice; give it once");
            return Err(Problem::usage(StatusCode::BAD_REQUEST, message));
        }
    }
    Ok(parameters)
}
