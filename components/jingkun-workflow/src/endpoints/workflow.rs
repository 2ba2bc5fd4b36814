//! Workflows (sections 2 and 6).

use patchbay_sdk::{Effect, Endpoint, Method, Operation, operations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::JingkunWorkflow;

/// The operations of this group.
pub const OPERATIONS: &[Operation<JingkunWorkflow>] = operations![List, ListVariables];

/// List the workflows of the user
///
/// Section 6.
///
/// All of them at once: the document has no pages. The user is the one that the token stands for (setting
/// `user_id`).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct List {}

impl Endpoint for List {
    const ID: &'static str = "workflow.list";
    const TITLE: &'static str = "获取用户下所有工作流列表接口";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/api/dpa/process/processModel/listAll";
    const EFFECT: Effect = Effect::Read;
    type Response = Vec<Workflow>;
}

/// A workflow.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Workflow {
    /// Workflow ID; `modelId` where runs are concerned.
    pub process_model_id: Option<String>,
    /// Its name.
    pub model_name: Option<String>,
    /// How many steps it has.
    pub step_nums: Option<i64>,
    /// `default`, `running`, `pending` (suspended), `success` or `fail`, in lower or upper case. While it is
    /// running or pending it can't be executed.
    pub status: Option<String>,
    /// Who created it.
    pub create_user: Option<String>,
    /// When it was created, in milliseconds since 1970.
    pub create_time: Option<i64>,
    /// When it was changed, in milliseconds since 1970.
    pub update_time: Option<i64>,
}

/// List the variables that a workflow takes when it is executed
///
/// Section 2.
///
/// Their names are the keys of `mapParam` in `workflow.execute`. An empty list: it takes none.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListVariables {
    /// Workflow ID.
    pub process_model_id: String,
    /// Kind of execution that the variables are for.
    #[serde(rename = "type")]
    pub kind: Execution,
}

impl Endpoint for ListVariables {
    const ID: &'static str = "workflow-variable.list";
    const TITLE: &'static str = "获取 workflow 执行需要传入的参数";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/api/dpa/process/variable/listVar";
    const EFFECT: Effect = Effect::Read;
    type Response = Vec<Variable>;
}

/// Kind of execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Execution {
    /// The only one that the document has.
    Running,
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
