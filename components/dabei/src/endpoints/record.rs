//! Records: the filled-in forms.

use patchbay_sdk::{Effect, Endpoint, Method, Operation, Pages, Violation, operations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::client::Dabei;

/// The operations of this group.
pub const OPERATIONS: &[Operation<Dabei>] = operations![Create, Update, Delete, List, Get];

/// Create a record, and start its flow if asked to
///
/// Section 开放应用 4.
///
/// The form's own fields stand beside `user_id`, one property each, with any JSON value; `null` is sent as
/// `null`. The document doesn't say whether a field is named by its `fieldId` from `form-field.list`, by its
/// name or by its component key: try `fieldId` first. A field of the form that is named like one of the
/// parameters (`user_id`, `flow_code`) can't be set. The document shows no answer: the output is what the
/// vendor puts into `data`, and whether the new record's id is in it isn't documented.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Create {
    /// Id of the application, from `app.list`.
    pub app_id: String,
    /// Id of the form, from `form.list`.
    pub form_id: String,
    /// Whether the record's flow starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_flow: Option<bool>,
    /// Code of the flow; required when `start_flow` is true. The document doesn't say where to find it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow_code: Option<String>,
    /// Id of the user on whose behalf the record is created.
    pub user_id: String,
    /// Fields of the form.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

impl Endpoint for Create {
    const ID: &'static str = "record.create";
    const TITLE: &'static str = "新增数据";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/apps/{app_id}/forms/{form_id}/record_create";
    const EFFECT: Effect = Effect::Write;
    const IN_QUERY: &'static [&'static str] = &["start_flow", "flow_code"];
    type Response = Value;

    fn check(&self) -> Vec<Violation> {
        let coded = self.flow_code.as_ref().is_some_and(|code| !code.is_empty());
        if self.start_flow == Some(true) && !coded {
            return vec![Violation::new(
                "/flow_code",
                "is required when start_flow is true",
            )];
        }
        Vec::new()
    }
}

/// Change a record
///
/// Section 开放应用 5.1.
///
/// The form's own fields stand beside `user_id` and `record_id`, as in `record.create`. The document doesn't
/// say what becomes of the fields that are left out.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Update {
    /// Id of the application, from `app.list`.
    pub app_id: String,
    /// Id of the form, from `form.list`.
    pub form_id: String,
    /// Id of the user on whose behalf the record is changed.
    pub user_id: String,
    /// Id of the record, from `record.list`.
    pub record_id: String,
    /// Fields of the form.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

impl Endpoint for Update {
    const ID: &'static str = "record.update";
    const TITLE: &'static str = "修改数据";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/apps/{app_id}/forms/{form_id}/record_update";
    const EFFECT: Effect = Effect::Idempotent;
    type Response = Value;
}

/// Delete a record
///
/// Section 开放应用 6.
///
/// No operation brings it back.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Delete {
    /// Id of the application, from `app.list`.
    pub app_id: String,
    /// Id of the form, from `form.list`.
    pub form_id: String,
    /// Id of the user on whose behalf the record is deleted.
    pub user_id: String,
    /// Id of the record, from `record.list`.
    pub record_id: String,
}

impl Endpoint for Delete {
    const ID: &'static str = "record.delete";
    const TITLE: &'static str = "删除数据";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/apps/{app_id}/forms/{form_id}/record_delete";
    const EFFECT: Effect = Effect::Idempotent;
    type Response = Value;
}

/// List the records of a form, page by page
///
/// Section 开放应用 7.1.
///
/// There is no total: the last page is the one that is short or empty. The document shows no answer; other
/// sections say that a record in it has an `id`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Id of the application, from `app.list`.
    pub app_id: String,
    /// Id of the form, from `form.list`.
    pub form_id: String,
    /// Only records whose fields have these values: `{"<field>": <value>}`. The document doesn't say how a
    /// field is named here, nor whether a part of the value is enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<Map<String, Value>>,
    /// Id of the user on whose behalf the call is made.
    pub user_id: String,
    /// Number of the page, from 1; the vendor takes 1 where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_no: Option<i64>,
    /// How many records a page has; the vendor takes 10 where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_size: Option<i64>,
}

impl Endpoint for List {
    const ID: &'static str = "record.list";
    const TITLE: &'static str = "查询列表数据";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/apps/{app_id}/forms/{form_id}/records";
    const EFFECT: Effect = Effect::Read;
    const PAGES: Option<Pages> = Some(super::PAGES);
    type Response = Vec<Record>;
}

/// A record, with the fields of its form.
#[derive(Debug, JsonSchema)]
pub struct Record {
    /// Id of the record.
    pub id: Option<String>,
}

/// Get one record
///
/// Section 开放应用 7.2.
///
/// The document shows no answer: the output is what the vendor puts into `data`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Get {
    /// Id of the application, from `app.list`.
    pub app_id: String,
    /// Id of the form, from `form.list`.
    pub form_id: String,
    /// Id of the record, from `record.list`.
    pub record_id: String,
    /// Id of the user on whose behalf the call is made.
    pub user_id: String,
}

impl Endpoint for Get {
    const ID: &'static str = "record.get";
    const TITLE: &'static str = "查询单条数据";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/apps/{app_id}/forms/{form_id}/records/{record_id}";
    const EFFECT: Effect = Effect::Read;
    type Response = Value;
}
