//! Tasks: the steps of a record's flow that wait for a user. The bodies are what the document calls
//! `submitReq`, `denyReq` and `transferReq`, without that wrapper.

use patchbay_sdk::operations::send;
use patchbay_sdk::{Endpoint, Failure, Handler, Operation, Params, Payload, Schema, operations};
use serde_json::{Map, Value};

use crate::client::Dabei;

/// The operations of this group.
pub const OPERATIONS: &[Operation<Dabei>] = operations![Submit, Deny, Transfer, List; Revoke];

/// Submit a task of a record's flow
///
/// Section 开放应用 5.2.
///
/// In the document's example the user agrees (同意). Call `task.list` before, for the task, and after, for what
/// the flow waits for next. The document shows no answer: the output is what the vendor puts into `data`.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "task.submit",
    title = "流程提交",
    route = "POST /apps/{app_id}/forms/{form_id}/records/{record_id}/tasks/{task_id}/submit",
    effect = Write,
    response = Value,
    example = r#"{"app_id":"35af7f00c69e44198f894378c68b2a58","form_id":"684ad97c537b47df824a8b602411b2d2","record_id":"8d50102b87634d41b2614c35229dd4b5","task_id":"5f2fda02ea674ee0a5143b87b81af5e2","userId":"b76d5c1f9c36449f8f3f08ab0207765b","approve":{"content":"同意","attachments":["https://files.example.com/附件.pdf"],"images":["https://files.example.com/图片.png"]},"variables":{"组件key":"组件value"}}"#
)]
pub struct Submit {
    /// Id of the application: `id` of `app.list`.
    #[param(title = "应用id")]
    pub app_id: String,
    /// Id of the form: `id` of `form.list`.
    #[param(title = "表单id")]
    pub form_id: String,
    /// Id of the record: `id` of a record of `record.list`.
    #[param(title = "记录id")]
    pub record_id: String,
    /// Id of the task: `taskId` of `task.list`.
    #[param(title = "任务id")]
    pub task_id: String,
    /// Id of the user who submits: `id` of `user.list` or of `oauth-user.get`.
    #[param(title = "提交人的id", rename = "userId")]
    pub user_id: String,
    /// What the user says about the task.
    #[param(title = "审批信息")]
    pub approve: Option<Approve>,
    /// Values of the form's components. Member names are component keys (组件key), values are the components'
    /// values (组件value). No operation lists the keys, and the document doesn't say whether they are the
    /// `fieldId` of `form-field.list`.
    #[param(title = "当前表单的变量值")]
    pub variables: Map<String, Value>,
}

/// What a user says about a task.
#[derive(Debug, Schema)]
pub struct Approve {
    /// A comment: `同意`.
    #[schema(title = "审批信息")]
    pub content: Option<String>,
    /// URLs of attached files.
    #[schema(title = "附件")]
    pub attachments: Option<Vec<String>>,
    /// URLs of images.
    #[schema(title = "图片")]
    pub images: Option<Vec<String>>,
}

/// Deny a task of a record's flow
///
/// Section 开放应用 5.3.
///
/// Takes exactly what `task.submit` takes. Call `task.list` first, for the task. The document shows no answer:
/// the output is what the vendor puts into `data`; it doesn't say what becomes of the flow either.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "task.deny",
    title = "流程拒绝",
    route = "POST /apps/{app_id}/forms/{form_id}/records/{record_id}/tasks/{task_id}/deny",
    effect = Write,
    response = Value,
    example = r#"{"app_id":"35af7f00c69e44198f894378c68b2a58","form_id":"684ad97c537b47df824a8b602411b2d2","record_id":"8d50102b87634d41b2614c35229dd4b5","task_id":"5f2fda02ea674ee0a5143b87b81af5e2","userId":"b76d5c1f9c36449f8f3f08ab0207765b","approve":{"content":"拒绝"},"variables":{"组件key":"组件value"}}"#
)]
pub struct Deny {
    /// Id of the application: `id` of `app.list`.
    #[param(title = "应用id")]
    pub app_id: String,
    /// Id of the form: `id` of `form.list`.
    #[param(title = "表单id")]
    pub form_id: String,
    /// Id of the record: `id` of a record of `record.list`.
    #[param(title = "记录id")]
    pub record_id: String,
    /// Id of the task: `taskId` of `task.list`.
    #[param(title = "任务id")]
    pub task_id: String,
    /// Id of the user who denies: `id` of `user.list` or of `oauth-user.get`.
    #[param(title = "提交人的id", rename = "userId")]
    pub user_id: String,
    /// What the user says about the task.
    #[param(title = "审批信息")]
    pub approve: Option<Approve>,
    /// Values of the form's components, as in `task.submit`.
    #[param(title = "当前表单的变量值")]
    pub variables: Map<String, Value>,
}

