//! A connection: a configured account of a connector.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;
use serde_json::value::RawValue;
use tokio::sync::Semaphore;

use crate::call::{self, Account, Call, Input, Outcome, Pages, Shared};
use crate::capability::http::{Origin, Policy};
use crate::connector::Connector;
use crate::deployment::{Deployment, Served};
use crate::error::{Error, Kind};
use crate::inbound::{InboundRequest, Receipt};
use crate::rate::{Budget, Rate};
use crate::sandbox::Limits;
use crate::secrets::Secrets;
use crate::trace::CallId;

/// What makes a connection of a connector: settings, policy and limits. Fields may be added: take the rest from the
/// default.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectionOptions {
    /// The connector's settings, by name.
    pub settings: BTreeMap<String, String>,
    /// Origins that it may reach besides those of its settings.
    pub allow: Vec<Origin>,
    /// Whether the names of these origins may resolve to private addresses: those of loopback, of private and shared
    /// networks, link-local, multicast and other special ones. An origin whose host is an address itself may be
    /// reached in any case.
    pub allow_private: bool,
    /// What it may use.
    pub limits: Limits,
    /// How often it may be called.
    pub rate: Option<Rate>,
    /// Whether required settings may be missing. Such a connection can interpret callbacks that need none of them;
    /// its calls fail.
    pub partial: bool,
}

/// No settings, the usual limits, no restriction of addresses.
impl Default for ConnectionOptions {
    fn default() -> Self {
        Self {
            settings: BTreeMap::new(),
            allow: Vec::new(),
            allow_private: true,
            limits: Limits::default(),
            rate: None,
            partial: false,
        }
    }
}

/// Names only: a value may be a secret.
impl std::fmt::Debug for ConnectionOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectionOptions")
            .field("settings", &self.settings.keys().collect::<Vec<_>>())
            .field("allow", &self.allow)
            .field("allow_private", &self.allow_private)
            .field("limits", &self.limits)
            .field("rate", &self.rate)
            .field("partial", &self.partial)
            .finish()
    }
}

/// What a connection is doing at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionStatus {
    /// Its name.
    pub connection: String,
    /// How many calls are under way.
    pub busy: usize,
    /// How many calls wait for a turn.
    pub waiting: usize,
    /// How many instances are kept for later calls.
    pub idle_instances: usize,
    /// Id of its connector.
    pub connector: String,
    /// The version that new calls go to.
    pub version: String,
    /// SHA-256 of that version's file.
    pub digest: String,
}

impl ConnectionStatus {
    /// Counts what another connection of the same name does too.
    pub(crate) fn add(&mut self, other: &Self) {
        self.busy += other.busy;
        self.waiting += other.waiting;
        self.idle_instances += other.idle_instances;
    }
}

/// A configured account of a connector. Cheap to clone.
#[derive(Clone)]
pub struct Connection {
    pub(crate) account: Arc<Account>,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection")
            .field("name", &self.account.name)
            .field("connector", &self.connector())
            .finish_non_exhaustive()
    }
}

impl Connection {
    /// Checks the settings against the connector's manifest.
    pub(crate) fn new(
        shared: Arc<Shared>,
        name: &str,
        deployment: Arc<Deployment>,
        options: ConnectionOptions,
    ) -> Result<Self, Error> {
        let connector = deployment.connector();
        check(&connector, &options)?;
        let origins = connector.catalog().origins(&options.settings);
        let sessions = shared.sessions.namespace(name);
        let secrets = Secrets::new(name, options.settings, connector.manifest(), sessions.clone())?;
        let policy: Policy = origins.into_iter().chain(options.allow).collect();
        let policy = if options.allow_private {
            policy
        } else {
            policy.public_only()
        };
        let account = Arc::new(Account {
            name: name.into(),
            policy: Arc::new(policy),
            limits: options.limits,
            rate: options.rate.map(Budget::new),
            secrets,
            sessions,
            slots: Semaphore::new(options.limits.concurrency),
            waiting: AtomicUsize::new(0),
            pool: shared.engine.idle.pool(),
            sockets: shared.http.share(),
            partial: options.partial,
            deployment,
            shared,
        });
        let served: Arc<dyn Served> = account.clone();
        account.deployment.serve(Arc::downgrade(&served));
        Ok(Self { account })
    }

