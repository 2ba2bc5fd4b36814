//! Roles (section 3.2).

use patchbay_sdk::{Endpoint, Operation, Page, Schema, operations};

use super::common::PAGES;
use crate::client::IsearchRpa;

/// The operations of this group.
pub const OPERATIONS: &[Operation<IsearchRpa>] = operations![List];

/// List the roles, page by page
///
/// Section 3.2.1.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "role.list",
    title = "角色管理列表",
    route = "GET /oapi/v1/role/list",
    effect = Read,
    rename_all = "camelCase",
    pages = PAGES,
    response = Page<Role>,
    example = r#"{"page":1,"size":2}"#
)]
pub struct List {
    /// Only roles of this name. The document doesn't say whether a part of the name is enough.
    #[param(title = "角色名称")]
    pub role_name: Option<String>,
    /// Number of the page, from 1.
    #[param(title = "页数", min = 1)]
    pub page: i64,
    /// How many roles a page has.
    #[param(title = "每页记录数", min = 1)]
    pub size: i64,
}

/// A role.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct Role {
    /// Role ID: `roleId` of `user.create` and `user.update`.
    #[schema(title = "id")]
    pub id: Option<i64>,
    /// Name of the role: `管理者`, `开发者`.
    #[schema(title = "角色名称")]
    pub role_name: Option<String>,
    /// Description.
    #[schema(title = "描述")]
    pub description: Option<String>,
    /// When it was created, in milliseconds since 1970.
    #[schema(title = "创建时间")]
    pub create_time: Option<i64>,
    /// When it was changed, in milliseconds since 1970.
    #[schema(title = "修改时间")]
    pub modify_time: Option<i64>,
}
