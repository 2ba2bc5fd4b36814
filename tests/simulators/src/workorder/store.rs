//! What the vendor holds, and how it prints it.

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::clock;
use crate::ids;
use crate::strict::Call;
use crate::vendor::{Answer, Refusal};

/// Beyond 2^53: arrives as another number where a double was in between.
pub(super) const BIG: i64 = 9_007_199_254_740_993;

/// A step of a process: who does it, unless it is who started the process.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) key: &'static str,
    pub(super) name: &'static str,
    pub(super) user: Option<&'static str>,
}

/// A process that can be started.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) id: String,
    pub(super) key: String,
    pub(super) name: String,
    pub(super) category: String,
    pub(super) version: i64,
    pub(super) deployment: String,
    pub(super) deployed: i64,
    pub(super) suspended: bool,
    pub(super) form: Option<Value>,
    pub(super) steps: &'static [Step],
}

/// A process that was started.
#[derive(Debug)]
pub(super) struct Instance {
    pub(super) id: String,
    /// Where its definition is.
    pub(super) definition: usize,
    pub(super) starter: String,
    pub(super) started: i64,
    pub(super) ended: Option<i64>,
    /// `running`, `completed`, `canceled` or `terminated`.
    pub(super) status: &'static str,
    pub(super) variables: Map<String, Value>,
    /// Who was sent a copy.
    pub(super) copies: Vec<String>,
}

/// A remark at the end of a task.
#[derive(Debug)]
pub(super) struct Ending {
    pub(super) by: String,
    pub(super) at: i64,
    /// 0 normal, 1 return, 2 reject.
    pub(super) kind: &'static str,
    pub(super) comment: Option<String>,
}

/// A task of a started process.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) id: String,
    pub(super) instance: String,
    pub(super) step: usize,
    /// Whoever of these acts first does it.
    pub(super) assignees: Vec<String>,
    /// To whom it returns, while it is delegated.
    pub(super) owner: Option<String>,
    pub(super) created: i64,
    pub(super) ending: Option<Ending>,
}

/// A person.
#[derive(Debug)]
pub(super) struct User {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) disabled: bool,
}

/// Everything.
#[derive(Debug, Default)]
pub(super) struct Store {
    pub(super) users: Vec<User>,
    pub(super) definitions: Vec<Definition>,
    pub(super) instances: Vec<Instance>,
    pub(super) tasks: Vec<Task>,
    pub(super) app_types: Vec<Value>,
    pub(super) synthesis_types: Vec<Value>,
    pub(super) orders: Vec<Value>,
    pub(super) last_id: u64,
}

impl Store {
    pub(super) fn next_id(&mut self) -> String {
        self.last_id += 1;
        ids::uuid(self.last_id)
    }

    pub(super) fn user(&self, id: &str) -> Result<&User, Refusal> {
        let found = self.users.iter().find(|user| user.id == id);
        found.ok_or_else(|| Refusal::vendor(4200, format!("没找到用户: {id}")))
    }

    pub(super) fn name(&self, id: &str) -> Option<&'static str> {
        self.user(id).ok().map(|user| user.name)
    }

    pub(super) fn instance(&self, id: &str) -> Result<usize, Refusal> {
        let found = self.instances.iter().position(|row| row.id == id);
        found.ok_or_else(|| unknown("流程实例", id))
    }

    /// A process at a step, with a task for it; the task's id comes back.
    pub(super) fn enter(&mut self, instance: usize, step: usize, assignees: Vec<String>) -> String {
        let id = self.next_id();
        self.tasks.push(Task {
            id: id.clone(),
            instance: self.instances[instance].id.clone(),
            step,
            assignees,
            owner: None,
            created: clock::now_ms(),
            ending: None,
        });
        id
    }

    pub(super) fn describe(&self) -> Value {
        let definitions: Vec<Value> = self.definitions.iter().map(Definition::print).collect();
        let instances: Vec<Value> = self
            .instances
            .iter()
            .map(|row| {
                json!({
                    "id": row.id,
                    "definition": self.definitions[row.definition].id,
                    "starter": row.starter,
                    "status": row.status,
                    "variables": row.variables,
                    "copies": row.copies,
                })
            })
            .collect();
        let tasks: Vec<Value> = self
            .tasks
            .iter()
            .map(|row| {
                let ending = row.ending.as_ref();
                json!({
                    "id": row.id,
                    "instance": row.instance,
                    "step": row.step,
                    "assignees": row.assignees,
                    "owner": row.owner,
                    "finishedBy": ending.map(|ending| &ending.by),
                    "comment": ending.and_then(|ending| ending.comment.as_ref()),
                })
            })
            .collect();
        json!({
            "definitions": definitions,
            "instances": instances,
            "tasks": tasks,
            "workorders": self.orders,
        })
    }
}

impl Definition {
    pub(super) fn print(&self) -> Value {
        json!({
            "definitionId": self.id,
            "processName": self.name,
            "processKey": self.key,
            "category": self.category,
            "version": self.version,
            "formId": null,
            "formName": self.form.as_ref().map(|form| &form["formName"]),
            "deploymentId": self.deployment,
            "suspended": self.suspended,
            "deploymentTime": clock::format(self.deployed),
            "iconId": null,
            // Not in the document: it passes through, digits and all.
            "tenantId": BIG,
        })
    }
}

/// What a handler gives.
pub(super) type Outcome = Result<Answer, Refusal>;

/// A text parameter; an empty one is none.
pub(super) fn text<'a>(call: &'a Call, name: &str) -> Option<&'a str> {
    call.text(name).filter(|text| !text.is_empty())
}

/// A text parameter that the operation cannot do without.
pub(super) fn needed<'a>(call: &'a Call, name: &str) -> Result<&'a str, Refusal> {
    text(call, name).ok_or_else(|| wrong(name))
}

/// Success with data.
pub(super) fn found(msg: &str, data: &Value) -> Answer {
    Answer::json(StatusCode::OK, &json!({"code": 200, "msg": msg, "data": data}))
}

/// The rows that the request asks for, and how many there are.
pub(super) fn page(call: &Call, number: &str, rows: Vec<Value>) -> Result<(usize, Vec<Value>), Refusal> {
    let positive = |name: &str| {
        let number = call.integer(name).and_then(|n| usize::try_from(n).ok());
        number.filter(|n| *n > 0).ok_or_else(|| wrong(name))
    };
    let (number, size) = (positive(number)?, positive("pageSize")?);
    let (total, skipped) = (rows.len(), (number - 1).saturating_mul(size));
    Ok((total, rows.into_iter().skip(skipped).take(size).collect()))
}

/// There is no such thing.
pub(super) fn unknown(thing: &str, id: &str) -> Refusal {
    failed(format!("{thing}不存在: {id}"))
}

/// It does not work.
pub(super) fn failed(why: impl Into<String>) -> Refusal {
    Refusal::vendor(404, why)
}

/// A parameter is missing, or has an impossible value.
pub(super) fn wrong(name: &str) -> Refusal {
    Refusal::vendor(4101, format!("参数错误: {name}"))
}

/// It is not this user's.
pub(super) fn forbidden() -> Refusal {
    Refusal::vendor(4001, "没有权限")
}
