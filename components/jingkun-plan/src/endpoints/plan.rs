//! Plans and the workflows in them (sections 2 and 3).

use patchbay_sdk::{Effect, Endpoint, Method, Operation, operations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::JingkunPlan;

/// The operations of this group.
pub const OPERATIONS: &[Operation<JingkunPlan>] = operations![List, ListWorkflows];

/// List the plans of the user
///
/// Section 2.
///
/// All of them at once: the document has no pages. The user is the one that the token stands for (setting
/// `user_id`).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct List {}

impl Endpoint for List {
    const ID: &'static str = "plan.list";
    const TITLE: &'static str = "获取预案列表";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/api/dpa/process/processPlan/queryPlanByUserId";
    const EFFECT: Effect = Effect::Read;
    type Response = Vec<Plan>;
}

/// A plan, as the document's example shows it; its table describes something else.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Plan ID.
    pub process_plan_id: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Its state: `DEFAULT`.
    pub status: Option<String>,
    /// How many steps it has.
    pub step_nums: Option<i64>,
    /// Its version.
    pub version: Option<i64>,
    /// When it was created, in milliseconds since 1970.
    pub create_time: Option<i64>,
    /// Who created it.
    pub create_user: Option<String>,
    /// When it was changed, in milliseconds since 1970.
    pub update_time: Option<i64>,
    /// Who changed it last; may be empty.
    pub update_user: Option<String>,
}

/// List the workflows of a plan, with the variables that each takes
///
/// Section 3.
///
/// What it names goes into `modelVarReq` of `plan.execute` and `plan-schedule.create`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListWorkflows {
    /// Plan ID.
    pub process_plan_id: String,
}

impl Endpoint for ListWorkflows {
    const ID: &'static str = "plan-workflow.list";
    const TITLE: &'static str = "根据预案 ID 查询工作流执行时输入";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/api/dpa/process/processPlan/queryModelByPlanId";
    const EFFECT: Effect = Effect::Read;
    type Response = Vec<Workflow>;
}

/// A workflow of a plan.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Workflow {
    /// Its name.
    pub model_name: Option<String>,
    /// Workflow ID; `modelId` in `modelVarReq`.
    pub process_model_id: Option<String>,
    /// The variables that it takes.
    pub map_param: Option<Vec<Variable>>,
}

/// A variable of a workflow.
#[derive(Debug, JsonSchema)]
pub struct Variable {
    /// Its name: `DPA_MODEL_WORKDIR`.
    pub name: Option<String>,
    /// Kind of execution that it belongs to, `running`; not the type of its value.
    #[serde(rename = "type")]
    pub kind: Option<String>,
}
