//! How Dabei is authenticated, as far as its document says, and how it answers.

use patchbay_sdk::answer::json;
use patchbay_sdk::{
    Call, Connector, Endpoint, Envelope, Failure, Host, Operation, Request, Response, Setting, operations,
    settings,
};
use serde_json::Value;

use crate::endpoints::{app, form, oauth, org, record, task, user};

const CLIENT_ID: &str = "client_id";
const CLIENT_SECRET: &str = "client_secret";
const AUTH_HEADERS: &str = "auth_headers";
const AUTH_QUERY: &str = "auth_query";
const OAUTH_BASE_URL: &str = "oauth_base_url";

/// The envelope. Only some examples have `success` in it, so `errcode` decides.
const ENVELOPE: Envelope = Envelope {
    shape: "{errcode, errmsg, data}",
    code: "errcode",
    message: "errmsg",
    success: "0",
    unauthorized: &[],
};

/// One connection to a Dabei tenant.
pub struct Dabei {
    host: Host,
    base_url: String,
    oauth_base_url: String,
    auth_headers: Vec<(String, String)>,
    auth_query: Vec<(String, String)>,
}

impl Connector for Dabei {
    const ID: &'static str = "dabei";
    const VENDOR: &'static str = "Dabei (搭贝)";
    const SUMMARY: &'static str =
        "Low-code platform: applications, forms, records, approvals, organisations, users, single sign-on";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const DOCUMENT: &'static str = "Dabei low-code platform open API";
    const SETTINGS: &'static [Setting] = &[
        settings::BASE_URL,
        Setting::optional(
            AUTH_HEADERS,
            "JSON object of header fields for every call but the two of single sign-on. Dabei's document doesn't say how these calls are authenticated: ask Dabei which header fields or query parameters its open API takes, and which of them select the tenant",
        )
        .secret(),
        Setting::optional(
            AUTH_QUERY,
            "JSON object of query parameters for the same calls, where Dabei asks for them in the URL",
        )
        .secret(),
        Setting::optional(
            CLIENT_ID,
            "Client identifier that Dabei provides; needed for single sign-on only",
        ),
        Setting::optional(
            CLIENT_SECRET,
            "Client secret that Dabei provides; needed for single sign-on only. It travels in the query, so use https",
        )
        .secret(),
        Setting::optional(
            OAUTH_BASE_URL,
            "Where single sign-on is, if not at base_url. A host of its own must be allowed to the connection",
        ),
        settings::PATH_OVERRIDES,
    ];
    const OPERATIONS: &'static [Operation<Self>] = operations![
        oauth::GetUser,
        oauth::GetAuthorityCode,
        app::List,
        form::List,
        form::ListFields,
        record::Create,
        record::Update,
        record::Delete,
        record::List,
        record::Get,
        task::Submit,
        task::Deny,
        task::Transfer,
        task::List,
        org::List,
        org::Get,
        user::List,
        user::Get;
        task::Revoke,
    ];

    fn open(host: Host) -> Result<Self, Failure> {
        let settings = host.settings();
        let base_url = settings.base_url()?;
        let oauth_base_url = match settings.get(OAUTH_BASE_URL) {
            Some(_) => settings.url(OAUTH_BASE_URL)?,
            None => base_url.clone(),
        };
        Ok(Self {
            auth_headers: settings.texts(AUTH_HEADERS)?,
            auth_query: settings.texts(AUTH_QUERY)?,
            base_url,
            oauth_base_url,
            host,
        })
    }

    fn host(&self) -> &Host {
        &self.host
    }

    fn call(&self, call: &Call) -> Result<Value, Failure> {
        let request = match call.operation {
            oauth::GetUser::ID | oauth::GetAuthorityCode::ID => self.as_client(call)?,
            _ => self.as_tenant(call),
        };
        let response = self.host.send(&request)?;
        open(call.operation, &response, self.host.now_ms())
    }
}

impl Dabei {
    /// A call of single sign-on (认证接口, 自有认证中心接口): it takes the client's credentials, in its
    /// query, and nothing that belongs to the business calls.
    fn as_client(&self, call: &Call) -> Result<Request, Failure> {
        let mut request = call.request.clone();
        for name in [CLIENT_ID, CLIENT_SECRET] {
            let value = self.host.settings().require(name)?;
            request.query.push((name.to_owned(), value.to_owned()));
        }
        Ok(request.to_request(&self.oauth_base_url))
    }

    /// Every other call: authenticated by what the operator has from Dabei.
    fn as_tenant(&self, call: &Call) -> Request {
        let mut request = call.request.clone();
        request.query.extend(self.auth_query.iter().cloned());
        self.auth_headers
            .iter()
            .fold(request.to_request(&self.base_url), |request, (name, value)| {
                request.header(name, value)
            })
    }
}

/// Opens the envelope `{errcode, errmsg, data}`.
fn open(operation: &str, response: &Response, now_ms: u64) -> Result<Value, Failure> {
    // The example of 开放应用 7.3 has no envelope.
    if operation == task::List::ID
        && (200..300).contains(&response.status)
        && let Ok(tasks @ Value::Array(_)) = json(response)
    {
        return Ok(tasks);
    }
    let mut envelope = ENVELOPE.open(response, now_ms)?;
    Ok(payload(envelope.shift_remove("data").unwrap_or(Value::Null)))
}

/// What is in `data`. Organisations and users come as a string that holds JSON: it is parsed, once. A
/// string that would become a number or a boolean stays a string, because it is an id or a text.
fn payload(data: Value) -> Value {
    let Value::String(text) = &data else {
        return data;
    };
    match serde_json::from_str(text) {
        Ok(Value::Number(_) | Value::Bool(_)) | Err(_) => data,
        Ok(parsed) => parsed,
    }
}
