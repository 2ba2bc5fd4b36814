//! Departments (section 3.3).

use patchbay_sdk::{Endpoint, Nothing, Operation, Page, Schema, operations};
use serde_json::Value;

use super::common::PAGES;
use crate::client::IsearchRpa;

/// The operations of this group.
pub const OPERATIONS: &[Operation<IsearchRpa>] = operations![List, Create, Update, Delete];

/// List all departments, page by page
///
/// Section 3.3.1.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "org.list",
    title = "获取所有部门",
    route = "GET /oapi/v1/orgDef/list",
    effect = Read,
    rename_all = "camelCase",
    pages = PAGES,
    response = Page<Org>,
    example = r#"{"page":1,"size":2}"#
)]
pub struct List {
    /// Number of the page, from 1.
    #[param(title = "页数", min = 1)]
    pub page: i64,
    /// How many departments a page has.
    #[param(title = "每页记录", min = 1)]
    pub size: i64,
}

/// A department.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct Org {
    /// Department ID: `id` of `org.update` and `org.delete`.
    #[schema(title = "部门 id")]
    pub id: Option<i64>,
    /// When it was created, `yyyy-MM-dd HH:mm:ss`.
    #[schema(title = "创建时间")]
    pub create_time: Option<String>,
    /// When it was changed, `yyyy-MM-dd HH:mm:ss`.
    #[schema(title = "修改时间")]
    pub modify_time: Option<String>,
    /// Its own code: `-12-`.
    #[schema(title = "本部门编号")]
    pub cur_code: Option<String>,
    /// Its own name: `12`.
    #[schema(title = "本部门名称")]
    pub cur_name: Option<String>,
    /// Its code with those of the departments above it: `-010-025-12-`.
    #[schema(title = "部门编号")]
    pub org_code: Option<String>,
    /// Its name: `-12-`.
    #[schema(title = "部门名称")]
    pub org_name: Option<String>,
    /// ID of the department above it.
    #[schema(title = "上级部门 id")]
    pub parent_org_id: Option<i64>,
    /// Code of the department above it, with those above that: `-010-025-`.
    #[schema(title = "上级部门编号")]
    pub parent_org_code: Option<String>,
    /// Name of the department above it.
    #[schema(title = "上级部门名称")]
    pub parent_org_name: Option<String>,
    /// `null` in the document's example.
    #[schema(title = "上级加下级 id")]
    pub cur_parent_id: Option<Value>,
    /// Its place among the others.
    #[schema(title = "部门排序")]
    pub org_pos: Option<i64>,
    /// Where it comes from: `third` in the document's example.
    #[schema(title = "部门来源")]
    pub org_source: Option<String>,
    /// Description.
    #[schema(title = "描述信息")]
    pub description: Option<String>,
    /// Policy ID.
    #[schema(title = "策略 id")]
    pub policy_id: Option<i64>,
    /// Name of the policy.
    #[schema(title = "策略名称")]
    pub policy_name: Option<String>,
}

/// Create a department
///
/// Section 3.3.2.
///
/// The answer has no id: find the department with `org.list`. Sent as a form where the setting `form_bodies`
/// is true.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "org.create",
    title = "新增部门",
    route = "POST /oapi/v1/orgDef/addOrg",
    effect = Write,
    rename_all = "camelCase",
    response = Nothing,
    example = r#"{"curCode":"333","parentOrgCode":"222","curName":"xxx","orgPos":1,"description":"1234"}"#
)]
pub struct Create {
    /// Its own code. The document's example has none of the dashes that `org.list` shows (`-12-`).
    #[param(title = "本级部门编号", max_length = 5, lenient)]
    pub cur_code: String,
    /// Code of the department above it, from `org.list`: its `orgCode` (`-010-025-`) or its `curCode`; the
    /// document doesn't say which. Its example has `222`.
    #[param(title = "上级部门编号", lenient)]
    pub parent_org_code: Option<String>,
    /// Its name.
    #[param(title = "部门名称", max_length = 30)]
    pub cur_name: String,
    /// Its place among the others.
    #[param(title = "部门排序")]
    pub org_pos: Option<i64>,
    /// Description.
    #[param(title = "部门描述", max_length = 200, lenient)]
    pub description: Option<String>,
}

/// Update a department
///
/// Section 3.3.3.
///
/// Sent as a form where the setting `form_bodies` is true.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "org.update",
    title = "修改部门",
    route = "PUT /oapi/v1/orgDef/editOrgDef",
    effect = Idempotent,
    rename_all = "camelCase",
    response = Nothing,
    example = r#"{"id":1,"curName":"aaa","orgPos":1,"description":"12233"}"#
)]
pub struct Update {
    /// Department ID: `id` of `org.list`.
    #[param(title = "部门 id")]
    pub id: i64,
    /// Its name.
    #[param(title = "部门名称")]
    pub cur_name: Option<String>,
    /// Its place among the others.
    // A string in the table, a number in the example and for `org.create`.
    #[param(title = "排序", lenient)]
    pub org_pos: Option<i64>,
    /// Description.
    #[param(title = "描述信息", lenient)]
    pub description: Option<String>,
}

/// Delete a department
///
/// Section 3.3.4.
///
/// Sent as a form where the setting `form_bodies` is true.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "org.delete",
    title = "删除部门",
    route = "DELETE /oapi/v1/orgDef/delOrgDef",
    effect = Idempotent,
    rename_all = "camelCase",
    response = Nothing,
    example = r#"{"id":1}"#
)]
pub struct Delete {
    /// Department ID: `id` of `org.list`.
    #[param(title = "部门 id")]
    pub id: i64,
}
