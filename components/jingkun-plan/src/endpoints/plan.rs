//! Plans and the workflows in them (sections 2 and 3).

use jingkun_oauth::Variable;
use patchbay_sdk::{Endpoint, Operation, Schema, operations};

use crate::client::JingkunPlan;

/// The operations of this group.
pub const OPERATIONS: &[Operation<JingkunPlan>] = operations![List, ListWorkflows];

/// List the plans of the user
///
/// Section 2.
///
/// All of them at once: the document has no pages. The user is the one that the token stands for (setting
/// `user_id`). What it lists goes to `plan-workflow.list`, `plan.execute`, `plan.run` and `plan-schedule.create`.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "plan.list",
    title = "获取预案列表",
    route = "GET /api/dpa/process/processPlan/queryPlanByUserId",
    effect = Read,
    response = Vec<Plan>,
    example = "{}"
)]
pub struct List {}

/// A plan, as the document's example shows it; its table describes something else.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct Plan {
    /// Plan ID.
    #[schema(title = "预案 ID")]
    pub process_plan_id: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Its state: `DEFAULT` (默认) in the document's example. Of a run, only the callback `plan-run` tells the state.
    #[schema(title = "状态")]
    pub status: Option<String>,
    /// How many steps it has.
    #[schema(title = "总步数")]
    pub step_nums: Option<i64>,
    /// Its version.
    pub version: Option<i64>,
    /// When it was created, in milliseconds since 1970.
    #[schema(title = "创建时间")]
    pub create_time: Option<i64>,
    /// Who created it.
    #[schema(title = "创建者")]
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
/// What it names goes into `modelVarReq` of `plan.execute`, `plan.run` and `plan-schedule.create`.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "plan-workflow.list",
    title = "根据预案 ID 查询工作流执行时输入",
    route = "POST /api/dpa/process/processPlan/queryModelByPlanId",
    effect = Read,
    rename_all = "camelCase",
    response = Vec<Workflow>,
    example = r#"{"processPlanId":"acf42dd3"}"#
)]
pub struct ListWorkflows {
    /// Plan ID: `processPlanId` of `plan.list`.
    #[param(title = "预案 ID")]
    pub process_plan_id: String,
}

/// A workflow of a plan.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct Workflow {
    /// Its name.
    #[schema(title = "工作流名称")]
    pub model_name: Option<String>,
    /// Workflow ID; `modelId` in `modelVarReq`.
    #[schema(title = "工作流 ID")]
    pub process_model_id: Option<String>,
    /// The variables that it takes.
    #[schema(title = "执行参数")]
    pub map_param: Option<Vec<Variable>>,
}
