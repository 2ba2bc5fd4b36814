//! The configuration, read again.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use serde_json::json;

use super::answer;
use crate::app::Service;
use crate::problem::Problem;

pub(super) fn routes() -> Router<Service> {
    Router::new().route("/v1/reload", post(reload))
}

async fn reload(State(service): State<Service>) -> Result<Response, Problem> {
    let under_way = service.begin()?;
    // A task of its own: a client that goes away must not leave a reload half done.
    let reloading = tokio::spawn(async move { under_way.carry(service.reload()).await });
    match reloading.await {
        Ok(changes) => Ok(answer::json(&json!(changes?))),
        Err(error) => {
            tracing::error!("a reload ended with a panic: {error}");
            Err(Problem::panicked())
        }
    }
}
