//! One connection to a JingKun platform: the OAuth flow, and one exchange.
//!
//! The flow is named after OAuth's authorization code, but no user takes part: a GET gives the code,
//! a POST turns it into a token. There is no refresh token, so a token is renewed by the same two requests.

use patchbay_sdk::answer;
use patchbay_sdk::encode::{Body, Encoded};
use patchbay_sdk::session::{Account, Granted, Login, Sessions};
use patchbay_sdk::settings::BASE_URL;
use patchbay_sdk::{Call, Failure, Host, Method, Payload, Settings};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::settings::{CLIENT_ID, CLIENT_SECRET, SCOPE, STRINGIFY_SCALARS, USER_ID};
use crate::{envelope, stringify, token};

/// Where the code is (section 1.1).
const AUTHORIZE_PATH: &str = "/api/dp/auth/oauth/authorize";
/// Where the token is (section 1.2).
const TOKEN_PATH: &str = "/api/dp/auth/oauth/token";

/// One connection to a platform.
pub struct Client {
    host: Host,
    base_url: String,
    account: Account,
    stringify_scalars: bool,
}

/// What a login gives (section 1.2). `token_type` is left aside: one document prints it with a blank at its
/// end, and the header is `Bearer` in both.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    access_token: String,
}

impl Client {
    /// Reads the settings. Sends nothing. `connector` is the connector's id.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidSettings`] where a setting is missing or unusable.
    pub fn open(host: Host, connector: &'static str) -> Result<Self, Failure> {
        let settings = host.settings();
        settings.require(CLIENT_ID.name)?;
        settings.require(CLIENT_SECRET.name)?;
        let base_url = settings.url(BASE_URL.name)?;
        Ok(Self {
            account: Account::new(connector, &base_url, &account(settings)?),
            base_url,
            stringify_scalars: settings.flag(STRINGIFY_SCALARS.name)?,
            host,
        })
    }

    /// The host that it was opened with.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Where the platform is.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Sends the request of an operation, and opens the envelope of its answer.
    ///
    /// # Errors
    ///
    /// The [`Failure`] of the login or of the exchange.
    pub fn call(&self, call: &Call) -> Result<Payload, Failure> {
        self.call_at(&self.base_url, &call.request)
    }

    /// Sends a request to another base URL than the platform's. The session is the same.
    ///
    /// # Errors
    ///
    /// The [`Failure`] of the login or of the exchange.
    pub fn call_at(&self, base_url: &str, request: &Encoded) -> Result<Payload, Failure> {
        let request = if self.stringify_scalars {
            stringify::request(request.clone())
        } else {
            request.clone()
        };
        let sessions = Sessions::new(&self.host, self, &self.account);
        sessions.call(|session| {
            let token = &session.access_token;
            let request = request
                .to_request(base_url)
                .header("authorization", format!("Bearer {token}"));
            let response = self.host.send(request).map_err(Failure::from)?;
            let opened = envelope::open(response, self.host.now_ms());
            opened.map_err(|failure| envelope::conceal(failure, token).into())
        })
    }

    /// One request of the login: unauthenticated, because the token doesn't exist yet. Gives one member of
    /// its data.
    fn grant(&self, operation: &'static str, member: &str, mut request: Encoded) -> Result<String, Failure> {
        let settings = self.host.settings();
        if let Some(path) = settings.path_override(operation)? {
            request.path = path;
        }
        let secret = settings.require(CLIENT_SECRET.name)?;
        let response = self.host.send(request.to_request(&self.base_url))?;
        let status = response.status;
        let data = envelope::open(response, self.host.now_ms())
            .map_err(|failure| envelope::login_failure(envelope::conceal(failure, secret)))?
            .to_value();
        let value = data.get(member).and_then(Value::as_str).map(str::trim);
        // Anything else can't be the value of a header field, and no token or code has it.
        match value.filter(|value| !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic())) {
            Some(value) => Ok(value.to_owned()),
            None => Err(Failure::malformed(
                format!("the answer of the login ({operation}) has no usable {member}"),
                status,
            )),
        }
    }
}

impl Login for Client {
    type Session = Session;

    /// How long the code holds isn't documented, so it is exchanged at once.
    fn login(&self) -> Result<Granted<Session>, Failure> {
        let settings = self.host.settings();
        let client_id = settings.require(CLIENT_ID.name)?;
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut authorize = Encoded::new(Method::GET, AUTHORIZE_PATH);
        authorize.query = vec![
            pair("response_type", "code"),
            pair("client_id", client_id),
            pair("scope", settings.get(SCOPE.name).unwrap_or("default")),
        ];
        let code = self.grant("oauth-code.get", "code", authorize)?;

        let mut body = json!({
            "code": code,
            "client_id": client_id,
            "client_secret": settings.require(CLIENT_SECRET.name)?,
            "grant_type": "authorization_code",
        });
        if let Some(user_id) = settings.get(USER_ID.name) {
            body["user_id"] = Value::from(user_id);
        }
        let mut exchange = Encoded::new(Method::POST, TOKEN_PATH);
        exchange.body = Body::Json(answer::to_text(&body).into_bytes());
        let access_token = self.grant("oauth-token.create", "access_token", exchange)?;
        Ok(Granted {
            until_ms: token::until_ms(&access_token),
            session: Session { access_token },
        })
    }
}

/// Whom a token stands for: another user or scope needs another token.
fn account(settings: &Settings) -> Result<String, Failure> {
    let parts = [
        Some(settings.require(CLIENT_ID.name)?),
        settings.get(SCOPE.name),
        settings.get(USER_ID.name),
    ];
    Ok(parts.map(Option::unwrap_or_default).join("\n"))
}
