//! Users (section 3.1).

use patchbay_sdk::{Endpoint, Nothing, Operation, Page, Schema, operations};

use super::common::PAGES;
use crate::client::IsearchRpa;

/// The operations of this group.
pub const OPERATIONS: &[Operation<IsearchRpa>] = operations![List, Create, Update, Delete];

/// List the users, page by page
///
/// Section 3.1.1.
///
/// Passwords in the answer come out as `***` unless the setting `reveal_secrets` is true.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "user.list",
    title = "获取用户列表",
    route = "GET /oapi/v1/user",
    effect = Read,
    rename_all = "camelCase",
    pages = PAGES,
    response = Page<User>,
    example = r#"{"page":1,"size":10}"#
)]
pub struct List {
    /// Only users of this name. The document doesn't say whether a part of the name is enough.
    #[param(title = "用户名")]
    pub user_name: Option<String>,
    /// Number of the page, from 1.
    #[param(title = "页数", min = 1)]
    pub page: i64,
    /// How many users a page has.
    #[param(title = "每页记录数", min = 1)]
    pub size: i64,
}

/// A user.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct User {
    /// User ID: `id` of `user.update`, `ids` of `user.delete`.
    #[schema(title = "用户 id")]
    pub id: Option<i64>,
    /// When it was created, in milliseconds since 1970.
    #[schema(title = "创建时间")]
    pub create_time: Option<i64>,
    /// When it was changed, in milliseconds since 1970.
    #[schema(title = "修改时间")]
    pub modify_time: Option<i64>,
    /// User name.
    #[schema(title = "用户名")]
    pub user_name: Option<String>,
    /// Real name.
    #[schema(title = "真实姓名")]
    pub user_alias: Option<String>,
    /// Role ID: `id` of `role.list`.
    #[schema(title = "角色 id")]
    pub role_id: Option<i64>,
    /// Name of the role.
    #[schema(title = "角色名称")]
    pub role_name: Option<String>,
    /// Department code with those of the departments above it: `-010-025-026-`.
    #[schema(title = "部门编号")]
    pub org_code: Option<String>,
    /// Names of the department and of those above it: `-中国-江苏-南京 1-`.
    #[schema(title = "部门名")]
    pub org_name: Option<String>,
    /// Whether the password must be changed. The document doesn't say with which values.
    #[schema(title = "是否修改密码")]
    pub is_need_modify_pwd: Option<i64>,
    /// `0` in the document's example; it has no list of the values.
    #[schema(title = "状态")]
    pub status: Option<i64>,
    /// E-mail address.
    #[schema(title = "邮箱")]
    pub email: Option<String>,
    /// Phone number.
    #[schema(title = "电话号")]
    pub phone: Option<String>,
    /// Description.
    #[schema(title = "用户描述")]
    pub description: Option<String>,
    /// Where the user comes from: `thrid` in the document's example.
    #[schema(title = "用户来源")]
    pub user_source: Option<String>,
    /// Only in the document's example, as `null`.
    pub pwd_modify_date: Option<String>,
    /// Only in the document's example, as `null`, with a capital letter.
    #[schema(rename = "LastLoginTime")]
    pub last_login_time: Option<String>,
    /// Only in the document's example, as `null`.
    pub login_source: Option<String>,
    /// Only in the document's example, as `null`.
    pub login_failure_times: Option<i64>,
    /// Only in the document's example.
    pub hand_lock: Option<bool>,
    /// Only in the document's example.
    pub is_rece_mail: Option<bool>,
    /// Only in the document's example.
    pub administrators: Option<bool>,
    /// Old password.
    #[schema(title = "旧密码")]
    pub lode_pass: Option<String>,
    /// New password.
    #[schema(title = "新密码")]
    pub new_pass: Option<String>,
}

/// Create a user
///
/// Section 3.1.2.
///
/// The answer has no id: find the user with `user.list`. The password travels in clear. Sent as a form where
/// the setting `form_bodies` is true.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "user.create",
    title = "新增用户",
    route = "POST /oapi/v1/user",
    effect = Write,
    rename_all = "camelCase",
    response = Nothing,
    example = r#"{"userName":"chen1","userAlias":"text","roleId":"123456","orgCode":"1","userPassword":"Asa12a","description":"永久"}"#
)]
pub struct Create {
    /// User name.
    #[param(title = "用户名")]
    pub user_name: String,
    /// Real name.
    #[param(title = "真实姓名")]
    pub user_alias: Option<String>,
    /// Role: `id` of `role.list`. Travels as a string.
    #[param(title = "用户角色", lenient)]
    pub role_id: String,
    /// Department code, from `org.list`: its `orgCode` (`-010-025-12-`) or its `curCode` (`-12-`); the document
    /// doesn't say which. Its example has `1`, and `user.list` shows the former.
    #[param(title = "部门编号")]
    pub org_code: String,
    /// Password.
    #[param(title = "密码")]
    pub user_password: String,
    /// Remark.
    #[param(title = "备注")]
    pub description: Option<String>,
}

/// Update a user
///
/// Section 3.1.3.
///
/// `userName`, `roleId` and `orgCode` are required even where they stay: read them with `user.list` first.
/// Sent as a form where the setting `form_bodies` is true.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "user.update",
    title = "修改用户",
    route = "PUT /oapi/v1/user",
    effect = Idempotent,
    rename_all = "camelCase",
    response = Nothing,
    example = r#"{"userName":"chen1","userAlias":"text","roleId":"123456","orgCode":"1","description":"永久","id":22,"lodePass":"text","newPass":"tex1t"}"#
)]
pub struct Update {
    /// User name.
    #[param(title = "用户名")]
    pub user_name: String,
    /// Real name.
    #[param(title = "真实姓名")]
    pub user_alias: Option<String>,
    /// Role: `id` of `role.list`; `roleId` of `user.list` is the present one. Travels as a string.
    #[param(title = "用户角色", lenient)]
    pub role_id: String,
    /// Department code: `orgCode` of `user.list` is the present one. For another one see `user.create`.
    #[param(title = "部门编号")]
    pub org_code: String,
    /// Remark.
    #[param(title = "备注")]
    pub description: Option<String>,
    /// Id of the user: `id` of `user.list`.
    #[param(title = "用户修改 id")]
    pub id: i64,
    /// Old password, in the vendor's spelling. The document doesn't say whether a new one needs it.
    #[param(title = "旧密码")]
    pub lode_pass: Option<String>,
    /// New password.
    #[param(title = "新密码")]
    pub new_pass: Option<String>,
}

/// Delete a user
///
/// Section 3.1.4.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "user.delete",
    title = "删除用户",
    route = "DELETE /oapi/v1/user",
    effect = Idempotent,
    rename_all = "camelCase",
    response = Nothing,
    example = r#"{"ids":1}"#
)]
pub struct Delete {
    /// Id of the user: `id` of `user.list`. One a call: the name is a plural, the type a number.
    #[param(title = "删除用户 Id")]
    pub ids: i64,
}
