//! Workflows (sections 2 and 6).

use jingkun_oauth::Variable;
use patchbay_sdk::{Endpoint, Operation, Schema, operations};

use crate::client::JingkunWorkflow;

/// The operations of this group.
pub const OPERATIONS: &[Operation<JingkunWorkflow>] = operations![List, ListVariables];

/// List the workflows of the user
///
/// Section 6.
///
/// All of them at once: the document has no pages. The user is the one that the token stands for (setting
/// `user_id`). What it lists goes to `workflow-variable.list`, `workflow.execute` and `workflow.run`.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "workflow.list",
    title = "获取用户下所有工作流列表接口",
    route = "POST /api/dpa/process/processModel/listAll",
    effect = Read,
    response = Vec<Workflow>,
    example = "{}"
)]
pub struct List {}

/// A workflow.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct Workflow {
    /// Workflow ID; `modelId` where runs are concerned.
    #[schema(title = "工作流 ID")]
    pub process_model_id: Option<String>,
    /// Its name.
    #[schema(title = "工作流名称")]
    pub model_name: Option<String>,
    /// How many steps it has.
    #[schema(title = "工作流总步数")]
    pub step_nums: Option<i64>,
    /// `default` (默认), `running` (执行中, it is executed), `pending` (挂起, it is suspended), `success` (成功) or
    /// `fail` (失败). The document's table has them in lower case, its example in upper case. While it is running
    /// or pending it can't be executed.
    #[schema(
        title = "状态",
        example = "default",
        example = "running",
        example = "pending",
        example = "success",
        example = "fail"
    )]
    pub status: Option<String>,
    /// Who created it.
    #[schema(title = "创建者")]
    pub create_user: Option<String>,
    /// When it was created, in milliseconds since 1970.
    #[schema(title = "创建时间")]
    pub create_time: Option<i64>,
    /// When it was changed, in milliseconds since 1970.
    pub update_time: Option<i64>,
}

/// List the variables that a workflow takes when it is executed
///
/// Section 2.
///
/// Their names are the keys of `mapParam` in `workflow.execute` and `workflow.run`. An empty list: it takes none.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "workflow-variable.list",
    title = "获取 workflow 执行需要传入的参数",
    route = "POST /api/dpa/process/variable/listVar",
    effect = Read,
    rename_all = "camelCase",
    response = Vec<Variable>,
    example = r#"{"processModelId":"mddae8b163","type":"running"}"#
)]
pub struct ListVariables {
    /// Workflow ID: `processModelId` of `workflow.list`.
    #[param(title = "工作流 ID")]
    pub process_model_id: String,
    /// Kind of execution that the variables are for.
    #[param(title = "执行类型", rename = "type")]
    pub kind: Execution,
}

/// Kind of execution.
#[derive(Debug, Schema)]
#[schema(rename_all = "lowercase")]
pub enum Execution {
    /// The only one that the document has.
    #[schema(title = "默认值")]
    Running,
}
