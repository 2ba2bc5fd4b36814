//! What the vendor holds, and how it prints it.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::clock::format;
use crate::ids;
use crate::strict::Call;
use crate::vendor::{Answer, Refusal};

/// Beyond 2^53: arrives as another number where a double was in between.
pub(super) const BIG: i64 = 9_007_199_254_740_993;

/// A form of an application.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) app: String,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) fields: Vec<Value>,
}

/// How the flow of a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Running,
    Finished,
    Denied,
    Revoked,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Denied => "denied",
            Self::Revoked => "revoked",
        }
    }
}

/// The flow of a record.
#[derive(Debug)]
pub(super) struct Process {
    /// Where it is in the flows.
    pub(super) flow: usize,
    pub(super) initiator: String,
    pub(super) state: State,
    /// The step it is at.
    pub(super) step: usize,
    /// The task that is pending, or was last.
    pub(super) task: String,
    /// Who may do it.
    pub(super) assignees: Vec<String>,
    /// What was done, oldest first.
    pub(super) history: Vec<Value>,
}

/// A record of a form.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) app: String,
    pub(super) form: String,
    pub(super) id: String,
    pub(super) serial: i64,
    pub(super) creator: String,
    pub(super) created: i64,
    pub(super) updated: Option<i64>,
    /// The form fields, as they were sent.
    pub(super) fields: Map<String, Value>,
    pub(super) process: Option<Process>,
}

impl Record {
    /// The record as it is printed: its id, its fields, and what the document does not name.
    pub(super) fn print(&self) -> Value {
        let mut row = Map::new();
        row.insert("id".into(), self.id.as_str().into());
        row.extend(self.fields.clone());
        let state = self.process.as_ref().map(|process| process.state.name());
        row.insert("serialNo".into(), self.serial.into());
        row.insert("createUser".into(), self.creator.as_str().into());
        row.insert("createTime".into(), format(self.created).into());
        row.insert("updateTime".into(), self.updated.map(format).into());
        row.insert("flowState".into(), state.into());
        row.into()
    }
}

/// Form fields may not be called what [`Record::print`] puts beside them.
pub(super) fn check_names(fields: &Map<String, Value>) -> Result<(), Refusal> {
    let own = [
        "id",
        "serialNo",
        "createUser",
        "createTime",
        "updateTime",
        "flowState",
    ];
    match own.iter().find(|name| fields.contains_key(**name)) {
        Some(name) => Err(Refusal::vendor(42200, format!("字段名 {name} 被保留"))),
        None => Ok(()),
    }
}

/// A flow: its steps one after another, each with who does it.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) steps: &'static [(&'static str, &'static str)],
}

/// A user: what the lists print, and what only identity does.
#[derive(Debug)]
pub(super) struct User {
    pub(super) row: Value,
    pub(super) username: &'static str,
    pub(super) phone: Option<&'static str>,
}

impl User {
    pub(super) fn id(&self) -> &str {
        self.row["id"].as_str().unwrap_or_default()
    }
}

/// Everything.
#[derive(Debug, Default)]
pub(super) struct Store {
    pub(super) apps: Vec<Value>,
    pub(super) forms: Vec<Form>,
    pub(super) records: Vec<Record>,
    pub(super) flows: Vec<Flow>,
    /// Parents before their children.
    pub(super) orgs: Vec<Value>,
    pub(super) users: Vec<User>,
    /// The user behind a code that is not used yet.
    pub(super) codes: BTreeMap<String, String>,
    pub(super) last_id: u64,
}

impl Store {
    pub(super) fn next_id(&mut self) -> String {
        self.last_id += 1;
        ids::hex(self.last_id)
    }

