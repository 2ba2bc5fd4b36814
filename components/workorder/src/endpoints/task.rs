//! Lists of tasks. What can be done with a task is in [`super::action`].

use patchbay_sdk::{Endpoint, Operation, Rows, Schema, operations};
use serde_json::{Map, Value};

use super::PAGES;
use crate::client::WorkOrder;

/// The operations of this group.
pub const OPERATIONS: &[Operation<WorkOrder>] = operations![ListTodo, ListFinished];

/// List the tasks that wait for the user, page by page
///
/// Section 查询待办任务.
///
/// A row's `taskId` and `procInsId` are what `task.complete`, `task.reject`, `task.delegate`, `task.transfer`,
/// `task.return`, `task.delete` and `process.stop` take.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "todo-task.list",
    title = "查询待办任务",
    route = "GET /workflow/process/todoList",
    effect = Read,
    rename_all = "camelCase",
    pages = PAGES,
    response = Rows<Task>,
    example = r#"{"pageNum":1,"pageSize":10,"proStartBeginTime":"2025-01-23 00:00:00"}"#
)]
pub struct ListTodo {
    /// Number of the page, from 1.
    #[param(title = "当前页", min = 1)]
    pub page_num: i64,
    /// How many rows a page has.
    // String in the document's table.
    #[param(title = "展示条数", min = 1, lenient)]
    pub page_size: i64,
    /// Only tasks of processes with this name. Whether a part of a name is enough isn't documented.
    #[param(title = "流程名称")]
    pub process_name: Option<String>,
    /// Only tasks of processes started at this time or later, `yyyy-MM-dd HH:mm:ss`.
    #[param(
        title = "流程最早开始时间",
        pattern = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$",
        example = "2025-01-23 00:00:00"
    )]
    pub pro_start_begin_time: Option<String>,
    /// Only tasks of processes started at this time or earlier, `yyyy-MM-dd HH:mm:ss`.
    #[param(
        title = "流程最晚开始时间",
        pattern = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$",
        example = "2025-01-23 00:00:00"
    )]
    pub pro_start_end_time: Option<String>,
}

/// List the tasks that the user has finished, page by page
///
/// Section 查询已办任务.
///
/// The other half of `todo-task.list`: `finishTime` says when a task was finished, `duration` how long it took.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "finished-task.list",
    title = "查询已办任务",
    route = "GET /workflow/process/finishedList",
    effect = Read,
    rename_all = "camelCase",
    pages = PAGES,
    response = Rows<Task>,
    example = r#"{"pageNum":1,"pageSize":10,"processName":"业务流程_1713856853870"}"#
)]
pub struct ListFinished {
    /// Number of the page, from 1.
    #[param(title = "当前页", min = 1)]
    pub page_num: i64,
    /// How many rows a page has.
    // String in the document's table.
    #[param(title = "展示条数", min = 1, lenient)]
    pub page_size: i64,
    /// Only tasks of processes with this name. Whether a part of a name is enough isn't documented.
    #[param(title = "流程名称")]
    pub process_name: Option<String>,
    /// Only tasks of processes started at this time or later, `yyyy-MM-dd HH:mm:ss`.
    #[param(
        title = "流程最早开始时间",
        pattern = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$",
        example = "2025-01-23 00:00:00"
    )]
    pub pro_start_begin_time: Option<String>,
    /// Only tasks of processes started at this time or earlier, `yyyy-MM-dd HH:mm:ss`.
    #[param(
        title = "流程最晚开始时间",
        pattern = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$",
        example = "2025-01-23 00:00:00"
    )]
    pub pro_start_end_time: Option<String>,
}

