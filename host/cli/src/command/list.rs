//! `patchbay list`

use serde_json::{Value, json};

use super::args::Global;
use super::output::{Output, columns};
use super::target::Workspace;
use patchbay::Loaded;
use patchbay::{Error, Kind, printable};

pub(super) async fn run(global: &Global, output: &Output) -> Result<(), Error> {
    let workspace = Workspace::open(global)?;
    let loaded = workspace.host.load_folder(&workspace.folder).await?;
    let connectors: Vec<Value> = loaded.iter().map(connector).collect();
    let mut connections = Vec::new();
    if let Some(config) = &workspace.config {
        for (name, connection) in &config.connections {
            let mut found = loaded.iter().filter_map(|loaded| loaded.connector.as_ref().ok());
            let found = found.find(|connector| connector.manifest().id == connection.connector);
            let checked = match found {
                Some(connector) => config.check(name, connector.catalog()),
                None => Err(Error::new(
                    Kind::UnknownConnection,
                    format!(
                        "there is no connector {:?} in {}",
                        connection.connector,
                        workspace.folder.display()
                    ),
                )),
            };
            let mut row = json!({ "name": name, "connector": connection.connector });
            if let Err(error) = checked {
                row["error"] = json!(error);
            }
            connections.push(row);
        }
    }
    if output.pretty() {
        output.lines(table(&connectors, &connections))
    } else {
        output.json(&json!({ "connectors": connectors, "connections": connections }))
    }
}

fn connector(loaded: &Loaded) -> Value {
    match &loaded.connector {
        Ok(connector) => {
            let manifest = connector.manifest();
            let ids = manifest.operations.iter().map(|operation| operation.id.as_str());
            json!({
                "id": manifest.id,
                "vendor": manifest.vendor,
                "summary": manifest.summary,
                "version": manifest.version,
                "operations": ids.collect::<Vec<_>>(),
                "path": loaded.path.display().to_string(),
            })
        }
        Err(error) => json!({ "path": loaded.path.display().to_string(), "error": error }),
    }
}

fn table(connectors: &[Value], connections: &[Value]) -> Vec<String> {
    let text = |value: &Value, name: &str| printable(value[name].as_str().unwrap_or_default()).into_owned();
    let mut rows = vec![["CONNECTOR", "VERSION", "OPERATIONS", "LOADED FROM"].map(str::to_owned)];
    for connector in connectors {
        let operations = connector["operations"].as_array().map_or(0, Vec::len).to_string();
        rows.push(if connector["error"].is_null() {
            let [id, version, path] = ["id", "version", "path"].map(|name| text(connector, name));
            [id, version, operations, path]
        } else {
            let refused = "(refused)".to_owned();
            [
                refused,
                String::new(),
                String::new(),
                text(&connector["error"], "message"),
            ]
        });
    }
    let mut lines = columns(&rows);
    if !connections.is_empty() {
        let mut rows = vec![["CONNECTION", "CONNECTOR", ""].map(str::to_owned)];
        rows.extend(connections.iter().map(|connection| {
            let [name, connector] = ["name", "connector"].map(|name| text(connection, name));
            [name, connector, text(&connection["error"], "message")]
        }));
        lines.push(String::new());
        lines.extend(columns(&rows));
    }
    lines
}
