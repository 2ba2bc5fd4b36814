//! The Dabei simulator.
//!
//! The document has no code but 0. These are the simulator's own:
//!
//! | errcode | meaning |
//! | --- | --- |
//! | 9400 | the request breaks a rule of the document (with HTTP 400) |
//! | 40029 | the code is unknown or was used |
//! | 40100 | the credentials do not hold (with HTTP 401) |
//! | 40300 | the user is neither the task's nor, to revoke, the flow's initiator |
//! | 40400 | there is no such application, form, record, flow, task, organisation or user; the message ends with its id, as it was decoded |
//! | 40900 | the flow has ended |
//! | 42200 | a well-formed parameter with an impossible value; a form field with a name of the record's own |
//!
//! Readings of its own, where the document is silent:
//!
//! - `record.create` answers with the record's `id`. Records print their form fields beside `id`, and
//!   beside what the document does not name: `serialNo`, `createUser`, `createTime`, `updateTime`,
//!   `flowState` (`null`, `running`, `finished`, `denied`, `revoked`). Updates change only what is sent.
//! - Keys of form fields are taken as they come. A filter fits a record with the same value under each
//!   of its keys.
//! - Any user may read and write any record. Lists have ten rows a page.
//! - A task keeps its id when it is transferred, and then belongs to all its receivers: the first of
//!   them to act decides. Variables of an approval become fields of the record.
//! - `task.revoke` is at [`REVOKE_PATH`] unless told otherwise ([`Builder::revoke_path`]), so that a
//!   client reaches it only when it is told the path, too. Its body on the path of `task.transfer`,
//!   which the document prints for it, is a breach.
//! - `org.list` lists what is below `parentId` (the topmost without one), all levels with `recursion`.
//! - `user.list` lists main and secondary members.
//! - Headers that HTTP itself does not know, and query parameters that no table has, are breaches
//!   unless they are asked for ([`Builder::auth_headers`], [`Builder::auth_query`]). On the two
//!   `/oauth2` operations they are breaches even then.
//! - Ending all tokens ends the codes that are not used yet: there are no others.

mod auth;
mod builder;
mod directory;
mod operations;
mod records;
mod seed;
mod store;
mod tasks;

use std::sync::Mutex;

use http::StatusCode;
use serde_json::{Map, Value, json};

pub use builder::{Builder, Setup};
pub use operations::{OPERATIONS, REVOKE_PATH};

use crate::lock;
use crate::operation::Operation;
use crate::strict::Call;
use crate::vendor::{Answer, Refusal, Vendor};
use auth::Credentials;
use store::Store;

/// The Dabei simulator.
pub type Simulator = crate::Simulator<Dabei>;

/// The client id unless told otherwise.
pub const CLIENT_ID: &str = "patchbay";
/// The client secret unless told otherwise.
pub const CLIENT_SECRET: &str = "patchbay-secret";

/// An application of the seed data.
pub const APP: &str = "app-finance";
/// A form of [`APP`], with the records `record-01` to `record-24` and [`FLOW_RECORD`].
pub const FORM: &str = "form-expense";
/// A flow: [`APPROVER`] first, then [`SECOND_APPROVER`].
pub const FLOW_CODE: &str = "flow-expense";
/// A record whose flow [`USER`] started, at its first step.
pub const FLOW_RECORD: &str = "record-flow";
/// The pending task of [`FLOW_RECORD`].
pub const FLOW_TASK: &str = "task-flow";
/// A user of the seed data: 李娜, `li.na`, 13800000001.
pub const USER: &str = "user-li";
/// The user of a flow's first step: 王伟, `wang.wei`.
pub const APPROVER: &str = "user-wang";
/// The user of a flow's second step: 张敏, `zhang.min`.
pub const SECOND_APPROVER: &str = "user-zhang";
/// An application, a form of it, a record of that, a flow, an organisation, a user and the user's name
/// are called this.
pub const HOSTILE: &str = r#"财 +/=~*%25&?#;"'\<>{}|^`../😀"#;

