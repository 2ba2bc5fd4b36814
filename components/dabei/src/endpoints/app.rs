//! Applications.

use patchbay_sdk::{Endpoint, Operation, Schema, operations};

use crate::client::Dabei;

/// The operations of this group.
pub const OPERATIONS: &[Operation<Dabei>] = operations![List];

/// List the tenant's applications
///
/// Section 开放应用 1.
///
/// Their ids are the `app_id` of everything about forms, records and tasks. There are no pages. The document
/// doesn't say how the tenant (当前租户) is chosen; of this connector's settings, only `auth_headers` and
/// `auth_query` can choose it.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "app.list",
    title = "查询当前租户下的应用",
    route = "GET /apps",
    effect = Read,
    response = Vec<App>,
    example = r#"{"name":"我的应用"}"#,
    example = "{}"
)]
pub struct List {
    /// Only applications of this name; the document doesn't say whether a part of it is enough.
    #[param(title = "名称")]
    pub name: Option<String>,
}

/// An application.
#[derive(Debug, Schema)]
pub struct App {
    /// Name of the application.
    #[schema(title = "名称")]
    pub name: Option<String>,
    /// Id of the application: the `app_id` of other operations.
    #[schema(title = "应用id")]
    pub id: Option<String>,
}
