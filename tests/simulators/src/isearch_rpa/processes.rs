//! Processes, their versions and their schedules.

use super::store::{Outcome, Store, done, equals, holds, paged, position, unknown};
use crate::strict::Call;

pub(super) fn handle(store: &mut Store, call: &Call) -> Outcome {
    match call.operation.id {
        "process.list" => paged(
            call,
            store.processes.iter().filter(|row| {
                holds(row, "procName", call.text("procName"))
                    && equals(row, "developerUser", call.text("deveUserName"))
                    && equals(row, "owberUser", call.text("ownUserName"))
                    && equals(row, "orgCode", call.text("orgCode"))
            }),
        ),
        "process.delete" => {
            let id = call.text("id").unwrap_or_default();
            let at = position(&store.processes, "id", id).ok_or_else(|| unknown("流程"))?;
            let gone = store.processes.remove(at);
            store.versions.retain(|(process, _)| process != id);
            store.jobs.retain(|job| job.process != id);
            store.schedules.retain(|row| row["procCode"] != gone["procCode"]);
            done()
        }
        "process-version.list" => {
            let id = call.id("procId");
            let rows = store.versions.iter();
            paged(
                call,
                rows.filter(|(process, _)| id.as_ref().is_none_or(|id| id == process))
                    .map(|(_, row)| row),
            )
        }
        _ => paged(call, &store.schedules),
    }
}
