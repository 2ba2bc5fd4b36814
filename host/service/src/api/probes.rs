//! Whether the process lives, and whether it takes calls.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde_json::json;

use super::answer;
use crate::service::app::Service;
use crate::service::problem::Problem;

const HEALTH: &str = "/healthz";
const READY: &str = "/readyz";

/// What anybody may ask.
pub(in crate::service) const PROBES: [&str; 2] = [HEALTH, READY];

pub(super) fn routes() -> Router<Service> {
    Router::new().route(HEALTH, get(health)).route(READY, get(ready))
}

async fn health() -> Response {
    answer::json(&json!({ "status": "ok" }))
}

async fn ready(State(service): State<Service>) -> Result<Response, Problem> {
    service.calls().ready()?;
    Ok(answer::json(&json!({ "status": "ready" })))
}
