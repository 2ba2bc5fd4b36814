//! Designers: the terminals that edit processes (section 3.5).

use patchbay_sdk::{Endpoint, Nothing, Operation, Page, operations};

use super::common::PAGES;
use super::robot::Terminal;
use crate::client::IsearchRpa;

/// The operations of this group.
pub const OPERATIONS: &[Operation<IsearchRpa>] = operations![List, Update];

/// List the designers, page by page
///
/// Section 3.5.1.
///
/// Their communication token comes out as `***` unless the setting `reveal_secrets` is true.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "studio.list",
    title = "获取设计器列表",
    route = "GET /oapi/v1/studio",
    effect = Read,
    rename_all = "camelCase",
    pages = PAGES,
    response = Page<Terminal>,
    example = r#"{"page":1,"size":10}"#
)]
pub struct List {
    /// Number of the page, from 1.
    #[param(title = "页数", min = 1)]
    pub page: i64,
    /// How many designers a page has.
    #[param(title = "每页记录数", min = 1)]
    pub size: i64,
}

/// Change a designer's alias
///
/// Section 3.5.2.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "studio.update",
    title = "修改设计器",
    route = "PUT /oapi/v1/studio",
    effect = Idempotent,
    rename_all = "camelCase",
    response = Nothing,
    example = r#"{"id":"63","studioAlias":"111"}"#
)]
pub struct Update {
    /// Id of the designer: `id` of `studio.list`. Travels as a string.
    #[param(title = "设计器 id", lenient)]
    pub id: String,
    /// The new alias; `agentAlias` in `studio.list`.
    #[param(title = "设计器别名")]
    pub studio_alias: Option<String>,
}
