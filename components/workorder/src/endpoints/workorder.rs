//! Work orders and their types.

use patchbay_sdk::{Endpoint, Failure, Handler, Operation, Params, Payload, Schema, operations};
use serde_json::{Map, Value};

use super::{LIST, Started};
use crate::client::WorkOrder;

/// The operations of this group.
pub const OPERATIONS: &[Operation<WorkOrder>] = operations![Create; ListAppTypes, ListSynthesisTypes];

/// List the types of work orders that belong to applications
///
/// Section 查询应用工单类型.
///
/// The vendor doesn't tell how many there are, may give fewer than asked for, and may ignore the page: the list has
/// ended with an empty page, or one that repeats the one before.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "app-workorder-type.list",
    title = "查询应用工单类型",
    route = "GET /WorkOrder/app/list",
    effect = Read,
    rename_all = "camelCase",
    pages = LIST,
    response = Vec<AppType>,
    example = r#"{"pageNo":1,"pageSize":10}"#
)]
pub struct ListAppTypes {
    /// Number of the page, from 1.
    #[param(title = "当前页", min = 1)]
    pub page_no: i64,
    /// How many items a page has.
    #[param(title = "每页数量", min = 1)]
    pub page_size: i64,
}

impl Handler<WorkOrder> for ListAppTypes {
    fn handle(connector: &WorkOrder, params: Params) -> Result<Payload, Failure> {
        connector.list_types(Self::DECLARATION, params)
    }
}

/// A type of work orders that belongs to an application.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct AppType {
    /// Id of the application. The document doesn't say whether it is the `workorderId` of `workorder.create`.
    #[schema(title = "应用ID")]
    pub app_id: Option<String>,
    /// Name of the application.
    #[schema(title = "应用名称")]
    pub application_name: Option<String>,
    /// Another id of the application, in the document's example only.
    pub application_id: Option<String>,
    /// Secret of the application: `***` unless the setting `reveal_secrets` is true.
    #[schema(title = "应用密钥")]
    pub application_secret: Option<String>,
    /// `0`: choose an application (选择应用); `1`: add an application (添加应用).
    pub app_flag: Option<String>,
    /// URL of its icon.
    #[schema(title = "图标地址")]
    pub images: Option<String>,
}

/// List the general types of work orders
///
/// Section 查询综合工单类型.
///
/// The vendor doesn't tell how many there are, may give fewer than asked for, and may ignore the page: the list has
/// ended with an empty page, or one that repeats the one before. On HTTP 404 the operator tries `/workorder/synthesis/list` in `path_overrides`:
/// the document's path may have lost its beginning.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "synthesis-workorder-type.list",
    title = "查询综合工单类型",
    route = "GET /synthesis/list",
    effect = Read,
    rename_all = "camelCase",
    pages = LIST,
    response = Vec<SynthesisType>,
    example = r#"{"pageNo":1,"pageSize":10}"#
)]
pub struct ListSynthesisTypes {
    /// Number of the page, from 1.
    #[param(title = "当前页", min = 1)]
    pub page_no: i64,
    /// How many items a page has.
    #[param(title = "每页数量", min = 1)]
    pub page_size: i64,
}

impl Handler<WorkOrder> for ListSynthesisTypes {
    fn handle(connector: &WorkOrder, params: Params) -> Result<Payload, Failure> {
        connector.list_types(Self::DECLARATION, params)
    }
}

/// A general type of work orders.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct SynthesisType {
    /// Id of the type. The document doesn't say whether it is the `workorderId` of `workorder.create`.
    #[schema(title = "综合工单ID")]
    pub synthesis_id: Option<String>,
    /// The document has no words for it; `null` in its example.
    pub parent_id: Option<String>,
    /// Name of the type.
    #[schema(title = "综合工单名称")]
    pub category_name: Option<String>,
    /// The document doesn't say what it means: a boolean in its example, while its table repeats the words of
    /// `appFlag` in `app-workorder-type.list`.
    pub child_flag: Option<bool>,
    /// Description of the type.
    #[schema(title = "描述")]
    pub description: Option<String>,
}

