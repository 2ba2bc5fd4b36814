//! `patchbay callback`

use patchbay::{CallId, Error, InboundRequest};
use serde_json::json;

use super::args::{Callback, Global};
use super::output::Output;
use super::target::Workspace;

pub(super) async fn run(global: &Global, output: &Output, arguments: Callback) -> Result<(), Error> {
    let body = match arguments.body.strip_prefix('@') {
        Some(path) => std::fs::read(path)
            .map_err(|error| Error::usage(format!("--body: {path} can't be read: {error}")))?,
        None => arguments.body.as_bytes().to_vec(),
    };
    let workspace = Workspace::open(global)?;
    let connection = workspace.receiver(&arguments.target, &arguments.settings).await?;
    let mut headers = arguments.headers;
    if headers.is_empty() {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    headers.push(("content-length".to_owned(), body.len().to_string()));
    let request = InboundRequest {
        method: arguments.method.to_ascii_uppercase(),
        query: arguments.query,
        headers,
        body,
    };
    let receipt = connection.receive(CallId::new(), request).await.result?;
    let reply = &receipt.reply;
    output.json(&json!({
        "events": receipt.events,
        "reply": { "status": reply.status, "headers": reply.headers, "body": String::from_utf8_lossy(&reply.body) },
    }))
}
