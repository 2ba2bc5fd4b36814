//! What the platform calls back about (section 5).

use jingkun_oauth::callback::Run;
use patchbay_sdk::callbacks::Payload;

/// A run of a workflow has ended
///
/// Section 5.
///
/// Comes to the `callbackUrl` that `workflow.execute` was given, and up to three times more until it is
/// answered. It isn't signed: make sure with `workflow-run-status.get` before acting on it. States that the
/// document doesn't list, and other members of the body, pass through.
#[derive(Debug, Payload)]
#[payload(kind = "workflow-run", rename_all = "camelCase")]
pub struct WorkflowRun {
    /// Id of the run: `instanceId` of what `workflow.execute` gives.
    #[schema(title = "任务实例 ID")]
    pub instance_id: String,
    /// Workflow ID: `processModelId` of `workflow.list`.
    #[schema(title = "工作流 ID")]
    pub model_id: String,
    /// `FINISH` (成功, it has succeeded) or `FAIL` (失败, it has failed).
    #[schema(title = "状态", example = "FINISH", example = "FAIL")]
    pub status: String,
}

impl Run for WorkflowRun {
    const IDS: [&'static str; 2] = ["instanceId", "modelId"];
}
