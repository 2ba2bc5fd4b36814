//! Variables and the record of their use (section 3.10).

use patchbay_sdk::{Endpoint, Nothing, Operation, Page, Schema, operations};

use super::common::{PAGES, YesNo};
use crate::client::IsearchRpa;

/// The operations of this group.
pub const OPERATIONS: &[Operation<IsearchRpa>] = operations![ListAccess, List, Create, Update, Delete];

/// List who used a variable, page by page
///
/// Section 3.10.1.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "asset-log.list",
    title = "获取变量访问记录列表",
    route = "GET /oapi/v1/asset/vlog",
    effect = Read,
    rename_all = "camelCase",
    pages = PAGES,
    response = Page<Access>,
    example = r#"{"assetId":"3","page":1,"size":10}"#,
    example = r#"{"assetId":"3","action":"read","from":"2020-03-30 00:00:00","to":"2020-03-31 00:00:00","page":1,"size":10}"#
)]
pub struct ListAccess {
    /// Id of the variable: `id` of `asset.list`. Travels as text. The document's example has `RPA`, which looks like
    /// a name; whether names are taken it doesn't say.
    #[param(title = "变量 id", lenient)]
    pub asset_id: String,
    /// Only this way of using it.
    #[param(title = "访问动作")]
    pub action: Option<Action>,
    /// Only uses by this process. `procCode` of `process.list` has the same name; the document doesn't say more.
    #[param(title = "所属流程")]
    pub proc_code: Option<String>,
    /// Only uses by this robot. `agentNo` of `robot.list` is what the document calls a robot number (机器人编号); it
    /// doesn't say more.
    #[param(title = "所属机器人")]
    pub robot_no: Option<String>,
    /// Start of the time. The document gives no format; its answers have `yyyy-MM-dd HH:mm:ss`.
    #[param(
        title = "开始时间",
        pattern = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$",
        example = "2020-03-30 00:00:00"
    )]
    pub from: Option<String>,
    /// End of the time, in the same format.
    #[param(
        title = "结束时间",
        pattern = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$",
        example = "2020-03-31 00:00:00"
    )]
    pub to: Option<String>,
    /// Number of the page, from 1.
    #[param(title = "页数", min = 1)]
    pub page: i64,
    /// How many uses a page has.
    #[param(title = "每页记录数", min = 1)]
    pub size: i64,
}

/// What was done with a variable. The document has no more words for it; its example of an answer has `add`.
#[derive(Debug, Schema)]
#[schema(rename_all = "lowercase")]
pub enum Action {
    /// Edited.
    Edit,
    /// Created.
    Create,
    /// Read.
    Read,
}

/// One use of a variable.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct Access {
    /// Robot: `zhangyy`.
    #[schema(title = "机器人")]
    pub vlog_robot_no: Option<String>,
    /// Process: `2OSHI`.
    #[schema(title = "流程")]
    pub vlog_process: Option<String>,
    /// What was done: `add` in the document's example.
    #[schema(title = "动作")]
    pub vlog_action: Option<String>,
    /// Number of the job: `333333`.
    #[schema(title = "jobNo")]
    pub vlog_job_no: Option<String>,
    /// When, `yyyy-MM-dd HH:mm:ss`.
    #[schema(title = "创建时间")]
    pub vlog_create_time: Option<String>,
}

/// List the variables, page by page
///
/// Section 3.10.2.
///
/// The values of those whose `assetType` is `passwd` or `password` come out as `***` unless the setting
/// `reveal_secrets` is true.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "asset.list",
    title = "获取变量列表",
    route = "POST /oapi/v1/asset/list",
    effect = Read,
    encoding = QueryAndJson,
    rename_all = "camelCase",
    pages = PAGES,
    response = Page<Asset>,
    example = r#"{"page":1,"size":10}"#
)]
pub struct List {
    /// Only variables of this name. The document doesn't say whether a part of the name is enough.
    #[param(title = "变量名")]
    pub asset_name: Option<String>,
    /// Number of the page, from 1.
    #[param(title = "页数", min = 1)]
    pub page: i64,
    /// How many variables a page has.
    #[param(title = "每页记录数", min = 1)]
    pub size: i64,
}

