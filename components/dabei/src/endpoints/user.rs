//! Users of organisations.

use patchbay_sdk::{Effect, Endpoint, Method, Operation, operations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::Dabei;

/// The operations of this group.
pub const OPERATIONS: &[Operation<Dabei>] = operations![List, Get];

/// List the users of an organisation
///
/// Section 3 of the second list, 组织下用户.
///
/// All of them at once: there are no pages.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Id of the organisation, from `org.list`.
    pub org_id: String,
    /// Whether the users of the organisations below are listed too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recursion: Option<bool>,
}

impl Endpoint for List {
    const ID: &'static str = "user.list";
    const TITLE: &'static str = "组织下用户";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/users";
    const EFFECT: Effect = Effect::Read;
    type Response = Vec<User>;
}

/// Get one user
///
/// Section 4 of the second list, 用户信息.
///
/// A POST to the path as the document prints it, `/users/user_id`, with the id in the body. Should your
/// deployment want the id in the path, set `path_overrides`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Get {
    /// Id of the user, from `user.list`.
    pub user_id: String,
}

impl Endpoint for Get {
    const ID: &'static str = "user.get";
    const TITLE: &'static str = "用户信息";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/users/user_id";
    const EFFECT: Effect = Effect::Read;
    type Response = User;
}

/// A user.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Id of the user.
    pub id: Option<String>,
    /// Name of the user.
    pub name: Option<String>,
    /// Id of the user's main department.
    pub department_id: Option<String>,
    /// Ids of the user's departments.
    pub department_ids: Option<Vec<String>>,
}
