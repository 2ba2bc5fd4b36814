//! Work orders and their types.

use serde_json::{Value, json};

use super::store::{Outcome, Store, found, needed, page, text, unknown, wrong};
use crate::clock::{format, now_ms};
use crate::strict::Call;

pub(super) fn handle(store: &mut Store, call: &Call, user: &str) -> Outcome {
    let types = match call.operation.id {
        "workorder.create" => return create(store, call, user),
        "app-workorder-type.list" => &store.app_types,
        _ => &store.synthesis_types,
    };
    let (_, rows) = page(call, "pageNo", types.clone())?;
    Ok(found("操作成功", &rows.into()))
}

fn create(store: &mut Store, call: &Call, user: &str) -> Outcome {
    let key = needed(call, "processId")?;
    if store.definitions.iter().all(|row| row.key != key) {
        return Err(unknown("流程", key));
    }
    let id = needed(call, "taskId")?;
    let task = store.tasks.iter().find(|task| task.id == id);
    let task = task.ok_or_else(|| unknown("任务", id))?;
    let instance = &store.instances[store.instance(&task.instance)?];
    if let Some(other) = text(call, "procInstId").filter(|id| *id != instance.id) {
        return Err(unknown("流程实例", other));
    }
    if store.definitions[instance.definition].key != key {
        return Err(wrong("processId"));
    }
    let data = json!({"TaskId": task.id, "ProcessInstanceId": instance.id});
    let mut order: Value = call.params.clone().into();
    order["createBy"] = user.into();
    order["createTime"] = format(now_ms()).into();
    store.orders.push(order);
    Ok(found("操作成功", &data))
}
