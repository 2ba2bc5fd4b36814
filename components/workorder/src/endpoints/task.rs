//! Lists of tasks. What can be done with a task is in [`super::action`].

use patchbay_sdk::{Effect, Endpoint, Method, Operation, Pages, Rows, operations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::client::WorkOrder;

/// The operations of this group.
pub const OPERATIONS: &[Operation<WorkOrder>] = operations![ListTodo, ListFinished];

/// List the tasks that wait for the user, page by page
///
/// Section 查询待办任务.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListTodo {
    /// Number of the page, from 1.
    pub page_num: i64,
    /// How many rows a page has.
    pub page_size: i64,
    /// Only processes of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process_name: Option<String>,
    /// Only processes started at this time or later, `yyyy-MM-dd HH:mm:ss`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pro_start_begin_time: Option<String>,
    /// Only processes started at this time or earlier, `yyyy-MM-dd HH:mm:ss`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pro_start_end_time: Option<String>,
}

impl Endpoint for ListTodo {
    const ID: &'static str = "todo-task.list";
    const TITLE: &'static str = "查询待办任务";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/workflow/process/todoList";
    const EFFECT: Effect = Effect::Read;
    const PAGES: Option<Pages> = Some(super::PAGES);
    type Response = Rows<Task>;
}

/// List the tasks that the user has finished, page by page
///
/// Section 查询已办任务.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListFinished {
    /// Number of the page, from 1.
    pub page_num: i64,
    /// How many rows a page has.
    pub page_size: i64,
    /// Only processes of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process_name: Option<String>,
    /// Only processes started at this time or later, `yyyy-MM-dd HH:mm:ss`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pro_start_begin_time: Option<String>,
    /// Only processes started at this time or earlier, `yyyy-MM-dd HH:mm:ss`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pro_start_end_time: Option<String>,
}

impl Endpoint for ListFinished {
    const ID: &'static str = "finished-task.list";
    const TITLE: &'static str = "查询已办任务";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/workflow/process/finishedList";
    const EFFECT: Effect = Effect::Read;
    const PAGES: Option<Pages> = Some(super::PAGES);
    type Response = Rows<Task>;
}

/// A task, with the process that it belongs to. A process that the user has started has the same fields.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// Id of the task.
    pub task_id: Option<String>,
    /// Name of the task.
    pub task_name: Option<String>,
    /// Key of its node in the process: `Activity_1div90g`. `task.return` takes such keys as `targetKey`.
    pub task_def_key: Option<String>,
    /// Id of the user whose task it is.
    pub assignee_id: Option<String>,
    /// Name of a department.
    pub dept_name: Option<String>,
    /// Name of the department of who started the process.
    pub start_dept_name: Option<String>,
    /// Name of the user whose task it is.
    pub assignee_name: Option<String>,
    /// Id of the user who started the process.
    pub start_user_id: Option<String>,
    /// Name of the user who started the process.
    pub start_user_name: Option<String>,
    /// Category of the process.
    pub category: Option<String>,
    /// Variables of the process.
    pub proc_vars: Option<Map<String, Value>>,
    /// Variables of the task alone.
    pub task_local_vars: Option<Map<String, Value>>,
    /// Id of the deployment.
    pub deploy_id: Option<String>,
    /// Id of the definition: key, version and a UUID.
    pub proc_def_id: Option<String>,
    /// Key of the process.
    pub proc_def_key: Option<String>,
    /// Name of the process.
    pub proc_def_name: Option<String>,
    /// Version of the process.
    pub proc_def_version: Option<i64>,
    /// Id of the process instance.
    pub proc_ins_id: Option<String>,
    /// Id of the process instance in the history.
    pub his_proc_ins_id: Option<String>,
    /// How long it took, in Chinese: `1天5小时8分42秒`.
    pub duration: Option<String>,
    /// The comment on the task.
    pub comment: Option<Comment>,
    /// All comments.
    pub comment_list: Option<Vec<CommentEntry>>,
    /// Who may take the task.
    pub candidate: Option<String>,
    /// When the task was created, `yyyy-MM-dd HH:mm:ss`.
    pub create_time: Option<String>,
    /// When the task was finished, `yyyy-MM-dd HH:mm:ss`.
    pub finish_time: Option<String>,
    /// State of the process. The document shows `running` and doesn't list the others.
    pub process_status: Option<String>,
    /// When the process was started, `yyyy-MM-dd HH:mm:ss`.
    pub pro_ins_create_time: Option<String>,
}

/// A comment and its kind.
#[derive(Debug, JsonSchema)]
pub struct Comment {
    /// `0` an opinion, `1` with a return, `2` with a rejection. Servers may count otherwise.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// What it says.
    pub comment: Option<String>,
}

/// A comment in the list of all.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CommentEntry {
    /// Id of the comment.
    pub id: Option<String>,
    /// Kind of the comment.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// When it was made.
    pub time: Option<String>,
    /// Id of the user who made it.
    pub user_id: Option<String>,
    /// Id of the task that it is on.
    pub task_id: Option<String>,
    /// What it says.
    pub full_message: Option<String>,
    /// Id of the process instance.
    pub process_instance_id: Option<String>,
}
