//! Tasks: the steps of a record's flow that wait for a user. The bodies are what the document calls
//! `submitReq`, `denyReq` and `transferReq`, without that wrapper.

use patchbay_sdk::{Answer, Effect, Endpoint, Failure, Handler, Method, Operation, Payload, operations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::client::Dabei;

/// The operations of this group.
pub const OPERATIONS: &[Operation<Dabei>] = operations![Submit, Deny, Transfer, List; Revoke];

/// Submit a task: approve it, and let the flow go on
///
/// Section 开放应用 5.2.
///
/// The document shows no answer: the output is what the vendor puts into `data`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Submit {
    /// Id of the application, from `app.list`.
    pub app_id: String,
    /// Id of the form, from `form.list`.
    pub form_id: String,
    /// Id of the record, from `record.list`.
    pub record_id: String,
    /// Id of the task: `taskId` in what `task.list` gives.
    pub task_id: String,
    /// Id of the user on whose behalf the task is submitted.
    #[serde(rename = "userId")]
    pub user_id: String,
    /// What the user says about the task: a comment, files, images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approve: Option<Approve>,
    /// Values of the form's components: `{"<component key>": <value>}`.
    pub variables: Map<String, Value>,
}

impl Endpoint for Submit {
    const ID: &'static str = "task.submit";
    const TITLE: &'static str = "流程提交";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/apps/{app_id}/forms/{form_id}/records/{record_id}/tasks/{task_id}/submit";
    const EFFECT: Effect = Effect::Write;
    type Response = Value;
}

/// What a user says about a task.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Approve {
    /// A comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// URLs of attached files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachments: Option<Vec<String>>,
    /// URLs of images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub images: Option<Vec<String>>,
}

/// Deny a task
///
/// Section 开放应用 5.3.
///
/// The document shows no answer: the output is what the vendor puts into `data`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deny {
    /// Id of the application, from `app.list`.
    pub app_id: String,
    /// Id of the form, from `form.list`.
    pub form_id: String,
    /// Id of the record, from `record.list`.
    pub record_id: String,
    /// Id of the task: `taskId` in what `task.list` gives.
    pub task_id: String,
    /// Id of the user on whose behalf the task is denied.
    #[serde(rename = "userId")]
    pub user_id: String,
    /// What the user says about the task: a comment, files, images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approve: Option<Approve>,
    /// Values of the form's components: `{"<component key>": <value>}`.
    pub variables: Map<String, Value>,
}

impl Endpoint for Deny {
    const ID: &'static str = "task.deny";
    const TITLE: &'static str = "流程拒绝";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/apps/{app_id}/forms/{form_id}/records/{record_id}/tasks/{task_id}/deny";
    const EFFECT: Effect = Effect::Write;
    type Response = Value;
}

/// Transfer a task to other users
///
/// Section 开放应用 5.4, 流程转办.
///
/// The document shows no answer: the output is what the vendor puts into `data`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// Id of the application, from `app.list`.
    pub app_id: String,
    /// Id of the form, from `form.list`.
    pub form_id: String,
    /// Id of the record, from `record.list`.
    pub record_id: String,
    /// Id of the task: `taskId` in what `task.list` gives.
    pub task_id: String,
    /// Id of the user who hands the task over, not of one who gets it.
    #[serde(rename = "userId")]
    pub user_id: String,
    /// What the user says about the task: a comment, files, images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approve: Option<Approve>,
    /// Ids of the users who get the task.
    #[serde(rename = "transferIds")]
    pub transfer_ids: Vec<String>,
}

impl Endpoint for Transfer {
    const ID: &'static str = "task.transfer";
    const TITLE: &'static str = "流程转办";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/apps/{app_id}/forms/{form_id}/records/{record_id}/tasks/{task_id}/transfer";
    const EFFECT: Effect = Effect::Write;
    type Response = Value;
}

/// Revoke a flow, as its initiator
///
/// Section 开放应用 5.4, 流程撤销.
///
/// Needs the setting `path_overrides` with a path for `task.revoke`: the document prints the path of
/// `task.transfer` here, by mistake, so the right one must come from Dabei. Without it nothing is sent. The
/// document doesn't say whose task `task_id` is, and shows no answer: the output is what the vendor puts into
/// `data`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    /// Id of the application, from `app.list`.
    pub app_id: String,
    /// Id of the form, from `form.list`.
    pub form_id: String,
    /// Id of the record, from `record.list`.
    pub record_id: String,
    /// Id of the task: `taskId` in what `task.list` gives.
    pub task_id: String,
    /// Id of the user who revokes; only the flow's initiator may.
    pub user_id: String,
}

impl Endpoint for Revoke {
    const ID: &'static str = "task.revoke";
    const TITLE: &'static str = "流程撤销";
    const METHOD: Method = Method::POST;
    /// The document prints that of [`Transfer`].
    const PATH: &'static str = "";
    const EFFECT: Effect = Effect::Write;
    type Response = Value;
}

impl Handler<Dabei> for Revoke {
    fn handle(&self, connector: &Dabei) -> Result<Payload, Failure> {
        if connector.host().settings().path_override(Self::ID)?.is_none() {
            return Err(Failure::InvalidSettings(
                "the setting \"path_overrides\" needs a path for \"task.revoke\": Dabei's document prints \
                 that of task.transfer, and a transfer in place of a revocation would do harm. Ask Dabei for \
                 the path and give it, with {app_id}, {form_id}, {record_id} and {task_id} where they belong"
                    .to_owned(),
            ));
        }
        operations::send(connector, self)
    }
}

/// List the tasks of a record that wait for a user
///
/// Section 开放应用 7.3.
///
/// Only for one record: the document has no list of all of a user's tasks.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Id of the application, from `app.list`.
    pub app_id: String,
    /// Id of the form, from `form.list`.
    pub form_id: String,
    /// Id of the record, from `record.list`.
    pub record_id: String,
    /// Id of the user for whom the tasks wait.
    pub user_id: String,
}

impl Endpoint for List {
    const ID: &'static str = "task.list";
    const TITLE: &'static str = "查询流程待办";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/apps/{app_id}/forms/{form_id}/records/{record_id}/tasks";
    const EFFECT: Effect = Effect::Read;
    /// The document's example has no envelope.
    const ANSWER: Answer = Answer::OptionalEnvelope;
    type Response = Vec<Task>;
}

/// A task that waits.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// Id of the task: the `task_id` of the other operations.
    pub task_id: Option<String>,
    /// Name of the task.
    pub task_name: Option<String>,
    /// The flow that it belongs to.
    pub process: Option<Process>,
}

/// A running flow.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Process {
    /// Id of the flow; the same as the record's.
    pub id: Option<String>,
    /// Name of the flow's definition.
    pub definition_name: Option<String>,
}
