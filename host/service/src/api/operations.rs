//! Calls.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt, Full};
use tracing::Instrument;

use super::answer::{self, Segments, parameters, segments, versioned};
use super::walk::{Walk, walk};
use crate::app::Service;
use crate::body::{self, Input};
use crate::budget::BodyBudget;
use crate::problem::Problem;
use patchbay::CallId;
use patchbay::Connection;
use patchbay::{Call, Outcome};
use patchbay::{Error, Limits};
use serde_json::value::RawValue;

/// Shortens the deadline of one call: `5s`.
const DEADLINE: &str = "x-deadline";
/// In the query: whether every page of a list is asked for.
const ALL: &str = "all";

pub(super) fn routes() -> Router<Service> {
    Router::new().route(
        "/v1/connections/{connection}/operations/{operation}",
        post(invoke),
    )
}

async fn invoke(
    State(service): State<Service>,
    path: Segments<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    let (connection, operation) = segments(path)?;
    let at = |error: Error| Problem::from(error.at(&connection, &operation));
    let called = service.connection(&connection).map_err(at)?;
    let all = all(&request)?;
    let under_way = service.begin().map_err(at)?;
    let id = request.extensions().get().copied().unwrap_or_else(CallId::new);
    let deadline = deadline(request.headers(), called.limits().deadline).map_err(at)?;
    let input = body::input(request.into_body(), service.limits(), service.bodies());
    let input = input
        .await
        .map_err(|problem| problem.at(&connection, &operation))?;
    if all {
        let list = Walk {
            connection: called,
            operation,
            input,
            deadline,
            id,
        };
        return walk(&service, under_way, list).await;
    }
    // A task of its own: a client that goes away must not cut a write in the middle.
    let (name, id_of_operation) = (connection.clone(), operation.clone());
    let call = under_way.carry(call(called, operation, input, deadline, id));
    match tokio::spawn(call.in_current_span()).await {
        Ok(Ok(outcome)) => Ok(answered(outcome, service.bodies())),
        Ok(Err(cut)) => Err(cut.sent(sent(&service, id)).at(&name, &id_of_operation).into()),
        Err(error) => {
            tracing::error!(call_id = %id, "a call ended with a panic: {error}");
            Err(Problem::panicked_in_call(sent(&service, id)))
        }
    }
}

/// Whether a request of a call that was cut may have reached the vendor. A call that had begun has left a record.
fn sent(service: &Service, id: CallId) -> bool {
    let record = service.host().call(id);
    record.is_some_and(|record| record.request_sent)
}

async fn call(
    connection: Connection,
    operation: String,
    input: Input,
    deadline: Duration,
    id: CallId,
) -> Result<Outcome<Box<RawValue>>, Error> {
    let call = Call {
        id,
        operation: &operation,
        input: &*input.text,
        deadline: Some(deadline),
    };
    let outcome = connection.call_text(call).await;
    // The input takes its bytes until here.
    drop(input);
    Ok(outcome)
}

/// The output or the problem, with the version that it comes from.
fn answered(outcome: Outcome<Box<RawValue>>, bodies: &BodyBudget) -> Response {
    let response = match outcome.result {
        Ok(output) => {
            let output = String::from(Box::<str>::from(output));
            let counted = bodies.count(output.len());
            // It counts until the client has taken it.
            answer::text(Body::new(Full::from(output).map_frame(move |frame| {
                let _ = &counted;
                frame
            })))
        }
        Err(error) => Problem::from(error).into_response(),
    };
    versioned(response, &outcome.record.version)
}

/// Whether the query asks for every page.
fn all(request: &Request) -> Result<bool, Problem> {
    let parameters = parameters(request.uri(), &[ALL])?;
    match parameters.get(ALL).map(String::as_str) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => {
            let message = format!("{ALL} must be true or false, and is {other:?}");
            Err(Problem::usage(StatusCode::BAD_REQUEST, message))
        }
    }
}

/// The connection's deadline, or what is shorter in the request.
fn deadline(headers: &HeaderMap, most: Duration) -> Result<Duration, Error> {
    let Some(value) = headers.get(DEADLINE) else {
        return Ok(most);
    };
    let text = String::from_utf8_lossy(value.as_bytes());
    let asked = Limits::parse_deadline(&text)
        .map_err(|error| Error::usage(format!("the header {DEADLINE}: {error}")))?;
    Ok(asked.min(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_shortened_and_never_lengthened() {
        let most = Duration::from_secs(10);
        let given = |text: &'static str| {
            let headers = [(DEADLINE, text)].map(|(name, value)| {
                (
                    http::HeaderName::from_static(name),
                    http::HeaderValue::from_static(value),
                )
            });
            deadline(&headers.into_iter().collect(), most)
        };
        assert_eq!(deadline(&HeaderMap::new(), most), Ok(most));
        assert_eq!(given("5s"), Ok(Duration::from_secs(5)));
        assert_eq!(given("1h"), Ok(most));
        for text in ["", "soon", "0s", "-1s", "5"] {
            let error = given(text).unwrap_err();
            assert_eq!(error.kind, patchbay::Kind::Usage);
            assert!(error.message.contains("x-deadline"), "{error:?}");
        }
    }
}
