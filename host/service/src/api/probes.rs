//! Whether the process lives, and whether it takes calls.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde_json::json;

use super::answer;
use crate::app::Service;
use crate::problem::Problem;

const HEALTH: &str = "/healthz";
const READY: &str = "/readyz";

/// What can be asked without a token.
pub(crate) const PROBES: [&str; 2] = [HEALTH, READY];

pub(super) fn routes() -> Router<Service> {
    Router::new().route(HEALTH, get(health)).route(READY, get(ready))
}

async fn health() -> Response {
    answer::json(&json!({ "status": "ok" }))
}

async fn ready(State(service): State<Service>) -> Result<Response, Problem> {
    service.draining().ready()?;
    Ok(answer::json(&json!({ "status": "ready" })))
}
