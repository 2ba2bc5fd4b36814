//! How Dabei is authenticated, as far as its document says, and how it answers.

use patchbay_sdk::settings::TEXTS;
use patchbay_sdk::{Answer, Call, Envelope, Failure, Host, Payload, Request, Response, Setting, SettingKind};

/// What authenticates business calls, in header fields.
pub const AUTH_HEADERS: Setting = Setting::optional(
    "auth_headers",
    "JSON object of header fields for every call but the two of single sign-on. Dabei's document doesn't say how these calls are authenticated: ask Dabei which header fields or query parameters its open API takes, and which of them select the tenant",
)
.secret()
.schema(TEXTS);

/// What authenticates business calls, in the query.
pub const AUTH_QUERY: Setting = Setting::optional(
    "auth_query",
    "JSON object of query parameters for the same calls, where Dabei asks for them in the URL",
)
.secret()
.schema(TEXTS);

/// Identifies the client of single sign-on.
pub const CLIENT_ID: Setting = Setting::optional(
    "client_id",
    "Client identifier that Dabei provides; needed for single sign-on only",
);

/// Authenticates the client of single sign-on.
pub const CLIENT_SECRET: Setting = Setting::optional(
    "client_secret",
    "Client secret that Dabei provides; needed for single sign-on only. It travels in the query, so use https",
)
.secret();

/// Where single sign-on is.
pub const OAUTH_BASE_URL: Setting =
    Setting::optional("oauth_base_url", "Where single sign-on is, if not at base_url")
        .kind(SettingKind::Origin);

/// The envelope. Only some examples have `success` in it, so `errcode` decides.
const ENVELOPE: Envelope = Envelope {
    shape: "{errcode, errmsg, data}",
    code: "errcode",
    message: "errmsg",
    payload: "data",
    success: "0",
    codes: &[],
    refused: &[401, 403],
};

/// One connection to a Dabei tenant.
pub struct Dabei {
    host: Host,
    base_url: String,
    oauth_base_url: String,
    auth_headers: Vec<(String, String)>,
    auth_query: Vec<(String, String)>,
}

impl Dabei {
    /// Reads the settings. Sends nothing.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidSettings`] where a setting is missing or unusable.
    pub fn new(host: Host) -> Result<Self, Failure> {
        let settings = host.settings();
        let base_url = settings.base_url()?;
        let oauth_base_url = match settings.get(OAUTH_BASE_URL.name) {
            Some(_) => settings.url(OAUTH_BASE_URL.name)?,
            None => base_url.clone(),
        };
        Ok(Self {
            auth_headers: settings.texts(AUTH_HEADERS.name)?,
            auth_query: settings.texts(AUTH_QUERY.name)?,
            base_url,
            oauth_base_url,
            host,
        })
    }

    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    /// Carries out one call.
    pub(crate) fn send(&self, call: &Call) -> Result<Payload, Failure> {
        let mut request = call.request.clone();
        // Single sign-on (认证接口, 自有认证中心接口) takes the client's credentials, in its query, and nothing
        // that belongs to the business calls.
        if call.origin == Some(OAUTH_BASE_URL.name) {
            for setting in [CLIENT_ID, CLIENT_SECRET] {
                let value = self.host.settings().require(setting.name)?;
                request.query.push((setting.name.to_owned(), value.to_owned()));
            }
            return self.exchange(call.answer, request.to_request(&self.oauth_base_url));
        }
        request.query.extend(self.auth_query.iter().cloned());
        let request = self
            .auth_headers
            .iter()
            .fold(request.to_request(&self.base_url), |request, (name, value)| {
                request.header(name, value)
            });
        self.exchange(call.answer, request)
    }

    fn exchange(&self, answer: Answer, request: Request) -> Result<Payload, Failure> {
        open(answer, self.host.send(request)?, self.host.now_ms())
    }
}

/// Opens the envelope `{errcode, errmsg, data}`.
fn open(answer: Answer, response: Response, now_ms: u64) -> Result<Payload, Failure> {
    if answer == Answer::OptionalEnvelope
        && (200..300).contains(&response.status)
        && response.body.trim_ascii_start().starts_with(b"[")
    {
        return Payload::from_response(response);
    }
    ENVELOPE.open(response, now_ms).map(parsed)
}

/// Organisations and users come as a string that holds JSON: it is parsed, once. A string that would become a
/// number or a boolean stays a string, because it is an id or a text.
fn parsed(data: Payload) -> Payload {
    if !data.as_str().starts_with('"') {
        return data;
    }
    let inner = serde_json::from_str(data.as_str()).and_then(Payload::from_text);
    match inner {
        Ok(inner) if inner.as_str().starts_with(['{', '[', '"', 'n']) => inner,
        _ => data,
    }
}
