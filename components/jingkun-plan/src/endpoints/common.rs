//! What several groups share.

use patchbay_sdk::Schema;
use serde_json::{Map, Value};

/// Values for the variables of one of the plan's workflows.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct ModelVariables {
    /// Workflow ID: `processModelId` of `plan-workflow.list`.
    #[schema(title = "工作流 ID")]
    pub model_id: Option<String>,
    /// Values by the names of the variables: `mapParam[].name` of `plan-workflow.list`.
    #[schema(title = "执行参数")]
    pub map_param: Option<Map<String, Value>>,
}