    pub(super) fn describe(&self) -> Value {
        let forms: Vec<Value> = self
            .forms
            .iter()
            .map(|form| json!({"app": form.app, "id": form.id, "name": form.name, "fields": form.fields}))
            .collect();
        let records: Vec<Value> = self
            .records
            .iter()
            .map(|record| self.describe_record(record))
            .collect();
        let flows: Vec<Value> = self
            .flows
            .iter()
            .map(|flow| json!({"code": flow.code, "name": flow.name, "steps": flow.steps}))
            .collect();
        let users: Vec<&Value> = self.users.iter().map(|user| &user.row).collect();
        json!({
            "apps": self.apps,
            "forms": forms,
            "records": records,
            "flows": flows,
            "orgs": self.orgs,
            "users": users,
            "unusedCodes": self.codes.len(),
        })
    }

    fn describe_record(&self, record: &Record) -> Value {
        let process = record.process.as_ref().map(|process| {
            json!({
                "flow": self.flows[process.flow].code,
                "initiator": process.initiator,
                "state": process.state.name(),
                "task": process.task,
                "assignees": process.assignees,
                "history": process.history,
            })
        });
        json!({"app": record.app, "form": record.form, "row": record.print(), "process": process})
    }

    /// The form that the path names.
    pub(super) fn form(&self, call: &Call) -> Result<&Form, Refusal> {
        let (app, form) = (text(call, "app_id"), text(call, "form_id"));
        self.app(call)?;
        self.forms
            .iter()
            .find(|row| row.app == app && row.id == form)
            .ok_or_else(|| unknown("表单", form))
    }

    /// Whether there is the application that the path names.
    pub(super) fn app(&self, call: &Call) -> Result<(), Refusal> {
        let app = text(call, "app_id");
        let found = self.apps.iter().any(|row| row["id"] == app);
        if found {
            Ok(())
        } else {
            Err(unknown("应用", app))
        }
    }

    /// Where the record is that the request names.
    pub(super) fn record(&self, call: &Call) -> Result<usize, Refusal> {
        let form = self.form(call)?;
        let id = text(call, "record_id");
        self.records
            .iter()
            .position(|row| row.app == form.app && row.form == form.id && row.id == id)
            .ok_or_else(|| unknown("数据", id))
    }

    /// The user that acts.
    pub(super) fn acting(&self, call: &Call, param: &str) -> Result<String, Refusal> {
        let id = text(call, param);
        self.user(id).map(|user| user.id().to_owned())
    }

    pub(super) fn user(&self, id: &str) -> Result<&User, Refusal> {
        let found = self.users.iter().find(|user| user.id() == id);
        found.ok_or_else(|| unknown("用户", id))
    }
}

/// What a handler gives.
pub(super) type Outcome = Result<Answer, Refusal>;

/// A parameter that the table requires to be text.
pub(super) fn text<'a>(call: &'a Call, name: &str) -> &'a str {
    call.text(name).unwrap_or_default()
}

/// Success, with `success` in the envelope, which only some examples have.
pub(super) fn succeeded(data: &Value) -> Answer {
    Answer::json(
        StatusCode::OK,
        &json!({"errcode": 0, "errmsg": "success", "data": data, "success": true}),
    )
}

/// Success without `success` in the envelope.
pub(super) fn found(data: &Value) -> Answer {
    Answer::json(
        StatusCode::OK,
        &json!({"errcode": 0, "errmsg": "success", "data": data}),
    )
}

/// The page that the request asks for, the first ten unless it says.
pub(super) fn page<T>(call: &Call, rows: Vec<T>) -> Result<Vec<T>, Refusal> {
    let positive = |name: &str, default: usize| match call.params.get(name) {
        None => Ok(default),
        Some(_) => call
            .integer(name)
            .and_then(|n| usize::try_from(n).ok())
            .filter(|n| *n > 0)
            .ok_or_else(|| impossible(name)),
    };
    let (number, size) = (positive("page_no", 1)?, positive("page_size", 10)?);
    let skipped = (number - 1).saturating_mul(size);
    Ok(rows.into_iter().skip(skipped).take(size).collect())
}

/// There is no such thing.
pub(super) fn unknown(thing: &str, id: &str) -> Refusal {
    Refusal::vendor(40400, format!("{thing}不存在: {id}"))
}

/// A parameter has an impossible value.
pub(super) fn impossible(name: &str) -> Refusal {
    Refusal::vendor(42200, format!("参数 {name} 不合法"))
}
