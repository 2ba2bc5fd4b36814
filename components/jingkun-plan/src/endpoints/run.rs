//! Runs of plans (sections 5 and 6).

use jingkun_oauth::Output;
use patchbay_sdk::{Endpoint, Operation, Schema, operations};

use super::ModelVariables;
use crate::client::JingkunPlan;

/// The operations of this group.
pub const OPERATIONS: &[Operation<JingkunPlan>] = operations![Execute, ListOutputs];

// The routes are printed with two slashes after `process`, unlike their neighbours.

/// Execute a plan
///
/// Section 5.
///
/// The output lists the runs that were started; there may be several. No operation gives the state of a run: only
/// the callback does, which comes to `callbackUrl`. Without it, only outputs (`plan-run-output.list`) tell that a
/// run has got on, and nothing tells that it has failed. `plan.run` executes and waits in one.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "plan.execute",
    title = "预案手动触发执行",
    route = "POST /api/dpa/process/processPlan/opExecutePlanByApi/{processPlanId}",
    effect = Write,
    rename_all = "camelCase",
    response = Vec<PlanRun>,
    example = r#"{"processPlanId":"acf42dd3","callbackUrl":"https://hub.example.com/callbacks/plans","modelVarReq":[{"modelId":"md1606743910508","mapParam":{"DPA_MODEL_WORKDIR":"/opt"}}]}"#
)]
pub struct Execute {
    /// Plan ID: `processPlanId` of `plan.list`.
    // The document has it in the path and in the table of parameters, without saying where they go.
    #[param(title = "预案 ID", also_body)]
    pub process_plan_id: String,
    /// Where the platform calls back about the runs: see the callback `plan-run`.
    #[param(title = "需要回调的 URL")]
    pub callback_url: Option<String>,
    /// Values for the variables of the plan's workflows; needed where `plan-workflow.list` names some
    /// (如有设置必填).
    #[param(title = "执行时定义的参数对象")]
    pub model_var_req: Option<Vec<ModelVariables>>,
}

/// A run of a plan.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct PlanRun {
    /// Plan ID.
    #[schema(title = "预案 ID")]
    pub process_plan_id: Option<String>,
    /// Id of the run; every execution has another (每次执行都不一样, 可做唯一标识).
    #[schema(title = "预案执行 ID")]
    pub plan_instance_id: Option<String>,
}

/// List the outputs of a run, by workflow
///
/// Section 6.
///
/// Only API and shell nodes have outputs. What comes before the run has ended, and for one that has failed, isn't
/// documented. The callback `plan-run` tells the end.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "plan-run-output.list",
    title = "预案查询执行出参 (api,shell 节点)",
    route = "GET /api/dpa/process/processPlan/queryPlanRunOutParam",
    effect = Read,
    rename_all = "camelCase",
    response = Vec<WorkflowOutputs>,
    example = r#"{"processPlanId":"acf42dd3","planInstanceId":"in10000001"}"#
)]
pub struct ListOutputs {
    /// Plan ID: `processPlanId` of `plan.list`.
    #[param(title = "预案 ID")]
    pub process_plan_id: String,
    /// Id of the run: `planInstanceId` of `plan.execute`, of `plan.run` or of the callback.
    #[param(title = "预案执行 ID")]
    pub plan_instance_id: String,
}

/// What a workflow of a plan has put out.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct WorkflowOutputs {
    /// Name of the workflow.
    #[schema(title = "工作流名称")]
    pub model_name: Option<String>,
    /// Workflow ID.
    #[schema(title = "工作流 ID")]
    pub process_model_id: Option<String>,
    /// Outputs of its nodes.
    #[schema(title = "出参")]
    pub map_param: Option<Vec<Output>>,
}
