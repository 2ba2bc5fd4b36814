//! The tasks of a record's flow, which move from person to person.

use http::StatusCode;
use serde_json::{Value, json};

use super::store::{
    Outcome, Process, Record, State, Store, check_names, impossible, succeeded, text, unknown,
};
use crate::clock::{format, now_ms};
use crate::strict::Call;
use crate::vendor::{Answer, Refusal};

/// A flow at its first step.
pub(super) fn started(store: &mut Store, flow: usize, initiator: &str) -> Process {
    let task = store.next_id();
    let first = store.flows[flow].steps.first();
    Process {
        flow,
        initiator: initiator.to_owned(),
        state: State::Running,
        step: 0,
        task,
        assignees: first.map(|(_, user)| (*user).to_owned()).into_iter().collect(),
        history: Vec::new(),
    }
}

pub(super) fn handle(store: &mut Store, call: &Call, enveloped: bool) -> Outcome {
    let at = store.record(call)?;
    match call.operation.id {
        "task.list" => {
            let user = store.acting(call, "user_id")?;
            let tasks: Value = task(store, &store.records[at], &user).into_iter().collect();
            if enveloped {
                Ok(succeeded(&tasks))
            } else {
                Ok(Answer::json(StatusCode::OK, &tasks))
            }
        }
        "task.revoke" => revoke(store, call, at),
        _ => decide(store, call, at),
    }
}

/// The pending task of a record, where it is this user's.
fn task(store: &Store, record: &Record, user: &str) -> Option<Value> {
    let process = record.process.as_ref()?;
    let mine = process.assignees.iter().any(|id| id == user);
    if process.state != State::Running || !mine {
        return None;
    }
    let flow = &store.flows[process.flow];
    Some(json!({
        "taskId": process.task,
        "taskName": flow.steps.get(process.step).map(|(name, _)| name),
        "process": {"id": record.id, "definitionName": flow.name, "serialNo": record.serial},
        "dueTime": null,
    }))
}

/// The running flow of a record, at the task that the path names.
fn running<'a>(store: &'a mut Store, call: &Call, at: usize) -> Result<&'a mut Process, Refusal> {
    let task = call.text("task_id");
    let process = store.records[at].process.as_mut();
    // A path of revoke's own may do without the task.
    let process = process.filter(|process| task.is_none_or(|task| process.task == task));
    let process = process.ok_or_else(|| unknown("任务", task.unwrap_or_default()))?;
    if process.state == State::Running {
        Ok(process)
    } else {
        Err(Refusal::vendor(40900, "流程已结束"))
    }
}

fn decide(store: &mut Store, call: &Call, at: usize) -> Outcome {
    let user = store.acting(call, "userId")?;
    let next = store.next_id();
    let process = running(store, call, at)?;
    if !process.assignees.contains(&user) {
        return Err(Refusal::vendor(40300, "不是该任务的处理人"));
    }
    let (flow, step) = (process.flow, process.step);
    let following = store.flows[flow].steps.get(step + 1);
    let mut receivers: Vec<String> = following
        .map(|(_, user)| (*user).to_owned())
        .into_iter()
        .collect();
    if call.operation.id == "task.transfer" {
        receivers = transferees(store, call)?;
    }
    let record = &mut store.records[at];
    if let Some(Value::Object(variables)) = call.params.get("variables") {
        check_names(variables)?;
        record.fields.extend(variables.clone());
        record.updated = Some(now_ms());
    }
    let process = running(store, call, at)?;
    let action = call.operation.id.trim_start_matches("task.");
    note(process, action, &user, call.params.get("approve"));
    match action {
        "transfer" => process.assignees = receivers,
        "submit" if !receivers.is_empty() => {
            process.step += 1;
            process.task = next;
            process.assignees = receivers;
        }
        "submit" => process.state = State::Finished,
        _ => process.state = State::Denied,
    }
    Ok(succeeded(&Value::Null))
}

/// Who gets the task.
fn transferees(store: &Store, call: &Call) -> Result<Vec<String>, Refusal> {
    let ids = call.params.get("transferIds").and_then(Value::as_array);
    let ids = ids.into_iter().flatten().filter_map(Value::as_str);
    let users: Vec<String> = ids
        .map(|id| store.user(id).map(|user| user.id().to_owned()))
        .collect::<Result<_, _>>()?;
    if users.is_empty() {
        Err(impossible("transferIds"))
    } else {
        Ok(users)
    }
}

fn revoke(store: &mut Store, call: &Call, at: usize) -> Outcome {
    let user = store.acting(call, "user_id")?;
    let process = running(store, call, at)?;
    if process.initiator != user {
        return Err(Refusal::vendor(40300, "只有发起人可以撤销"));
    }
    note(process, "revoke", text(call, "user_id"), None);
    process.state = State::Revoked;
    Ok(succeeded(&Value::Null))
}

fn note(process: &mut Process, action: &str, user: &str, approve: Option<&Value>) {
    let row = json!({"action": action, "user": user, "task": process.task, "approve": approve, "time": format(now_ms())});
    process.history.push(row);
}
