//! Records: the filled-in forms.

use patchbay_sdk::{Endpoint, Operation, Schema, operations};
use serde_json::{Map, Value};

use super::PAGES;
use crate::client::Dabei;

/// The operations of this group.
pub const OPERATIONS: &[Operation<Dabei>] = operations![Create, Update, Delete, List, Get];

/// Create a record, and start its flow if asked to
///
/// Section 开放应用 4.
///
/// The form's own fields (其他表单字段) stand beside `user_id`, one property each, with any JSON value; `null` is
/// sent as `null`. The document doesn't say whether a field is named by its `fieldId` of `form-field.list`, as
/// in the example here, by its `name` or by its component key. A field of the form that is named like one of the
/// parameters (`user_id`, `flow_code`) can't be set.
///
/// The document shows no answer: the output is what the vendor puts into `data`. Should the new record's id not
/// be in it, look for it with `record.list`. A flow that was started has tasks, which `task.list` lists.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "record.create",
    title = "新增数据",
    route = "POST /apps/{app_id}/forms/{form_id}/record_create",
    effect = Write,
    needs("flow_code", when = ("start_flow", true)),
    response = Value,
    example = r#"{"app_id":"5f2fda02ea674ee0a5143b87b81af5e2","form_id":"684ad97c537b47df824a8b602411b2d2","user_id":"5f2fda02ea674ee0a5143b87b81af5e2","684ad97c537b47df824a8b602411b2d2":"对应"}"#
)]
pub struct Create {
    /// Id of the application: `id` of `app.list`.
    #[param(title = "应用id")]
    pub app_id: String,
    /// Id of the form: `id` of `form.list`.
    #[param(title = "表单id")]
    pub form_id: String,
    /// Whether a flow starts with the record; needs `flow_code` then. Travels in the query.
    #[param(title = "是否发起流程", query)]
    pub start_flow: Option<bool>,
    /// Code of the flow, required when `start_flow` is true (当 `start_flow` 为 true,该值必填). The document doesn't
    /// say where to find it. Travels in the query.
    #[param(title = "flow_code", query)]
    pub flow_code: Option<String>,
    /// Id of the user who creates it: `id` of `user.list` or of `oauth-user.get`.
    #[param(title = "用户id")]
    pub user_id: String,
    /// Fields of the form.
    #[param(flatten)]
    pub fields: Map<String, Value>,
}

/// Change a record
///
/// Section 开放应用 5.1.
///
/// The form's own fields (其他表单字段) stand beside `user_id` and `record_id`, named as in `record.create`. The
/// document doesn't say what becomes of the fields that are left out, and shows no answer: the output is what the
/// vendor puts into `data`.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "record.update",
    title = "修改数据",
    route = "POST /apps/{app_id}/forms/{form_id}/record_update",
    effect = Idempotent,
    response = Value,
    example = r#"{"app_id":"5f2fda02ea674ee0a5143b87b81af5e2","form_id":"684ad97c537b47df824a8b602411b2d2","user_id":"5f2fda02ea674ee0a5143b87b81af5e2","record_id":"fdfdfda02ea674ee0a5143b87b81af5e2","684ad97c537b47df824a8b602411b2d2":"对应"}"#
)]
pub struct Update {
    /// Id of the application: `id` of `app.list`.
    #[param(title = "应用id")]
    pub app_id: String,
    /// Id of the form: `id` of `form.list`.
    #[param(title = "表单id")]
    pub form_id: String,
    /// Id of the user who changes it: `id` of `user.list` or of `oauth-user.get`.
    #[param(title = "用户id")]
    pub user_id: String,
    /// Id of the record: `id` of a record of `record.list`.
    #[param(title = "记录id")]
    pub record_id: String,
    /// Fields of the form.
    #[param(flatten)]
    pub fields: Map<String, Value>,
}

