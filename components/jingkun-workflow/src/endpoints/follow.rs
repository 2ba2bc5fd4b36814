//! A workflow from its execution to its outputs: three documented operations in one.

use std::time::Duration;

use patchbay_sdk::answer::text;
use patchbay_sdk::operations::send;
use patchbay_sdk::{
    Connector as _, Endpoint, Failure, Handler, Host, Operation, Params, Payload, Schema, operations,
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::execute::execute;
use super::run::{GetStatus, ListOutputs, Output};
use crate::client::JingkunWorkflow;

/// The operations of this group.
pub const OPERATIONS: &[Operation<JingkunWorkflow>] = operations![; Run];

/// The first pause between two questions; each is half as long again as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How many questions in a row may fail.
const FAILURES: u32 = 5;
/// What is left of the host's deadline for handing over the result.
const MARGIN: Duration = Duration::from_secs(1);
/// How many seconds to wait where `timeoutSeconds` doesn't say.
const TIMEOUT: u64 = 300;

/// Execute a workflow, wait for the end of its run, and fetch the outputs
///
/// Section 3, with section 4 for the state of the run and section 7 for its outputs.
///
/// An operation of this connector, not of the vendor: it executes the workflow without `sync`, asks for the
/// run's state every 0.5 s at first and every 10 s later on, until it is `FINISH` or `FAIL`, and then lists
/// the outputs of its nodes. A run that has failed is a result with the status `FAIL`, not a failure.
///
/// When `timeoutSeconds` are over, or shortly before the deadline that the host gives the call (often much
/// shorter), it returns with `timedOut`, the ids and the last known state. The run goes on at the vendor: it
/// can't be stopped through this API, but followed with `workflow-run-status.get`.
///
/// Once the workflow has been executed, troubles with the vendor don't lose the ids: after five failures in
/// a row, or one that won't pass, the result has what is known and `pollError`. Needs `executeUrl` or
/// `processModelId`; given both, the first says where to execute the workflow, the second which one it is,
/// should the vendor's answer not say so.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "workflow.run",
    title = "执行工作流，等待结束并查询出参",
    effect = Write,
    rename_all = "camelCase",
    any_of("executeUrl", "processModelId"),
    response = Outcome,
    example = r#"{"processModelId":"mddae8b163","mapParam":{"DPA_MODEL_WORKDIR":"/opt"},"timeoutSeconds":300}"#
)]
pub struct Run {
    /// URL that executes the workflow, from the API button of its card: absolute, or a path after
    /// `base_url`. Percent-encoded.
    pub execute_url: Option<String>,
    /// Workflow ID: `processModelId` of `workflow.list`; without `executeUrl`, a key of the setting
    /// `execute_urls`.
    #[param(title = "工作流 ID")]
    pub process_model_id: Option<String>,
    /// Where the platform calls back as well when the run has ended.
    #[param(title = "回调URL")]
    pub callback_url: Option<String>,
    /// Values of the variables that `workflow-variable.list` names, by their names.
    #[param(title = "执行参数")]
    pub map_param: Option<Map<String, Value>>,
    /// Whether only the outputs of designated nodes are fetched; otherwise those of all nodes.
    #[param(title = "是否查询指点节点出参", lenient)]
    pub param_flag: Option<bool>,
    /// How many seconds to wait for the end of the run.
    #[param(min = 1, max = 86_400, default = 300)]
    pub timeout_seconds: Option<u32>,
}

/// What became of it.
#[derive(Debug, Serialize, Schema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub struct Outcome {
    /// Id of the run.
    pub instance_id: String,
    /// Workflow ID, where it is known.
    pub model_id: Option<String>,
    /// The last known state of the run. `FINISH` and `FAIL` are final.
    pub status: Option<String>,
    /// Outputs of the run's nodes; `null` where they haven't been fetched.
    #[schema(with = Option<Vec<Output>>)]
    pub outputs: Value,
    /// Whether time was up before everything was known.
    pub timed_out: bool,
    /// Why the last question about the run failed, where it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poll_error: Option<String>,
}

impl Handler<JingkunWorkflow> for Run {
    fn handle(connector: &JingkunWorkflow, mut params: Params) -> Result<Payload, Failure> {
        let timeout = params.remove("timeoutSeconds");
        let seconds = timeout.as_ref().and_then(Value::as_u64).unwrap_or(TIMEOUT);
        let process_model_id = params.text("processModelId").map(str::to_owned);
        let param_flag = params.flag("paramFlag");
        let mut patience = Patience::new(connector.host(), seconds);
        let answer = patience.measure(|| execute(connector, params))?.to_value();
        let mut outcome = started(&answer, process_model_id)?;
        if let Err(end) = follow(connector, &mut patience, &mut outcome, param_flag) {
            outcome.timed_out = end.timed_out;
            outcome.poll_error = end.error;
        }
        Payload::serialize(&outcome)
    }
}

/// The run in the vendor's answer: an object with `instanceId`, or, as for plans, a list of one. `workflow` is
/// its id as the input has it.
fn started(answer: &Value, workflow: Option<String>) -> Result<Outcome, Failure> {
    let run = answer.get(0).unwrap_or(answer).as_object();
    let member = |name| run.and_then(|run| text(run, name)).filter(|id| !id.is_empty());
    let Some(instance_id) = member("instanceId") else {
        let excerpt: String = answer.to_string().chars().take(300).collect();
        return Err(Failure::MalformedResponse {
            message: format!(
                "the workflow was executed, but the vendor's answer has no instanceId to follow its run with: {excerpt}"
            ),
            http_status: None,
        });
    };
    Ok(Outcome {
        instance_id,
        model_id: member("modelId")
            .or_else(|| member("processModelId"))
            .or(workflow),
        status: None,
        outputs: Value::Null,
        timed_out: false,
        poll_error: None,
    })
}

