//! `patchbay callback`

use serde_json::json;

use super::args::Global;
use super::output::Output;
use super::target::Workspace;
use crate::error::Error;
use crate::inbound::InboundRequest;

pub(super) async fn run(global: &Global, output: &Output, target: &str, body: &str) -> Result<(), Error> {
    let body = match body.strip_prefix('@') {
        Some(path) => std::fs::read(path)
            .map_err(|error| Error::usage(format!("--body: {path} can't be read: {error}")))?,
        None => body.as_bytes().to_vec(),
    };
    let workspace = Workspace::open(global)?;
    let connector = workspace.connector(target).await?;
    let request = InboundRequest {
        method: "POST".to_owned(),
        query: String::new(),
        headers: vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("content-length".to_owned(), body.len().to_string()),
        ],
        body,
    };
    let receipt = workspace.host.receive(&connector, request).await?;
    let reply = &receipt.reply;
    output.json(&json!({
        "events": receipt.events,
        "reply": { "status": reply.status, "headers": reply.headers, "body": String::from_utf8_lossy(&reply.body) },
    }))
}
