//! Variables and the log of their use.

use serde_json::{Value, json};

use super::store::{Outcome, Store, done, equals, holds, impossible, paged, position, taken, unknown};
use crate::clock::{self, now_ms};
use crate::strict::{Call, scalar};
use crate::vendor::Refusal;

pub(super) fn handle(store: &mut Store, call: &Call) -> Outcome {
    let name = call.text("assetName");
    match call.operation.id {
        "asset.list" => {
            let rows = store.assets.iter();
            paged(call, rows.filter(|row| holds(row, "assetName", name)))
        }
        "asset.create" => create(store, call),
        "asset.update" => {
            let name = name.unwrap_or_default();
            let at = position(&store.assets, "assetName", name).ok_or_else(|| unknown("变量"))?;
            store.assets[at]["assetValue"] = call.text("assetValue").into();
            store.assets[at]["modifyTime"] = now_ms().into();
            note(store, at, "edit");
            done()
        }
        "asset.delete" => delete(store, call),
        _ => log(store, call),
    }
}

/// Writes a row into the log.
fn note(store: &mut Store, at: usize, action: &str) {
    let asset = &store.assets[at];
    let row = json!({
        "vlogRobotNo": asset["robotNo"],
        "vlogProcess": null,
        "vlogAction": action,
        "vlogJobNo": null,
        "vlogCreateTime": clock::format(now_ms()),
    });
    let (id, name) = (scalar(&asset["id"]), scalar(&asset["assetName"]));
    store.asset_log.insert(0, (id, name, row));
}

fn create(store: &mut Store, call: &Call) -> Outcome {
    let name = call.text("assetName").unwrap_or_default();
    if position(&store.assets, "assetName", name).is_some() {
        return Err(taken("变量"));
    }
    let id = store.next_id();
    store.assets.push(json!({
        "id": id,
        "robotNo": call.text("robotsNo"),
        "isPythonExpr": call.text("isPythonExpr").unwrap_or("no"),
        "orgCode": call.text("orgCode"),
        "isClientEdit": call.text("isClientEdit").unwrap_or("no"),
        "assetName": name,
        "assetValue": call.text("assetValue"),
        "assetType": call.text("assetType"),
        "createTime": now_ms(),
        "modifyTime": now_ms(),
        "agentAlias": null,
        "assetDesc": call.text("assetDesc"),
    }));
    note(store, store.assets.len() - 1, "create");
    done()
}

fn delete(store: &mut Store, call: &Call) -> Outcome {
    let (id, name) = (call.id("assetId"), call.text("assetName"));
    if id.is_none() && name.is_none() {
        return Err(impossible("assetId"));
    }
    let fits = |row: &Value| {
        id.as_ref().is_none_or(|id| scalar(&row["id"]) == *id) && equals(row, "assetName", name)
    };
    let at = store.assets.iter().position(fits);
    let at = at.ok_or_else(|| unknown("变量"))?;
    note(store, at, "delete");
    store.assets.remove(at);
    done()
}

fn log(store: &Store, call: &Call) -> Outcome {
    let asset = call.text("assetId").unwrap_or_default();
    let (from, to) = (date(call, "from")?, date(call, "to")?);
    let rows = store.asset_log.iter();
    let rows = rows.filter(|(id, name, row)| {
        let time = row["vlogCreateTime"].as_str().unwrap_or_default();
        (id == asset || name == asset)
            && equals(row, "vlogAction", call.text("action"))
            && equals(row, "vlogProcess", call.text("procCode"))
            && equals(row, "vlogRobotNo", call.text("robotNo"))
            && from.is_none_or(|from| time >= from)
            && to.is_none_or(|to| time <= to)
    });
    paged(call, rows.map(|(_, _, row)| row))
}

/// A `yyyy-MM-dd HH:mm:ss` parameter: such texts sort as their times do.
pub(super) fn date<'a>(call: &'a Call, name: &str) -> Result<Option<&'a str>, Refusal> {
    match call.text(name) {
        Some(text) if !clock::is_formatted(text) => Err(impossible(name)),
        other => Ok(other),
    }
}
