//! Processes: what can be started, what was, and the lists of tasks.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::store::{
    BIG, Definition, Instance, Outcome, Store, Task, failed, found, needed, page, text, unknown, wrong,
};
use crate::clock::{self, format, now_ms};
use crate::strict::Call;
use crate::vendor::{Answer, Refusal};

pub(super) fn handle(store: &mut Store, call: &Call, user: &str, own_code: bool) -> Outcome {
    match call.operation.id {
        "process.list" => {
            let rows = store
                .definitions
                .iter()
                .filter(|definition| named(call, definition));
            listed(call, rows.map(Definition::print).collect(), true)
        }
        "process-form.get" => form(store, call),
        "process.start" => start(store, call, user),
        "own-process.list" => {
            let rows = select(store, call)?.into_iter().filter(|row| row.starter == user);
            listed(call, rows.map(|row| own(store, row)).collect(), own_code)
        }
        "todo-task.list" => {
            let mine = |task: &Task| task.ending.is_none() && task.assignees.iter().any(|id| id == user);
            tasks(store, call, mine)
        }
        _ => tasks(store, call, |task| {
            task.ending.as_ref().is_some_and(|ending| ending.by == user)
        }),
    }
}

fn listed(call: &Call, rows: Vec<Value>, code: bool) -> Outcome {
    let (total, rows) = page(call, "pageNum", rows)?;
    let mut body = json!({"total": total, "rows": rows});
    if code {
        body["code"] = 200.into();
        body["msg"] = "查询成功".into();
    }
    Ok(Answer::json(StatusCode::OK, &body))
}

/// Whether a definition fits the filters.
fn named(call: &Call, definition: &Definition) -> bool {
    text(call, "processKey").is_none_or(|key| key == definition.key)
        && text(call, "category").is_none_or(|category| category == definition.category)
        && text(call, "processName").is_none_or(|name| definition.name.contains(name))
}

/// The started processes that fit the filters.
fn select<'a>(store: &'a Store, call: &Call) -> Result<Vec<&'a Instance>, Refusal> {
    // Such times sort as their texts do.
    let date = |name: &str| match text(call, name) {
        Some(time) if !clock::is_formatted(time) => Err(wrong(name)),
        other => Ok(other.map(str::to_owned)),
    };
    let (from, to) = (date("proStartBeginTime")?, date("proStartEndTime")?);
    let fits = |row: &&Instance| {
        let started = format(row.started);
        named(call, &store.definitions[row.definition])
            && from.as_ref().is_none_or(|from| started >= *from)
            && to.as_ref().is_none_or(|to| started <= *to)
    };
    Ok(store.instances.iter().filter(fits).collect())
}

fn tasks(store: &Store, call: &Call, mine: impl Fn(&Task) -> bool) -> Outcome {
    let instances = select(store, call)?;
    let tasks = store.tasks.iter().filter(|task| mine(task));
    let rows = tasks.filter_map(|task| {
        let instance = instances.iter().find(|row| row.id == task.instance)?;
        Some(row(store, instance, task))
    });
    listed(call, rows.collect(), true)
}

/// What every row has; nearly all of it may be null.
fn blank(store: &Store, instance: &Instance) -> Value {
    let definition = &store.definitions[instance.definition];
    json!({
        "taskId": null,
        "taskName": null,
        "taskDefKey": null,
        "assigneeId": null,
        "deptName": null,
        "startDeptName": null,
        "assigneeName": null,
        "startUserId": null,
        "startUserName": null,
        "category": definition.category,
        "procVars": null,
        "taskLocalVars": null,
        "deployId": definition.deployment,
        "procDefId": definition.id,
        "procDefKey": null,
        "procDefName": definition.name,
        "procDefVersion": definition.version,
        "procInsId": instance.id,
        "hisProcInsId": null,
        "duration": null,
        "comment": null,
        "commentList": null,
        "candidate": null,
        "createTime": format(instance.started),
        "finishTime": instance.ended.map(format),
        "processStatus": instance.status,
        "proInsCreateTime": null,
        // Not in the document: these pass through, digits and all.
        "tenantId": BIG,
        "extra": {"urgent": false, "remark": null},
    })
}

