//! Processes: which can be started, their forms, starting them, and which were started.

use patchbay_sdk::{Endpoint, Operation, Rows, Schema, operations};
use serde_json::{Map, Value};

use super::task::Task;
use super::{PAGES, Started};
use crate::client::WorkOrder;

/// The operations of this group.
pub const OPERATIONS: &[Operation<WorkOrder>] = operations![List, GetForm, Start, ListOwn];

/// List the processes that can be started, page by page
///
/// Section 获取可发起流程列表.
///
/// The way to a work order: `process.list`, `process-form.get`, `process.start`, `workorder.create`.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "process.list",
    title = "获取可发起流程列表",
    route = "GET /workflow/process/list",
    effect = Read,
    rename_all = "camelCase",
    pages = PAGES,
    response = Rows<Definition>,
    example = r#"{"pageNum":1,"pageSize":10}"#,
    example = r#"{"pageNum":1,"pageSize":10,"processKey":"Process_1737372802048","processName":"租户审核","category":"1878032733533601793"}"#
)]
pub struct List {
    /// Number of the page, from 1.
    #[param(title = "当前页", min = 1)]
    pub page_num: i64,
    /// How many rows a page has.
    #[param(title = "展示条数", min = 1)]
    pub page_size: i64,
    /// Only the process with this key, as a row's `processKey` has it.
    // Int in this table, String in that of `own-process.list`.
    #[param(title = "流程标识", lenient)]
    pub process_key: Option<String>,
    /// Only processes with this name. Whether a part of a name is enough isn't documented.
    #[param(title = "流程名称")]
    pub process_name: Option<String>,
    /// Only processes of this category: a code, as a row's `category` has it.
    #[param(title = "流程分类")]
    pub category: Option<String>,
}

/// A process that can be started.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct Definition {
    /// Id of the definition: key, version and a UUID. `definitionId` of `process-form.get`, `processDefId` of
    /// `process.start`.
    #[schema(title = "流程定义ID")]
    pub definition_id: Option<String>,
    /// Name of the process.
    #[schema(title = "流程名称")]
    pub process_name: Option<String>,
    /// Key of the process: `processId` of `workorder.create`.
    #[schema(title = "流程Key")]
    pub process_key: Option<String>,
    /// Code of its category.
    #[schema(title = "分类编码")]
    pub category: Option<String>,
    /// Its version.
    #[schema(title = "版本")]
    pub version: Option<i64>,
    /// Id of its form.
    #[schema(title = "表单ID")]
    pub form_id: Option<i64>,
    /// Name of its form.
    #[schema(title = "表单名称")]
    pub form_name: Option<String>,
    /// Id of its deployment: `deployId` of `process-form.get`.
    #[schema(title = "部署ID")]
    pub deployment_id: Option<String>,
    /// Whether it is suspended: `true`: suspended (挂起); `false`: active (激活).
    #[schema(title = "流程是否暂停")]
    pub suspended: Option<bool>,
    /// When it was deployed, `yyyy-MM-dd HH:mm:ss`.
    #[schema(title = "部署时间")]
    pub deployment_time: Option<String>,
    /// Id of its icon.
    #[schema(title = "图标id")]
    pub icon_id: Option<String>,
}

/// Get the form of a process, to fill it in before starting the process
///
/// Section 获取流程表单信息.
///
/// How a form is described isn't documented; it comes out as the vendor gives it, `null` where there is none. The
/// keys of its fields are those that `variables` of `process.start` takes, such as `input58922`.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "process-form.get",
    title = "获取流程表单信息",
    route = "GET /workflow/process/getProcessForm",
    effect = Read,
    rename_all = "camelCase",
    response = Option<Map<String, Value>>,
    example = r#"{"definitionId":"Process_1737372802048:5:7dbaa3b2-d888-11ef-acd8-8a9e546749a3","deployId":"7db6ac0f-d888-11ef-acd8-8a9e546749a3"}"#
)]
pub struct GetForm {
    /// Id of the definition, with version and UUID: `definitionId` of `process.list`.
    #[param(title = "流程定义ID")]
    pub definition_id: String,
    /// Id of the deployment: `deploymentId` of `process.list`, `deployId` of the other lists.
    #[param(title = "部署id")]
    pub deploy_id: String,
    /// Id of a process instance: `ProcessInstanceId` of `process.start`, `procInsId` of `own-process.list` and of
    /// the lists of tasks. What it changes isn't documented.
    #[param(title = "流程实例id")]
    pub proc_ins_id: Option<String>,
}

/// Start a process
///
/// Section 发起流程.
///
/// Ask `process-form.get` for the form first. With what it gives, `workorder.create` creates the work order, and
/// `own-process.list` follows the process. Where starting fails because the form or the design of the process was
/// changed, the process must be deployed again in its template (在流程模板中重新部署一次流程).
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "process.start",
    title = "发起流程",
    // The overview prints `start/{processId}`, the section a URL that ends in a slash.
    route = "POST /workflow/process/start/{processDefId}",
    effect = Write,
    rename_all = "camelCase",
    response = Option<Started>,
    example = r#"{"processDefId":"Process_1741923584470:1:127026d3-00ac-11f0-8c7a-ba0a22df0408","variables":{"cascaderarea53999":"","input58922":"","daterange29917":null,"timerange70409":null,"textarea79127":"","pictureupload96832":null,"input64189":""}}"#
)]
pub struct Start {
    /// Id of the definition, with version and UUID: `definitionId` of `process.list`.
    #[param(title = "流程定义ID", also_body)]
    pub process_def_id: String,
    /// Values of the form by the keys of its fields, from `process-form.get`. Fields that aren't filled in are
    /// `""` or `null` in the document's example.
    #[param(title = "表单信息")]
    pub variables: Map<String, Value>,
}

/// List the processes that the user has started, page by page
///
/// Section 查看我发起的流程.
///
/// Follows what `process.start` has started: `processStatus` is the state. Rows have the members of tasks, but
/// `taskId` is `null` in the document's example; `todo-task.list` has the tasks.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "own-process.list",
    title = "查看我发起的流程",
    route = "GET /workflow/process/ownList",
    effect = Read,
    rename_all = "camelCase",
    pages = PAGES,
    response = Rows<Task>,
    example = r#"{"pageNum":1,"pageSize":10,"proStartBeginTime":"2025-01-23 00:00:00","proStartEndTime":"2025-01-24 00:00:00"}"#
)]
pub struct ListOwn {
    /// Number of the page, from 1.
    #[param(title = "当前页", min = 1)]
    pub page_num: i64,
    /// How many rows a page has.
    #[param(title = "展示条数", min = 1)]
    pub page_size: i64,
    /// Only the process with this key: `processKey` of `process.list`.
    // Int in the table of `process.list`.
    #[param(title = "流程标识", lenient)]
    pub process_key: Option<String>,
    /// Only processes with this name. Whether a part of a name is enough isn't documented.
    #[param(title = "流程名称")]
    pub process_name: Option<String>,
    /// Only processes of this category: `category` of `process.list`.
    #[param(title = "流程分类")]
    pub category: Option<String>,
    /// Only processes started at this time or later, `yyyy-MM-dd HH:mm:ss`.
    #[param(
        title = "流程最早开始时间",
        pattern = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$",
        example = "2025-01-23 00:00:00"
    )]
    pub pro_start_begin_time: Option<String>,
    /// Only processes started at this time or earlier, `yyyy-MM-dd HH:mm:ss`.
    #[param(
        title = "流程最晚开始时间",
        pattern = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$",
        example = "2025-01-23 00:00:00"
    )]
    pub pro_start_end_time: Option<String>,
}
