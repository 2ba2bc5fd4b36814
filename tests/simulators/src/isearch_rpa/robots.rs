//! Robots and designers.

use super::store::{Outcome, Store, done, found, holds, paged, position, set_text, unknown};
use crate::clock::now_ms;
use crate::strict::Call;

pub(super) fn handle(store: &mut Store, call: &Call) -> Outcome {
    let id = call.text("id").unwrap_or_default();
    match call.operation.id {
        "robot.list" => {
            const SEARCHED: [&str; 5] = ["agentAlias", "agentNo", "agentIp", "agentName", "userName"];
            let text = call.text("tx");
            paged(
                call,
                store
                    .robots
                    .iter()
                    .filter(|row| SEARCHED.iter().any(|key| holds(row, key, text))),
            )
        }
        "robot.get" => {
            let at = position(&store.robots, "id", id).ok_or_else(|| unknown("机器人"))?;
            Ok(found(&store.robots[at]))
        }
        "robot.update" => {
            let at = position(&store.robots, "id", id).ok_or_else(|| unknown("机器人"))?;
            set_text(&mut store.robots[at], "agentAlias", call, "robotAlias");
            store.robots[at]["modifyTime"] = now_ms().into();
            done()
        }
        "studio.list" => paged(call, &store.studios),
        _ => {
            let at = position(&store.studios, "id", id).ok_or_else(|| unknown("设计器"))?;
            set_text(&mut store.studios[at], "agentAlias", call, "studioAlias");
            store.studios[at]["modifyTime"] = now_ms().into();
            done()
        }
    }
}
