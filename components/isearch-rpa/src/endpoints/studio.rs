//! Designers: the terminals that edit processes (section 3.5).

use patchbay_sdk::{Effect, Endpoint, Method, Nothing, Operation, Page, Pages, operations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::robot::Terminal;
use crate::client::IsearchRpa;

/// The operations of this group.
pub const OPERATIONS: &[Operation<IsearchRpa>] = operations![List, Update];

/// List the designers, page by page
///
/// Section 3.5.1.
///
/// Their communication token comes out as `***` unless the setting `reveal_secrets` is true.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct List {
    /// Number of the page, from 1.
    pub page: i64,
    /// How many items a page has.
    pub size: i64,
}

impl Endpoint for List {
    const ID: &'static str = "studio.list";
    const TITLE: &'static str = "获取设计器列表";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/oapi/v1/studio";
    const EFFECT: Effect = Effect::Read;
    const PAGES: Option<Pages> = Some(super::PAGES);
    type Response = Page<Terminal>;
}

/// Change a designer's alias
///
/// Section 3.5.2.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Update {
    /// Id of the designer, as `studio.list` gives it, as a string.
    pub id: String,
    /// Designer alias.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub studio_alias: Option<String>,
}

impl Endpoint for Update {
    const ID: &'static str = "studio.update";
    const TITLE: &'static str = "修改设计器";
    const METHOD: Method = Method::PUT;
    const PATH: &'static str = "/oapi/v1/studio";
    const EFFECT: Effect = Effect::Idempotent;
    type Response = Nothing;
}
