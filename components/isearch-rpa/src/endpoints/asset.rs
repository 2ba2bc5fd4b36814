//! Variables and the record of their use (section 3.10).

use patchbay_sdk::{
    Effect, Encoding, Endpoint, Failure, Method, Nothing, Operation, Page, Pages, Violation, operations,
    params,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::YesNo;
use crate::client::IsearchRpa;

/// The operations of this group.
pub const OPERATIONS: &[Operation<IsearchRpa>] = operations![ListAccess, List, Create, Update, Delete];

/// List who used a variable, page by page
///
/// Section 3.10.1.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListAccess {
    /// Variable ID.
    pub asset_id: String,
    /// Access action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// Process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proc_code: Option<String>,
    /// Robot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub robot_no: Option<String>,
    /// Start of the time, `yyyy-MM-dd HH:mm:ss`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// End of the time, `yyyy-MM-dd HH:mm:ss`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Number of the page, from 1.
    pub page: i64,
    /// How many items a page has.
    pub size: i64,
}

impl Endpoint for ListAccess {
    const ID: &'static str = "asset-log.list";
    const TITLE: &'static str = "获取变量访问记录列表";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/oapi/v1/asset/vlog";
    const EFFECT: Effect = Effect::Read;
    const PAGES: Option<Pages> = Some(super::PAGES);
    type Response = Page<Access>;
}

/// What was done with a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It was changed.
    Edit,
    /// It was created.
    Create,
    /// It was read.
    Read,
}

/// One use of a variable.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Access {
    /// Robot.
    pub vlog_robot_no: Option<String>,
    /// Process.
    pub vlog_process: Option<String>,
    /// Action; 'add' in the example.
    pub vlog_action: Option<String>,
    /// Job number; "333333" in the example.
    pub vlog_job_no: Option<String>,
    /// Creation time, 'yyyy-MM-dd HH:mm:ss'.
    pub vlog_create_time: Option<String>,
}

/// List the variables, page by page
///
/// Section 3.10.2.
///
/// Values of the types `passwd` and `password` come out as `***` unless the setting `reveal_secrets` is true.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct List {
    /// Variable name filter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset_name: Option<String>,
    /// Number of the page, from 1.
    pub page: i64,
    /// How many items a page has.
    pub size: i64,
}

impl Endpoint for List {
    const ID: &'static str = "asset.list";
    const TITLE: &'static str = "获取变量列表";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/oapi/v1/asset/list";
    const EFFECT: Effect = Effect::Read;
    const ENCODING: Encoding = Encoding::QueryAndJson;
    const PAGES: Option<Pages> = Some(super::PAGES);
    type Response = Page<Asset>;
}

/// A variable.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Asset {
    /// Variable ID.
    pub id: Option<i64>,
    /// Robot number; 'all' in the example.
    pub robot_no: Option<String>,
    /// Whether a Python expression: yes/no.
    pub is_python_expr: Option<String>,
    /// Department code.
    pub org_code: Option<String>,
    /// Whether editable by the client: yes/no.
    pub is_client_edit: Option<String>,
    /// Variable name.
    pub asset_name: Option<String>,
    /// Its value.
    pub asset_value: Option<String>,
    /// Variable type: `text`, or `passwd` or `password` for a password.
    pub asset_type: Option<String>,
    /// Creation time, epoch ms as a string.
    pub create_time: Option<String>,
    /// Modification time, the same.
    pub modify_time: Option<String>,
    /// Robot alias.
    pub agent_alias: Option<String>,
}

/// Create a variable
///
/// Section 3.10.3.
///
/// The answer has no id of what was created; find it with `asset.list`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Create {
    /// Numbers of the robots that it is for, separated by commas: `robot07,robot06`.
    pub robots_no: String,
    /// Whether the value is a Python expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_python_expr: Option<YesNo>,
    /// Whether the client may change it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_client_edit: Option<YesNo>,
    /// Variable description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset_desc: Option<String>,
    /// Variable name.
    pub asset_name: String,
    /// Variable value (may be a password).
    pub asset_value: String,
    /// Whether the value is plain text or a password.
    pub asset_type: AssetType,
    /// Department code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org_code: Option<String>,
}

impl Endpoint for Create {
    const ID: &'static str = "asset.create";
    const TITLE: &'static str = "新增变量";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/oapi/v1/asset";
    const EFFECT: Effect = Effect::Write;
    type Response = Nothing;
}

/// The type of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AssetType {
    /// Plain text.
    Text,
    /// A password.
    Passwd,
    /// A password, as the document's example writes it.
    Password,
}

/// Change a variable's value
///
/// Section 3.10.4.
///
/// Where several robots have a variable of this name, the document doesn't say which one changes.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Update {
    /// Variable name.
    pub asset_name: String,
    /// New value.
    pub asset_value: String,
}

impl Endpoint for Update {
    const ID: &'static str = "asset.update";
    const TITLE: &'static str = "修改变量";
    const METHOD: Method = Method::PUT;
    const PATH: &'static str = "/oapi/v1/asset";
    const EFFECT: Effect = Effect::Idempotent;
    type Response = Nothing;
}

/// Delete a variable, by id or by name
///
/// Section 3.10.5.
///
/// At least one of `assetId` and `assetName` is needed; an empty name counts as absent. Where both
/// are given, only the id is sent.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("anyOf" = [
    { "required": ["assetId"] },
    { "required": ["assetName"], "properties": { "assetName": { "minLength": 1 } } },
]))]
pub struct Delete {
    /// Id of the variable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset_id: Option<i64>,
    /// Variable name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset_name: Option<String>,
}

impl Endpoint for Delete {
    const ID: &'static str = "asset.delete";
    const TITLE: &'static str = "删除变量";
    const METHOD: Method = Method::DELETE;
    const PATH: &'static str = "/oapi/v1/asset";
    const EFFECT: Effect = Effect::Idempotent;
    type Response = Nothing;

    fn check(&self) -> Vec<Violation> {
        params::at_least_one(self, &["assetId", "assetName"])
    }

    fn params(&self) -> Result<Map<String, Value>, Failure> {
        params::prefer(self, "assetId", "assetName")
    }
}
