//! How the work order centre authenticates (公共http请求头参数) and answers (响应码).

use patchbay_sdk::answer::{json, mask, refusal, status_failure, text};
use patchbay_sdk::{
    Call, Connector, Endpoint as _, Failure, Host, Operation, Refusal, Response, Setting, Settings,
    operations, settings,
};
use serde_json::{Map, Value};

use crate::endpoints::{action, process, task, workorder};

/// The one code that means success; the 0 in some examples is a placeholder (响应码).
const SUCCESS: &str = "200";
/// Codes that say that the credentials aren't accepted: no permission, invalid access token.
const UNAUTHORIZED: [&str; 2] = ["4001", "4004"];
/// The member of an application that is a secret.
const SECRET: &str = "applicationSecret";

/// One account of a work order centre.
pub struct WorkOrder {
    host: Host,
    base_url: String,
    identity: Vec<(&'static str, String)>,
    reveal_secrets: bool,
}

impl Connector for WorkOrder {
    const ID: &'static str = "workorder";
    const VENDOR: &'static str = "Unified work order centre (统一工单中心)";
    const SUMMARY: &'static str = "Work orders, the processes that they run through, and their tasks";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const DOCUMENT: &'static str = "统一工单中心 API";
    const SETTINGS: &'static [Setting] = &[
        settings::BASE_URL,
        Setting::required(
            "request_type",
            "app for a front-end application, service for a back-end service: decides which headers are sent",
        ),
        Setting::optional(
            "app_id",
            "Id of the application, from the application management platform; needed where request_type is app",
        ),
        Setting::optional(
            "server_id",
            "Id of the service, from the service bus; needed where request_type is service",
        ),
        Setting::required(
            "secret_key",
            "Secret of the application or the service, from the administrator who registered it",
        )
        .secret(),
        Setting::required(
            "access_token",
            "Token of the user in whose name everything is done, from the unified login. It ends, and only a new one helps",
        )
        .secret(),
        Setting::optional(
            "authorization",
            "The Authorization header where request_type is app; without it, the access token as it is",
        )
        .secret(),
        settings::PATH_OVERRIDES,
        settings::REVEAL_SECRETS,
    ];
    const OPERATIONS: &'static [Operation<Self>] = operations![
        process::List,
        process::GetForm,
        workorder::ListAppTypes,
        workorder::ListSynthesisTypes,
        workorder::Create,
        process::Start,
        process::ListOwn,
        task::ListTodo,
        action::Complete,
        task::ListFinished,
        action::Reject,
        action::Delegate,
        action::Transfer,
        action::Stop,
        action::Return,
        action::Delete,
    ];

    fn open(host: Host) -> Result<Self, Failure> {
        let settings = host.settings();
        Ok(Self {
            base_url: settings.base_url()?,
            identity: identity(settings)?,
            reveal_secrets: settings.flag(settings::REVEAL_SECRETS.name)?,
            host,
        })
    }

    fn host(&self) -> &Host {
        &self.host
    }

    fn call(&self, call: &Call) -> Result<Value, Failure> {
        let mut request = call.request.to_request(&self.base_url);
        for (name, value) in &self.identity {
            request = request.header(name, value);
        }
        let response = self.host.send(&request)?;
        let mut payload = open(&response, is_paged(call.operation), self.host.now_ms())?;
        if !self.reveal_secrets {
            mask(&mut payload, &|name, _| name == SECRET);
        }
        Ok(payload)
    }
}