/// Transfer a task of a record's flow to other users
///
/// Section 开放应用 5.4, 流程转办.
///
/// Call `task.list` first, for the task. The document shows no answer: the output is what the vendor puts into
/// `data`.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "task.transfer",
    title = "流程转办",
    route = "POST /apps/{app_id}/forms/{form_id}/records/{record_id}/tasks/{task_id}/transfer",
    effect = Write,
    response = Value,
    example = r#"{"app_id":"35af7f00c69e44198f894378c68b2a58","form_id":"684ad97c537b47df824a8b602411b2d2","record_id":"8d50102b87634d41b2614c35229dd4b5","task_id":"5f2fda02ea674ee0a5143b87b81af5e2","userId":"b76d5c1f9c36449f8f3f08ab0207765b","approve":{"content":"请协助审批"},"transferIds":["6c039a0c1da74ea4bba3066683735b49"]}"#
)]
pub struct Transfer {
    /// Id of the application: `id` of `app.list`.
    #[param(title = "应用id")]
    pub app_id: String,
    /// Id of the form: `id` of `form.list`.
    #[param(title = "表单id")]
    pub form_id: String,
    /// Id of the record: `id` of a record of `record.list`.
    #[param(title = "记录id")]
    pub record_id: String,
    /// Id of the task: `taskId` of `task.list`.
    #[param(title = "任务id")]
    pub task_id: String,
    /// Id of the user who hands the task over, not of one who gets it: `id` of `user.list` or of
    /// `oauth-user.get`.
    #[param(title = "提交人的id", rename = "userId")]
    pub user_id: String,
    /// What the user says about the task.
    #[param(title = "审批信息")]
    pub approve: Option<Approve>,
    /// Ids of the users who get the task: `id` of `user.list`.
    #[param(title = "要转换给的人员id集合", rename = "transferIds", min_items = 1)]
    pub transfer_ids: Vec<String>,
}

/// Revoke a flow, as its initiator
///
/// Section 开放应用 5.4, 流程撤销.
///
/// Needs the setting `path_overrides` with a path for `task.revoke`: the document prints the path of
/// `task.transfer` here, by mistake, so the right one must come from Dabei. Without it nothing is sent. The
/// document shows no answer: the output is what the vendor puts into `data`.
// No route: a transfer in place of a revocation would do harm.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "task.revoke",
    title = "流程撤销",
    effect = Write,
    response = Value,
    example = r#"{"app_id":"35af7f00c69e44198f894378c68b2a58","form_id":"684ad97c537b47df824a8b602411b2d2","record_id":"8d50102b87634d41b2614c35229dd4b5","task_id":"5f2fda02ea674ee0a5143b87b81af5e2","user_id":"b76d5c1f9c36449f8f3f08ab0207765b"}"#
)]
pub struct Revoke {
    /// Id of the application: `id` of `app.list`.
    #[param(title = "应用id")]
    pub app_id: String,
    /// Id of the form: `id` of `form.list`.
    #[param(title = "表单id")]
    pub form_id: String,
    /// Id of the record: `id` of a record of `record.list`.
    #[param(title = "记录id")]
    pub record_id: String,
    /// Id of a task of the flow: `taskId` of `task.list`. The document doesn't say whose task it is, nor which
    /// one where there are several.
    #[param(title = "任务id")]
    pub task_id: String,
    /// Id of the user who revokes: `id` of `user.list` or of `oauth-user.get`. It works only for the user who
    /// started the flow (只有操作人为发起人才可以撤销成功).
    #[param(title = "操作人信息")]
    pub user_id: String,
}

impl Handler<Dabei> for Revoke {
    fn handle(connector: &Dabei, params: Params) -> Result<Payload, Failure> {
        let declaration = Self::DECLARATION;
        if connector
            .host()
            .settings()
            .path_override(declaration.id)?
            .is_none()
        {
            return Err(Failure::InvalidSettings(
                "the setting \"path_overrides\" needs a path for \"task.revoke\": Dabei's document prints \
                 that of task.transfer, and a transfer in place of a revocation would do harm. Ask Dabei for \
                 the path and give it, with {app_id}, {form_id}, {record_id} and {task_id} where they belong"
                    .to_owned(),
            ));
        }
        send(connector, declaration, params)
    }
}

/// List the tasks of a record that wait for a user
///
/// Section 开放应用 7.3.
///
/// Only for one record: the document has no list of all of a user's tasks. `task.submit`, `task.deny` and
/// `task.transfer` take what it lists.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "task.list",
    title = "查询流程待办",
    route = "GET /apps/{app_id}/forms/{form_id}/records/{record_id}/tasks",
    effect = Read,
    // The document's example has no envelope.
    answer = OptionalEnvelope,
    response = Vec<Task>,
    example = r#"{"app_id":"35af7f00c69e44198f894378c68b2a58","form_id":"684ad97c537b47df824a8b602411b2d2","record_id":"8d50102b87634d41b2614c35229dd4b5","user_id":"b76d5c1f9c36449f8f3f08ab0207765b"}"#
)]
pub struct List {
    /// Id of the application: `id` of `app.list`.
    #[param(title = "应用id")]
    pub app_id: String,
    /// Id of the form: `id` of `form.list`.
    #[param(title = "表单id")]
    pub form_id: String,
    /// Id of the record: `id` of a record of `record.list`.
    #[param(title = "记录id")]
    pub record_id: String,
    /// Id of the user who asks: `id` of `user.list` or of `oauth-user.get`. The document doesn't say whether
    /// other users' tasks are listed too.
    #[param(title = "用户id")]
    pub user_id: String,
}

/// A task that waits.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct Task {
    /// Id of the task: the `task_id` of other operations.
    #[schema(title = "任务id")]
    pub task_id: Option<String>,
    /// Name of the task: `行政审批`.
    pub task_name: Option<String>,
    /// The flow that it belongs to.
    pub process: Option<Process>,
}

/// A flow that has started.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct Process {
    /// The same as `record_id` (与 `record_id` 相同).
    #[schema(title = "记录id")]
    pub id: Option<String>,
    /// Name of the flow's definition.
    #[schema(title = "流程定义")]
    pub definition_name: Option<String>,
}
