//! What people do with their tasks.

use serde_json::{Value, json};

use super::store::{Ending, Outcome, Store, failed, forbidden, found, needed, text, unknown, wrong};
use crate::clock::now_ms;
use crate::strict::Call;
use crate::vendor::Refusal;

pub(super) fn handle(store: &mut Store, call: &Call, user: &str) -> Outcome {
    let data = match call.operation.id {
        "process.stop" => stop(store, call, user)?,
        "task.delete" => delete(store, call, user)?,
        "task.complete" => complete(store, call, user)?,
        "task.reject" => {
            let (task, instance) = pending(store, call, user)?;
            finish(store, task, user, "2", call);
            end(store, instance, "terminated");
            json!({})
        }
        "task.return" => send_back(store, call, user)?,
        id => {
            let (task, _) = pending(store, call, user)?;
            let receiver = store.user(needed(call, "userId")?)?.id.to_owned();
            let task = &mut store.tasks[task];
            if id == "task.delegate" {
                // Delegated on, it still returns to whose it was first.
                task.owner.get_or_insert_with(|| user.to_owned());
            }
            task.assignees = vec![receiver];
            json!({})
        }
    };
    Ok(found("操作成功", &data))
}

/// Where the task is that the request names, and its process.
fn pending(store: &Store, call: &Call, user: &str) -> Result<(usize, usize), Refusal> {
    let id = needed(call, "taskId")?;
    let at = store
        .tasks
        .iter()
        .position(|task| task.id == id && task.ending.is_none());
    let at = at.ok_or_else(|| unknown("任务", id))?;
    let task = &store.tasks[at];
    if let Some(other) = text(call, "procInsId").filter(|id| *id != task.instance) {
        return Err(unknown("流程实例", other));
    }
    if !task.assignees.iter().any(|id| id == user) {
        return Err(forbidden());
    }
    Ok((at, store.instance(&task.instance)?))
}

fn finish(store: &mut Store, task: usize, user: &str, kind: &'static str, call: &Call) {
    store.tasks[task].ending = Some(Ending {
        by: user.to_owned(),
        at: now_ms(),
        kind,
        comment: text(call, "comment").map(str::to_owned),
    });
}

fn end(store: &mut Store, instance: usize, status: &'static str) {
    let instance = &mut store.instances[instance];
    (instance.status, instance.ended) = (status, Some(now_ms()));
    let id = instance.id.clone();
    store
        .tasks
        .retain(|task| task.instance != id || task.ending.is_some());
}

/// The users of a list that is one string.
fn users(store: &Store, call: &Call, name: &str) -> Result<Vec<String>, Refusal> {
    let ids = text(call, name).into_iter().flat_map(|ids| ids.split(','));
    ids.map(|id| store.user(id).map(|user| user.id.to_owned()))
        .collect()
}

fn complete(store: &mut Store, call: &Call, user: &str) -> Result<Value, Refusal> {
    let (task, instance) = pending(store, call, user)?;
    let (next, copies) = (
        users(store, call, "nextUserIds")?,
        users(store, call, "copyUserIds")?,
    );
    if let Some(Value::Object(variables)) = call.params.get("variables") {
        store.instances[instance].variables.extend(variables.clone());
    }
    store.instances[instance].copies.extend(copies);
    let process = store.instances[instance].id.clone();
    if let Some(owner) = store.tasks[task].owner.take() {
        store.tasks[task].assignees = vec![owner];
        return Ok(json!({"TaskId": store.tasks[task].id, "ProcessInstanceId": process}));
    }
    finish(store, task, user, "0", call);
    let step = store.tasks[task].step + 1;
    let Some(following) = store.definitions[store.instances[instance].definition]
        .steps
        .get(step)
    else {
        end(store, instance, "completed");
        return Ok(Value::Null);
    };
    let usual = following
        .user
        .unwrap_or(&store.instances[instance].starter)
        .to_owned();
    let assignees = if next.is_empty() { vec![usual] } else { next };
    let task = store.enter(instance, step, assignees);
    Ok(json!({"TaskId": task, "ProcessInstanceId": process}))
}

fn send_back(store: &mut Store, call: &Call, user: &str) -> Result<Value, Refusal> {
    let (task, instance) = pending(store, call, user)?;
    let target = needed(call, "targetKey")?;
    let process = &store.instances[instance];
    let mut steps = store.definitions[process.definition].steps.iter();
    let step = steps.position(|step| step.key == target);
    let step = step.filter(|step| *step < store.tasks[task].step);
    let step = step.ok_or_else(|| failed(format!("不能退回到该节点: {target}")))?;
    let mut before = store.tasks.iter().rev();
    let before = before.find(|row| row.instance == process.id && row.step == step);
    let by = before
        .and_then(|row| row.ending.as_ref())
        .map_or(&process.starter, |ending| &ending.by);
    let by = vec![by.clone()];
    finish(store, task, user, "1", call);
    store.enter(instance, step, by);
    Ok(json!({}))
}

fn stop(store: &mut Store, call: &Call, user: &str) -> Result<Value, Refusal> {
    let instance = store.instance(needed(call, "procInsId")?)?;
    let process = &store.instances[instance];
    if process.starter != user {
        return Err(forbidden());
    }
    if process.status != "running" {
        return Err(failed("流程已结束"));
    }
    end(store, instance, "canceled");
    Ok(json!({}))
}

fn delete(store: &mut Store, call: &Call, user: &str) -> Result<Value, Refusal> {
    let id = text(call, "taskId").ok_or_else(|| wrong("taskId"))?;
    let at = store.tasks.iter().position(|task| task.id == id);
    let at = at.ok_or_else(|| unknown("任务", id))?;
    let task = &store.tasks[at];
    let mine = match &task.ending {
        Some(ending) => ending.by == user,
        None => task.assignees.iter().any(|id| id == user),
    };
    if !mine {
        return Err(forbidden());
    }
    store.tasks.remove(at);
    Ok(json!({}))
}