/// Fills in the state of the run, and its outputs when it has ended.
fn follow(
    connector: &JingkunWorkflow,
    patience: &mut Patience<'_>,
    outcome: &mut Outcome,
    param_flag: Option<bool>,
) -> Result<(), End> {
    let Some(model_id) = outcome.model_id.clone() else {
        return Err(End {
            timed_out: false,
            error: Some(
                "the vendor's answer doesn't say which workflow it is; give processModelId too".to_owned(),
            ),
        });
    };
    let run = Params::new()
        .with("modelId", model_id)
        .with("instanceId", outcome.instance_id.as_str());
    patience.until(FIRST_PAUSE, || {
        let state = send(connector, GetStatus::DECLARATION, run.clone())?.to_value();
        let state = state.as_object().and_then(|state| text(state, "status"));
        let state = state.ok_or_else(|| Failure::MalformedResponse {
            message: "the vendor's answer has no status".to_owned(),
            http_status: None,
        })?;
        let ended = has_ended(&state).then_some(());
        outcome.status = Some(state);
        Ok(ended)
    })?;
    let run = match param_flag {
        Some(flag) => run.with("paramFlag", flag),
        None => run,
    };
    let outputs =
        || send(connector, ListOutputs::DECLARATION, run.clone()).map(|outputs| Some(outputs.to_value()));
    outcome.outputs = patience.until(Duration::ZERO, outputs)?;
    Ok(())
}

/// The document's states are `FINISH` and `FAIL`; its list of workflows writes `success` and `fail`.
fn has_ended(status: &str) -> bool {
    ["FINISH", "SUCCESS", "FAIL"]
        .iter()
        .any(|last| status.eq_ignore_ascii_case(last))
}

/// Why the questions ended without an answer.
struct End {
    timed_out: bool,
    error: Option<String>,
}

/// How long to go on asking.
struct Patience<'a> {
    host: &'a Host,
    /// When `timeoutSeconds` are over, in milliseconds since 1970.
    until_ms: u64,
    /// What must be left of the host's deadline.
    margin: Duration,
    /// How long the vendor's slowest answer has taken. Another one like it must fit before the deadline: a
    /// call that is cut off loses the ids.
    slowest: Duration,
}

impl<'a> Patience<'a> {
    fn new(host: &'a Host, seconds: u64) -> Self {
        let whole = host.remaining().unwrap_or(Duration::MAX);
        Self {
            host,
            until_ms: host.now_ms().saturating_add(seconds * 1000),
            margin: MARGIN.min(whole / 10),
            slowest: Duration::ZERO,
        }
    }

    /// Makes an exchange with the vendor, and keeps in mind how long it takes.
    fn measure<T>(&mut self, exchange: impl FnOnce() -> T) -> T {
        let begun = self.host.now_ms();
        let answer = exchange();
        let took = Duration::from_millis(self.host.now_ms().saturating_sub(begun));
        self.slowest = self.slowest.max(took);
        answer
    }

    /// Asks until there is an answer. The first pause comes before the first question.
    fn until<T>(
        &mut self,
        mut pause: Duration,
        mut ask: impl FnMut() -> Result<Option<T>, Failure>,
    ) -> Result<T, End> {
        let mut failures = 0;
        let mut error = None;
        loop {
            if !self.wait(pause) {
                return Err(End {
                    timed_out: true,
                    error,
                });
            }
            pause = (pause * 3 / 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
            match self.measure(&mut ask) {
                Ok(Some(answer)) => return Ok(answer),
                Ok(None) => {
                    failures = 0;
                    error = None;
                }
                Err(failure) => {
                    // A vendor that asks to slow down works.
                    if let Failure::Throttled { retry_after_ms, .. } = &failure {
                        let asked = retry_after_ms.map_or(LONGEST_PAUSE, Duration::from_millis);
                        pause = pause.max(asked);
                    } else {
                        failures += 1;
                    }
                    error = Some(failure.to_string());
                    if failures == FAILURES || !may_pass(&failure) {
                        return Err(End {
                            timed_out: false,
                            error,
                        });
                    }
                }
            }
        }
    }

    /// Waits, and says whether there is time for a question. One that needs no pause may come when
    /// `timeoutSeconds` are over, as may one whose pause they end in.
    fn wait(&self, pause: Duration) -> bool {
        if !pause.is_zero() {
            let left = Duration::from_millis(self.until_ms.saturating_sub(self.host.now_ms()));
            let left = left.min(self.before_deadline());
            if left.is_zero() {
                return false;
            }
            self.host.sleep(pause.min(left));
        }
        !self.before_deadline().is_zero()
    }

    /// How long it is until the host's deadline is too near.
    fn before_deadline(&self) -> Duration {
        self.host.remaining().map_or(Duration::MAX, |remaining| {
            remaining.saturating_sub(self.margin).saturating_sub(self.slowest)
        })
    }
}

/// Whether the same question may have an answer later.
fn may_pass(failure: &Failure) -> bool {
    match failure {
        Failure::Rejected(_)
        | Failure::Throttled { .. }
        | Failure::Unreachable(_)
        | Failure::Timeout(_)
        | Failure::MalformedResponse { .. } => true,
        Failure::UnknownOperation(_)
        | Failure::InvalidInput(_)
        | Failure::InvalidSettings(_)
        | Failure::Unauthorized(_)
        | Failure::Denied(_) => false,
    }
}
