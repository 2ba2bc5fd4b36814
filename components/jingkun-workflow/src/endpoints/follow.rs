//! A workflow from its execution to its outputs: three documented operations in one.

use jingkun_oauth::{Output, TIMEOUT_SECONDS};
use patchbay_sdk::answer::text;
use patchbay_sdk::operations::send;
use patchbay_sdk::polling::{Polling, Unanswered};
use patchbay_sdk::{
    Connector as _, Endpoint, Failure, Handler, Operation, Params, Payload, Schema, operations,
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::execute::execute;
use super::run::{GetStatus, ListOutputs};
use crate::client::JingkunWorkflow;

/// The operations of this group.
pub const OPERATIONS: &[Operation<JingkunWorkflow>] = operations![; Run];

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
    /// `base_url`. What a URL can't carry, such as spaces and Chinese characters, is percent-encoded.
    #[param(title = "工作流执行接口 URL")]
    pub execute_url: Option<String>,
    /// Workflow ID: `processModelId` of `workflow.list`; without `executeUrl`, a key of the setting
    /// `execute_urls`.
    #[param(title = "工作流 ID")]
    pub process_model_id: Option<String>,
    /// Where the platform calls back as well when the run has ended, with a `workflow-run`.
    #[param(title = "回调URL")]
    pub callback_url: Option<String>,
    /// Values of the variables of the workflow. Member names are `name` of `workflow-variable.list`; left out
    /// where that lists none.
    #[param(title = "执行参数")]
    pub map_param: Option<Map<String, Value>>,
    /// Whether only the outputs of designated nodes (指定节点) are fetched; otherwise those of all nodes.
    #[param(title = "是否查询指点节点出参", lenient, default = false)]
    pub param_flag: Option<bool>,
    /// How many seconds to wait for the end of the run.
    #[param(title = "等待秒数", min = 1, max = 86_400, default = 300)]
    pub timeout_seconds: Option<u32>,
}

/// What became of it.
#[derive(Debug, Serialize, Schema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub struct Outcome {
    /// Id of the run.
    #[schema(title = "流程执行实例ID")]
    pub instance_id: String,
    /// Workflow ID, where it is known.
    #[schema(title = "工作流ID")]
    pub model_id: Option<String>,
    /// The last known state of the run: `DEFAULT` (默认), `RUNNING` (执行中), `PENDING` (挂起), `FINISH` (成功) or
    /// `FAIL` (失败). The last two are final.
    #[schema(title = "状态")]
    pub status: Option<String>,
    /// Outputs of the run's nodes; `null` where they haven't been fetched.
    #[schema(title = "出参", with = Option<Vec<Output>>)]
    pub outputs: Value,
    /// Whether time was up before everything was known.
    #[schema(title = "是否超时")]
    pub timed_out: bool,
    /// Why the last question about the run failed, where it did.
    #[schema(title = "查询失败原因")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poll_error: Option<String>,
}

impl Handler<JingkunWorkflow> for Run {
    fn handle(connector: &JingkunWorkflow, mut params: Params) -> Result<Payload, Failure> {
        let timeout = params.remove("timeoutSeconds");
        let seconds = timeout
            .as_ref()
            .and_then(Value::as_u64)
            .unwrap_or(TIMEOUT_SECONDS);
        let process_model_id = params.text("processModelId").map(str::to_owned);
        let param_flag = params.flag("paramFlag");
        let mut polling = Polling::new(connector.host(), seconds);
        let answer = polling.measure(|| execute(connector, params))?.to_value();
        let mut outcome = started(&answer, process_model_id)?;
        if let Err(end) = follow(connector, &mut polling, &mut outcome, param_flag) {
            outcome.timed_out = end.timed_out;
            outcome.poll_error = end.failure.map(|failure| failure.to_string());
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
    polling: &mut Polling<'_>,
    outcome: &mut Outcome,
    param_flag: Option<bool>,
) -> Result<(), Unanswered> {
    let Some(model_id) = outcome.model_id.clone() else {
        return Err(Unanswered {
            timed_out: false,
            failure: Some(Failure::MalformedResponse {
                message: "the vendor's answer doesn't say which workflow it is; give processModelId too"
                    .to_owned(),
                http_status: None,
            }),
        });
    };
    let run = Params::new()
        .with("modelId", model_id)
        .with("instanceId", outcome.instance_id.as_str());
    polling.until(false, || {
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
    outcome.outputs = polling.until(true, outputs)?;
    Ok(())
}

/// The document's states are `FINISH` and `FAIL`; its list of workflows writes `success` and `fail`.
fn has_ended(status: &str) -> bool {
    ["FINISH", "SUCCESS", "FAIL"]
        .iter()
        .any(|last| status.eq_ignore_ascii_case(last))
}