    /// The connection's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.account.name
    }

    /// The connector that serves it: the version that new calls go to.
    #[must_use]
    pub fn connector(&self) -> Arc<Connector> {
        self.account.deployment.connector()
    }

    /// Where it may send requests.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.account.policy
    }

    /// What it may use.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.account.limits
    }

    /// What it is doing at this moment.
    #[must_use]
    pub fn status(&self) -> ConnectionStatus {
        let account = &self.account;
        let connector = self.connector();
        ConnectionStatus {
            connection: account.name.to_string(),
            busy: account.limits.concurrency - account.slots.available_permits(),
            waiting: account.waiting.load(Ordering::Relaxed),
            idle_instances: account.pool.idle(),
            connector: connector.manifest().id.clone(),
            version: connector.manifest().version.clone(),
            digest: connector.digest().to_owned(),
        }
    }

    /// Carries out an operation within the connection's deadline, and builds its output.
    ///
    /// # Errors
    ///
    /// Every [`Kind`] that a call can fail with.
    pub async fn invoke(&self, operation: &str, input: &Value) -> Result<Value, Error> {
        self.call(Call::new(operation, input)).await.result
    }

    /// Carries out an operation within `deadline`, which covers waiting for a turn, the connector's own
    /// work and everything it waits for.
    ///
    /// # Errors
    ///
    /// Those of [`Connection::invoke`].
    pub async fn invoke_within(
        &self,
        operation: &str,
        input: &Value,
        deadline: Duration,
    ) -> Result<Value, Error> {
        let call = Call {
            deadline: Some(deadline),
            ..Call::new(operation, input)
        };
        self.call(call).await.result
    }

    /// Carries out an operation within the connection's deadline. Input and output are JSON text.
    ///
    /// The output is the vendor's payload as the connector returned it, with the vendor's spacing, escapes and digits.
    /// It is checked to be JSON, nested at most [`JsonShape::MAX_DEPTH`](crate::JsonShape::MAX_DEPTH) levels deep, and
    /// not built, which makes a call much cheaper than [`Connection::invoke`] does. Only the input is built, for the
    /// check against its schema; [`JsonShape`](crate::JsonShape) tells what that may take.
    ///
    /// # Errors
    ///
    /// Those of [`Connection::invoke`]; [`Kind::InvalidInput`] also where the input isn't JSON.
    pub async fn invoke_text(&self, operation: &str, input: &str) -> Result<Box<RawValue>, Error> {
        self.call_text(Call::new(operation, input)).await.result
    }

    /// Carries out an operation, and says what happened. The host remembers that for a while:
    /// [`Host::call`](crate::Host::call).
    pub async fn call<I: Input + ?Sized>(&self, call: Call<'_, I>) -> Outcome {
        call::invoke(&self.account, call).await
    }

    /// Carries out an operation, as [`Connection::call`] does. The output is text, as that of
    /// [`Connection::invoke_text`] is.
    pub async fn call_text<I: Input + ?Sized>(&self, call: Call<'_, I>) -> Outcome<Box<RawValue>> {
        call::invoke_text(&self.account, call).await
    }

    /// Lets the connector interpret a request that its vendor has sent. It reads the connection's settings and
    /// sessions, and sends nothing. It is a call like any other, with a record, limits and a deadline.
    pub async fn receive(&self, id: CallId, request: InboundRequest) -> Outcome<Receipt> {
        call::receive(&self.account, id, request).await
    }

    /// Walks a list operation. The input may leave out where the walk starts and how many items a page has.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`] where the operation doesn't answer in pages, [`Kind::UnknownOperation`], and
    /// [`Kind::InvalidInput`].
    pub fn pages(&self, operation: &str, input: impl Input) -> Result<Pages, Error> {
        Pages::new(&self.account, operation, &input)
    }

    /// Drops instances that have been idle for too long.
    pub(crate) fn tidy(&self) {
        self.account.pool.tidy();
    }
}

/// Whether settings are what a connector asks for.
fn check(connector: &Connector, options: &ConnectionOptions) -> Result<(), Error> {
    let (manifest, catalog) = (connector.manifest(), connector.catalog());
    let missing = manifest.settings.iter().find(|setting| {
        let given = options.settings.get(&setting.name);
        setting.required && given.is_none_or(String::is_empty)
    });
    for (name, value) in &options.settings {
        catalog
            .check_setting(name, value)
            .map_err(|error| Error::new(Kind::InvalidSettings, error.to_string()))?;
    }
    match missing {
        Some(setting) if !options.partial => Err(Error::new(
            Kind::InvalidSettings,
            format!(
                "the setting {:?} is missing ({}); give it as settings.{} in the configuration, or with -c {}=…",
                setting.name, setting.summary, setting.name, setting.name
            ),
        )),
        _ => Ok(()),
    }
}
