//! Applications.

use patchbay_sdk::{Effect, Endpoint, Method, Operation, operations};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::client::Dabei;

/// The operations of this group.
pub const OPERATIONS: &[Operation<Dabei>] = operations![List];

/// List the tenant's applications
///
/// Section 开放应用 1.
///
/// Which tenant that is follows from the settings `auth_headers` and `auth_query`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Only applications of this name; the document doesn't say whether a part of it is enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Endpoint for List {
    const ID: &'static str = "app.list";
    const TITLE: &'static str = "查询当前租户下的应用";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/apps";
    const EFFECT: Effect = Effect::Read;
    type Response = Vec<App>;
}

/// An application.
#[derive(Debug, JsonSchema)]
pub struct App {
    /// Name of the application.
    pub name: Option<String>,
    /// Id of the application.
    pub id: Option<String>,
}
