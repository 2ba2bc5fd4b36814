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
mod builder;
mod operations;
mod orders;
mod processes;
mod seed;
mod store;
mod tasks;

use std::sync::Mutex;

use http::StatusCode;
use serde_json::{Value, json};

pub use auth::RequestType;
pub use builder::{Builder, Setup};
pub use operations::OPERATIONS;

use crate::lock;
use crate::operation::Operation;
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
    /// Makes a token good for a user, whether it is new, has expired or was revoked.
    pub fn grant_token(&self, token: &str, user: &str) {
        self.shared.vendor.access.grant(token, user);
    }
}

/// The vendor behind the simulator.
#[derive(Debug)]
pub struct WorkOrder {
    access: Access,
    http_refusals: bool,
    own_list_code: bool,
    /// A token of [`USER`].
    access_token: String,
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
    const ID: &'static str = "workorder";
    const NAME: &'static str = "The unified work order centre";
    type Setup = Setup;

    fn new(setup: Setup) -> Self {
        let access = Access {
            app: (setup.app_id, setup.app_secret),
            service: (setup.server_id, setup.server_secret),
            only: setup.only,
            authorization: setup.authorization,
            ..Access::default()
        };
        access.grant(&setup.access_token, USER);
        for (token, user) in &setup.tokens {
            access.grant(token, user);
        }
        Self {
            access,
            http_refusals: setup.http_refusals,
            own_list_code: setup.own_list_code,
            access_token: setup.access_token,
            store: Mutex::new(seed::store()),
        }
    }

    fn credentials(&self) -> Vec<(&'static str, String)> {
        let (server_id, secret_key) = self.access.service.clone();
        vec![
            ("request_type", "service".to_owned()),
            ("server_id", server_id),
            ("secret_key", secret_key),
            ("access_token", self.access_token.clone()),
        ]
    }

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
