//! The simulator of the unified work order centre.
//!
//! How its codes are reached; all but one are the document's:
//!
//! | code | meaning here |
//! | --- | --- |
//! | 200 | success |
//! | 404 | failure: there is no such thing (the message ends with its id, as it was decoded), or its state does not allow it |
//! | 4000 | the request type is one that this simulator is told not to take |
//! | 4001 | `appID`, `serverID` or `secretKey` is wrong, or the task or the process is somebody else's |
//! | 4002 | the user's account is disabled: [`DISABLED_TOKEN`] |
//! | 4004 | `accessToken` or `Authorization` is no good |
//! | 4101 | a parameter that the table leaves optional is needed, or has an impossible value |
//! | 4200 | there is no such user |
//! | 5001, 5002, 5003 | on request only: [`Fault::Envelope`](crate::Fault::Envelope) |
//! | 9400 | the simulator's own: the request breaks a rule of the document (with HTTP 400) |
//!
//! A missing header, or one that the request type does not have, breaks a rule; a wrong value does not.
//!
//! Readings of its own, where the document is silent:
//!
//! - Operations on tasks need what their names say: `taskId`; to delegate or transfer `userId`, the
//!   receiver; to return `targetKey`, the key of an earlier step; to stop `procInsId`. An empty text
//!   is as good as none.
//! - Only who has a task may act on it, and only who started a process may stop it.
//! - A completed task gives the next one, for the users of `nextUserIds` where there are any (the first
//!   of them to act decides); at the end of the process `data` is `null`. A delegated task returns
//!   to whose it was. A returned process is again with who did that step.
//! - Rejecting ends the process as `terminated`, stopping as `canceled`, its last step as `completed`;
//!   its pending tasks are gone. Deleting a task leaves its process without one.
//! - `processId` of `workorder.create` is the key of the process that `taskId` belongs to.

mod auth;
mod operations;
mod orders;
mod processes;
mod seed;
mod store;
mod tasks;

use std::io;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

pub use auth::RequestType;
pub use operations::OPERATIONS;

use crate::lock;
use crate::operation::Operation;
use crate::server::Options;
use crate::strict::Call;
use crate::vendor::{Answer, Refusal, Vendor};
use auth::Access;
use store::Store;

/// The simulator of the work order centre.
pub type Simulator = crate::Simulator<WorkOrder>;

/// `appID` unless told otherwise.
pub const APP_ID: &str = "patchbay-app";
/// `secretKey` of the application unless told otherwise.
pub const APP_SECRET: &str = "patchbay-app-secret";
/// `serverID` unless told otherwise.
pub const SERVER_ID: &str = "patchbay-service";
/// `secretKey` of the service unless told otherwise.
pub const SERVER_SECRET: &str = "patchbay-service-secret";
/// The access token of [`USER`].
pub const ACCESS_TOKEN: &str = "token-li-na";
/// The access token of [`APPROVER`].
pub const APPROVER_TOKEN: &str = "token-wang-wei";
/// The access token of [`SECOND_APPROVER`].
pub const SECOND_APPROVER_TOKEN: &str = "token-zhang-min";
/// The access token of [`DISABLED_USER`].
pub const DISABLED_TOKEN: &str = "token-zhou-li";

/// A user: 李娜. Started eleven processes that have ended, `instance-01` to `instance-11`.
pub const USER: &str = "1001";
/// A user: 王伟, who does the second step of [`DEFINITION_ID`].
pub const APPROVER: &str = "1002";
/// A user: 张敏, who does its third and last step.
pub const SECOND_APPROVER: &str = "1003";
/// A user whose account is disabled: 周离.
pub const DISABLED_USER: &str = "1009";
/// A process of three steps, `Activity_apply` (who starts it), `Activity_dept`, `Activity_final`.
pub const DEFINITION_ID: &str = "Process_1737372802048:5:7dbaa3b2-d888-11ef-acd8-8a9e546749a3";
/// The key of [`DEFINITION_ID`].
pub const PROCESS_KEY: &str = "Process_1737372802048";
/// The deployment of [`DEFINITION_ID`].
pub const DEPLOYMENT_ID: &str = "7db6ac0f-d888-11ef-acd8-8a9e546749a3";
/// A process that [`APPROVER`] started: `Process_repair`, at its second step `Activity_repair`.
pub const INSTANCE_ID: &str = "instance-repair";
/// The task of [`INSTANCE_ID`] that waits for [`USER`].
pub const TASK_ID: &str = "task-repair";
/// A user, a process key (of the definition `HOSTILE:1:d-3`), its category and its deployment are called
/// this.
pub const HOSTILE: &str = r#"单 +/=~*%25&?#;"'\<>{}|^`../😀"#;

impl crate::Simulator<WorkOrder> {
    /// Starts with the seed data, the default credentials and a free port.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Starts otherwise.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Makes a token good for a user, whether it is new, has expired or was revoked.
    pub fn grant_token(&self, token: &str, user: &str) {
        self.shared.vendor.access.grant(token, user);
    }
}

