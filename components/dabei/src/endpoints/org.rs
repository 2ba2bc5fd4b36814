//! Organisations: companies and their departments.

use patchbay_sdk::{Effect, Endpoint, Method, Operation, operations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::Dabei;

/// The operations of this group.
pub const OPERATIONS: &[Operation<Dabei>] = operations![List, Get];

/// List the organisations, as a tree
///
/// Section 1 of the second list, 组织查询.
///
/// The tree needn't start at the top: the parent of its root may be missing from it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Id of the organisation to start from.
    #[serde(rename = "parentId", skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
    /// Whether the organisations below are listed too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recursion: Option<bool>,
}

impl Endpoint for List {
    const ID: &'static str = "org.list";
    const TITLE: &'static str = "组织查询";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/orgs";
    const EFFECT: Effect = Effect::Read;
    type Response = Vec<Node>;
}

/// An organisation with what is below it.
#[derive(Debug, JsonSchema)]
pub struct Node {
    /// Name of the organisation.
    pub name: Option<String>,
    /// Id of the organisation.
    pub id: Option<String>,
    /// Id of the organisation above.
    pub pid: Option<String>,
    /// The organisations right below.
    pub children: Option<Vec<Node>>,
}

/// Get one organisation
///
/// Section 2 of the second list, 组织详情.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Get {
    /// Id of the organisation, from `org.list`.
    pub org_id: String,
}

impl Endpoint for Get {
    const ID: &'static str = "org.get";
    const TITLE: &'static str = "组织详情";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/orgs/{org_id}";
    const EFFECT: Effect = Effect::Read;
    type Response = Org;
}

/// An organisation.
#[derive(Debug, JsonSchema)]
pub struct Org {
    /// Name of the organisation.
    pub name: Option<String>,
    /// Id of the organisation.
    pub id: Option<String>,
    /// Id of the organisation above.
    pub pid: Option<String>,
}
