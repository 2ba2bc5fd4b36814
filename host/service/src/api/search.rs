//! Operations, found by words.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use http::{StatusCode, Uri};
use patchbay::{Connector, Query, search};
use serde_json::json;

use super::answer::{self, parameters};
use crate::app::Service;
use crate::problem::Problem;

pub(super) fn routes() -> Router<Service> {
    Router::new().route("/v1/operations", get(find))
}

async fn find(State(service): State<Service>, uri: Uri) -> Result<Response, Problem> {
    let asked = parameters(&uri, &["search", "connection"])?;
    let text = asked.get("search").map_or("", String::as_str);
    let query = Query::new(text)
        .map_err(|error| Problem::usage(StatusCode::BAD_REQUEST, format!("search: {error}")))?;
    let connections = match asked.get("connection") {
        Some(name) => vec![service.connection(name)?],
        None => service.connections().values().cloned().collect(),
    };
    let targets: Vec<(&str, Arc<Connector>)> = connections
        .iter()
        .map(|connection| (connection.name(), connection.connector()))
        .collect();
    let targets = targets
        .iter()
        .map(|(name, connector)| (*name, connector.catalog()));
    Ok(answer::json(&json!(search(&query, targets))))
}
