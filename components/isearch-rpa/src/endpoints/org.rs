//! Departments (section 3.3).

use patchbay_sdk::{Effect, Endpoint, Method, Nothing, Operation, Page, Pages, operations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::client::IsearchRpa;

/// The operations of this group.
pub const OPERATIONS: &[Operation<IsearchRpa>] = operations![List, Create, Update, Delete];

/// List all departments, page by page
///
/// Section 3.3.1.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct List {
    /// Number of the page, from 1.
    pub page: i64,
    /// How many items a page has.
    pub size: i64,
}

impl Endpoint for List {
    const ID: &'static str = "org.list";
    const TITLE: &'static str = "获取所有部门";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/oapi/v1/orgDef/list";
    const EFFECT: Effect = Effect::Read;
    const PAGES: Option<Pages> = Some(super::PAGES);
    type Response = Page<Org>;
}

/// A department.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Org {
    /// Department ID.
    pub id: Option<i64>,
    /// Creation time, 'yyyy-MM-dd HH:mm:ss'.
    pub create_time: Option<String>,
    /// Modification time.
    pub modify_time: Option<String>,
    /// This department's code, e.g. -12-.
    pub cur_code: Option<String>,
    /// This department's name.
    pub cur_name: Option<String>,
    /// Cascaded department code, e.g. -010-025-12-.
    pub org_code: Option<String>,
    /// Department name.
    pub org_name: Option<String>,
    /// Parent department ID.
    pub parent_org_id: Option<i64>,
    /// Parent department code.
    pub parent_org_code: Option<String>,
    /// Parent department name.
    pub parent_org_name: Option<String>,
    /// Parent plus child ID (上级加下级 id); null in the example.
    pub cur_parent_id: Option<Value>,
    /// Sort position.
    pub org_pos: Option<i64>,
    /// Department source; 'third' in the example.
    pub org_source: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Policy ID.
    pub policy_id: Option<i64>,
    /// Policy name.
    pub policy_name: Option<String>,
}

/// Create a department
///
/// Section 3.3.2.
///
/// The document's example sends a code without dashes, while `org.list` shows codes with dashes (`-12-`). The
/// answer has no id of what was created; find it with `org.list`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Create {
    /// This department's code.
    #[schemars(length(max = 5))]
    pub cur_code: String,
    /// Parent department code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_org_code: Option<String>,
    /// Department name.
    #[schemars(length(max = 30))]
    pub cur_name: String,
    /// Sort position.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org_pos: Option<i64>,
    /// Description.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200))]
    pub description: Option<String>,
}

impl Endpoint for Create {
    const ID: &'static str = "org.create";
    const TITLE: &'static str = "新增部门";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/oapi/v1/orgDef/addOrg";
    const EFFECT: Effect = Effect::Write;
    type Response = Nothing;
}

/// Update a department
///
/// Section 3.3.3.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Update {
    /// Department ID.
    pub id: i64,
    /// Department name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cur_name: Option<String>,
    /// Sort position.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org_pos: Option<i64>,
    /// Description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl Endpoint for Update {
    const ID: &'static str = "org.update";
    const TITLE: &'static str = "修改部门";
    const METHOD: Method = Method::PUT;
    const PATH: &'static str = "/oapi/v1/orgDef/editOrgDef";
    const EFFECT: Effect = Effect::Idempotent;
    type Response = Nothing;
}

/// Delete a department
///
/// Section 3.3.4.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Delete {
    /// Department ID.
    pub id: i64,
}

impl Endpoint for Delete {
    const ID: &'static str = "org.delete";
    const TITLE: &'static str = "删除部门";
    const METHOD: Method = Method::DELETE;
    const PATH: &'static str = "/oapi/v1/orgDef/delOrgDef";
    const EFFECT: Effect = Effect::Idempotent;
    type Response = Nothing;
}
