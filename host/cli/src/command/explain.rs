//! `patchbay explain`

use patchbay::{CallId, Error, Origin};

use super::args::Global;
use super::output::Output;
use super::remote::Remote;

/// Asks the running service, which remembers its latest calls.
pub(super) async fn run(
    global: &Global,
    output: &Output,
    id: CallId,
    service: Option<Origin>,
) -> Result<(), Error> {
    let remote = Remote::open(global, service.as_ref())?;
    let record = remote.get(&format!("/v1/calls/{id}")).await?;
    if output.pretty() {
        output.lines(record["explanation"].as_str().unwrap_or_default().lines())
    } else {
        output.json(&record)
    }
}
