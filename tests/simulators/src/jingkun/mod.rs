//! What the two JingKun simulators share: the login, the envelope, runs and their callbacks.
//!
//! The codes are the document's own: 400 for a request that breaks a rule (with HTTP 400) and for
//! well-formed parameters with impossible values, 403 for wrong clients, codes and tokens, 404 for
//! the execute path of no workflow, 998 for an unknown user, 999 for everything else the platform
//! does not do.
//!
//! Readings of its own, where the documents are silent: an authorization code is good once and for a
//! minute. A token without a `user_id` is that of user `1`, who sees everything; others see what is
//! theirs in the lists. The scopes do not differ. A run is `RUNNING` from the start; its outputs are
//! `null` until it ends, and none when it fails. A variable with a default may be left out, any other
//! may not. A callback is acknowledged by HTTP 200 and the body `SUCCESS`; it is sent three times at
//! the most, and to this machine only.

mod builder;
mod callback;
mod engine;
mod model;
mod oauth;
pub(crate) mod seed;

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

pub use builder::{Builder, Setup};
pub use callback::Callback;
pub use engine::Words;

use crate::lock;
use crate::operation::{Operation, Payload};
use crate::strict::Call;
use crate::vendor::{Answer, Refusal, Vendor};
pub(crate) use callback::url;
pub(crate) use engine::{Engine, Order};
pub(crate) use model::{Ending, Form, Model, Node, Variable};
pub(crate) use oauth::{AUTHORIZE, Sessions, TOKEN};

/// The client id unless told otherwise: with all the characters that have to be encoded in a query.
pub const CLIENT_ID: &str = "cGF0Y2gr/YmF5+c2lt/MQ==";
/// The client secret unless told otherwise.
pub const CLIENT_SECRET: &str = "patchbay+jingkun/secret==";

/// One of the two documents.
pub trait Api: fmt::Debug + Send + Sync + 'static {
    /// The id of the connector that speaks to it.
    const ID: &'static str;
    /// What people call it.
    const NAME: &'static str;
    /// `token_type`, as the document prints it.
    const TOKEN_TYPE: &'static str;
    /// How the document names things in a run.
    const WORDS: Words;

    /// Every operation it documents, with booleans and integers in JSON bodies as strings or not.
    fn operations(stringified: bool) -> &'static [Operation];

    /// Does what the request asks.
    fn handle(platform: &Platform, call: &Call) -> Result<Answer, Refusal>;

    /// Further settings of a connection that is to reach all its operations.
    #[must_use]
    fn more_settings(base_url: &str) -> Vec<(&'static str, String)> {
        let _ = base_url;
        Vec::new()
    }

    /// What it holds beside runs, schedules and callbacks.
    fn state(platform: &Platform) -> Value;
}

/// How a token that does not hold is refused: the documents do not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RefuseWith {
    /// HTTP 200, code 401.
    Envelope401,
    /// HTTP 200, code 403, the documented one.
    #[default]
    Envelope403,
    /// HTTP 401 with a page, as from a gateway.
    Http401,
    /// HTTP 403 with a page, as from a gateway.
    Http403,
}

/// The platform behind both documents.
#[derive(Debug)]
pub struct Platform {
    pub(crate) sessions: Sessions,
    pub(crate) engine: Engine,
    pub(crate) stringified: bool,
    pub(crate) concurrent_runs: bool,
    /// Held from the look at what runs until the next run has begun.
    pub(crate) beginning: Mutex<()>,
    refuse_with: Mutex<RefuseWith>,
}

/// A vendor that serves one of the documents.
#[derive(Debug)]
pub struct Jingkun<A> {
    pub(crate) platform: Platform,
    api: std::marker::PhantomData<A>,
}

impl<A: Api> Vendor for Jingkun<A> {
    const ID: &'static str = A::ID;
    const NAME: &'static str = A::NAME;
    type Setup = Setup;

    fn new(setup: Setup) -> Self {
        let mut sessions = Sessions::new(&setup.client_id, &setup.client_secret, A::TOKEN_TYPE);
        sessions.lifetime = setup.token_lifetime;
        sessions.code_lifetime = setup.code_lifetime;
        sessions.opaque = setup.opaque_tokens;
        Self {
            platform: Platform {
                sessions,
                engine: Engine::new(A::WORDS, setup.pace),
                stringified: setup.stringified_scalars,
                concurrent_runs: setup.concurrent_runs,
                beginning: Mutex::default(),
                refuse_with: Mutex::new(setup.refuse_with),
            },
            api: std::marker::PhantomData,
        }
    }

    fn credentials(&self) -> Vec<(&'static str, String)> {
        let sessions = &self.platform.sessions;
        vec![
            ("client_id", sessions.client_id().to_owned()),
            ("client_secret", sessions.client_secret().to_owned()),
        ]
    }

    fn more_settings(&self, base_url: &str) -> Vec<(&'static str, String)> {
        A::more_settings(base_url)
    }

