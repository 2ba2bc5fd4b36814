//! Connectors: their versions, and the way from one to another.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::json;

use super::answer::{self, Segments, segments};
use crate::app::Service;
use crate::problem::Problem;
use patchbay::Error;
use patchbay::Swapped;

pub(super) fn routes() -> Router<Service> {
    Router::new()
        .route("/v1/connectors", get(list))
        .route("/v1/connectors/{id}/reload", post(reload))
        .route("/v1/connectors/{id}/rollback", post(roll_back))
}

async fn list(State(service): State<Service>) -> Result<Response, Problem> {
    Ok(answer::json(&json!(service.folder()?.status())))
}

async fn reload(State(service): State<Service>, id: Segments<String>) -> Result<Response, Problem> {
    let (id, folder) = (segments(id)?, service.folder()?.clone());
    let under_way = service.begin()?;
    // A task of its own: a client that goes away must not leave a swap half done.
    let reloading = tokio::spawn(async move { under_way.carry(folder.reload(&id)).await });
    match reloading.await {
        Ok(swapped) => answered(swapped),
        Err(error) => {
            tracing::error!("a reload ended with a panic: {error}");
            Err(Problem::panicked())
        }
    }
}

async fn roll_back(State(service): State<Service>, id: Segments<String>) -> Result<Response, Problem> {
    let id = segments(id)?;
    let under_way = service.begin()?;
    let folder = service.folder()?;
    answered(under_way.carry(async { folder.roll_back(&id) }).await)
}

fn answered(swapped: Result<Swapped, Error>) -> Result<Response, Problem> {
    Ok(answer::json(&json!(swapped?)))
}
