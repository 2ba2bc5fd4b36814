//! How iS-RPA authenticates and answers (chapters 1 and 2).

use patchbay_sdk::answer::{self, File};
use patchbay_sdk::encode::{Body, Encoded, scalar};
use patchbay_sdk::session::{Account, CallError, Granted, Login, Sessions};
use patchbay_sdk::{
    Answer, Call, Connector as _, Envelope, Failure, Host, Method, Payload, Response, Secrets, Setting,
    settings,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::codes::CODES;
use crate::sign;

/// Where login and refresh are (sections 2.1 and 2.2).
const TOKEN_PATH: &str = "/oapi/v1/token";
/// The token's lifetime where the answer doesn't say (section 1.2), in milliseconds.
const LIFETIME_MS: u64 = 30 * 60 * 1000;
/// The envelope.
const ENVELOPE: Envelope = Envelope {
    shape: "{code, msg, result}",
    code: "code",
    message: "msg",
    payload: "result",
    success: "0",
    codes: CODES,
    refused: &[401, 403],
};
/// The largest answer in bytes that may be an envelope in place of a file.
const MAX_ENVELOPE: usize = 64 * 1024;
/// What is wrong with an answer that should be a file.
const NO_FILE: &str = "the vendor answered with an envelope in place of a file";
/// Members of an answer that are secrets: tokens, passwords, and the values of variables that are passwords.
const SECRETS: Secrets = Secrets {
    always: &["commToken", "lodePass", "newPass"],
    sometimes: &[("assetValue", is_password)],
};

/// Names the account.
pub const ACCESS_KEY: Setting = Setting::required(
    "access_key",
    "Login account: user name, mobile number or e-mail address",
);

/// Authenticates the account. Only the login has it, in its query: requests are signed with the token.
pub const SECRET_KEY: Setting = Setting::required(
    "secret_key",
    "Password of the account. It travels in the query of the login, so use https",
)
.secret();

/// For servers whose clock differs.
pub const CLOCK_SKEW_MS: Setting = Setting::optional(
    "clock_skew_ms",
    "Milliseconds to add to the timestamp of every request, where this clock and the server's differ",
)
.schema(settings::INTEGER);

/// For servers that take what the tables print.
pub const FORM_BODIES: Setting = Setting::optional(
    "form_bodies",
    "true sends user.create, user.update, org.create, org.update and org.delete as application/x-www-form-urlencoded, which their tables print, signed over the fields sorted like a query's; otherwise they are sent as JSON like all others, as their examples show",
)
.default("false")
.schema(settings::BOOLEAN);

/// What [`FORM_BODIES`] is about. Two lists print the same content type over a GET, which has no body.
const FORMS: [&str; 5] = [
    "user.create",
    "user.update",
    "org.create",
    "org.update",
    "org.delete",
];

/// One connection to an iS-RPA server.
pub struct IsearchRpa {
    host: Host,
    base_url: String,
    account: Account,
    clock_skew_ms: i64,
    form_bodies: bool,
    reveal_secrets: bool,
}

/// What a login gives (section 2.1).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    access_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

impl IsearchRpa {
    /// Reads the settings. Sends nothing.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidSettings`] where a setting is missing or unusable.
    pub fn new(host: Host) -> Result<Self, Failure> {
        let settings = host.settings();
        let base_url = settings.base_url()?;
        let account = Account::new(Self::ID, &base_url, settings.require(ACCESS_KEY.name)?);
        settings.require(SECRET_KEY.name)?;
        Ok(Self {
            base_url,
            account,
            clock_skew_ms: settings.integer(CLOCK_SKEW_MS.name)?.unwrap_or(0),
            form_bodies: settings.flag(FORM_BODIES.name)?,
            reveal_secrets: settings.flag(settings::REVEAL_SECRETS.name)?,
            host,
        })
    }

    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    /// Sends the request of an operation with a session, and opens the envelope of its answer.
    pub(crate) fn send(&self, call: &Call) -> Result<Payload, Failure> {
        let sessions = Sessions::new(&self.host, self, &self.account);
        let request = match &call.request.body {
            Body::Json(json) if self.form_bodies && FORMS.contains(&call.operation) => &Encoded {
                body: form(json)?,
                ..call.request.clone()
            },
            _ => &call.request,
        };
        let result = sessions.call(|session| self.exchange(request, call.answer, session));
        if self.reveal_secrets {
            result
        } else {
            SECRETS.mask_result(result)
        }
    }
}

impl Login for IsearchRpa {
    type Session = Session;

    fn login(&self) -> Result<Granted<Session>, Failure> {
        let settings = self.host.settings();
        let query = vec![
            (
                "accessKey".to_owned(),
                settings.require(ACCESS_KEY.name)?.to_owned(),
            ),
            (
                "secretKey".to_owned(),
                settings.require(SECRET_KEY.name)?.to_owned(),
            ),
        ];
        self.grant("token.create", query)
    }

    /// With the refresh token; where that fails, the keys are used.
    fn renew(&self, session: &Session) -> Result<Option<Granted<Session>>, Failure> {
        let Some(refresh_token) = &session.refresh_token else {
            return Ok(None);
        };
        let query = vec![("refreshToken".to_owned(), refresh_token.clone())];
        Ok(self.grant("token.refresh", query).ok())
    }
}

impl IsearchRpa {
    /// Login or refresh: the same path with another query, and unsigned, because the key of the
    /// signature doesn't exist yet.
    fn grant(
        &self,
        operation: &'static str,
        query: Vec<(String, String)>,
    ) -> Result<Granted<Session>, Failure> {
        let path = self.host.settings().path_override(operation)?;
        let request = Encoded {
            query,
            ..Encoded::new(Method::GET, path.unwrap_or_else(|| TOKEN_PATH.to_owned()))
        };
        let now = self.host.now_ms();
        let response = self.host.send(request.to_request(&self.base_url))?;
        let status = response.status;
        let result = ENVELOPE.open(response, now).map_err(|failure| match failure {
            // The codes of a refused login aren't documented: every code but success means it.
            Failure::Rejected(refusal) if refusal.http_status == Some(200) => Failure::Unauthorized(refusal),
            failure => failure,
        })?;
        let result = result.to_value();
        let member = |name: &str| result.get(name).and_then(Value::as_str).map(str::to_owned);
        let access_token = member("access_token")
            .ok_or_else(|| Failure::malformed("the login's answer has no access_token", status))?;
        let lifetime = result
            .get("expires_in")
            .and_then(Value::as_u64)
            .unwrap_or(LIFETIME_MS);
        Ok(Granted {
            session: Session {
                access_token,
                refresh_token: member("refresh_token"),
            },
            // Renewed while it still holds: calls that are under way keep a good token.
            until_ms: Some(now.saturating_add(lifetime - lifetime / 5)),
        })
    }

    /// One signed exchange.
    fn exchange(&self, request: &Encoded, answer: Answer, session: &Session) -> Result<Payload, CallError> {
        let token = session.access_token.as_str();
        let now = self.host.now_ms();
        let timestamp = i64::try_from(now)
            .unwrap_or(i64::MAX)
            .saturating_add(self.clock_skew_ms);
        let source = sign::source(request, token, timestamp);
        let signed = request
            .to_request(&self.base_url)
            .header("accesstoken", token)
            .header("timestamp", timestamp.to_string())
            .header("signature", sign::signature(&source, token));
        let response = self.host.send(signed).map_err(Failure::from)?;
        match answer {
            Answer::File => {
                ENVELOPE.check_status(&response, now)?;
                if let Some(envelope) = envelope_in_place_of_a_file(&response) {
                    ENVELOPE.check_members(envelope, &response, now)?;
                    return Err(Failure::malformed(NO_FILE, response.status).into());
                }
                let requested = request.query.iter().find(|(name, _)| name == "fileName");
                let file = File::from_response(&response, requested.map_or("", |(_, value)| value))?;
                Ok(Payload::serialize(&file)?)
            }
            answer => Ok(ENVELOPE.read(answer, response, now)?),
        }
    }
}

/// Returns the members of a JSON body as the fields of a form.
fn form(json: &[u8]) -> Result<Body, Failure> {
    let body = answer::parse(json).map_err(|error| Failure::invalid_input("", error.to_string()))?;
    let Value::Object(members) = body else {
        return Err(Failure::invalid_input("", "must be an object"));
    };
    let fields = members.into_iter().map(|(name, value)| (name, scalar(&value)));
    Ok(Body::Form(fields.collect()))
}

/// Returns the envelope that a successful response to `file.download` has in place of a file, whatever its
/// content type says. A file that is JSON itself has a `Content-Disposition`, or isn't such an object.
fn envelope_in_place_of_a_file(response: &Response) -> Option<Map<String, Value>> {
    if response.header("content-disposition").is_some() || response.body.len() > MAX_ENVELOPE {
        return None;
    }
    let text = std::str::from_utf8(&response.body).ok()?;
    let text = text.trim_start_matches('\u{feff}').trim();
    let envelope = match answer::parse(text.as_bytes()) {
        Ok(envelope) => envelope,
        Err(_) => answer::parse(with_quoted_code(text)?.as_bytes()).ok()?,
    };
    let Value::Object(envelope) = envelope else {
        return None;
    };
    let has = |name: &str| envelope.contains_key(name);
    let json = response
        .header("content-type")
        .is_some_and(|kind| kind.to_ascii_lowercase().contains("json"));
    (has(ENVELOPE.code) && (json || has(ENVELOPE.message))).then_some(envelope)
}

/// Returns the envelope with its code as a string: the sample in section 3.12.3 has `"code":1000x`, which
/// isn't JSON.
fn with_quoted_code(text: &str) -> Option<String> {
    let name = "\"code\"";
    let after_name = text.starts_with('{').then(|| text.find(name))?? + name.len();
    let value = text[after_name..].trim_start().strip_prefix(':')?.trim_start();
    let end = value.find(|c: char| !c.is_ascii_alphanumeric())?;
    let start = text.len() - value.len();
    Some(format!(
        "{}\"{}\"{}",
        &text[..start],
        &value[..end],
        &value[end..]
    ))
}

/// Whether the value of a variable is a password.
fn is_password(variable: &Map<String, Value>) -> bool {
    variable
        .get("assetType")
        .is_some_and(|kind| kind == "passwd" || kind == "password")
}