    fn operations(&self) -> &'static [Operation] {
        A::operations(self.platform.stringified)
    }

    fn authorize(&self, call: &Call) -> Result<(), Refusal> {
        if is_login(call) {
            oauth::check_anonymous(call)
        } else {
            self.platform.sessions.check(call)
        }
    }

    fn handle(&self, call: &Call) -> Result<Answer, Refusal> {
        match call.operation.id {
            "oauth-code.get" => self.platform.sessions.authorize(call),
            "oauth-token.create" => self.platform.sessions.grant(call),
            _ => {
                if self.platform.stringified && call.operation.payload == Payload::Json {
                    check_stringified(call)?;
                }
                A::handle(&self.platform, call)
            }
        }
    }

    fn refuse(&self, refusal: &Refusal) -> Answer {
        const REFUSED: &str = "身份验证失败";
        match refusal {
            Refusal::Breach(text) => envelope(StatusCode::BAD_REQUEST, 400, text, &Value::Null),
            Refusal::Vendor { code, message } => envelope(StatusCode::OK, *code, message, &Value::Null),
            Refusal::Credentials { .. } => match *lock(&self.platform.refuse_with) {
                RefuseWith::Envelope401 => envelope(StatusCode::OK, 401, REFUSED, &Value::Null),
                RefuseWith::Envelope403 => envelope(StatusCode::OK, 403, REFUSED, &Value::Null),
                RefuseWith::Http401 => Answer::html(StatusCode::UNAUTHORIZED),
                RefuseWith::Http403 => Answer::html(StatusCode::FORBIDDEN),
            },
        }
    }

    fn flood(&self) -> (&'static str, &'static str) {
        ("{\"code\":200,\"message\":\"success\",\"data\":\"", "\"}")
    }

    fn expire_tokens(&self) {
        self.platform.sessions.expire();
    }

    fn revoke_all(&self) {
        self.platform.sessions.revoke();
    }

    fn state(&self) -> Value {
        let mut state = self.platform.engine.describe();
        if let (Value::Object(all), Value::Object(own)) = (&mut state, A::state(&self.platform)) {
            all.extend(own);
        }
        state
    }
}

fn is_login(call: &Call) -> bool {
    matches!(call.operation.id, "oauth-code.get" | "oauth-token.create")
}

fn envelope(status: StatusCode, code: i64, message: &str, data: &Value) -> Answer {
    Answer::json(status, &json!({"message": message, "code": code, "data": data}))
}

/// Success.
pub(crate) fn found(data: &Value) -> Answer {
    envelope(StatusCode::OK, 200, "success", data)
}

/// A well-formed parameter has an impossible value.
pub(crate) fn impossible(why: &str) -> Refusal {
    Refusal::vendor(400, format!("参数校验异常：{why}"))
}

/// The platform does not do that.
pub(crate) fn against(why: &str) -> Refusal {
    Refusal::vendor(999, format!("业务逻辑异常：{why}"))
}

/// No boolean and no integer, however deep.
fn check_stringified(call: &Call) -> Result<(), Refusal> {
    fn find(path: &str, value: &Value) -> Option<String> {
        match value {
            Value::Bool(_) => Some(path.to_owned()),
            Value::Number(number) if !number.to_string().contains(['.', 'e', 'E']) => Some(path.to_owned()),
            Value::Array(values) => values.iter().find_map(|v| find(&format!("{path}[]"), v)),
            Value::Object(members) => members.iter().find_map(|(k, v)| find(&format!("{path}.{k}"), v)),
            _ => None,
        }
    }
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    match find("", &body) {
        None => Ok(()),
        Some(path) => Err(Refusal::Breach(format!(
            "JSON member {:?}: expected booleans and integers as strings",
            path.trim_start_matches('.')
        ))),
    }
}

/// A flag that is a boolean, or a string of one.
pub(crate) fn flag(call: &Call, name: &str) -> bool {
    call.id(name).as_deref() == Some("true")
}

/// A time on the platform: milliseconds since 1970, days apart.
pub(crate) fn day(n: usize) -> i64 {
    const START: i64 = 1_700_000_000_000;
    START + i64::try_from(n).unwrap_or_default() * 86_400_000
}

/// An id that arrives as another number where a double was in between.
pub(crate) fn big(n: usize) -> i64 {
    9_007_199_254_740_993 + 2 * i64::try_from(n).unwrap_or_default()
}

impl<A: Api> crate::Simulator<Jingkun<A>> {
    /// The client id it takes.
    #[must_use]
    pub fn client_id(&self) -> &str {
        self.shared.vendor.platform.sessions.client_id()
    }

    /// The client secret it takes.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        self.shared.vendor.platform.sessions.client_secret()
    }

    /// How it refuses tokens from now on.
    pub fn refuse_with(&self, how: RefuseWith) {
        *lock(&self.shared.vendor.platform.refuse_with) = how;
    }

    /// Every attempt at a callback so far, oldest first; one in the air is not among them yet.
    #[must_use]
    pub fn callbacks(&self) -> Vec<Callback> {
        self.shared.vendor.platform.engine.callbacks()
    }

    /// How long a run takes that begins from now on.
    pub fn set_run_step(&self, step: Duration) {
        self.shared.vendor.platform.engine.set_step(step);
    }
}
