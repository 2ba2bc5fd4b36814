//! Roles (section 3.2).

use patchbay_sdk::{Effect, Endpoint, Method, Operation, Page, Pages, operations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::IsearchRpa;

/// The operations of this group.
pub const OPERATIONS: &[Operation<IsearchRpa>] = operations![List];

/// List the roles, page by page
///
/// Section 3.2.1.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct List {
    /// Role name filter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_name: Option<String>,
    /// Number of the page, from 1.
    pub page: i64,
    /// How many items a page has.
    pub size: i64,
}

impl Endpoint for List {
    const ID: &'static str = "role.list";
    const TITLE: &'static str = "角色管理列表";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/oapi/v1/role/list";
    const EFFECT: Effect = Effect::Read;
    const PAGES: Option<Pages> = Some(super::PAGES);
    type Response = Page<Role>;
}

/// A role.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Role {
    /// Role ID.
    pub id: Option<i64>,
    /// Role name.
    pub role_name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Creation time, epoch ms.
    pub create_time: Option<i64>,
    /// Modification time, epoch ms.
    pub modify_time: Option<i64>,
}
