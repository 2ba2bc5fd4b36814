//! Schedules, which nothing documented lists or ends.

use serde_json::{Value, json};

use super::Plan;
use crate::jingkun::{Platform, found, impossible};
use crate::strict::Call;
use crate::vendor::{Answer, Refusal};

pub(super) fn create(platform: &Platform, plan: &Plan, call: &Call) -> Result<Answer, Refusal> {
    let text = |name: &str| call.text(name).unwrap_or_default();
    let entries = match call.text("modelVarReq") {
        Some(text) => read(text).map_err(Refusal::Breach)?,
        None => Vec::new(),
    };
    let order = plan.order(call, &entries)?;
    let intervals = text("intervals").parse::<u32>().ok().filter(|n| *n > 0);
    let intervals = intervals.ok_or_else(|| impossible("intervals 必须为正整数"))?;
    let seconds = u64::from(intervals) * unit(text("dimension"));
    let row = json!({
        "processPlanId": plan.id,
        "sceneName": text("sceneName"),
        "dimension": text("dimension"),
        "intervals": text("intervals"),
        "executeStrategy": text("executeStrategy"),
        "callbackUrl": text("callbackUrl"),
        "modelVarReq": entries,
    });
    let cycle = text("executeStrategy") == "cycle";
    platform.engine.schedule(order, seconds, cycle, row);
    Ok(found(&json!({
        "instanceId": "in1700000000000",
        "modelId": plan.models.first(),
        "status": "FAIL",
    })))
}

/// The seconds of a unit.
fn unit(dimension: &str) -> u64 {
    const DAY: u64 = 86_400;
    match dimension {
        "seconds" => 1,
        "minutes" => 60,
        "hours" => 3_600,
        "day" => DAY,
        "weeks" => 7 * DAY,
        _ => 30 * DAY,
    }
}

/// A string that holds a JSON list of `{modelId, mapParam}`.
fn read(text: &str) -> Result<Vec<Value>, String> {
    const FIELD: &str = "form field \"modelVarReq\"";
    let list: Value = serde_json::from_str(text).map_err(|error| format!("{FIELD}: not JSON: {error}"))?;
    let Value::Array(list) = list else {
        return Err(format!("{FIELD}: expected a JSON list"));
    };
    for entry in &list {
        let Value::Object(members) = entry else {
            return Err(format!("{FIELD}: expected a JSON list of objects"));
        };
        for (name, value) in members {
            let fits = match name.as_str() {
                "modelId" => value.is_string(),
                "mapParam" => value.is_object(),
                _ => return Err(format!("{FIELD}: member {name:?}: not documented here")),
            };
            if !fits {
                return Err(format!("{FIELD}: member {name:?}: wrong type, arrived {value}"));
            }
        }
    }
    Ok(list)
}
