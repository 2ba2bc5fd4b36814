//! What there is to call.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use serde::Serialize;
use serde_json::{Value, json};

use super::answer::{self, Segments, segments};
use crate::app::Service;
use crate::problem::Problem;
use patchbay::Connection;
use patchbay::manifest::Manifest;

pub(super) fn routes() -> Router<Service> {
    Router::new()
        .route("/v1/connections", get(list))
        .route("/v1/connections/{connection}", get(describe))
}

async fn list(State(service): State<Service>) -> Response {
    let connections: Vec<Value> = service.connections().values().map(summary).collect();
    answer::json(&json!({ "connections": connections }))
}

fn summary(connection: &Connection) -> Value {
    let connector = connection.connector();
    let manifest = connector.manifest();
    let operations = manifest.operations.iter().map(|operation| operation.id.as_str());
    json!({
        "name": connection.name(),
        "connector": manifest.id,
        "vendor": manifest.vendor,
        "summary": manifest.summary,
        "version": manifest.version,
        "operations": operations.collect::<Vec<_>>(),
    })
}

/// A connection: its own name and what it may use, and the manifest of its connector.
#[derive(Serialize)]
struct Described<'a> {
    name: &'a str,
    #[serde(flatten)]
    manifest: &'a Manifest,
    deadline_ms: u64,
    limits: Value,
    origins: Vec<String>,
}

async fn describe(State(service): State<Service>, connection: Segments<String>) -> Result<Response, Problem> {
    let connection = service.connection(&segments(connection)?)?;
    let connector = connection.connector();
    let limits = connection.limits();
    let origins = connection.policy().allowed().iter();
    let described = Described {
        name: connection.name(),
        manifest: connector.manifest(),
        deadline_ms: u64::try_from(limits.deadline.as_millis()).unwrap_or(u64::MAX),
        limits: json!({
            "memory": limits.memory,
            "concurrency": limits.concurrency,
            "queue": limits.queue,
            "response": limits.response,
        }),
        origins: origins.map(ToString::to_string).collect(),
    };
    Ok(answer::json(&json!(described)))
}