/// How a simulator starts.
#[derive(Debug, Clone)]
pub struct Builder {
    app: (String, String),
    service: (String, String),
    only: Option<RequestType>,
    authorization: Option<String>,
    tokens: Vec<(String, String)>,
    http_refusals: bool,
    own_list_code: bool,
    options: Options,
}

impl Default for Builder {
    fn default() -> Self {
        let tokens = [
            (ACCESS_TOKEN, USER),
            (APPROVER_TOKEN, APPROVER),
            (SECOND_APPROVER_TOKEN, SECOND_APPROVER),
            (DISABLED_TOKEN, DISABLED_USER),
        ];
        Self {
            app: (APP_ID.into(), APP_SECRET.into()),
            service: (SERVER_ID.into(), SERVER_SECRET.into()),
            only: None,
            authorization: None,
            tokens: tokens.map(|(token, user)| (token.into(), user.into())).into(),
            http_refusals: false,
            own_list_code: true,
            options: Options::default(),
        }
    }
}

impl Builder {
    /// `appID` and `secretKey` of the request type `app`.
    #[must_use]
    pub fn app(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.app = (id.into(), secret.into());
        self
    }

    /// `serverID` and `secretKey` of the request type `service`.
    #[must_use]
    pub fn service(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.service = (id.into(), secret.into());
        self
    }

    /// Takes this request type only, and answers the other with 4000.
    #[must_use]
    pub fn only(mut self, request_type: RequestType) -> Self {
        self.only = Some(request_type);
        self
    }

    /// What `Authorization` must be, in place of the access token.
    #[must_use]
    pub fn authorization(mut self, value: impl Into<String>) -> Self {
        self.authorization = Some(value.into());
        self
    }

    /// One more access token, for a user.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>, user: impl Into<String>) -> Self {
        self.tokens.push((token.into(), user.into()));
        self
    }

    /// Whether 4004 comes with HTTP 401 and 4001 with HTTP 403, and not with HTTP 200.
    #[must_use]
    pub fn http_refusals(mut self, on: bool) -> Self {
        self.http_refusals = on;
        self
    }

    /// Whether `own-process.list` has `code` and `msg`, which its printed example lacks.
    #[must_use]
    pub fn own_list_code(mut self, on: bool) -> Self {
        self.own_list_code = on;
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
        let access = Access {
            app: self.app,
            service: self.service,
            only: self.only,
            authorization: self.authorization,
            ..Access::default()
        };
        for (token, user) in &self.tokens {
            access.grant(token, user);
        }
        let vendor = WorkOrder {
            access,
            http_refusals: self.http_refusals,
            own_list_code: self.own_list_code,
            store: Mutex::new(seed::store()),
        };
        Simulator::serve(vendor, self.options).await
    }
}

/// The vendor behind the simulator.
#[derive(Debug)]
pub struct WorkOrder {
    access: Access,
    http_refusals: bool,
    own_list_code: bool,
    store: Mutex<Store>,
}

impl WorkOrder {
    /// Checks the headers; the user's id comes back.
    fn user(&self, call: &Call) -> Result<String, Refusal> {
        let id = self.access.check(call)?;
        if lock(&self.store).user(&id)?.disabled {
            return Err(Refusal::vendor(4002, "账号已被禁止"));
        }
        Ok(id)
    }
}

impl Vendor for WorkOrder {
    fn operations(&self) -> &'static [Operation] {
        OPERATIONS
    }

    fn authorize(&self, call: &Call) -> Result<(), Refusal> {
        self.user(call).map(drop)
    }

    fn handle(&self, call: &Call) -> Result<Answer, Refusal> {
        let user = self.user(call)?;
        let store = &mut *lock(&self.store);
        match call.operation.id {
            "process.stop" => tasks::handle(store, call, &user),
            id if id.starts_with("task.") => tasks::handle(store, call, &user),
            id if id.contains("workorder") => orders::handle(store, call, &user),
            _ => processes::handle(store, call, &user, self.own_list_code),
        }
    }

    fn refuse(&self, refusal: &Refusal) -> Answer {
        let (code, msg) = match refusal {
            Refusal::Breach(text) => (9400, text.as_str()),
            Refusal::Credentials { .. } => (4004, "无效的accesstoken"),
            Refusal::Vendor { code, message } => (*code, message.as_str()),
        };
        let status = match code {
            9400 => StatusCode::BAD_REQUEST,
            4004 if self.http_refusals => StatusCode::UNAUTHORIZED,
            4001 if self.http_refusals => StatusCode::FORBIDDEN,
            _ => StatusCode::OK,
        };
        Answer::json(status, &json!({"code": code, "msg": msg}))
    }

    fn flood(&self) -> (&'static str, &'static str) {
        (
            "{\"code\":200,\"msg\":\"操作成功\",\"total\":0,\"rows\":[],\"data\":{\"filler\":\"",
            "\"}}",
        )
    }

    fn expire_tokens(&self) {
        self.access.expire();
    }

    fn revoke_all(&self) {
        self.access.revoke();
    }

    fn state(&self) -> Value {
        lock(&self.store).describe()
    }
}
