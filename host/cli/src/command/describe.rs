//! `patchbay describe`

use serde_json::json;

use super::args::Global;
use super::output::Output;
use super::target::Workspace;
use patchbay::Error;

pub(super) async fn run(
    global: &Global,
    output: &Output,
    target: &str,
    operation: Option<&str>,
) -> Result<(), Error> {
    let workspace = Workspace::open(global)?;
    let connector = workspace.connector(target).await?;
    let described = match operation {
        Some(id) => json!(connector.catalog().operation(id)?),
        None => json!(connector.manifest()),
    };
    output.json(&described)
}
