//! Forms and their fields.

use patchbay_sdk::{Endpoint, Operation, Schema, operations};

use super::PAGES;
use crate::client::Dabei;

/// The operations of this group.
pub const OPERATIONS: &[Operation<Dabei>] = operations![List, ListFields];

/// List the forms of an application, page by page
///
/// Section 开放应用 2.
///
/// There is no total: go on until a page is empty. The document doesn't say how many forms a page has where
/// `page_size` is left out.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "form.list",
    title = "查询应用下的表单",
    route = "GET /apps/{app_id}/forms",
    effect = Read,
    pages = PAGES,
    response = Vec<Form>,
    example = r#"{"app_id":"5f2fda02ea674ee0a5143b87b81af5e2","page_no":1,"page_size":10}"#
)]
pub struct List {
    /// Id of the application: `id` of `app.list`.
    #[param(title = "应用id")]
    pub app_id: String,
    /// Only forms of this name; the document doesn't say whether a part of it is enough.
    #[param(title = "名称")]
    pub name: Option<String>,
    /// Number of the page, from 1.
    #[param(title = "页号", min = 1, default = 1)]
    pub page_no: Option<i64>,
    /// How many forms a page has.
    #[param(title = "查询的数据条数", min = 1)]
    pub page_size: Option<i64>,
}

/// A form.
#[derive(Debug, Schema)]
pub struct Form {
    /// Name of the form.
    #[schema(title = "名称")]
    pub name: Option<String>,
    /// Id of the form: the `form_id` of other operations.
    #[schema(title = "id")]
    pub id: Option<String>,
}

/// List the fields of a form
///
/// Section 开放应用 3.
///
/// The answer has neither types nor rules of the fields, so what `record.create` takes for them can't be told
/// from it.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "form-field.list",
    title = "查询表单字段",
    route = "GET /apps/{app_id}/forms/{form_id}/fields",
    effect = Read,
    response = Vec<Field>,
    example = r#"{"app_id":"5f2fda02ea674ee0a5143b87b81af5e2","form_id":"684ad97c537b47df824a8b602411b2d2"}"#
)]
pub struct ListFields {
    /// Id of the application: `id` of `app.list`.
    #[param(title = "应用id")]
    pub app_id: String,
    /// Id of the form: `id` of `form.list`.
    #[param(title = "表单id")]
    pub form_id: String,
}

/// A field of a form.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct Field {
    /// Name of the field: `单行文本`.
    #[schema(title = "名称")]
    pub name: Option<String>,
    /// Id of the field. The document doesn't say whether it is what names the field in `record.create`,
    /// `record.list` and `task.submit`.
    #[schema(title = "字段id")]
    pub field_id: Option<String>,
}
