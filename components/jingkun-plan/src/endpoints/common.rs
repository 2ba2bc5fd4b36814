//! What several groups share.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Values for the variables of one of the plan's workflows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ModelVariables {
    /// Workflow ID: `processModelId` in what `plan-workflow.list` gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_id: Option<String>,
    /// Values by the names that `plan-workflow.list` gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub map_param: Option<Map<String, Value>>,
}