/// A row of the processes that the user started.
fn own(store: &Store, instance: &Instance) -> Value {
    let mut row = blank(store, instance);
    let steps = store.definitions[instance.definition].steps;
    let last = store.tasks.iter().rev().find(|task| task.instance == instance.id);
    row["taskName"] = last.map(|task| steps[task.step].name).into();
    let minutes = (instance.ended.unwrap_or_else(now_ms) - instance.started) / 60_000;
    let (days, hours) = (minutes / 1440, minutes / 60 % 24);
    row["duration"] = format!("{days}天{hours}小时{}分钟", minutes % 60).into();
    row
}

/// A row of the tasks.
fn row(store: &Store, instance: &Instance, task: &Task) -> Value {
    let mut row = blank(store, instance);
    let step = &store.definitions[instance.definition].steps[task.step];
    row["taskId"] = task.id.as_str().into();
    row["taskName"] = step.name.into();
    row["taskDefKey"] = step.key.into();
    row["startUserId"] = instance.starter.as_str().into();
    row["startUserName"] = store.name(&instance.starter).into();
    let mut variables = instance.variables.clone();
    variables.insert("processStatus".into(), instance.status.into());
    variables.insert("initiator".into(), instance.starter.as_str().into());
    row["procVars"] = variables.into();
    row["createTime"] = format(task.created).into();
    row["proInsCreateTime"] = format(instance.started).into();
    row["finishTime"] = Value::Null;
    if let Some(ending) = &task.ending {
        row["assigneeId"] = ending.by.as_str().into();
        row["assigneeName"] = store.name(&ending.by).into();
        row["hisProcInsId"] = instance.id.as_str().into();
        row["finishTime"] = format(ending.at).into();
        let seconds = (ending.at - task.created) / 1000;
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
        row["duration"] = format!("{days}天{hours}小时{minutes}分{}秒", seconds % 60).into();
        if let Some(comment) = &ending.comment {
            row["comment"] = json!({"type": ending.kind, "comment": comment});
            row["commentList"] = json!([{
                "id": task.id,
                "type": ending.kind,
                "time": format(ending.at),
                "userId": ending.by,
                "taskId": task.id,
                "fullMessage": comment,
                "processInstanceId": instance.id,
            }]);
        }
    }
    row
}

fn form(store: &Store, call: &Call) -> Outcome {
    let (id, deployment) = (needed(call, "definitionId")?, needed(call, "deployId")?);
    let definition = store.definitions.iter().find(|row| row.id == id);
    let definition = definition.ok_or_else(|| unknown("流程定义", id))?;
    if definition.deployment != deployment {
        return Err(unknown("流程部署", deployment));
    }
    let mut form = definition.form.clone().unwrap_or_default();
    if let (Some(id), true) = (text(call, "procInsId"), form.is_object()) {
        form["values"] = store.instances[store.instance(id)?].variables.clone().into();
    }
    Ok(found("操作成功", &form))
}

fn start(store: &mut Store, call: &Call, user: &str) -> Outcome {
    let id = needed(call, "processDefId")?;
    let at = store.definitions.iter().position(|row| row.id == id);
    let at = at.ok_or_else(|| unknown("流程定义", id))?;
    if store.definitions[at].suspended {
        return Err(failed("流程已被挂起，请先激活流程"));
    }
    let variables = call.params.get("variables").and_then(Value::as_object);
    let (instance, task) = begin(store, at, user, variables.cloned().unwrap_or_default());
    Ok(found(
        "流程启动成功",
        &json!({"TaskId": task, "ProcessInstanceId": instance}),
    ))
}

/// Starts a process; its id and its first task's come back.
pub(super) fn begin(
    store: &mut Store,
    definition: usize,
    user: &str,
    variables: Map<String, Value>,
) -> (String, String) {
    let id = store.next_id();
    store.instances.push(Instance {
        id: id.clone(),
        definition,
        starter: user.to_owned(),
        started: now_ms(),
        ended: None,
        status: "running",
        variables,
        copies: Vec::new(),
    });
    let first = store.definitions[definition].steps[0].user.unwrap_or(user);
    let task = store.enter(store.instances.len() - 1, 0, vec![first.to_owned()]);
    (id, task)
}
