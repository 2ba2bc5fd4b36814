//! Organisations: companies and their departments.

use patchbay_sdk::{Endpoint, Operation, Schema, operations};

use crate::client::Dabei;

/// The operations of this group.
pub const OPERATIONS: &[Operation<Dabei>] = operations![List, Get];

/// List the organisations, as a tree
///
/// Section 1 of the second list, 组织查询.
///
/// In the document's example the `pid` of the tree's root isn't in the tree. The document doesn't say whether
/// the organisation that `parentId` names is in the answer itself. There are no pages.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "org.list",
    title = "组织查询",
    route = "GET /orgs",
    effect = Read,
    response = Vec<Node>,
    example = r#"{"parentId":"d990d4bf1a494c0aba7c4d5d8625c20d","recursion":true}"#,
    example = "{}"
)]
pub struct List {
    /// Id of the organisation to start from: `id` in this operation's own answer. May be empty or left out; what
    /// is listed then isn't documented.
    #[param(title = "组织id", rename = "parentId")]
    pub parent_id: Option<String>,
    /// Whether the organisations below are listed too. The document has no default.
    #[param(title = "是否查询组织下级")]
    pub recursion: Option<bool>,
}

/// An organisation with what is below it.
#[derive(Debug, Schema)]
pub struct Node {
    /// Name of the organisation.
    #[schema(title = "名称")]
    pub name: Option<String>,
    /// Id of the organisation: the `org_id` of other operations. The document's table calls it 应用id by mistake.
    #[schema(title = "组织id")]
    pub id: Option<String>,
    /// Id of the organisation above.
    #[schema(title = "父级id")]
    pub pid: Option<String>,
    /// The organisations right below; absent where there are none.
    #[schema(title = "子级")]
    pub children: Option<Vec<Box<Node>>>,
}

/// Get one organisation
///
/// Section 2 of the second list, 组织详情.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "org.get",
    title = "组织详情",
    route = "GET /orgs/{org_id}",
    effect = Read,
    response = Option<Org>,
    example = r#"{"org_id":"b1f1bdfe0ee04b1da93d6677c936313e"}"#
)]
pub struct Get {
    /// Id of the organisation: `id` of `org.list`.
    #[param(title = "组织id")]
    pub org_id: String,
}

/// An organisation.
#[derive(Debug, Schema)]
pub struct Org {
    /// Name of the organisation.
    #[schema(title = "名称")]
    pub name: Option<String>,
    /// Id of the organisation.
    #[schema(title = "id")]
    pub id: Option<String>,
    /// Id of the organisation above.
    #[schema(title = "父级id")]
    pub pid: Option<String>,
}
