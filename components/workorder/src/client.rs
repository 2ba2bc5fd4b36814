//! How the work order centre authenticates (公共http请求头参数) and answers (响应码).

use patchbay_sdk::{
    Call, Declaration, Envelope, Failure, Host, Params, Payload, Response, Secrets, Setting, Settings,
    settings,
};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::codes::CODES;

/// The envelope (响应码). The code 0 in some examples is a placeholder.
const ENVELOPE: Envelope = Envelope {
    shape: "{code, msg, data}",
    code: "code",
    message: "msg",
    payload: "data",
    success: "200",
    codes: CODES,
    refused: &[401],
};
/// The member of an application that is a secret.
const SECRETS: Secrets = Secrets {
    always: &["applicationSecret"],
    sometimes: &[],
};

/// Which headers are sent.
pub const REQUEST_TYPE: Setting = Setting::required(
    "request_type",
    "app for a front-end application (前端应用), service for a back-end service (后台服务): decides which headers are sent (请求端类型)",
)
.schema(r#"{"type":"string","enum":["app","service"]}"#);

/// Identifies an application.
pub const APP_ID: Setting = Setting::optional(
    "app_id",
    "Id of the application (应用ID), from the application management platform (应用管理平台); needed where request_type is app",
);

/// Identifies a service.
pub const SERVER_ID: Setting = Setting::optional(
    "server_id",
    "Id of the service (服务ID), from the service bus (服务总线); needed where request_type is service",
);

/// Authenticates the application or the service.
pub const SECRET_KEY: Setting = Setting::required(
    "secret_key",
    "Secret of the application (应用密钥) or the service (服务密钥), from the administrator who registered it",
)
.secret();

/// Stands for the user in whose name everything is done.
pub const ACCESS_TOKEN: Setting = Setting::required(
    "access_token",
    "Token of the user in whose name everything is done (统一认证TOKEN), from the unified login. It expires, and nothing here renews it",
).secret();

/// The `Authorization` header of an application.
pub const AUTHORIZATION: Setting = Setting::optional(
    "authorization",
    "The Authorization header (接口校验TOKEN) where request_type is app; without it, the access token as it is",
)
.secret();

/// One account of a work order centre.
pub struct WorkOrder {
    host: Host,
    base_url: String,
    identity: Vec<(&'static str, String)>,
    reveal_secrets: bool,
}

impl WorkOrder {
    /// Reads the settings. Sends nothing.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidSettings`] where a setting is missing or unusable.
    pub fn new(host: Host) -> Result<Self, Failure> {
        let settings = host.settings();
        Ok(Self {
            base_url: settings.base_url()?,
            identity: identity(settings)?,
            reveal_secrets: settings.flag(settings::REVEAL_SECRETS.name)?,
            host,
        })
    }

    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    /// Sends the request of a list of types: its table requires the access token in the query, beside the
    /// header.
    pub(crate) fn list_types(&self, declaration: &Declaration, params: Params) -> Result<Payload, Failure> {
        let mut call = Call::encode(&self.host, declaration, params)?;
        let access_token = self.host.settings().require(ACCESS_TOKEN.name)?;
        call.request
            .query
            .push(("accessToken".to_owned(), access_token.to_owned()));
        let types = self.send(&call)?;
        Ok(if types.is_null() {
            Payload::serialize(&[(); 0])?
        } else {
            types
        })
    }

    /// Sends the request of an operation, and opens the envelope of its answer.
    pub(crate) fn send(&self, call: &Call) -> Result<Payload, Failure> {
        let mut request = call.request.to_request(&self.base_url);
        for (name, value) in &self.identity {
            request = request.header(name, value);
        }
        let response = self.host.send(request)?;
        // A list that has a total has it in the envelope: `{code, msg, total, rows}`. Everything else is
        // `{code, msg, data}`.
        let paged = call.pages.is_some_and(|pages| pages.total.is_some());
        let result = open(&response, paged, self.host.now_ms());
        if self.reveal_secrets {
            result
        } else {
            SECRETS.mask_result(result)
        }
    }
}

/// The headers that identify the caller (公共http请求头参数).
fn identity(settings: &Settings) -> Result<Vec<(&'static str, String)>, Failure> {
    let kind = settings.require(REQUEST_TYPE.name)?;
    let needed = |setting: Setting| {
        settings.get(setting.name).ok_or_else(|| {
            Failure::InvalidSettings(format!(
                "the setting {:?} is missing; a request_type of {kind:?} needs it",
                setting.name
            ))
        })
    };
    let (id, setting) = match kind {
        "app" => ("appID", APP_ID),
        "service" => ("serverID", SERVER_ID),
        _ => {
            return Err(Failure::InvalidSettings(format!(
                "the setting \"request_type\" is {kind:?}; it must be \"app\" or \"service\""
            )));
        }
    };
    let access_token = settings.require(ACCESS_TOKEN.name)?;
    let mut headers = vec![
        ("requestType", kind),
        (id, needed(setting)?),
        ("secretKey", settings.require(SECRET_KEY.name)?),
        ("accessToken", access_token),
    ];
    if kind == "app" {
        // The document's sample is the token without a scheme.
        headers.push((
            "Authorization",
            settings.get(AUTHORIZATION.name).unwrap_or(access_token),
        ));
    }
    Ok(headers
        .into_iter()
        .map(|(name, value)| (name, value.to_owned()))
        .collect())
}

/// Opens the envelope: what is in it is `{total, rows}` or `data`. Either stands where the other is documented only
/// in an answer that isn't the documented one, and reading that as empty would hide what it holds.
fn open(response: &Response, paged: bool, now_ms: u64) -> Result<Payload, Failure> {
    let found = ENVELOPE.members(
        response,
        [ENVELOPE.code, "total", "rows", ENVELOPE.payload],
        now_ms,
    )?;
    let [code, total, rows, data] = found.map(|member| member.filter(|member| member.get() != "null"));
    let listed = rows.filter(|rows| rows.get().starts_with('['));
    // The example of `own-process.list` has rows and no code.
    if code.is_some() || !paged || listed.is_none() {
        ENVELOPE.check_code(code, response, now_ms)?;
    }
    let misplaced = |what| {
        Err(Failure::malformed(
            format!("the vendor's answer has {what}"),
            response.status,
        ))
    };
    match (paged, total, rows, data) {
        (true, None, None, None) => Ok(Payload::null()),
        (true, Some(total), None, None) => page(total, [(); 0]),
        (true, ..) => match (total, listed) {
            (Some(total), Some(rows)) => page(total, rows),
            _ => misplaced("no total with an array of rows"),
        },
        (false, _, Some(_), None) => misplaced("rows in place of data"),
        (false, _, _, data) => Ok(data.map_or_else(Payload::null, Payload::from)),
    }
}

fn page(total: &RawValue, rows: impl Serialize) -> Result<Payload, Failure> {
    #[derive(Serialize)]
    struct Page<'a, R> {
        total: &'a RawValue,
        rows: R,
    }
    Payload::serialize(&Page { total, rows })
}
