//! Processes: which can be started, their forms, starting them, and which were started.

use patchbay_sdk::{Effect, Endpoint, Method, Operation, Pages, Rows, operations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Started;
use super::task::Task;
use crate::client::WorkOrder;

/// The operations of this group.
pub const OPERATIONS: &[Operation<WorkOrder>] = operations![List, GetForm, Start, ListOwn];

/// List the processes that the user can start, page by page
///
/// Section 获取可发起流程列表.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct List {
    /// Number of the page, from 1.
    pub page_num: i64,
    /// How many rows a page has.
    pub page_size: i64,
    /// Only the process of this key: `Process_1737372802048`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process_key: Option<String>,
    /// Only processes of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process_name: Option<String>,
    /// Only processes of this category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
}

impl Endpoint for List {
    const ID: &'static str = "process.list";
    const TITLE: &'static str = "获取可发起流程列表";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/workflow/process/list";
    const EFFECT: Effect = Effect::Read;
    const PAGES: Option<Pages> = Some(super::PAGES);
    type Response = Rows<Definition>;
}

/// A process that can be started.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Definition {
    /// Id of the definition: key, version and a UUID. `process.start` takes it as `processDefId`.
    pub definition_id: Option<String>,
    /// Name of the process.
    pub process_name: Option<String>,
    /// Key of the process, the same in all versions. `workorder.create` takes it as `processId`.
    pub process_key: Option<String>,
    /// Code of its category.
    pub category: Option<String>,
    /// Its version.
    pub version: Option<i64>,
    /// Id of its form.
    pub form_id: Option<i64>,
    /// Name of its form.
    pub form_name: Option<String>,
    /// Id of its deployment. `process-form.get` takes it as `deployId`.
    pub deployment_id: Option<String>,
    /// Whether it is suspended.
    pub suspended: Option<bool>,
    /// When it was deployed, `yyyy-MM-dd HH:mm:ss`.
    pub deployment_time: Option<String>,
    /// Id of its icon.
    pub icon_id: Option<String>,
}

/// Get the form of a process, to fill it in before starting the process
///
/// Section 获取流程表单信息.
///
/// How the form is described isn't documented; it comes out as the vendor gives it, `null` where the
/// process has none. The keys of its fields are the keys of `variables` in `process.start`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetForm {
    /// Id of the definition: `definitionId` of `process.list`.
    pub definition_id: String,
    /// Id of the deployment: `deploymentId` of `process.list`.
    pub deploy_id: String,
    /// Id of a process instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proc_ins_id: Option<String>,
}

impl Endpoint for GetForm {
    const ID: &'static str = "process-form.get";
    const TITLE: &'static str = "获取流程表单信息";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/workflow/process/getProcessForm";
    const EFFECT: Effect = Effect::Read;
    type Response = Option<Map<String, Value>>;
}

/// Start a process
///
/// Section 发起流程.
///
/// What it gives is what `workorder.create` needs. It fails when the process or its form was changed and
/// not deployed again since. The id travels in the path and in the body; a path without the placeholder in
/// `path_overrides` leaves it in the body alone.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Start {
    /// Id of the definition, with version and UUID: `definitionId` of `process.list`.
    pub process_def_id: String,
    /// Values of the form by the keys of its fields, from `process-form.get`. `null` is an empty field.
    pub variables: Map<String, Value>,
}

impl Endpoint for Start {
    const ID: &'static str = "process.start";
    const TITLE: &'static str = "发起流程";
    const METHOD: Method = Method::POST;
    /// The overview prints `start/{processId}`, the section a URL that ends in a slash.
    const PATH: &'static str = "/workflow/process/start/{processDefId}";
    const EFFECT: Effect = Effect::Write;
    const REPEATED: &'static [&'static str] = &["processDefId"];
    type Response = Option<Started>;
}

/// List the processes that the user has started, page by page
///
/// Section 查看我发起的流程.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListOwn {
    /// Number of the page, from 1.
    pub page_num: i64,
    /// How many rows a page has.
    pub page_size: i64,
    /// Only the process of this key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process_key: Option<String>,
    /// Only processes of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process_name: Option<String>,
    /// Only processes of this category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Only what was started at this time or later, `yyyy-MM-dd HH:mm:ss`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pro_start_begin_time: Option<String>,
    /// Only what was started at this time or earlier, `yyyy-MM-dd HH:mm:ss`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pro_start_end_time: Option<String>,
}

impl Endpoint for ListOwn {
    const ID: &'static str = "own-process.list";
    const TITLE: &'static str = "查看我发起的流程";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/workflow/process/ownList";
    const EFFECT: Effect = Effect::Read;
    const PAGES: Option<Pages> = Some(super::PAGES);
    type Response = Rows<Task>;
}
