//! The login: a code, then a token for it.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::StatusCode;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};
use sha2::Sha256;

use super::{envelope, seed};
use crate::clock::now_ms;
use crate::lock;
use crate::operation::Kind::Text;
use crate::operation::{Operation, Role, json as member, query};
use crate::strict::Call;
use crate::vendor::{Answer, Refusal};

/// 1.1
pub(crate) const AUTHORIZE: Operation = Operation::get(
    "oauth-code.get",
    "/api/dp/auth/oauth/authorize",
    &[
        query("client_id", Text).required(),
        query("response_type", Text).required().one_of(&["code"]),
        query("scope", Text).required().one_of(&["all", "default"]),
    ],
);

/// 1.2
pub(crate) const TOKEN: Operation = Operation::post(
    "oauth-token.create",
    "/api/dp/auth/oauth/token",
    &[
        member("code", Text).required().secret(),
        member("client_id", Text).required(),
        member("client_secret", Text).required().secret(),
        member("grant_type", Text)
            .required()
            .one_of(&["authorization_code"]),
        member("user_id", Text),
    ],
)
.role(Role::Login);

/// Who acts where a token was asked for without a user.
const DEFAULT_USER: &str = "1";

#[derive(Debug)]
struct Token {
    ends: Instant,
    user: String,
}

#[derive(Debug, Default)]
struct Given {
    /// Codes: their ends and scopes.
    codes: HashMap<String, (Instant, String)>,
    tokens: HashMap<String, Token>,
}

/// The registered application and its sessions.
#[derive(Debug)]
pub(crate) struct Sessions {
    client_id: String,
    client_secret: String,
    token_type: &'static str,
    pub(super) lifetime: Duration,
    pub(super) code_lifetime: Duration,
    pub(super) opaque: bool,
    given: Mutex<Given>,
}

impl Sessions {
    pub(super) fn new(client_id: &str, client_secret: &str, token_type: &'static str) -> Self {
        Self {
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
            token_type,
            lifetime: Duration::ZERO,
            code_lifetime: Duration::ZERO,
            opaque: false,
            given: Mutex::default(),
        }
    }

    pub(super) fn client_id(&self) -> &str {
        &self.client_id
    }

    pub(super) fn client_secret(&self) -> &str {
        &self.client_secret
    }

    /// Gives a code.
    pub(super) fn authorize(&self, call: &Call) -> Result<Answer, Refusal> {
        if call.text("client_id") != Some(&self.client_id) {
            return Err(Refusal::vendor(403, "身份验证失败：应用不存在"));
        }
        let code = random(24).to_uppercase();
        let scope = call.text("scope").unwrap_or_default().to_owned();
        let ends = Instant::now() + self.code_lifetime;
        lock(&self.given).codes.insert(code.clone(), (ends, scope));
        Ok(given(&json!({ "code": code })))
    }

    /// Gives a token for a code.
    pub(super) fn grant(&self, call: &Call) -> Result<Answer, Refusal> {
        let known = call.text("client_id") == Some(&self.client_id)
            && call.text("client_secret") == Some(&self.client_secret);
        if !known {
            return Err(Refusal::vendor(403, "身份验证失败：应用ID或应用secret错误"));
        }
        let user = call.text("user_id").unwrap_or(DEFAULT_USER);
        if !seed::USERS.contains(&user) {
            return Err(Refusal::vendor(998, "用户不存在"));
        }
        let mut all = lock(&self.given);
        let code = call.text("code").and_then(|code| all.codes.remove(code));
        let Some((_, scope)) = code.filter(|(ends, _)| *ends > Instant::now()) else {
            return Err(Refusal::vendor(403, "身份验证失败：授权码无效或已过期"));
        };
        let token = if self.opaque {
            random(32)
        } else {
            self.jwt(user, &scope)
        };
        let session = Token {
            ends: Instant::now() + self.lifetime,
            user: user.to_owned(),
        };
        all.tokens.insert(token.clone(), session);
        Ok(given(
            &json!({"token_type": self.token_type, "access_token": token}),
        ))
    }

    fn jwt(&self, user: &str, scope: &str) -> String {
        let issued_ms = now_ms();
        let lifetime_ms = i64::try_from(self.lifetime.as_millis()).unwrap_or(i64::MAX);
        let claims = json!({
            "aud": "dpa",
            "exp": issued_ms.saturating_add(lifetime_ms) / 1000,
            "iss": "jkstack",
            "jti": random(16),
            "orig_iat": issued_ms / 1000,
            "scope": scope,
            "sub": user,
        });
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!(
            "{}.{}",
            encode(&json!({"alg": "HS256", "typ": "JWT"})),
            encode(&claims)
        );
        let signature = Hmac::<Sha256>::new_from_slice(self.client_secret.as_bytes())
            .map(|mut mac| {
                mac.update(signed.as_bytes());
                URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
            })
            .unwrap_or_default();
        format!("{signed}.{signature}")
    }

    /// Whether the token of a request is good.
    pub(super) fn check(&self, call: &Call) -> Result<(), Refusal> {
        let token = bearer(call).map_err(|why| Refusal::Credentials {
            why: format!("{}: {why}", call.operation.id),
            breach: true,
        })?;
        let why = match lock(&self.given).tokens.get(token) {
            Some(session) if session.ends > Instant::now() => return Ok(()),
            Some(_) => "the token has expired",
            None => "the token is unknown",
        };
        Err(Refusal::Credentials {
            why: why.into(),
            breach: false,
        })
    }

    /// Whether what belongs to `owner` is shown to who asks.
    pub(crate) fn shows(&self, call: &Call, owner: &str) -> bool {
        let given = lock(&self.given);
        let session = bearer(call).ok().and_then(|token| given.tokens.get(token));
        session.is_some_and(|session| session.user == DEFAULT_USER || session.user == owner)
    }

    pub(super) fn expire(&self) {
        let now = Instant::now();
        for session in lock(&self.given).tokens.values_mut() {
            session.ends = now;
        }
    }

    pub(super) fn revoke(&self) {
        *lock(&self.given) = Given::default();
    }
}

/// The two calls that get a token have none.
pub(super) fn check_anonymous(call: &Call) -> Result<(), Refusal> {
    if call.headers.contains_key(AUTHORIZATION) {
        let id = call.operation.id;
        return Err(Refusal::Breach(format!(
            "{id}: header authorization: not for this call"
        )));
    }
    Ok(())
}

/// The token in `Authorization: Bearer <token>`.
fn bearer(call: &Call) -> Result<&str, &'static str> {
    let mut all = call.headers.get_all(AUTHORIZATION).iter();
    let header = all.next().ok_or("no header authorization")?;
    if all.next().is_some() {
        return Err("header authorization: more than one");
    }
    header
        .to_str()
        .ok()
        .and_then(|text| text.strip_prefix("Bearer "))
        .filter(|token| !token.is_empty() && !token.contains(|c: char| c.is_whitespace() || c == ','))
        .ok_or("header authorization: expected \"Bearer <token>\" with one space")
}

/// Success of a login: without a message.
fn given(data: &Value) -> Answer {
    envelope(StatusCode::OK, 200, "", data)
}

/// Random, of so many bytes, in hexadecimal.
fn random(bytes: usize) -> String {
    let pieces = (0..bytes.div_ceil(8)).map(|n| format!("{:016x}", RandomState::new().hash_one(n)));
    let mut text: String = pieces.collect();
    text.truncate(2 * bytes);
    text
}
