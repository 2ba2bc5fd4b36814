//! Users of organisations.

use patchbay_sdk::{Endpoint, Operation, Schema, operations};

use crate::client::Dabei;

/// The operations of this group.
pub const OPERATIONS: &[Operation<Dabei>] = operations![List, Get];

/// List the users of an organisation
///
/// Section 3 of the second list, 组织下用户.
///
/// There are no pages.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "user.list",
    title = "组织下用户",
    route = "GET /users",
    effect = Read,
    response = Vec<User>,
    example = r#"{"org_id":"3f9366618cb843c287b3290ec3b8e2a1","recursion":true}"#
)]
pub struct List {
    /// Id of the organisation: `id` of `org.list`.
    #[param(title = "组织id")]
    pub org_id: String,
    /// Whether the users of the organisations below are listed too. The document has no default.
    #[param(title = "是否查询组织下级用户")]
    pub recursion: Option<bool>,
}

/// Get one user
///
/// Section 4 of the second list, 用户信息.
///
/// A POST to the path as the document prints it, `/users/user_id`, with the id in the body. Should your
/// deployment want the id in the path, set `path_overrides` to `{"user.get": "/users/{user_id}"}`.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "user.get",
    title = "用户信息",
    route = "POST /users/user_id",
    effect = Read,
    response = Option<User>,
    example = r#"{"user_id":"46e9258b7205453697e381c9b4b5477c"}"#
)]
pub struct Get {
    /// Id of the user: `id` of `user.list` or of `oauth-user.get`.
    #[param(title = "用户id")]
    pub user_id: String,
}

/// A user.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct User {
    /// Id of the user: the `user_id` and `userId` of other operations.
    #[schema(title = "用户id")]
    pub id: Option<String>,
    /// Name of the user.
    #[schema(title = "用户姓名")]
    pub name: Option<String>,
    /// The user's main department. The document's examples have ids of `org.list` here.
    #[schema(title = "主部门")]
    pub department_id: Option<String>,
    /// The departments that the user belongs to besides. In the document's examples the main one is among them.
    #[schema(title = "兼职部门")]
    pub department_ids: Option<Vec<String>>,
}
