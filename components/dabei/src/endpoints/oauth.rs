//! Single sign-on (认证接口, 自有认证中心接口). `client_id` and `client_secret` come from the settings.

use patchbay_sdk::{
    Call, Effect, Endpoint, Failure, Handler, Method, Operation, Payload, Violation, operations, params,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::client::Dabei;

/// The operations of this group.
pub const OPERATIONS: &[Operation<Dabei>] = operations![; GetUser, GetAuthorityCode];

/// Get the user whom an OAuth code stands for
///
/// Section 认证接口.
///
/// There is no access token in the answer, and no other documented call gives one. Treat a code as good for
/// one call only: the document doesn't say how long and how often it holds.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetUser {
    /// OAuth code: `code` in the URL that Dabei opens, or what `authority-code.get` gives.
    pub code: String,
}

impl Endpoint for GetUser {
    const ID: &'static str = "oauth-user.get";
    const TITLE: &'static str = "搭贝认证用户信息";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/oauth2/users/user_info";
    // It uses up the code.
    const EFFECT: Effect = Effect::Write;
    type Response = Identity;

    fn params(&self) -> Result<Map<String, Value>, Failure> {
        let mut params = params::of(self)?;
        params.insert("grant_type".to_owned(), Value::from("authorization_code"));
        Ok(params)
    }
}

impl Handler<Dabei> for GetUser {
    fn handle(&self, dabei: &Dabei) -> Result<Payload, Failure> {
        dabei.send_as_client(&Call::encode(dabei.host(), self)?)
    }
}

/// Who logged in.
#[derive(Debug, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// Id of the user.
    pub id: Option<String>,
    /// Id of the user's main department.
    pub department_id: Option<String>,
    /// Ids of the user's departments; the main one may be among them.
    pub department_ids: Option<Vec<String>>,
    /// Name to show.
    pub name: Option<String>,
    /// Login name.
    pub username: Option<String>,
    /// Mobile number, where the deployment has one.
    pub phone: Option<String>,
}

/// Get a code that logs a user in, for an authentication centre of your own
///
/// Section 自有认证中心接口.
///
/// At least one of `username` and `phone` is needed; an empty string counts as absent. Where both
/// are given, only `username` is sent. The code
/// stands for a login without a password, of any user: treat it as a secret, use it at once and only once.
/// Append `code=<code>` to the URL of a Dabei application, or give it to `oauth-user.get`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("anyOf" = [
    { "required": ["username"], "properties": { "username": { "minLength": 1 } } },
    { "required": ["phone"], "properties": { "phone": { "minLength": 1 } } },
]))]
pub struct GetAuthorityCode {
    /// Login name of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Mobile number of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

impl Endpoint for GetAuthorityCode {
    const ID: &'static str = "authority-code.get";
    const TITLE: &'static str = "获取搭贝authority_code";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/oauth2/authority_code";
    // It creates a login.
    const EFFECT: Effect = Effect::Write;
    type Response = AuthorityCode;

    fn check(&self) -> Vec<Violation> {
        params::at_least_one(self, &["username", "phone"])
    }

    fn params(&self) -> Result<Map<String, Value>, Failure> {
        params::prefer(self, "username", "phone")
    }
}

impl Handler<Dabei> for GetAuthorityCode {
    fn handle(&self, dabei: &Dabei) -> Result<Payload, Failure> {
        dabei.send_as_client(&Call::encode(dabei.host(), self)?)
    }
}

/// A login.
#[derive(Debug, JsonSchema)]
pub struct AuthorityCode {
    /// The code; of the same kind as an OAuth code.
    pub code: Option<String>,
}