/// Create a work order for a process that was started
///
/// Section 创建工单.
///
/// Call `process.start` first and hand on what it gives: `TaskId` as `taskId`, `ProcessInstanceId` as `procInstId`.
/// No operation lists or gets work orders: follow the process with `own-process.list`, and its tasks with
/// `todo-task.list`. The document prints the path as `-userdefine/workorder/workorder`: the beginning of a service's
/// name is lost. On HTTP 404 the operator asks the gateway's administrator for that name and sets `path_overrides`:
/// `{"workorder.create": "/<name>-userdefine/workorder/workorder"}`.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "workorder.create",
    title = "创建工单",
    route = "POST /workorder/workorder",
    effect = Write,
    rename_all = "camelCase",
    response = Option<Started>,
    example = r#"{"systemId":"测试001","projectId":"","workorderId":"1900115540270891009","workorderIdExtend":"2,1900115540270891009","processId":"Process_1741923584470","workorderNumber":"","title":"测试001","workorderStatus":"","processStatus":"","source":"","compensation":"","evaluate":"","roomNumber":"","description":"","attachmentUrls":"","params":{"type":"","name":"","code":"","pos":"","newName":"","newCode":"","result":"","reson":""},"procInstId":"95b85483-2179-11f0-bb1d-7a2b9af5855c","taskId":"95c0df1a-2179-11f0-bb1d-7a2b9af5855c"}"#
)]
pub struct Create {
    /// Key of the process, without version and UUID: `processKey` of `process.list`. The document also calls
    /// it the id of the definition, but its example has a key.
    #[param(title = "流程定义ID / 关联的流程id")]
    pub process_id: String,
    /// Id of a task: `TaskId` of `process.start`.
    #[param(title = "任务ID")]
    pub task_id: String,
    /// Values of the form, by the keys of its fields: see `process-form.get`.
    #[param(title = "表单参数")]
    pub params: Map<String, Value>,
    /// The system that the work order belongs to: `测试001` in the document's example. Where it comes from isn't
    /// documented.
    #[param(title = "所属系统")]
    pub system_id: String,
    /// Name of the project; empty in the document's example.
    #[param(title = "项目名称")]
    pub project_id: String,
    /// Type of the work order (of its process). Where it comes from isn't documented; `appId` of
    /// `app-workorder-type.list` and `synthesisId` of `synthesis-workorder-type.list` have the same form.
    #[param(title = "工单(流程)类型")]
    pub workorder_id: Option<String>,
    /// The type for the vendor's own pages to show: `2,` and `workorderId` in the document's example.
    #[param(title = "工单(流程)类型_用于前端回显", example = "2,1900115540270891009")]
    pub workorder_id_extend: Option<String>,
    /// Number of the work order.
    #[param(title = "工单编号")]
    pub workorder_number: Option<String>,
    /// Title of the work order.
    #[param(title = "工单标题")]
    pub title: String,
    /// State of the work order. The document lists no values; its introduction speaks of 进行中 (in progress), 已完成
    /// (completed) and 已取消 (cancelled).
    #[param(title = "工单状态")]
    pub workorder_status: Option<String>,
    /// Where the work order comes from. The document lists no values.
    #[param(title = "工单来源")]
    pub source: Option<String>,
    /// Whether it is paid for. The document lists no values.
    #[param(title = "是否有偿")]
    pub compensation: Option<String>,
    /// Rating.
    #[param(title = "评价")]
    pub evaluate: Option<String>,
    /// Number of the room.
    #[param(title = "房号")]
    pub room_number: Option<String>,
    /// Description of the work order.
    #[param(title = "描述")]
    pub description: Option<String>,
    /// Address of an attachment. How several are written isn't documented, and no operation uploads any.
    #[param(title = "附件地址")]
    pub attachment_urls: Option<String>,
    /// Id of the process instance: `ProcessInstanceId` of `process.start`. In the document's example only.
    #[param(title = "流程实例Id")]
    pub proc_inst_id: Option<String>,
    /// State of the process; in the document's example only, and empty there. Rows of `own-process.list` have
    /// `running`.
    #[param(title = "流程状态")]
    pub process_status: Option<String>,
}