/// A task, with the process that it belongs to. A process that the user has started has the same members.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct Task {
    /// Id of the task: `taskId` of the operations on a task.
    #[schema(title = "任务编号")]
    pub task_id: Option<String>,
    /// Name of the task.
    #[schema(title = "任务名称")]
    pub task_name: Option<String>,
    /// Key of its node in the process: `Activity_1div90g`.
    #[schema(title = "任务Key")]
    pub task_def_key: Option<String>,
    /// Id of the user who carries out the task.
    #[schema(title = "任务执行人Id")]
    pub assignee_id: Option<String>,
    /// Name of a department.
    #[schema(title = "部门名称")]
    pub dept_name: Option<String>,
    /// Name of the department of the user who started the process.
    #[schema(title = "流程发起人部门名称")]
    pub start_dept_name: Option<String>,
    /// Name of the user who carries out the task.
    #[schema(title = "任务执行人名称")]
    pub assignee_name: Option<String>,
    /// Id of the user who started the process.
    #[schema(title = "流程发起人Id")]
    pub start_user_id: Option<String>,
    /// Name of the user who started the process.
    #[schema(title = "流程发起人名称")]
    pub start_user_name: Option<String>,
    /// Category of the process.
    #[schema(title = "流程类型")]
    pub category: Option<String>,
    /// Variables of the process.
    #[schema(title = "流程变量信息")]
    pub proc_vars: Option<Map<String, Value>>,
    /// Variables of the task alone.
    #[schema(title = "局部变量信息")]
    pub task_local_vars: Option<Map<String, Value>>,
    /// Id of the deployment: `deployId` of `process-form.get`.
    #[schema(title = "流程部署编号")]
    pub deploy_id: Option<String>,
    /// Id of the definition, with version and UUID: `definitionId` of `process-form.get`.
    #[schema(title = "流程ID")]
    pub proc_def_id: Option<String>,
    /// Key of the process.
    #[schema(title = "流程key")]
    pub proc_def_key: Option<String>,
    /// Name of the process.
    #[schema(title = "流程定义名称")]
    pub proc_def_name: Option<String>,
    /// Version of the process.
    #[schema(title = "流程定义内置使用版本")]
    pub proc_def_version: Option<i64>,
    /// Id of the process instance: `procInsId` of the operations on a task.
    #[schema(title = "流程实例ID")]
    pub proc_ins_id: Option<String>,
    /// Id of the process instance in the history.
    #[schema(title = "历史流程实例ID")]
    pub his_proc_ins_id: Option<String>,
    /// How long it took, in Chinese words: `1天5小时8分42秒`, `0天0小时30分钟`.
    #[schema(title = "任务耗时")]
    pub duration: Option<String>,
    /// The comment on the task.
    pub comment: Option<Comment>,
    /// The comments on the task.
    #[schema(title = "任务意见")]
    pub comment_list: Option<Vec<CommentEntry>>,
    /// Who may take the task.
    #[schema(title = "候选执行人")]
    pub candidate: Option<String>,
    /// When the task was created, `yyyy-MM-dd HH:mm:ss`.
    #[schema(title = "任务创建时间")]
    pub create_time: Option<String>,
    /// When the task was finished, `yyyy-MM-dd HH:mm:ss`.
    #[schema(title = "任务完成时间")]
    pub finish_time: Option<String>,
    /// State of the process. The document's examples have `running`; it doesn't list the others. Its introduction
    /// speaks of 进行中 (in progress), 已完成 (completed) and 已取消 (cancelled), without their values here.
    #[schema(title = "流程状态")]
    pub process_status: Option<String>,
    /// When the process was started, `yyyy-MM-dd HH:mm:ss`.
    #[schema(title = "流程实例创建时间")]
    pub pro_ins_create_time: Option<String>,
}

/// A comment and its kind.
#[derive(Debug, Schema)]
pub struct Comment {
    /// `0`: a normal opinion (正常意见); `1`: one with a return (退回意见); `2`: one with a rejection (驳回意见).
    #[schema(title = "意见类别", rename = "type")]
    pub kind: Option<String>,
    /// What it says.
    #[schema(title = "意见内容")]
    pub comment: Option<String>,
}

/// One of the comments. The document gives its members names and no words; the descriptions follow the names.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct CommentEntry {
    /// Id of the comment.
    pub id: Option<String>,
    /// Kind of the comment. Whether it is that of `comment` isn't documented.
    #[schema(rename = "type")]
    pub kind: Option<String>,
    /// When it was made; the document calls it a date-time.
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
