//! Robots (section 3.4).

use patchbay_sdk::{Endpoint, Nothing, Operation, Page, Schema, operations};

use super::common::PAGES;
use crate::client::IsearchRpa;

/// The operations of this group.
pub const OPERATIONS: &[Operation<IsearchRpa>] = operations![List, Update, Get];

/// List the robots, page by page
///
/// Section 3.4.1.
///
/// Their communication token comes out as `***` unless the setting `reveal_secrets` is true.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "robot.list",
    title = "获取机器人列表",
    route = "GET /oapi/v1/robot",
    effect = Read,
    rename_all = "camelCase",
    pages = PAGES,
    response = Page<Terminal>,
    example = r#"{"page":1,"size":10}"#
)]
pub struct List {
    /// Text to search for. The document doesn't say in which fields.
    #[param(title = "全局搜索")]
    pub tx: Option<String>,
    /// Number of the page, from 1.
    #[param(title = "页数", min = 1)]
    pub page: i64,
    /// How many robots a page has.
    #[param(title = "每页记录数", min = 1)]
    pub size: i64,
}

// The words of the tables are shifted for `id`, `agentName`, `status` and `rdpPort`; those of the example in
// section 3.5.1 are right.

/// A robot, or a designer: a terminal that runs or edits processes.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct Terminal {
    /// Id of the terminal: `id` of `robot.get` and `robot.update`, or of `studio.update`.
    #[schema(title = "id")]
    pub id: Option<i64>,
    /// When it was created, in milliseconds since 1970.
    #[schema(title = "创建时间")]
    pub create_time: Option<i64>,
    /// When it was changed, in milliseconds since 1970.
    #[schema(title = "修改时间")]
    pub modify_time: Option<i64>,
    /// Number of the terminal; robot number (机器人编号) in the example of section 3.4.1.
    #[schema(title = "机器人终端编号")]
    pub agent_no: Option<String>,
    /// Machine code.
    #[schema(title = "机器码")]
    pub agent_dcode: Option<String>,
    /// IP addresses, separated by commas.
    #[schema(title = "终端 IP")]
    pub agent_ip: Option<String>,
    /// Whether it is bound by a manager.
    #[schema(title = "是否管理者绑定")]
    pub is_manager: Option<bool>,
    /// `robot` or `studio` in the document's examples.
    #[schema(title = "终端类型")]
    pub agent_type: Option<String>,
    /// Alias; `robotAlias` of `robot.update`, `studioAlias` of `studio.update`.
    #[schema(title = "终端别名")]
    pub agent_alias: Option<String>,
    /// Name of the user who is logged in to its operating system.
    #[schema(title = "终端系统登录用户名")]
    pub user_name: Option<String>,
    /// Domain of its operating system.
    #[schema(title = "终端系统域名")]
    pub user_domain: Option<String>,
    /// Host name.
    #[schema(title = "机器人主机名")]
    pub agent_name: Option<String>,
    /// Department ID; `null` in the document's examples.
    #[schema(title = "部门 id")]
    pub org_id: Option<String>,
    /// Name of the department.
    #[schema(title = "部门名称")]
    pub org_name: Option<String>,
    /// Department code with those of the departments above it: `-010-025-`.
    #[schema(title = "所属部门编号")]
    pub org_code: Option<String>,
    /// Name of the department itself.
    #[schema(title = "当前部门名称")]
    pub cur_org_name: Option<String>,
    /// User name at iS-RPA.
    #[schema(title = "RPA 系统用户名")]
    pub rpa_user_name: Option<String>,
    /// Operating system.
    #[schema(title = "终端操作系统")]
    pub agent_os: Option<String>,
    /// Version of the robot.
    #[schema(title = "终端机器人版本")]
    pub agent_version: Option<String>,
    /// Type of the desktop; `null` in the document's examples.
    #[schema(title = "桌面类型")]
    pub desktop_type: Option<String>,
    /// Last heartbeat, in milliseconds since 1970.
    #[schema(title = "上次心跳时刻")]
    pub last_heart_time: Option<i64>,
    /// Description.
    #[schema(title = "描述信息")]
    pub description: Option<String>,
    /// Next action.
    #[schema(title = "下次动作")]
    pub next_action: Option<String>,
    /// What it is doing.
    #[schema(title = "机器人运行状态")]
    pub data_status: Option<Activity>,
    /// `0` in the document's examples; it has no list of the values.
    #[schema(title = "机器人状态")]
    pub status: Option<i64>,
    /// Port for remote desktop.
    #[schema(title = "RDP 端口")]
    pub rdp_port: Option<i64>,
    /// Communication token.
    #[schema(title = "通信 token")]
    pub comm_token: Option<String>,
    /// Licence number.
    #[schema(title = "许可号")]
    pub lic_sn: Option<String>,
    /// State of the licence.
    #[schema(title = "许可状态")]
    pub lic_status: Option<Licence>,
    /// When the licence expires, in milliseconds since 1970.
    #[schema(title = "许可到期时间")]
    pub lic_date_expiry: Option<i64>,
    /// Last login, `yyyy-MM-dd HH:mm:ss`.
    #[schema(title = "上传登录时间")]
    pub last_login_time: Option<String>,
}

/// What a robot is doing.
#[derive(Debug, Schema)]
#[schema(rename_all = "lowercase")]
pub enum Activity {
    /// It runs a process.
    #[schema(title = "运行")]
    Busy,
    /// It is idle.
    #[schema(title = "空闲")]
    Free,
    /// It is offline.
    #[schema(title = "离线")]
    Offline,
    /// It isn't bound.
    #[schema(title = "未绑定")]
    Unbound,
}

/// State of a licence.
#[derive(Debug, Schema)]
pub enum Licence {
    /// Valid.
    #[schema(title = "有效", value = 0)]
    Valid,
    /// Invalid.
    #[schema(title = "无效", value = 1)]
    Invalid,
    /// The machine code is wrong.
    #[schema(title = "机器码错误", value = 2)]
    WrongMachine,
    /// Expired.
    #[schema(title = "已过期", value = 3)]
    Expired,
}

/// Change a robot's alias
///
/// Section 3.4.2.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "robot.update",
    title = "修改机器人",
    route = "PUT /oapi/v1/robot",
    effect = Idempotent,
    rename_all = "camelCase",
    response = Nothing,
    example = r#"{"id":"47","robotAlias":"111"}"#
)]
pub struct Update {
    /// Id of the robot: `id` of `robot.list`. Travels as a string.
    #[param(title = "机器人 id", lenient)]
    pub id: String,
    /// The new alias; `agentAlias` in `robot.list`.
    #[param(title = "机器人别名")]
    pub robot_alias: Option<String>,
}

/// Get a robot's details
///
/// Section 3.4.3.
///
/// Its communication token comes out as `***` unless the setting `reveal_secrets` is true.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "robot.get",
    title = "机器人详情",
    route = "GET /oapi/v1/robot/detail",
    effect = Read,
    rename_all = "camelCase",
    response = Terminal,
    example = r#"{"id":"47"}"#
)]
pub struct Get {
    /// Id of the robot: `id` of `robot.list`.
    #[param(title = "机器人 id", lenient)]
    pub id: String,
}
