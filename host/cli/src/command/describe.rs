//! `patchbay describe`

use std::sync::Arc;

use serde_json::json;

use super::args::Global;
use super::output::{Output, columns};
use super::target::Workspace;
use patchbay::{Connector, Error, Query, SearchResults, printable};

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

/// Searches the operations of one target, or of all.
pub(super) async fn search(
    global: &Global,
    output: &Output,
    target: Option<&str>,
    query: &Query,
) -> Result<(), Error> {
    let workspace = Workspace::open(global)?;
    let targets = match target {
        Some(target) => vec![(target.to_owned(), workspace.connector(target).await?)],
        None => all(&workspace).await?,
    };
    let targets = targets
        .iter()
        .map(|(name, connector)| (name.as_str(), connector.catalog()));
    let results = patchbay::search(query, targets);
    if output.pretty() {
        output.lines(words(&results))
    } else {
        output.json(&json!(results))
    }
}

/// Every connection, and every connector that has none.
async fn all(workspace: &Workspace) -> Result<Vec<(String, Arc<Connector>)>, Error> {
    let mut connectors = Vec::new();
    for loaded in workspace.host.load_folder(&workspace.folder).await? {
        match loaded.connector {
            Ok(connector) => connectors.push(connector),
            Err(error) => tracing::warn!("{} isn't searched: {error}", loaded.path.display()),
        }
    }
    let mut targets = Vec::new();
    let configured = workspace.config.iter().flat_map(|config| &config.connections);
    for (name, connection) in configured {
        let id = &connection.connector;
        let connector = connectors.iter().find(|connector| connector.manifest().id == *id);
        if let Some(connector) = connector {
            targets.push((name.clone(), connector.clone()));
        } else {
            tracing::warn!("the connection {name} isn't searched: there is no connector {id:?}");
        }
    }
    for connector in connectors {
        if !targets.iter().any(|(_, other)| Arc::ptr_eq(other, &connector)) {
            targets.push((connector.manifest().id.clone(), connector));
        }
    }
    Ok(targets)
}

fn words(results: &SearchResults) -> Vec<String> {
    let mut rows = Vec::new();
    for found in &results.operations {
        let cells = [
            &found.target,
            &found.id,
            found.effect.as_str(),
            &found.title,
            &found.summary,
        ];
        rows.push(cells.map(|cell| printable(cell).into_owned()));
    }
    let mut lines = columns(&rows);
    lines.extend(results.codes.iter().map(|found| {
        format!(
            "{}  code {}: {} ({})",
            found.target,
            found.code,
            found.meaning,
            found.kind.as_str()
        )
    }));
    match (lines.len(), results.more) {
        (0, _) => lines.push("nothing was found; search for fewer or shorter words".to_owned()),
        (_, 0) => {}
        (_, more) => lines.push(format!("and {more} more; search for further words")),
    }
    lines
}
