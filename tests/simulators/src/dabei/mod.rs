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
mod directory;
mod operations;
mod records;
mod seed;
mod store;
mod tasks;

use std::io;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

pub use operations::{OPERATIONS, REVOKE_PATH};

use crate::lock;
use crate::operation::Operation;
use crate::server::Options;
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
    /// Starts with the seed data, the default credentials and a free port.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Starts otherwise.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

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

/// How a simulator starts.
#[derive(Debug, Clone)]
pub struct Builder {
    credentials: Credentials,
    revoke_path: &'static str,
    task_list_envelope: bool,
    options: Options,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            credentials: Credentials {
                client_id: CLIENT_ID.into(),
                client_secret: CLIENT_SECRET.into(),
                ..Credentials::default()
            },
            revoke_path: REVOKE_PATH,
            task_list_envelope: false,
            options: Options::default(),
        }
    }
}

impl Builder {
    /// The client id it takes.
    #[must_use]
    pub fn client_id(mut self, id: impl Into<String>) -> Self {
        self.credentials.client_id = id.into();
        self
    }

    /// The client secret it takes.
    #[must_use]
    pub fn client_secret(mut self, secret: impl Into<String>) -> Self {
        self.credentials.client_secret = secret.into();
        self
    }

    /// The headers that every business call must have, with their values.
    #[must_use]
    pub fn auth_headers<N: AsRef<str>, V: Into<String>>(
        mut self,
        headers: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let headers = headers.into_iter();
        let headers = headers.map(|(name, value)| (name.as_ref().to_ascii_lowercase(), value.into()));
        self.credentials.headers = headers.collect();
        self
    }

    /// The query parameters that every business call must have, with their values.
    #[must_use]
    pub fn auth_query<N: Into<String>, V: Into<String>>(
        mut self,
        parameters: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let parameters = parameters.into_iter();
        self.credentials.query = parameters
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        self
    }

    /// Where `task.revoke` is. It may leave out `{task_id}`.
    #[must_use]
    pub fn revoke_path(mut self, path: &'static str) -> Self {
        self.revoke_path = path;
        self
    }

    /// Whether `task.list` answers with the envelope, and not with a bare list as the document prints it.
    #[must_use]
    pub fn task_list_envelope(mut self, enveloped: bool) -> Self {
        self.task_list_envelope = enveloped;
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
        let vendor = Dabei {
            credentials: self.credentials,
            operations: operations(self.revoke_path),
            task_list_envelope: self.task_list_envelope,
            store: Mutex::new(seed::store()),
        };
        Simulator::serve(vendor, self.options).await
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
