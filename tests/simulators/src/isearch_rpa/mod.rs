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
//! effect. A form is signed over its fields, sorted like a query's. A retried job keeps its id.
//! Renewing a session ends its old access and refresh tokens. Deleting a process deletes its
//! versions, schedules and jobs.

mod assets;
mod builder;
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

use std::sync::Mutex;

use http::StatusCode;
use serde_json::{Value, json};

pub use builder::{Builder, Setup};
pub use operations::OPERATIONS;

use crate::lock;
use crate::operation::{Operation, Role};
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

/// The vendor behind the simulator.
#[derive(Debug)]
pub struct IsearchRpa {
    tokens: Tokens,
    clock_offset_ms: i64,
    operations: &'static [Operation],
    store: Mutex<Store>,
}

impl Vendor for IsearchRpa {
    const ID: &'static str = "isearch-rpa";
    const NAME: &'static str = "i-Search iS-RPA";
    type Setup = Setup;

    fn new(setup: Setup) -> Self {
        Self {
            tokens: Tokens::new(setup.access_key, setup.secret_key, setup.token_lifetime),
            clock_offset_ms: setup.clock_offset_ms,
            operations: if setup.form_bodies {
                &operations::WITH_FORMS
            } else {
                OPERATIONS
            },
            store: Mutex::new(seed::store(setup.job_step)),
        }
    }

    fn credentials(&self) -> Vec<(&'static str, String)> {
        vec![
            ("access_key", self.tokens.access_key().to_owned()),
            ("secret_key", self.tokens.secret_key().to_owned()),
        ]
    }

    fn operations(&self) -> &'static [Operation] {
        self.operations
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
