//! Users (section 3.1).

use patchbay_sdk::{Effect, Endpoint, Method, Nothing, Operation, Page, Pages, operations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::IsearchRpa;

/// The operations of this group.
pub const OPERATIONS: &[Operation<IsearchRpa>] = operations![List, Create, Update, Delete];

/// List the users, page by page
///
/// Section 3.1.1.
///
/// Passwords in the answer come out as `***` unless the setting `reveal_secrets` is true.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct List {
    /// User name filter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// Number of the page, from 1.
    pub page: i64,
    /// How many items a page has.
    pub size: i64,
}

impl Endpoint for List {
    const ID: &'static str = "user.list";
    const TITLE: &'static str = "获取用户列表";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/oapi/v1/user";
    const EFFECT: Effect = Effect::Read;
    const PAGES: Option<Pages> = Some(super::PAGES);
    type Response = Page<User>;
}

/// A user.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// User ID.
    pub id: Option<i64>,
    /// Creation time, epoch ms.
    pub create_time: Option<i64>,
    /// Modification time, epoch ms.
    pub modify_time: Option<i64>,
    /// User name.
    pub user_name: Option<String>,
    /// Real name.
    pub user_alias: Option<String>,
    /// Role ID.
    pub role_id: Option<i64>,
    /// Role name.
    pub role_name: Option<String>,
    /// Department code, cascaded, e.g. -010-025-026-.
    pub org_code: Option<String>,
    /// Department name.
    pub org_name: Option<String>,
    /// Whether the password must be changed; in the table only.
    pub is_need_modify_pwd: Option<i64>,
    /// Status.
    pub status: Option<i64>,
    /// E-mail.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// User description.
    pub description: Option<String>,
    /// User source; 'thrid' in the example.
    pub user_source: Option<String>,
    /// Password modification date.
    pub pwd_modify_date: Option<String>,
    /// Last login time; capital L as printed.
    #[serde(rename = "LastLoginTime")]
    pub last_login_time: Option<String>,
    /// Login source.
    pub login_source: Option<String>,
    /// Failed login count.
    pub login_failure_times: Option<i64>,
    /// Manual lock.
    pub hand_lock: Option<bool>,
    /// Whether the user receives mail.
    pub is_rece_mail: Option<bool>,
    /// Whether administrator.
    pub administrators: Option<bool>,
    /// Old password field.
    pub lode_pass: Option<String>,
    /// New password field.
    pub new_pass: Option<String>,
}

/// Create a user
///
/// Section 3.1.2.
///
/// The answer has no id of what was created; find it with `user.list`. The password travels in clear in the
/// body.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Create {
    /// User name.
    pub user_name: String,
    /// Real name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_alias: Option<String>,
    /// User role (role ID from role.list, sent as a string).
    pub role_id: String,
    /// Department code.
    pub org_code: String,
    /// Password.
    pub user_password: String,
    /// Remark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Endpoint for Create {
    const ID: &'static str = "user.create";
    const TITLE: &'static str = "新增用户";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/oapi/v1/user";
    const EFFECT: Effect = Effect::Write;
    type Response = Nothing;
}

/// Update a user
///
/// Section 3.1.3.
///
/// `userName`, `roleId` and `orgCode` must be sent along even where they stay: read the user first.
/// `lodePass` is the vendor's spelling.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Update {
    /// User name.
    pub user_name: String,
    /// Real name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_alias: Option<String>,
    /// User role (role ID from role.list, sent as a string).
    pub role_id: String,
    /// Department code.
    pub org_code: String,
    /// Remark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// ID of the user to modify.
    pub id: i64,
    /// Old password. The document doesn't say whether a new one needs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lode_pass: Option<String>,
    /// New password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_pass: Option<String>,
}

impl Endpoint for Update {
    const ID: &'static str = "user.update";
    const TITLE: &'static str = "修改用户";
    const METHOD: Method = Method::PUT;
    const PATH: &'static str = "/oapi/v1/user";
    const EFFECT: Effect = Effect::Idempotent;
    type Response = Nothing;
}

/// Delete a user
///
/// Section 3.1.4.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Delete {
    /// Id of the user to delete: one per call.
    pub ids: i64,
}

impl Endpoint for Delete {
    const ID: &'static str = "user.delete";
    const TITLE: &'static str = "删除用户";
    const METHOD: Method = Method::DELETE;
    const PATH: &'static str = "/oapi/v1/user";
    const EFFECT: Effect = Effect::Idempotent;
    type Response = Nothing;
}
