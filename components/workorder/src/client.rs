//! How the work order centre authenticates (公共http请求头参数) and answers (响应码).

use patchbay_sdk::answer::mask;
use patchbay_sdk::{
    Call, Connector, Endpoint as _, Envelope, Failure, Host, Operation, Response, Setting, Settings,
    operations, settings,
};
use serde_json::{Map, Value};

use crate::endpoints::{action, process, task, workorder};

/// The envelope (响应码). The code 0 in some examples is a placeholder; 4001 is no permission, 4004 an
/// invalid access token.
const ENVELOPE: Envelope = Envelope {
    shape: "{code, msg, data}",
    code: "code",
    message: "msg",
    success: "200",
    unauthorized: &["4001", "4004"],
};
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
            "Token of the user in whose name everything is done, from the unified login. It expires, and nothing here renews it",
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
    let mut envelope = ENVELOPE.members(response, now_ms)?;
    // The example of `own-process.list` has rows and no code.
    let rows = paged && envelope.get("rows").is_some_and(Value::is_array);
    if !rows || envelope.get(ENVELOPE.code).is_some_and(|code| !code.is_null()) {
        envelope = ENVELOPE.accept(envelope, response.status)?;
    }
    payload(&mut envelope, paged, response.status)
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
