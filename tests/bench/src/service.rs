//! What a service does without Patchbay: axum in front, reqwest behind.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::Failed;
use crate::native::Native;
use crate::process;
use crate::robots::Robots;

/// The path of `robot.list`, in this service and in Patchbay's.
pub(crate) const PATH: &str = "/v1/connections/rpa/operations/robot.list";

/// Serves it until standard input ends. Prints its address.
pub(crate) fn serve(base_url: &str) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let native = Native::login(base_url).await?;
        let router = Router::new().route(PATH, post(list)).with_state(native);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        process::ready(&format!("http://{}", listener.local_addr()?));
        tokio::select! {
            failed = axum::serve(listener, router) => Ok(failed?),
            () = process::no_longer_needed() => Ok(()),
        }
    })
}

async fn list(
    State(native): State<Native>,
    Json(input): Json<Value>,
) -> Result<Json<Value>, (StatusCode, String)> {
    let robots = Robots::LIGHT
        .into_iter()
        .find(|robots| input["size"] == robots.count());
    let robots = robots.ok_or_else(|| {
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("there is no page {input}"),
        )
    })?;
    let page = native.parsed(robots).await;
    page.map(Json)
        .map_err(|error| (StatusCode::BAD_GATEWAY, error.to_string()))
}
