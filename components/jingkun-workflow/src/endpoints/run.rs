//! Runs of workflows (sections 4 and 7).

use patchbay_sdk::{Effect, Endpoint, Method, Operation, operations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::JingkunWorkflow;

/// The operations of this group.
pub const OPERATIONS: &[Operation<JingkunWorkflow>] = operations![GetStatus, ListOutputs];

/// Get the state of a run
///
/// Section 4.
///
/// A run that has failed is a successful answer with the status `FAIL`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetStatus {
    /// Workflow ID.
    pub model_id: String,
    /// Id of the run.
    pub instance_id: String,
}

impl Endpoint for GetStatus {
    const ID: &'static str = "workflow-run-status.get";
    const TITLE: &'static str = "获取 workflow 执行状态";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/api/dpa/process/processrun/getProcessRunStatus";
    const EFFECT: Effect = Effect::Read;
    type Response = Option<RunStatus>;
}

/// The state of a run.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunStatus {
    /// Id of the run.
    pub instance_id: Option<String>,
    /// Workflow ID.
    pub model_id: Option<String>,
    /// `DEFAULT`, `RUNNING`, `PENDING` (suspended), `FINISH` (it succeeded) or `FAIL`.
    pub status: Option<String>,
}

/// List the outputs of a run's nodes
///
/// Section 7.
///
/// Only API and shell nodes have outputs. Ask when the run has ended: the document doesn't say what comes
/// before. Names of nodes may repeat.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListOutputs {
    /// Workflow ID.
    pub model_id: String,
    /// Id of the run.
    pub instance_id: String,
    /// Whether only the nodes designated in the workflow's design are asked for; otherwise all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub param_flag: Option<bool>,
}

impl Endpoint for ListOutputs {
    const ID: &'static str = "workflow-run-output.list";
    const TITLE: &'static str = "工作流查询出参（api,shell 节点）";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/api/dpa/process/processModel/getOutParamByModelId";
    const EFFECT: Effect = Effect::Read;
    type Response = Vec<Output>;
}

/// What a node of a workflow has put out.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Output {
    /// Name of the node.
    pub node_name: Option<String>,
    /// Its output.
    pub result: Option<String>,
}
