//! What happened: the record of one call, and the metrics of all.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::json;

use super::answer::{self, Segments, segments};
use crate::app::Service;
use crate::metrics::MEDIA_TYPE;
use crate::problem::Problem;
use patchbay::CallId;

pub(super) fn routes() -> Router<Service> {
    Router::new()
        .route("/v1/calls/{id}", get(explain))
        .route("/metrics", get(metrics))
}

/// The record, with the same in plain words as its `explanation`.
async fn explain(State(service): State<Service>, id: Segments<String>) -> Result<Response, Problem> {
    let id: CallId = segments(id)?.parse().map_err(|error: patchbay::InvalidCallId| {
        Problem::usage(StatusCode::BAD_REQUEST, error.to_string())
    })?;
    let record = service.host().call(id).ok_or_else(|| {
        Problem::usage(
            StatusCode::NOT_FOUND,
            format!(
                "there is no record of a call {id}: it is too long ago, was another process's, or never came to a call; the log has what was refused before"
            ),
        )
    })?;
    let mut answer = json!(*record);
    answer["outcome"] = record.outcome().into();
    answer["explanation"] = record.explain().into();
    Ok(answer::json(&answer))
}

async fn metrics(State(service): State<Service>) -> Response {
    ([(CONTENT_TYPE, MEDIA_TYPE)], service.metrics().encode()).into_response()
}
