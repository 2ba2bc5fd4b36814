//! Work orders and their types.

use patchbay_sdk::{Call, Effect, Endpoint, Failure, Handler, Method, Operation, Pages, Payload, operations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Started;
use crate::client::WorkOrder;

/// The operations of this group.
pub const OPERATIONS: &[Operation<WorkOrder>] = operations![Create; ListAppTypes, ListSynthesisTypes];

/// List the types of work orders that belong to applications
///
/// Section 查询应用工单类型.
///
/// The vendor doesn't tell how many there are, and may ignore the page: stop at a page that is short, or
/// that repeats the one before. `applicationSecret` comes out as `***` unless the setting
/// `reveal_secrets` is true.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListAppTypes {
    /// Number of the page, from 1.
    pub page_no: i64,
    /// How many items a page has.
    pub page_size: i64,
}

impl Endpoint for ListAppTypes {
    const ID: &'static str = "app-workorder-type.list";
    const TITLE: &'static str = "查询应用工单类型";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/WorkOrder/app/list";
    const EFFECT: Effect = Effect::Read;
    const PAGES: Option<Pages> = Some(super::LIST);
    type Response = Vec<AppType>;
}

impl Handler<WorkOrder> for ListAppTypes {
    fn handle(&self, connector: &WorkOrder) -> Result<Payload, Failure> {
        connector.list_types(Call::encode(connector.host(), self)?)
    }
}

/// A type of work orders that belongs to an application.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppType {
    /// Id of the type.
    pub app_id: Option<String>,
    /// Name of the application.
    pub application_name: Option<String>,
    /// Id of the application in the application platform.
    pub application_id: Option<String>,
    /// Secret of the application: `***` unless the setting `reveal_secrets` is true.
    pub application_secret: Option<String>,
    /// `0` a selected application, `1` an added one.
    pub app_flag: Option<String>,
    /// URL of its icon.
    pub images: Option<String>,
}

/// List the general types of work orders
///
/// Section 查询综合工单类型.
///
/// The vendor doesn't tell how many there are, and may ignore the page: stop at a page that is short, or
/// that repeats the one before. On HTTP 404 try `/workorder/synthesis/list` in `path_overrides`: the
/// document's path seems to have lost its beginning.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListSynthesisTypes {
    /// Number of the page, from 1.
    pub page_no: i64,
    /// How many items a page has.
    pub page_size: i64,
}

impl Endpoint for ListSynthesisTypes {
    const ID: &'static str = "synthesis-workorder-type.list";
    const TITLE: &'static str = "查询综合工单类型";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/synthesis/list";
    const EFFECT: Effect = Effect::Read;
    const PAGES: Option<Pages> = Some(super::LIST);
    type Response = Vec<SynthesisType>;
}

impl Handler<WorkOrder> for ListSynthesisTypes {
    fn handle(&self, connector: &WorkOrder) -> Result<Payload, Failure> {
        connector.list_types(Call::encode(connector.host(), self)?)
    }
}

/// A general type of work orders.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SynthesisType {
    /// Id of the type.
    pub synthesis_id: Option<String>,
    /// Id of the type above it.
    pub parent_id: Option<String>,
    /// Name of the type.
    pub category_name: Option<String>,
    /// A boolean in the example; the document doesn't say what it means.
    pub child_flag: Option<bool>,
    /// What it is for.
    pub description: Option<String>,
}

/// Create a work order for a process that was started
///
/// Section 创建工单.
///
/// Call `process.start` first and hand on what it gives: `TaskId` as `taskId`, `ProcessInstanceId` as
/// `procInstId`. There is no operation that lists work orders: follow the process and its tasks.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Create {
    /// Key of the process, without version and UUID: `processKey` of `process.list`.
    pub process_id: String,
    /// Id of the task that `process.start` gave.
    pub task_id: String,
    /// Values of the form.
    pub params: Map<String, Value>,
    /// The system that the work order belongs to.
    pub system_id: String,
    /// Name of the project; may be empty.
    pub project_id: String,
    /// Type of the work order. The document doesn't say where it comes from; the ids of the types in
    /// `app-workorder-type.list` and `synthesis-workorder-type.list` have the same form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workorder_id: Option<String>,
    /// The type as the vendor's own pages show it: `2,1900115540270891009`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workorder_id_extend: Option<String>,
    /// Number of the work order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workorder_number: Option<String>,
    /// Title of the work order.
    pub title: String,
    /// State of the work order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workorder_status: Option<String>,
    /// Where the work order comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Whether the work is paid for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compensation: Option<String>,
    /// How the work was rated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evaluate: Option<String>,
    /// Number of the room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room_number: Option<String>,
    /// What is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// URLs of attachments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_urls: Option<String>,
    /// Id of the process instance that `process.start` gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proc_inst_id: Option<String>,
    /// State of the process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process_status: Option<String>,
}

impl Endpoint for Create {
    const ID: &'static str = "workorder.create";
    const TITLE: &'static str = "创建工单";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/workorder/workorder";
    const EFFECT: Effect = Effect::Write;
    type Response = Option<Started>;
}
