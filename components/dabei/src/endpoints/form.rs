//! Forms and their fields.

use patchbay_sdk::{Effect, Endpoint, Method, Operation, Pages, operations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::Dabei;

/// The operations of this group.
pub const OPERATIONS: &[Operation<Dabei>] = operations![List, ListFields];

/// List the forms of an application, page by page
///
/// Section 开放应用 2.
///
/// There is no total: the last page is the one that is short or empty.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Id of the application, from `app.list`.
    pub app_id: String,
    /// Only forms of this name; the document doesn't say whether a part of it is enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Number of the page, from 1; the vendor takes 1 where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_no: Option<i64>,
    /// How many forms a page has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_size: Option<i64>,
}

impl Endpoint for List {
    const ID: &'static str = "form.list";
    const TITLE: &'static str = "查询应用下的表单";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/apps/{app_id}/forms";
    const EFFECT: Effect = Effect::Read;
    const PAGES: Option<Pages> = Some(super::PAGES);
    type Response = Vec<Form>;
}

/// A form.
#[derive(Debug, JsonSchema)]
pub struct Form {
    /// Name of the form.
    pub name: Option<String>,
    /// Id of the form.
    pub id: Option<String>,
}

/// List the fields of a form
///
/// Section 开放应用 3.
///
/// The document shows neither types nor rules of the fields, so values can't be checked against them.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListFields {
    /// Id of the application, from `app.list`.
    pub app_id: String,
    /// Id of the form, from `form.list`.
    pub form_id: String,
}

impl Endpoint for ListFields {
    const ID: &'static str = "form-field.list";
    const TITLE: &'static str = "查询表单字段";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/apps/{app_id}/forms/{form_id}/fields";
    const EFFECT: Effect = Effect::Read;
    type Response = Vec<Field>;
}

/// A field of a form.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    /// Name of the field, as people see it.
    pub name: Option<String>,
    /// Id of the field.
    pub field_id: Option<String>,
}
