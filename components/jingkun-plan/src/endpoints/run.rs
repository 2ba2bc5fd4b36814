//! Runs of plans (sections 5 and 6).

use patchbay_sdk::{Effect, Endpoint, Method, Operation, operations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ModelVariables;
use crate::client::JingkunPlan;

/// The operations of this group.
pub const OPERATIONS: &[Operation<JingkunPlan>] = operations![Execute, ListOutputs];

/// Execute a plan
///
/// Section 5.
///
/// The output lists the runs that were started. No operation gives the state of a run; the callback does. Without `callbackUrl`, only its outputs tell.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Execute {
    /// Plan ID.
    pub process_plan_id: String,
    /// Where the platform calls back about the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
    /// Values for the variables of the plan's workflows; needed where they have some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_var_req: Option<Vec<ModelVariables>>,
}

impl Endpoint for Execute {
    const ID: &'static str = "plan.execute";
    const TITLE: &'static str = "预案手动触发执行";
    const METHOD: Method = Method::POST;
    /// Printed with two slashes after `process`, unlike its neighbours.
    const PATH: &'static str = "/api/dpa/process/processPlan/opExecutePlanByApi/{processPlanId}";
    const EFFECT: Effect = Effect::Write;
    /// The document has it in the path and in the table of parameters, without saying where they go.
    const REPEATED: &'static [&'static str] = &["processPlanId"];
    type Response = Vec<PlanRun>;
}

/// A run of a plan.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanRun {
    /// Plan ID.
    pub process_plan_id: Option<String>,
    /// Id of the run; every execution has another.
    pub plan_instance_id: Option<String>,
}

/// List the outputs of a run, by workflow
///
/// Section 6.
///
/// Only API and shell nodes have outputs. What comes before the run has ended isn't documented.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListOutputs {
    /// Plan ID.
    pub process_plan_id: String,
    /// Id of the run, from `plan.execute` or the callback.
    pub plan_instance_id: String,
}

impl Endpoint for ListOutputs {
    const ID: &'static str = "plan-run-output.list";
    const TITLE: &'static str = "预案查询执行出参 (api,shell 节点)";
    const METHOD: Method = Method::GET;
    /// Printed with two slashes after `process`, unlike its neighbours.
    const PATH: &'static str = "/api/dpa/process/processPlan/queryPlanRunOutParam";
    const EFFECT: Effect = Effect::Read;
    type Response = Vec<WorkflowOutputs>;
}

/// What a workflow of a plan has put out.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkflowOutputs {
    /// Name of the workflow.
    pub model_name: Option<String>,
    /// Workflow ID.
    pub process_model_id: Option<String>,
    /// Outputs of its nodes.
    pub map_param: Option<Vec<Output>>,
}

/// What a node of a workflow has put out.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Output {
    /// Output of the node.
    pub result: Option<String>,
    /// Name of the node.
    pub node_name: Option<String>,
}
