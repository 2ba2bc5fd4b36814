//! The i-Search iS-RPA simulator.
//!
//! Codes of its own, where the document has none:
//!
//! | code | meaning |
//! | --- | --- |
//! | 4001 | wrong user name or password |
//! | 4002 | unknown or used refresh token |
//! | 4003 | wrong old password in `user.update` |
//! | 4007 | (documented) token or signature no good |
//! | 4041 | there is no such user, role, robot, queue, … |
//! | 4091 | the name is taken |
//! | 4092 | the thing's state does not allow it |
//! | 4093 | the queue is full |
//! | 4220 | a well-formed parameter with an impossible value; neither id nor name |
//! | 9400 | the request breaks a rule of the document (with HTTP 400) |
//! | 10001 | there is no such file |
//! | 10002 | there is such a file already |
//!
//! Readings of its own, where the document is silent: a popped item stays in the list as `running`;
//! popping an empty queue succeeds with a null `result`; `retry` items are popped like `pending`
//! ones; `pending`, `retry` and `running` items count towards `queueMaxItems`; deadlines have no
//! effect. A retried job keeps its id. Renewing a session ends its old access and refresh tokens.
//! Deleting a process deletes its versions, schedules and jobs.

mod assets;
mod files;
mod jobs;
mod operations;
mod processes;
mod queues;
mod robots;
mod seed;
mod signature;
mod store;
mod tokens;
mod users;

use std::io;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

pub use operations::OPERATIONS;

use crate::lock;
use crate::operation::{Operation, Role};
use crate::server::Options;
use crate::strict::Call;
use crate::vendor::{Answer, Refusal, Vendor};
use store::Store;
use tokens::Tokens;

/// The iS-RPA simulator.
pub type Simulator = crate::Simulator<IsearchRpa>;

/// The access key unless told otherwise.
pub const ACCESS_KEY: &str = "patchbay";
/// The secret key unless told otherwise.
pub const SECRET_KEY: &str = "patchbay-secret";

impl crate::Simulator<IsearchRpa> {
    /// Starts with the seed data, the default keys and a free port.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Starts otherwise.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The access key it takes.
    #[must_use]
    pub fn access_key(&self) -> &str {
        self.shared.vendor.tokens.access_key()
    }

    /// The secret key it takes.
    #[must_use]
    pub fn secret_key(&self) -> &str {
        self.shared.vendor.tokens.secret_key()
    }
}

/// How a simulator starts.
#[derive(Debug, Clone)]
pub struct Builder {
    access_key: String,
    secret_key: String,
    token_lifetime: Duration,
    clock_offset_ms: i64,
    job_step: Duration,
    options: Options,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            access_key: ACCESS_KEY.into(),
            secret_key: SECRET_KEY.into(),
            token_lifetime: Duration::from_mins(30),
            clock_offset_ms: 0,
            job_step: Duration::from_millis(100),
            options: Options::default(),
        }
    }
}

impl Builder {
    /// The access key it takes.
    #[must_use]
    pub fn access_key(mut self, key: impl Into<String>) -> Self {
        self.access_key = key.into();
        self
    }

    /// The secret key it takes.
    #[must_use]
    pub fn secret_key(mut self, key: impl Into<String>) -> Self {
        self.secret_key = key.into();
        self
    }

    /// How long an access token is good.
    #[must_use]
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// How far ahead the vendor's clock is, in milliseconds; below zero: behind.
    #[must_use]
    pub fn clock_offset_ms(mut self, offset: i64) -> Self {
        self.clock_offset_ms = offset;
        self
    }

    /// How long a job is pending, and then running.
    #[must_use]
    pub fn job_step(mut self, step: Duration) -> Self {
        self.job_step = step;
        self
    }

    /// How long every answer takes.
    #[must_use]
    pub fn latency(mut self, latency: Duration) -> Self {
        self.options.latency = latency;
        self
    }

    /// Where it listens.
    #[must_use]
    pub fn bind(mut self, address: SocketAddr) -> Self {
        self.options.bind = address;
        self
    }

    /// How many of the last requests it keeps.
    #[must_use]
    pub fn keep_requests(mut self, keep: usize) -> Self {
        self.options.keep_requests = keep;
        self
    }

    /// Starts it in the current tokio runtime.
    pub async fn start(self) -> io::Result<Simulator> {
        let vendor = IsearchRpa {
            tokens: Tokens::new(self.access_key, self.secret_key, self.token_lifetime),
            clock_offset_ms: self.clock_offset_ms,
            store: Mutex::new(seed::store(self.job_step)),
        };
        Simulator::serve(vendor, self.options).await
    }
}

/// The vendor behind the simulator.
#[derive(Debug)]
pub struct IsearchRpa {
    tokens: Tokens,
    clock_offset_ms: i64,
    store: Mutex<Store>,
}

impl Vendor for IsearchRpa {
    fn operations(&self) -> &'static [Operation] {
        OPERATIONS
    }

    fn authorize(&self, call: &Call) -> Result<(), Refusal> {
        if call.operation.role == Role::Call {
            let token = signature::check(call, self.clock_offset_ms)?;
            self.tokens.check(&token)
        } else {
            signature::check_unsigned(call)
        }
    }

    fn handle(&self, call: &Call) -> Result<Answer, Refusal> {
        let store = &mut *lock(&self.store);
        match call.operation.id {
            "token.create" => self.tokens.create(call),
            "token.refresh" => self.tokens.refresh(call),
            id => match id.split_once('.').map_or(id, |(family, _)| family) {
                "user" | "role" | "org" => users::handle(store, call),
                "robot" | "studio" => robots::handle(store, call),
                "process" | "process-version" | "schedule" => processes::handle(store, call),
                "job" => jobs::handle(store, call),
                "asset" | "asset-log" => assets::handle(store, call),
                "queue" | "queue-item" => queues::handle(store, call),
                _ => files::handle(store, call),
            },
        }
    }

    fn refuse(&self, refusal: &Refusal) -> Answer {
        let (status, code, msg) = match refusal {
            Refusal::Breach(text) => (StatusCode::BAD_REQUEST, 9400, text.as_str()),
            Refusal::Credentials { .. } => (StatusCode::OK, 4007, "Token 不合法"),
            Refusal::Vendor { code, message } => (StatusCode::OK, *code, message.as_str()),
        };
        Answer::json(status, &json!({"code": code, "msg": msg}))
    }

    fn expire_tokens(&self) {
        self.tokens.expire();
    }

    fn revoke_all(&self) {
        self.tokens.revoke();
    }

    fn state(&self) -> Value {
        lock(&self.store).describe()
    }
}
