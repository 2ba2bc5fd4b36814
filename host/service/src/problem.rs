//! Failures as `application/problem+json` (RFC 9457), with the fields of the error object.

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value};

use patchbay::{Error, Kind};

/// How long a message is at most, in bytes.
const MESSAGE: usize = 4 << 10;
/// How long the name of a connection or an operation is at most, in bytes. None that there is, is longer.
const NAME: usize = 256;

/// A failure, on its way to the caller.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    error: Error,
}

impl Problem {
    /// Wrong usage of HTTP, which has a status of its own.
    pub(crate) fn usage(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            error: Error::usage(message),
        }
    }

    /// The same, on this connection and in this operation.
    pub(crate) fn at(self, connection: &str, operation: &str) -> Self {
        Self {
            error: self.error.at(connection, operation),
            ..self
        }
    }

    /// The host itself failed.
    pub(crate) fn panicked() -> Self {
        panicked().into()
    }

    /// The host itself failed in a call, of which the vendor may have received a request.
    pub(crate) fn panicked_in_call(request_sent: bool) -> Self {
        panicked().sent(request_sent).into()
    }
}

fn panicked() -> Error {
    Error::new(
        Kind::Trapped,
        "the host failed while it worked on this request, which is a mistake in it; the log has more, under the id in x-call-id",
    )
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let status = StatusCode::from_u16(error.kind.http_status());
        Self {
            status: status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            error,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self { status, mut error } = self;
        // Each may repeat what a client has sent.
        cut(&mut error.message, MESSAGE);
        for name in error.connection.iter_mut().chain(&mut error.operation) {
            cut(name, NAME);
        }
        let mut body = Map::new();
        let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
        put("type", format!("urn:patchbay:{}", error.kind.as_str()).into());
        put("title", error.kind.headline().into());
        put("status", status.as_u16().into());
        put("detail", error.message.as_str().into());
        if let Ok(Value::Object(fields)) = serde_json::to_value(&error) {
            body.extend(fields);
        }
        let mut response = (status, Value::Object(body).to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(wait) = error.retry_after_ms {
            headers.insert(RETRY_AFTER, HeaderValue::from(wait.div_ceil(1000)));
        }
        if error.kind == Kind::Unauthenticated {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// Cuts a text that is longer than `most` bytes, and says how long it was.
fn cut(text: &mut String, most: usize) {
    let length = text.len();
    if length > most {
        text.truncate(text.floor_char_boundary(most));
        text.extend(["… (", &length.to_string(), " bytes in all)"]);
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn what_a_client_has_sent_is_not_repeated_whole() {
        let long = "ü".repeat(50_000);
        let error = Error::usage(format!("there is nothing at {long}")).at(&long, &long);
        let response = Problem::from(error).into_response();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert!(body.len() < 10_000, "{} bytes", body.len());
        let body: Value = serde_json::from_slice(&body).unwrap();
        for field in ["detail", "message", "connection", "operation"] {
            let text = body[field].as_str().unwrap();
            assert!(text.ends_with("bytes in all)"), "{field}: {text}");
        }
    }

    #[test]
    fn the_time_to_wait_is_rounded_up() {
        for (wait, seconds) in [(1, "1"), (1000, "1"), (1001, "2")] {
            let mut error = Error::new(Kind::Throttled, "slower");
            error.retry_after_ms = Some(wait);
            let response = Problem::from(error).into_response();
            assert_eq!(response.headers()[RETRY_AFTER], seconds, "{wait} ms");
        }
    }
}
