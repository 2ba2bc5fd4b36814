//! Robots (section 3.4).

use patchbay_sdk::{Effect, Endpoint, Method, Nothing, Operation, Page, Pages, operations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::IsearchRpa;

/// The operations of this group.
pub const OPERATIONS: &[Operation<IsearchRpa>] = operations![List, Update, Get];

/// List the robots, page by page
///
/// Section 3.4.1.
///
/// Their communication token comes out as `***` unless the setting `reveal_secrets` is true.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct List {
    /// Global search text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tx: Option<String>,
    /// Number of the page, from 1.
    pub page: i64,
    /// How many items a page has.
    pub size: i64,
}

impl Endpoint for List {
    const ID: &'static str = "robot.list";
    const TITLE: &'static str = "获取机器人列表";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/oapi/v1/robot";
    const EFFECT: Effect = Effect::Read;
    const PAGES: Option<Pages> = Some(super::PAGES);
    type Response = Page<Terminal>;
}

/// A robot, or a designer: a terminal that runs or edits processes.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Terminal {
    /// Record ID of the robot/designer terminal.
    pub id: Option<i64>,
    /// Creation time, epoch ms.
    pub create_time: Option<i64>,
    /// Modification time, epoch ms.
    pub modify_time: Option<i64>,
    /// Robot terminal number.
    pub agent_no: Option<String>,
    /// Machine code.
    pub agent_dcode: Option<String>,
    /// Terminal IP; may be a comma-separated list.
    pub agent_ip: Option<String>,
    /// Whether bound by a manager.
    pub is_manager: Option<bool>,
    /// Terminal type: 'robot' or 'studio' in the examples.
    pub agent_type: Option<String>,
    /// Terminal alias.
    pub agent_alias: Option<String>,
    /// Terminal OS login user name.
    pub user_name: Option<String>,
    /// Terminal OS domain.
    pub user_domain: Option<String>,
    /// Terminal host name.
    pub agent_name: Option<String>,
    /// Department ID; null in the examples.
    pub org_id: Option<String>,
    /// Department name.
    pub org_name: Option<String>,
    /// Owning department code.
    pub org_code: Option<String>,
    /// Current department name.
    pub cur_org_name: Option<String>,
    /// RPA system user name.
    pub rpa_user_name: Option<String>,
    /// Terminal operating system.
    pub agent_os: Option<String>,
    /// Robot version on the terminal.
    pub agent_version: Option<String>,
    /// Desktop type.
    pub desktop_type: Option<String>,
    /// Last heartbeat, epoch ms.
    pub last_heart_time: Option<i64>,
    /// Description.
    pub description: Option<String>,
    /// Next action.
    pub next_action: Option<String>,
    /// Robot run state: busy running, free idle, offline, unbound.
    pub data_status: Option<String>,
    /// Robot status; 0 in the examples.
    pub status: Option<i64>,
    /// RDP port.
    pub rdp_port: Option<i64>,
    /// Communication token.
    pub comm_token: Option<String>,
    /// Licence number.
    pub lic_sn: Option<String>,
    /// Licence status: 0 valid, 1 invalid, 2 machine code error, 3 expired.
    pub lic_status: Option<i64>,
    /// Licence expiry, epoch ms; no description in the table.
    pub lic_date_expiry: Option<i64>,
    /// Last login time; 'yyyy-MM-dd HH:mm:ss'.
    pub last_login_time: Option<String>,
}

/// Change a robot's alias
///
/// Section 3.4.2.
///
/// The alias is `agentAlias` in what `robot.list` gives.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Update {
    /// Id of the robot, as `robot.list` gives it, as a string.
    pub id: String,
    /// Robot alias.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub robot_alias: Option<String>,
}

impl Endpoint for Update {
    const ID: &'static str = "robot.update";
    const TITLE: &'static str = "修改机器人";
    const METHOD: Method = Method::PUT;
    const PATH: &'static str = "/oapi/v1/robot";
    const EFFECT: Effect = Effect::Idempotent;
    type Response = Nothing;
}

/// Get a robot's details
///
/// Section 3.4.3.
///
/// Its communication token comes out as `***` unless the setting `reveal_secrets` is true.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Get {
    /// Id of the robot, as `robot.list` gives it, as a string.
    pub id: String,
}

impl Endpoint for Get {
    const ID: &'static str = "robot.get";
    const TITLE: &'static str = "机器人详情";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/oapi/v1/robot/detail";
    const EFFECT: Effect = Effect::Read;
    type Response = Terminal;
}
