//! A workflow from its execution to its outputs: three documented operations in one.

use std::time::Duration;

use patchbay_sdk::answer::text;
use patchbay_sdk::operations::send;
use patchbay_sdk::params::at_least_one;
use patchbay_sdk::{
    Connector as _, Effect, Endpoint, Failure, Handler, Host, Method, Operation, Payload, Violation,
    operations,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::execute::Execute;
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
/// The seconds that `timeoutSeconds` takes.
const SECONDS: std::ops::RangeInclusive<u32> = 1..=86_400;

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
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("anyOf" = [
    { "required": ["executeUrl"], "properties": { "executeUrl": { "minLength": 1 } } },
    { "required": ["processModelId"], "properties": { "processModelId": { "minLength": 1 } } },
]))]
pub struct Run {
    /// URL that executes the workflow, from the API button of its card: absolute, or a path after
    /// `base_url`. Percent-encoded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execute_url: Option<String>,
    /// Workflow ID; without `executeUrl`, a key of the setting `execute_urls`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process_model_id: Option<String>,
    /// Where the platform calls back as well when the run has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
    /// Values of the variables that `workflow-variable.list` names, by their names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub map_param: Option<Map<String, Value>>,
    /// Whether only the outputs of designated nodes are fetched; otherwise those of all nodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub param_flag: Option<bool>,
    /// How many seconds to wait for the end of the run.
    #[serde(default = "default_timeout")]
    #[schemars(range(min = 1, max = 86_400))]
    pub timeout_seconds: u32,
}

fn default_timeout() -> u32 {
    300
}

/// What became of it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// Id of the run.
    pub instance_id: String,
    /// Workflow ID, where it is known.
    pub model_id: Option<String>,
    /// The last known state of the run. `FINISH` and `FAIL` are final.
    pub status: Option<String>,
    /// Outputs of the run's nodes; `null` where they haven't been fetched.
    #[schemars(with = "Option<Vec<Output>>")]
    pub outputs: Value,
    /// Whether time was up before everything was known.
    pub timed_out: bool,
    /// Why the last question about the run failed, where it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poll_error: Option<String>,
}

impl Endpoint for Run {
    const ID: &'static str = "workflow.run";
    const TITLE: &'static str = "执行工作流，等待结束并查询出参";
    const METHOD: Method = Method::POST;
    /// Those of the operations that it is made of.
    const PATH: &'static str = "";
    const EFFECT: Effect = Effect::Write;
    type Response = Outcome;

    fn check(&self) -> Vec<Violation> {
        let mut violations = at_least_one(self, &["executeUrl", "processModelId"]);
        if !SECONDS.contains(&self.timeout_seconds) {
            let (first, last) = SECONDS.into_inner();
            violations.push(Violation::new(
                "/timeoutSeconds",
                format!("must be from {first} to {last}"),
            ));
        }
        violations
    }
}

impl Handler<JingkunWorkflow> for Run {
    fn handle(&self, connector: &JingkunWorkflow) -> Result<Payload, Failure> {
        let mut patience = Patience::new(connector.host(), self.timeout_seconds);
        let execute = Execute {
            execute_url: self.execute_url.clone(),
            process_model_id: self.process_model_id.clone(),
            callback_url: self.callback_url.clone(),
            map_param: self.map_param.clone(),
            param_flag: self.param_flag,
            ..Execute::default()
        };
        let mut outcome = self.started(&patience.measure(|| execute.send(connector))?.to_value())?;
        if let Err(end) = self.follow(connector, &mut patience, &mut outcome) {
            outcome.timed_out = end.timed_out;
            outcome.poll_error = end.error;
        }
        Payload::serialize(&outcome)
    }
}

impl Run {
    /// The run in the vendor's answer: an object with `instanceId`, or, as for plans, a list of
    /// one.
    fn started(&self, answer: &Value) -> Result<Outcome, Failure> {
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
                .or_else(|| self.process_model_id.clone()),
            status: None,
            outputs: Value::Null,
            timed_out: false,
            poll_error: None,
        })
    }

    /// Fills in the state of the run, and its outputs when it has ended.
    fn follow(
        &self,
        connector: &JingkunWorkflow,
        patience: &mut Patience,
        outcome: &mut Outcome,
    ) -> Result<(), End> {
        let Some(model_id) = outcome.model_id.clone() else {
            return Err(End {
                timed_out: false,
                error: Some(
                    "the vendor's answer doesn't say which workflow it is; give processModelId too"
                        .to_owned(),
                ),
            });
        };
        let status = GetStatus {
            model_id: model_id.clone(),
            instance_id: outcome.instance_id.clone(),
        };
        patience.until(FIRST_PAUSE, || {
            let state = send(connector, &status)?.to_value();
            let state = state.as_object().and_then(|state| text(state, "status"));
            let state = state.ok_or_else(|| Failure::MalformedResponse {
                message: "the vendor's answer has no status".to_owned(),
                http_status: None,
            })?;
            let ended = has_ended(&state).then_some(());
            outcome.status = Some(state);
            Ok(ended)
        })?;
        let outputs = ListOutputs {
            model_id,
            instance_id: status.instance_id,
            param_flag: self.param_flag,
        };
        outcome.outputs = patience.until(Duration::ZERO, || {
            send(connector, &outputs).map(|outputs| Some(outputs.to_value()))
        })?;
        Ok(())
    }
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
    fn new(host: &'a Host, seconds: u32) -> Self {
        let whole = host.remaining().unwrap_or(Duration::MAX);
        Self {
            host,
            until_ms: host.now_ms().saturating_add(u64::from(seconds) * 1000),
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