/// The headers that say who calls (公共http请求头参数).
fn identity(settings: &Settings) -> Result<Vec<(&'static str, String)>, Failure> {
    let kind = settings.require("request_type")?;
    let needed = |name: &str| {
        settings.get(name).ok_or_else(|| {
            Failure::InvalidSettings(format!(
                "the setting {name:?} is missing; a request_type of {kind:?} needs it"
            ))
        })
    };
    let (id, setting) = match kind {
        "app" => ("appID", "app_id"),
        "service" => ("serverID", "server_id"),
        _ => {
            return Err(Failure::InvalidSettings(format!(
                "the setting \"request_type\" is {kind:?}; it must be \"app\" or \"service\""
            )));
        }
    };
    let access_token = settings.require("access_token")?;
    let mut headers = vec![
        ("requestType", kind),
        (id, needed(setting)?),
        ("secretKey", settings.require("secret_key")?),
        ("accessToken", access_token),
    ];
    if kind == "app" {
        // The document's sample is the token without a scheme.
        headers.push((
            "Authorization",
            settings.get("authorization").unwrap_or(access_token),
        ));
    }
    Ok(headers
        .into_iter()
        .map(|(name, value)| (name, value.to_owned()))
        .collect())
}

/// Whether an operation answers with `{code, msg, total, rows}`; all others do with `{code, msg, data}`.
fn is_paged(operation: &str) -> bool {
    [
        process::List::ID,
        process::ListOwn::ID,
        task::ListTodo::ID,
        task::ListFinished::ID,
    ]
    .contains(&operation)
}

/// Opens the envelope.
fn open(response: &Response, paged: bool, now_ms: u64) -> Result<Value, Failure> {
    if !(200..300).contains(&response.status) {
        let refusal = refusal(response, "code", "msg");
        return Err(
            if matches!(response.status, 401 | 403) || is_unauthorized(&refusal) {
                Failure::Unauthorized(refusal)
            } else {
                status_failure(response, refusal, now_ms)
            },
        );
    }
    let Value::Object(mut envelope) = json(response)? else {
        return Err(Failure::malformed(
            "the vendor's answer isn't the documented envelope {code, msg, data}",
            response.status,
        ));
    };
    match text(&envelope, "code") {
        Some(code) if code == SUCCESS => {}
        Some(code) => return Err(refused(code, &envelope, response.status)),
        // The example of `own-process.list` has rows and no code.
        None if paged && envelope.get("rows").is_some_and(Value::is_array) => {}
        None => {
            return Err(Failure::malformed(
                "the vendor's answer has no code",
                response.status,
            ));
        }
    }
    payload(&mut envelope, paged, response.status)
}

/// What a code other than success means.
fn refused(code: String, envelope: &Map<String, Value>, status: u16) -> Failure {
    let refusal = Refusal {
        message: text(envelope, "msg").unwrap_or_else(|| format!("code {code} without a message")),
        code: Some(code),
        http_status: Some(status),
    };
    if is_unauthorized(&refusal) {
        Failure::Unauthorized(refusal)
    } else {
        Failure::Rejected(refusal)
    }
}

fn is_unauthorized(refusal: &Refusal) -> bool {
    refusal
        .code
        .as_deref()
        .is_some_and(|code| UNAUTHORIZED.contains(&code))
}

/// What is in the envelope: `{total, rows}` or `data`. Either stands where the other is documented only
/// in an answer that isn't the documented one, and reading that as empty would hide what it holds.
fn payload(envelope: &mut Map<String, Value>, paged: bool, status: u16) -> Result<Value, Failure> {
    let mut take = |name: &str| envelope.shift_remove(name).filter(|value| !value.is_null());
    let (total, rows, data) = (take("total"), take("rows"), take("data"));
    match (paged, total, rows, data) {
        (true, Some(total), Some(rows @ Value::Array(_)), _) => {
            Ok(serde_json::json!({ "total": total, "rows": rows }))
        }
        (true, Some(total), None, None) => Ok(serde_json::json!({ "total": total, "rows": [] })),
        (true, None, None, None) => Ok(Value::Null),
        (true, ..) => Err(Failure::malformed(
            "the vendor's answer has no total with an array of rows",
            status,
        )),
        (false, _, Some(_), None) => Err(Failure::malformed(
            "the vendor's answer has rows in place of data",
            status,
        )),
        (false, _, _, data) => Ok(data.unwrap_or(Value::Null)),
    }
}
