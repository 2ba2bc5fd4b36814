//! Single sign-on (认证接口, 自有认证中心接口). Everything here is sent as the client
//! ([`OAUTH_BASE_URL`](crate::client::OAUTH_BASE_URL)).

use patchbay_sdk::{Endpoint, Failure, Operation, Params, Schema, operations};

use crate::client::Dabei;

/// The operations of this group.
pub const OPERATIONS: &[Operation<Dabei>] = operations![GetUser, GetAuthorityCode];

/// Get the user whom an OAuth code stands for
///
/// Section 认证接口.
///
/// Needs the settings `client_id` and `client_secret`. There is no access token in the answer, though the
/// document says that one is got by the code, and no other operation gives one. Treat a code as good for one
/// call only: the document doesn't say how long and how often it holds. The call isn't repeated for that reason.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "oauth-user.get",
    title = "搭贝认证用户信息",
    route = "GET /oauth2/users/user_info",
    origin = "oauth_base_url",
    // It uses up the code.
    effect = Write,
    prepare = grant_type,
    response = Option<Identity>,
    example = r#"{"code":"cc58f62261ed4a5099bcea41d6fdcbaa"}"#
)]
pub struct GetUser {
    /// OAuth code: `code` of `authority-code.get`, or the code that Dabei's own OAuth gives, which the document
    /// doesn't describe.
    #[param(title = "oauth的code")]
    pub code: String,
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of `prepare`")]
fn grant_type(params: &mut Params) -> Result<(), Failure> {
    params.insert("grant_type", "authorization_code");
    Ok(())
}

/// Who logged in.
#[derive(Debug, Schema)]
#[schema(rename_all = "camelCase")]
pub struct Identity {
    /// Id of the user: the `user_id` and `userId` of other operations.
    #[schema(title = "用户id")]
    pub id: Option<String>,
    /// The user's main department. The document's examples have ids of `org.list` here.
    #[schema(title = "主部门")]
    pub department_id: Option<String>,
    /// The departments that the user belongs to besides. In the document's example the main one is among them.
    #[schema(title = "兼职部门")]
    pub department_ids: Option<Vec<String>>,
    /// Name of the user.
    #[schema(title = "用户姓名")]
    pub name: Option<String>,
    /// `user001` in the document's example, so a login name, although the document calls it like `name`.
    #[schema(title = "用户姓名")]
    pub username: Option<String>,
    /// Mobile number. Only valid where the user has configured it, and mainly for private deployments
    /// (只有用户配置此值有效,主要用于私有化部署).
    #[schema(title = "手机号")]
    pub phone: Option<String>,
}

/// Get a code that logs a user in, for an authentication centre of your own
///
/// Section 自有认证中心接口.
///
/// For customers whose own authentication centre decides who logs in (三方自有认证中心). In this mode every
/// user must have a `phone` and a `username` at Dabei (使用此模式,phone和username必有值). Needs the settings
/// `client_id` and `client_secret`.
///
/// At least one of `username` and `phone` is needed; an empty string counts as absent. Where both are given,
/// only `username` is sent.
///
/// The code stands for a login without a password, of any user: treat it as a secret. Append `code=<code>` to
/// the URL of a Dabei application, which logs the user in there, or give it to `oauth-user.get`. The document
/// doesn't say how long and how often it holds: use it at once and once.
#[derive(Debug, Endpoint)]
#[endpoint(
    id = "authority-code.get",
    title = "获取搭贝authority_code",
    route = "GET /oauth2/authority_code",
    origin = "oauth_base_url",
    // It creates a login.
    effect = Write,
    first_of("username", "phone"),
    response = Option<AuthorityCode>,
    example = r#"{"username":"user001"}"#
)]
pub struct GetAuthorityCode {
    /// Login name of the user: `username` of `oauth-user.get`. Goes before `phone`.
    #[param(title = "用户姓名", example = "user001")]
    pub username: Option<String>,
    /// Mobile number of the user: `phone` of `oauth-user.get`. Taken where there is no `username`.
    #[param(title = "手机号")]
    pub phone: Option<String>,
}

/// A login.
#[derive(Debug, Schema)]
pub struct AuthorityCode {
    /// The code; of the same kind as an OAuth code (与搭贝oauth2 code完全相同).
    #[schema(title = "授权code")]
    pub code: Option<String>,
}
