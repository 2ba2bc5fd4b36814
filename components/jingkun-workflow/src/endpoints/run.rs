//! Runs of workflows (sections 4 and 7).

use jingkun_oauth::Output;
use patchbay_sdk::{Endpoint, Operation, Schema, operations};

use crate::client::JingkunWorkflow;

/// The operations of this group.
pub const OPERATIONS: &[Operation<JingkunWorkflow>] = operations![GetStatus, ListOutputs];

/// Get the state of a run
///
/// Section 4.
///
/// A run that has failed is a successful answer with the status `FAIL`. Ask again until the status is final, and
/// then `workflow-run-output.list`; `workflow.run` does both. The callback `workflow-run` tells the end too.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "workflow-run-status.get",
    title = "获取 workflow 执行状态",
    route = "GET /api/dpa/process/processrun/getProcessRunStatus",
    effect = Read,
    rename_all = "camelCase",
    response = Option<RunStatus>,
    example = r#"{"modelId":"md1606743910508","instanceId":"in1606749734084"}"#
)]
pub struct GetStatus {
    /// Workflow ID: `processModelId` of `workflow.list`, `modelId` of the callback.
    #[param(title = "工作流程 ID")]
    pub model_id: String,
    /// Id of the run: `instanceId` of the callback or of what `workflow.execute` gives.
    #[param(title = "执行实例 ID")]
    pub instance_id: String,
}

/// The state of a run.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct RunStatus {
    /// Id of the run.
    #[schema(title = "流程执行实例ID")]
    pub instance_id: Option<String>,
    /// Workflow ID.
    #[schema(title = "工作流ID")]
    pub model_id: Option<String>,
    /// `DEFAULT` (默认), `RUNNING` (执行中, it is executed), `PENDING` (挂起, it is suspended), `FINISH` (成功, it has
    /// succeeded) or `FAIL` (失败, it has failed). The last two are final.
    #[schema(
        title = "状态",
        example = "DEFAULT",
        example = "RUNNING",
        example = "PENDING",
        example = "FINISH",
        example = "FAIL"
    )]
    pub status: Option<String>,
}

/// List the outputs of a run's nodes
///
/// Section 7.
///
/// Only API and shell nodes have outputs. Ask when the run has ended: the document doesn't say what comes
/// before. `workflow-run-status.get` and the callback `workflow-run` tell the end.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "workflow-run-output.list",
    title = "工作流查询出参（api,shell 节点）",
    route = "POST /api/dpa/process/processModel/getOutParamByModelId",
    effect = Read,
    rename_all = "camelCase",
    response = Vec<Output>,
    example = r#"{"modelId":"mddaeeb8b163","instanceId":"22c8367158454a44","paramFlag":false}"#
)]
pub struct ListOutputs {
    /// Workflow ID: `processModelId` of `workflow.list`, `modelId` of the callback.
    #[param(title = "工作流程 ID")]
    pub model_id: String,
    /// Id of the run: `instanceId` of the callback or of what `workflow.execute` gives.
    #[param(title = "执行实例 ID")]
    pub instance_id: String,
    /// Whether only the outputs of designated nodes (指定节点) are listed; otherwise those of all nodes.
    #[param(title = "查询 workflow 指定节点出参", lenient)]
    pub param_flag: Option<bool>,
}
