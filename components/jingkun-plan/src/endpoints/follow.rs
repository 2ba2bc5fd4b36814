//! A plan from its execution to the outputs of its runs: two documented operations in one.

use jingkun_oauth::TIMEOUT_SECONDS;
use patchbay_sdk::answer::text;
use patchbay_sdk::operations::send;
use patchbay_sdk::polling::Polling;
use patchbay_sdk::{
    Connector as _, Endpoint, Failure, Handler, Operation, Params, Payload, Schema, operations,
};
use serde::Serialize;
use serde_json::Value;

use super::ModelVariables;
use super::run::{Execute, ListOutputs, WorkflowOutputs};
use crate::client::JingkunPlan;

/// The operations of this group.
pub const OPERATIONS: &[Operation<JingkunPlan>] = operations![; Run];

/// Execute a plan, and wait for the outputs of every run that it starts
///
/// Section 5, with section 6 for the outputs.
///
/// An operation of this connector, not of the vendor: it executes the plan, and then asks for the outputs of each
/// run, every 0.5 s at first and every 10 s later on, until they list a workflow and none of the listed workflows
/// is without outputs.
///
/// No operation gives the state of a run, so this one can't know whether a run has succeeded, has failed or still
/// goes on: the callback is the only source of that. Outputs aren't proof of success, and may be incomplete where
/// the platform gives those of one workflow while the next is executed; the document doesn't say whether it does.
/// A run that has failed, or that has no API or shell nodes, may never have outputs: it is asked about until time
/// is up. Where the state matters, give `callbackUrl`, and wait for the callback `plan-run` of each
/// `planInstanceId` with `SUCCESS` or `FAIL`.
///
/// When `timeoutSeconds` are over, or shortly before the deadline that the host gives the call (often much
/// shorter), it returns with `timedOut`, the ids of all runs and the outputs that were there. The runs go on at
/// the vendor: they can't be stopped through this API, but asked about with `plan-run-output.list`.
///
/// Once the plan has been executed, troubles with the vendor don't lose the ids: after five failures in a row for
/// a run, or one that won't pass, that run has a `pollError`, and the others are still asked about.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "plan.run",
    title = "执行预案，等待并查询出参",
    effect = Write,
    rename_all = "camelCase",
    response = Outcome,
    example = r#"{"processPlanId":"acf42dd3","modelVarReq":[{"modelId":"md1606743910508","mapParam":{"DPA_MODEL_WORKDIR":"/opt"}}],"timeoutSeconds":300}"#
)]
pub struct Run {
    /// Plan ID: `processPlanId` of `plan.list`.
    #[param(title = "预案 ID")]
    pub process_plan_id: String,
    /// Where the platform calls back as well about the runs: see the callback `plan-run`.
    #[param(title = "需要回调的 URL")]
    pub callback_url: Option<String>,
    /// Values for the variables of the plan's workflows; needed where `plan-workflow.list` names some
    /// (如有设置必填).
    #[param(title = "执行时定义的参数对象")]
    pub model_var_req: Option<Vec<ModelVariables>>,
    /// How many seconds to wait for outputs.
    #[param(title = "等待秒数", min = 1, max = 86_400, default = 300)]
    pub timeout_seconds: Option<u32>,
}

/// What became of it, as far as it can be known.
#[derive(Debug, Serialize, Schema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub struct Outcome {
    /// The runs that were started.
    #[schema(title = "执行实例")]
    pub runs: Vec<RunOutcome>,
    /// Whether time was up before the outputs of every run were there. A run that has failed may never have any.
    #[schema(title = "是否超时")]
    pub timed_out: bool,
}

/// What is known of a run.
#[derive(Debug, Serialize, Schema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub struct RunOutcome {
    /// Plan ID.
    #[schema(title = "预案 ID")]
    pub process_plan_id: String,
    /// Id of the run; `null` where the vendor's answer names none.
    #[schema(title = "预案执行 ID")]
    pub plan_instance_id: Option<String>,
    /// The outputs that the vendor gave last, by workflow; `null` where none came.
    #[schema(title = "出参", with = Option<Vec<WorkflowOutputs>>)]
    pub outputs: Value,
    /// Why the last question about the run failed, where it did.
    #[schema(title = "查询失败原因")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poll_error: Option<String>,
}

impl Handler<JingkunPlan> for Run {
    fn handle(connector: &JingkunPlan, mut params: Params) -> Result<Payload, Failure> {
        let timeout = params.remove("timeoutSeconds");
        let seconds = timeout
            .as_ref()
            .and_then(Value::as_u64)
            .unwrap_or(TIMEOUT_SECONDS);
        let plan = params.text("processPlanId").unwrap_or_default().to_owned();
        let mut polling = Polling::new(connector.host(), seconds);
        let answer = polling
            .measure(|| send(connector, Execute::DECLARATION, params))?
            .to_value();
        let mut runs = started(&answer, &plan)?;
        let named = runs.iter_mut().filter(|run| run.plan_instance_id.is_some());
        let mut named: Vec<&mut RunOutcome> = named.collect();
        let ends = polling.each(false, &mut named, |run| ask(connector, run));
        let mut timed_out = false;
        for (run, end) in named.into_iter().zip(ends) {
            if let Err(end) = end {
                timed_out |= end.timed_out;
                run.poll_error = end.failure.map(|failure| failure.to_string());
            }
        }
        Payload::serialize(&Outcome { runs, timed_out })
    }
}

/// The runs in the vendor's answer, a list or a single one. `plan` is the plan's id as the input has it.
fn started(answer: &Value, plan: &str) -> Result<Vec<RunOutcome>, Failure> {
    let listed = answer
        .as_array()
        .map_or(std::slice::from_ref(answer), Vec::as_slice);
    let runs: Vec<RunOutcome> = listed
        .iter()
        .map(|run| {
            let member = |name| {
                run.as_object()
                    .and_then(|run| text(run, name))
                    .filter(|id| !id.is_empty())
            };
            let plan_instance_id = member("planInstanceId");
            RunOutcome {
                process_plan_id: member("processPlanId").unwrap_or_else(|| plan.to_owned()),
                poll_error: plan_instance_id
                    .is_none()
                    .then(|| "the vendor's answer has no planInstanceId for this run".to_owned()),
                plan_instance_id,
                outputs: Value::Null,
            }
        })
        .collect();
    if runs.iter().any(|run| run.plan_instance_id.is_some()) {
        return Ok(runs);
    }
    let excerpt: String = answer.to_string().chars().take(300).collect();
    Err(Failure::MalformedResponse {
        message: format!(
            "the plan was executed, but the vendor's answer has no planInstanceId to ask for outputs with: {excerpt}"
        ),
        http_status: None,
    })
}

/// Asks for the outputs of a run, and returns when they are there.
fn ask(connector: &JingkunPlan, run: &mut RunOutcome) -> Result<Option<()>, Failure> {
    let params = Params::new()
        .with("processPlanId", run.process_plan_id.as_str())
        .with("planInstanceId", run.plan_instance_id.as_deref());
    run.outputs = send(connector, ListOutputs::DECLARATION, params)?.to_value();
    Ok(has_outputs(&run.outputs).then_some(()))
}

/// Whether there is a workflow in the outputs of a run, and none is without.
fn has_outputs(outputs: &Value) -> bool {
    let workflows = outputs.as_array().map_or(&[][..], Vec::as_slice);
    let has_some = |workflow: &Value| {
        workflow["mapParam"]
            .as_array()
            .is_some_and(|list| !list.is_empty())
    };
    !workflows.is_empty() && workflows.iter().all(has_some)
}