/// Delete a record
///
/// Section 开放应用 6.
///
/// No operation brings it back. The document shows no answer: the output is what the vendor puts into `data`.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "record.delete",
    title = "删除数据",
    route = "POST /apps/{app_id}/forms/{form_id}/record_delete",
    effect = Idempotent,
    response = Value,
    example = r#"{"app_id":"5f2fda02ea674ee0a5143b87b81af5e2","form_id":"684ad97c537b47df824a8b602411b2d2","user_id":"5f2fda02ea674ee0a5143b87b81af5e2","record_id":"fdfdfda02ea674ee0a5143b87b81af5e2"}"#
)]
pub struct Delete {
    /// Id of the application: `id` of `app.list`.
    #[param(title = "应用id")]
    pub app_id: String,
    /// Id of the form: `id` of `form.list`.
    #[param(title = "表单id")]
    pub form_id: String,
    /// Id of the user who deletes it: `id` of `user.list` or of `oauth-user.get`.
    #[param(title = "用户id")]
    pub user_id: String,
    /// Id of the record: `id` of a record of `record.list`.
    #[param(title = "记录id")]
    pub record_id: String,
}

/// List the records of a form, page by page
///
/// Section 开放应用 7.1.
///
/// There is no total: go on until a page is empty. The document shows no answer; its section 5.1 says that a
/// record in it has an `id`.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "record.list",
    title = "查询列表数据",
    route = "POST /apps/{app_id}/forms/{form_id}/records",
    effect = Read,
    pages = PAGES,
    response = Vec<Record>,
    example = r#"{"app_id":"5f2fda02ea674ee0a5143b87b81af5e2","form_id":"684ad97c537b47df824a8b602411b2d2","user_id":"5f2fda02ea674ee0a5143b87b81af5e2","page_no":1,"page_size":10,"filter":{"字段名":"要查询的值"}}"#
)]
pub struct List {
    /// Id of the application: `id` of `app.list`.
    #[param(title = "应用id")]
    pub app_id: String,
    /// Id of the form: `id` of `form.list`.
    #[param(title = "表单id")]
    pub form_id: String,
    /// Only records whose fields have these values. Member names are names of fields (字段名), values are what to
    /// look for (要查询的值). The document doesn't say whether a field's name is its `name` or its `fieldId` of
    /// `form-field.list`, nor whether a part of the value is enough.
    #[param(title = "过滤条件")]
    pub filter: Option<Map<String, Value>>,
    /// Id of the user who asks: `id` of `user.list` or of `oauth-user.get`.
    #[param(title = "用户id")]
    pub user_id: String,
    /// Number of the page, from 1.
    #[param(title = "页码", min = 1, default = 1)]
    pub page_no: Option<i64>,
    /// How many records a page has.
    #[param(title = "数据条数", min = 1, default = 10)]
    pub page_size: Option<i64>,
}

/// A record, with the fields of its form.
#[derive(Debug, Schema)]
pub struct Record {
    /// Id of the record: the `record_id` of other operations.
    #[schema(title = "记录id")]
    pub id: Option<String>,
}

/// Get one record
///
/// Section 开放应用 7.2.
///
/// The document shows no answer: the output is what the vendor puts into `data`.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "record.get",
    title = "查询单条数据",
    route = "GET /apps/{app_id}/forms/{form_id}/records/{record_id}",
    effect = Read,
    response = Value,
    example = r#"{"app_id":"5f2fda02ea674ee0a5143b87b81af5e2","form_id":"684ad97c537b47df824a8b602411b2d2","record_id":"fdfdfda02ea674ee0a5143b87b81af5e2","user_id":"5f2fda02ea674ee0a5143b87b81af5e2"}"#
)]
pub struct Get {
    /// Id of the application: `id` of `app.list`.
    #[param(title = "应用id")]
    pub app_id: String,
    /// Id of the form: `id` of `form.list`.
    #[param(title = "表单id")]
    pub form_id: String,
    /// Id of the record: `id` of a record of `record.list`.
    #[param(title = "记录id")]
    pub record_id: String,
    /// Id of the user who asks: `id` of `user.list` or of `oauth-user.get`.
    #[param(title = "用户id")]
    pub user_id: String,
}