impl crate::Simulator<Dabei> {
    /// The client id it takes.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.shared.vendor.credentials.client_id
    }

    /// The client secret it takes.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        &self.shared.vendor.credentials.client_secret
    }
}

/// The table with `task.revoke` where it is wanted.
fn operations(revoke_path: &'static str) -> &'static [Operation] {
    if revoke_path == REVOKE_PATH {
        return OPERATIONS;
    }
    let mut operations = OPERATIONS.to_vec();
    for operation in &mut operations {
        if operation.id == "task.revoke" {
            operation.path = revoke_path;
        }
    }
    // Tables live as long as the program: a simulator of its own shape leaves its own behind.
    operations.leak()
}

/// The vendor behind the simulator.
#[derive(Debug)]
pub struct Dabei {
    credentials: Credentials,
    operations: &'static [Operation],
    task_list_envelope: bool,
    store: Mutex<Store>,
}

impl Vendor for Dabei {
    const ID: &'static str = "dabei";
    const NAME: &'static str = "Dabei";
    type Setup = Setup;

    fn new(setup: Setup) -> Self {
        Self {
            credentials: setup.credentials,
            operations: operations(setup.revoke_path),
            task_list_envelope: setup.task_list_envelope,
            store: Mutex::new(seed::store()),
        }
    }

    fn credentials(&self) -> Vec<(&'static str, String)> {
        vec![
            ("client_id", self.credentials.client_id.clone()),
            ("client_secret", self.credentials.client_secret.clone()),
        ]
    }

    fn more_settings(&self, _base_url: &str) -> Vec<(&'static str, String)> {
        let (headers, query) = (&self.credentials.headers, &self.credentials.query);
        let given = [("auth_headers", headers), ("auth_query", query)];
        let given = given.into_iter().filter(|(_, pairs)| !pairs.is_empty());
        given
            .map(|(name, pairs)| {
                let object: Map<String, Value> = pairs
                    .iter()
                    .map(|(key, value)| (key.clone(), value.as_str().into()))
                    .collect();
                (name, Value::from(object).to_string())
            })
            .collect()
    }

    fn operations(&self) -> &'static [Operation] {
        self.operations
    }

    fn is_credential(&self, query: &str) -> bool {
        self.credentials.is_query(query)
    }

    fn authorize(&self, call: &Call) -> Result<(), Refusal> {
        self.credentials.check(call)
    }

    fn handle(&self, call: &Call) -> Result<Answer, Refusal> {
        let store = &mut *lock(&self.store);
        match call.operation.id.split_once('.').map_or("", |(family, _)| family) {
            "oauth-user" | "authority-code" | "org" | "user" => directory::handle(store, call),
            "task" => tasks::handle(store, call, self.task_list_envelope),
            _ => records::handle(store, call),
        }
    }

    fn refuse(&self, refusal: &Refusal) -> Answer {
        let (status, code, message) = match refusal {
            Refusal::Breach(text) => (StatusCode::BAD_REQUEST, 9400, text.as_str()),
            Refusal::Credentials { .. } => (StatusCode::UNAUTHORIZED, 40100, "认证失败"),
            Refusal::Vendor { code, message } => (StatusCode::OK, *code, message.as_str()),
        };
        Answer::json(
            status,
            &json!({"errcode": code, "errmsg": message, "data": null, "success": false}),
        )
    }

    fn flood(&self) -> (&'static str, &'static str) {
        (
            "{\"errcode\":0,\"errmsg\":\"success\",\"data\":{\"filler\":\"",
            "\"},\"success\":true}",
        )
    }

    fn not_envelope(&self) -> &'static str {
        // A bare list is what `task.list` may answer with.
        "{\"status\":\"UP\",\"data\":[1,2,3]}"
    }

    fn expire_tokens(&self) {
        lock(&self.store).codes.clear();
    }

    fn revoke_all(&self) {
        self.expire_tokens();
    }

    fn state(&self) -> Value {
        lock(&self.store).describe()
    }
}
