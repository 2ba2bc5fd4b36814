//! What the vendor holds, and how it prints it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use crate::strict::{Call, scalar};
use crate::vendor::{Answer, Refusal};

/// A job, whose state changes with time.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) row: Value,
    /// The id of its process.
    pub(super) process: String,
    /// Since when it has its state; none for one that stays as it is.
    pub(super) since: Option<Instant>,
}

/// A shared file.
#[derive(Debug)]
pub(super) struct SharedFile {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) user: i64,
    pub(super) tag: Option<String>,
    pub(super) created: i64,
    pub(super) content: Bytes,
}

/// Everything. Rows are kept as they are printed.
#[derive(Debug, Default)]
pub(super) struct Store {
    pub(super) users: Vec<Value>,
    /// By user id.
    pub(super) passwords: BTreeMap<String, String>,
    pub(super) roles: Vec<Value>,
    pub(super) orgs: Vec<Value>,
    pub(super) robots: Vec<Value>,
    pub(super) studios: Vec<Value>,
    pub(super) processes: Vec<Value>,
    /// With the id of the process.
    pub(super) versions: Vec<(String, Value)>,
    pub(super) schedules: Vec<Value>,
    pub(super) jobs: Vec<Job>,
    pub(super) assets: Vec<Value>,
    /// With the id and the name of the variable.
    pub(super) asset_log: Vec<(String, String, Value)>,
    pub(super) queues: Vec<Value>,
    pub(super) items: Vec<Value>,
    pub(super) files: Vec<SharedFile>,
    pub(super) job_step: Duration,
    pub(super) last_id: i64,
}

impl Store {
    pub(super) fn next_id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }

    pub(super) fn describe(&self) -> Value {
        let jobs: Vec<&Value> = self.jobs.iter().map(|job| &job.row).collect();
        let log: Vec<&Value> = self.asset_log.iter().map(|(_, _, row)| row).collect();
        let files: Vec<Value> = self
            .files
            .iter()
            .map(|f| json!({"id": f.id, "name": f.name, "user": f.user, "bytes": f.content.len()}))
            .collect();
        json!({
            "users": self.users,
            "roles": self.roles,
            "orgs": self.orgs,
            "robots": self.robots,
            "studios": self.studios,
            "processes": self.processes,
            "schedules": self.schedules,
            "jobs": jobs,
            "assets": self.assets,
            "assetLog": log,
            "queues": self.queues,
            "queueItems": self.items,
            "files": files,
        })
    }
}

/// What a handler gives.
pub(super) type Outcome = Result<Answer, Refusal>;

/// Success without a result.
#[expect(clippy::unnecessary_wraps, reason = "the end of every handler that writes")]
pub(super) fn done() -> Outcome {
    Ok(Answer::json(
        StatusCode::OK,
        &json!({"code": 0, "msg": "操作成功"}),
    ))
}

/// Success with a result.
pub(super) fn found(result: &Value) -> Answer {
    Answer::json(
        StatusCode::OK,
        &json!({"code": 0, "msg": "操作成功", "result": result}),
    )
}

/// All of these rows.
pub(super) fn listed<'a>(rows: impl IntoIterator<Item = &'a Value>) -> Answer {
    let items: Vec<&Value> = rows.into_iter().collect();
    found(&json!({"total": items.len(), "items": items}))
}

/// The page of these rows that the request asks for.
pub(super) fn paged<'a>(call: &Call, rows: impl IntoIterator<Item = &'a Value>) -> Outcome {
    let rows: Vec<&Value> = rows.into_iter().collect();
    let positive = |name: &str| {
        call.integer(name)
            .and_then(|n| usize::try_from(n).ok())
            .filter(|n| *n > 0)
            .ok_or_else(|| impossible(name))
    };
    let (page, size) = (positive("page")?, positive("size")?);
    let from = (page - 1).saturating_mul(size).min(rows.len());
    let to = from.saturating_add(size).min(rows.len());
    Ok(found(&json!({"total": rows.len(), "items": rows[from..to]})))
}

/// Where a row has this value, compared as text.
pub(super) fn position(rows: &[Value], key: &str, value: &str) -> Option<usize> {
    rows.iter().position(|row| scalar(&row[key]) == value)
}

/// Whether a text holds the filter, where there is one.
pub(super) fn holds(row: &Value, key: &str, filter: Option<&str>) -> bool {
    filter.is_none_or(|filter| scalar(&row[key]).contains(filter))
}

/// Whether a field is what the filter says, where there is one.
pub(super) fn equals(row: &Value, key: &str, filter: Option<&str>) -> bool {
    filter.is_none_or(|filter| row[key].as_str() == Some(filter))
}

/// There is no such thing.
pub(super) fn unknown(thing: &str) -> Refusal {
    Refusal::vendor(4041, format!("{thing}不存在"))
}

/// The name is taken.
pub(super) fn taken(thing: &str) -> Refusal {
    Refusal::vendor(4091, format!("{thing}已存在"))
}

/// A parameter has an impossible value.
pub(super) fn impossible(name: &str) -> Refusal {
    Refusal::vendor(4220, format!("参数 {name} 不合法"))
}

/// Sets a field to a text parameter, where it was sent.
pub(super) fn set_text(row: &mut Value, key: &str, call: &Call, param: &str) {
    if let Some(text) = call.text(param) {
        row[key] = text.into();
    }
}
