//! `patchbay check`

use std::path::PathBuf;

use serde_json::json;

use super::output::Output;
use patchbay::{Error, Kind};
use patchbay::{Host, HostOptions};

pub(super) async fn run(output: &Output, files: &[PathBuf]) -> Result<(), Error> {
    let host = Host::new(&HostOptions::usual())?;
    let mut refused = Vec::new();
    let mut results = Vec::new();
    let mut words = Vec::new();
    for file in files {
        let path = file.display();
        match host.check(file).await {
            Ok(connector) => {
                let manifest = connector.manifest();
                let (id, version, count) = (&manifest.id, &manifest.version, manifest.operations.len());
                words.push(format!("{path}: fits: {id} {version}, {count} operations"));
                results.push(json!({
                    "path": path.to_string(), "fits": true, "id": id, "version": version, "operations": count, "findings": [],
                }));
            }
            Err(findings) => {
                words.extend(findings.iter().map(|finding| format!("{path}: {finding}")));
                refused.push(format!("{path} {}", findings.join("; and ")));
                results.push(json!({ "path": path.to_string(), "fits": false, "findings": findings }));
            }
        }
    }
    if output.pretty() {
        output.lines(words)?;
    } else {
        output.json(&json!(results))?;
    }
    if refused.is_empty() {
        Ok(())
    } else {
        Err(Error::new(Kind::Incompatible, refused.join("\n")))
    }
}