/// A variable.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct Asset {
    /// Id of the variable: `assetId` of `asset.delete` and `asset-log.list`.
    #[schema(title = "变量编号")]
    pub id: Option<i64>,
    /// Robot number: `all` in the document's example.
    #[schema(title = "机器人编号")]
    pub robot_no: Option<String>,
    /// Whether the value is a Python expression.
    #[schema(title = "是否是 python 表达式")]
    pub is_python_expr: Option<YesNo>,
    /// Department code: `086` in the document's example.
    #[schema(title = "部门编号")]
    pub org_code: Option<String>,
    /// Whether the client may change it.
    #[schema(title = "是否客户端修改")]
    pub is_client_edit: Option<YesNo>,
    /// Name of the variable.
    #[schema(title = "变量名")]
    pub asset_name: Option<String>,
    /// Its value.
    #[schema(title = "变量值")]
    pub asset_value: Option<String>,
    /// Whether the value is a password.
    #[schema(title = "变量类型")]
    pub asset_type: Option<AssetType>,
    /// When it was created: milliseconds since 1970, as a string, which may end with a blank.
    #[schema(title = "创建时间")]
    pub create_time: Option<String>,
    /// When it was changed, the same.
    #[schema(title = "修改时间")]
    pub modify_time: Option<String>,
    /// Alias of the robot; the string `null ` in the document's example.
    #[schema(title = "机器人别名")]
    pub agent_alias: Option<String>,
}

/// Create a variable
///
/// Section 3.10.3.
///
/// The answer has no id: find the variable with `asset.list`.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "asset.create",
    title = "新增变量",
    route = "POST /oapi/v1/asset",
    effect = Write,
    rename_all = "camelCase",
    response = Nothing,
    example = r#"{"assetName":"chen1","assetType":"text","assetValue":"123456","assetDesc":"1","robotsNo":"robot07,robot06","isClientEdit":"yes","isPythonExpr":"yes","orgCode":"-11-"}"#
)]
pub struct Create {
    /// Numbers of the robots that it is for, separated by commas: `robot07,robot06`. `agentNo` of `robot.list` has
    /// the same words in the document (机器人编号), which doesn't say more, nor how to name all robots.
    #[param(title = "机器人编号")]
    pub robots_no: String,
    /// Whether the value is a Python expression.
    #[param(title = "是否是 Python 表达式")]
    pub is_python_expr: Option<YesNo>,
    /// Whether the client may change it.
    #[param(title = "是否客户端修改")]
    pub is_client_edit: Option<YesNo>,
    /// Description.
    #[param(title = "变量描述")]
    pub asset_desc: Option<String>,
    /// Name of the variable.
    #[param(title = "变量名")]
    pub asset_name: String,
    /// Its value; a password, where `assetType` says so.
    #[param(title = "变量值")]
    pub asset_value: String,
    /// Whether the value is a password.
    #[param(title = "变量类型")]
    pub asset_type: AssetType,
    /// Department code, from `org.list`: its `orgCode` (`-010-025-12-`) or its `curCode` (`-12-`); the document
    /// doesn't say which. Its example has `-11-`.
    #[param(title = "部门编号")]
    pub org_code: Option<String>,
}

/// The type of a variable.
#[derive(Debug, Schema)]
#[schema(rename_all = "lowercase")]
pub enum AssetType {
    /// Text.
    #[schema(title = "文本类型")]
    Text,
    /// Password, as the table of section 3.10.2 and the example of section 3.10.3 write it.
    #[schema(title = "密码类型")]
    Passwd,
    /// Password, as the table of section 3.10.3 and the example of section 3.10.2 write it.
    #[schema(title = "密码类型")]
    Password,
}

/// Change a variable's value
///
/// Section 3.10.4.
///
/// Where several robots have a variable of this name, the document doesn't say which one changes.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "asset.update",
    title = "修改变量",
    route = "PUT /oapi/v1/asset",
    effect = Idempotent,
    rename_all = "camelCase",
    response = Nothing,
    example = r#"{"assetName":"mock","assetValue":"12222333"}"#
)]
pub struct Update {
    /// Name of the variable: `assetName` of `asset.list`.
    #[param(title = "变量名")]
    pub asset_name: String,
    /// New value.
    #[param(title = "变量值")]
    pub asset_value: String,
}

/// Delete a variable, by id or by name
///
/// Section 3.10.5.
///
/// At least one of `assetId` and `assetName` is needed; an empty name counts as absent. Where both
/// are given, only the id is sent.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "asset.delete",
    title = "删除变量",
    route = "DELETE /oapi/v1/asset",
    effect = Idempotent,
    rename_all = "camelCase",
    first_of("assetId", "assetName"),
    response = Nothing,
    example = r#"{"assetId":3}"#,
    example = r#"{"assetName":"test"}"#
)]
pub struct Delete {
    /// Id of the variable: `id` of `asset.list`.
    #[param(title = "变量 ID", lenient)]
    pub asset_id: Option<i64>,
    /// Name of the variable: `assetName` of `asset.list`.
    #[param(title = "变量名称")]
    pub asset_name: Option<String>,
}
