//! The JingKun workflow simulator. Codes and common readings: [`crate::jingkun`].
//!
//! `workflow.execute` has no documented URL: every workflow has its own, shown by the platform. Here
//! it is `POST /api/dpa/process/processrun/execute/{processModelId}`, with the id encoded as one
//! segment: [`Simulator::execute_path`], [`Simulator::execute_url`]. Its answer is not documented
//! either: `data` is `{instanceId, modelId, status}`.
//!
//! With `sync` the answer comes when the run ends, with the outputs in `outParam`, those of the
//! designated nodes only with `paramFlag`; or after `second` seconds (without it: 10), with the status
//! `RUNNING`, and the run goes on. A workflow that is running or pending is refused with 999. The
//! list prints a workflow's status in upper case, as the example does, and one in lower case, as the
//! table does; it follows the last run.

mod operations;

use std::time::{Duration, Instant};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

pub use operations::OPERATIONS;

use crate::jingkun::{
    Api, Jingkun, Model, Order, Platform, Words, against, big, day, flag, found, impossible, seed, url,
};
use crate::lock;
use crate::operation::Operation;
use crate::strict::Call;
use crate::vendor::{Answer, Refusal};

/// The workflow simulator.
pub type Simulator = crate::Simulator<Jingkun<Workflows>>;

/// How long a synchronous execution may take that does not say so.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where the workflows are executed, without the id.
const EXECUTE: &str = "/api/dpa/process/processrun/execute/";

const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

impl Simulator {
    /// The path that executes a workflow.
    #[must_use]
    pub fn execute_path(&self, id: &str) -> String {
        execute_path(id)
    }

    /// The URL that executes a workflow.
    #[must_use]
    pub fn execute_url(&self, id: &str) -> String {
        format!("{}{}", self.base_url(), self.execute_path(id))
    }

    /// The URLs of all workflows, by id.
    #[must_use]
    pub fn execute_urls(&self) -> Value {
        execute_urls(&self.base_url())
    }
}

fn execute_path(id: &str) -> String {
    format!("{EXECUTE}{}", utf8_percent_encode(id, ESCAPED))
}

fn execute_urls(base_url: &str) -> Value {
    let pairs = seed::MODELS.iter().map(|model| {
        let url = format!("{base_url}{}", execute_path(model.id));
        (model.id.to_owned(), url.into())
    });
    Value::Object(pairs.collect::<Map<_, _>>())
}

/// The workflow document.
#[derive(Debug, Clone, Copy)]
pub struct Workflows;

impl Api for Workflows {
    const ID: &'static str = "jingkun-workflow";
    const NAME: &'static str = "JingKun workflows";
    // With the space that the document prints.
    const TOKEN_TYPE: &'static str = "Bearer ";
    const WORDS: Words = Words {
        instance: "instanceId",
        subject: "modelId",
        success: "FINISH",
    };

    fn operations(stringified: bool) -> &'static [Operation] {
        if stringified {
            operations::STRINGIFIED
        } else {
            OPERATIONS
        }
    }

    fn handle(platform: &Platform, call: &Call) -> Result<Answer, Refusal> {
        match call.operation.id {
            "workflow.list" => Ok(list(platform, call)),
            "workflow-variable.list" => {
                let model = find(call, "processModelId").ok_or_else(|| against("工作流不存在"))?;
                Ok(found(&model.print_variables()))
            }
            "workflow.execute" => execute(platform, call),
            _ => run(platform, call),
        }
    }

    fn more_settings(base_url: &str) -> Vec<(&'static str, String)> {
        vec![("execute_urls", execute_urls(base_url).to_string())]
    }

    fn state(platform: &Platform) -> Value {
        let rows = (0..).zip(&seed::MODELS);
        let rows: Vec<Value> = rows.map(|(at, model)| row(platform, at, model)).collect();
        json!({ "workflows": rows })
    }
}

fn find(call: &Call, param: &str) -> Option<&'static Model> {
    call.text(param).and_then(seed::find)
}

fn list(platform: &Platform, call: &Call) -> Answer {
    let rows = (0..).zip(&seed::MODELS);
    let rows: Vec<Value> = rows
        .filter(|(_, model)| platform.sessions.shows(call, model.owner))
        .map(|(at, model)| row(platform, at, model))
        .collect();
    found(&rows.into())
}

fn row(platform: &Platform, at: usize, model: &Model) -> Value {
    json!({
        "processModelId": model.id,
        "modelName": model.name,
        "stepNums": model.nodes.len() + 2,
        "status": status(platform, model),
        "createUser": format!("U10000{}", model.owner),
        "createTime": day(at),
        "updateTime": day(at + 30),
        // Not documented:
        "recordId": big(at),
        "description": null,
        "labels": ["运维"],
    })
}

fn status(platform: &Platform, model: &Model) -> &'static str {
    let run = platform.engine.last(model.id);
    run.map_or(model.status, |run| run.status(Instant::now(), "SUCCESS"))
}

fn execute(platform: &Platform, call: &Call) -> Result<Answer, Refusal> {
    let model = find(call, "processModelId").ok_or_else(|| Refusal::vendor(404, "请求路径异常"))?;
    let callback = url(call)?;
    let patience = patience(call)?;
    let values = model.values(call.params.get("mapParam").and_then(Value::as_object))?;
    let beginning = lock(&platform.beginning);
    let status = status(platform, model);
    let busy = status.eq_ignore_ascii_case("pending") || (status == "RUNNING" && !platform.concurrent_runs);
    if busy {
        return Err(against(&format!("工作流状态为 {status}，无法执行")));
    }
    let run = platform.engine.begin(Order {
        subject: model.id.to_owned(),
        ending: model.ending,
        callback,
        outputs: [model.outputs(&values, false), model.outputs(&values, true)],
    });
    drop(beginning);
    let now = Instant::now();
    let mut data = json!({"instanceId": run.id, "modelId": model.id, "status": "RUNNING"});
    if !flag(call, "sync") {
        return Ok(found(&data));
    }
    let left = run.ends.map(|ends| ends.saturating_duration_since(now));
    match (run.ends, left) {
        (Some(ends), Some(left)) if left <= patience => {
            data["status"] = run.status(ends, "FINISH").into();
            data["outParam"] = run.outputs(ends, flag(call, "paramFlag"));
            Ok(found(&data).after(left))
        }
        _ => Ok(found(&data).after(patience)),
    }
}

/// How long a synchronous execution may take.
fn patience(call: &Call) -> Result<Duration, Refusal> {
    let Some(text) = call.id("second") else {
        return Ok(PATIENCE);
    };
    if !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        let why = "JSON member \"second\": expected a string of digits";
        return Err(Refusal::Breach(why.into()));
    }
    match text.parse::<u32>() {
        Ok(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds.into())),
        _ => Err(impossible("second 必须为正整数")),
    }
}

fn run(platform: &Platform, call: &Call) -> Result<Answer, Refusal> {
    let model = find(call, "modelId").ok_or_else(|| against("工作流不存在"))?;
    let id = call.text("instanceId").unwrap_or_default();
    let run = platform.engine.find(model.id, id);
    let run = run.ok_or_else(|| against("执行实例不存在"))?;
    let now = Instant::now();
    if call.operation.id == "workflow-run-output.list" {
        return Ok(found(&run.outputs(now, flag(call, "paramFlag"))));
    }
    Ok(found(&json!({
        "instanceId": run.id,
        "modelId": model.id,
        "status": run.status(now, "FINISH"),
        // Not documented:
        "traceId": big(0),
    })))
}
