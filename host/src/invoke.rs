//! A connection, and the way of one call through it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tracing::Instrument as _;
use wasmtime::Trap;

use crate::catalog::suggest;
use crate::component::{self, Connector};
use crate::egress::{Egress, HttpClient};
use crate::engine::{self, Engine};
use crate::error::{Error, Kind};
use crate::limits::{Limits, MemoryExceeded};
use crate::policy::{Origin, Policy};
use crate::pool::{Instance, Pool};
use crate::rate::{Budget, Rate};
use crate::secrets::Secrets;
use crate::sessions::{Namespace, SessionStore, lock};
use crate::state::State;

/// What a host's connections share.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) http: Arc<HttpClient>,
    pub(crate) sessions: SessionStore,
}

/// What makes a connection of a connector: settings, policy and limits.
#[derive(Clone, Default)]
pub struct ConnectionOptions {
    /// The connector's settings, by name.
    pub settings: BTreeMap<String, String>,
    /// Origins that it may reach besides that of `base_url`.
    pub allow: Vec<Origin>,
    /// What it may use.
    pub limits: Limits,
    /// How often it may be called.
    pub rate: Option<Rate>,
}

/// Names only: a value may be a secret.
impl std::fmt::Debug for ConnectionOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectionOptions")
            .field("settings", &self.settings.keys().collect::<Vec<_>>())
            .field("allow", &self.allow)
            .field("limits", &self.limits)
            .field("rate", &self.rate)
            .finish()
    }
}

/// A configured account of a connector. Cheap to clone.
#[derive(Clone)]
pub struct Connection {
    inner: Arc<Inner>,
}

struct Inner {
    name: Arc<str>,
    shared: Arc<Shared>,
    connector: Arc<Connector>,
    /// As the connector may see them: with placeholders in place of secrets.
    settings: Arc<BTreeMap<String, String>>,
    policy: Arc<Policy>,
    limits: Limits,
    rate: Option<Budget>,
    secrets: Secrets,
    sessions: Arc<Namespace>,
    slots: Semaphore,
    waiting: AtomicUsize,
    pool: Pool,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection")
            .field("name", &self.inner.name)
            .field("connector", &self.inner.connector)
            .finish_non_exhaustive()
    }
}

impl Connection {
    /// Checks the settings against the connector's manifest.
    pub(crate) fn new(
        shared: Arc<Shared>,
        name: &str,
        connector: Arc<Connector>,
        options: ConnectionOptions,
    ) -> Result<Self, Error> {
        let declared = &connector.manifest().settings;
        for name in options.settings.keys() {
            if !declared.iter().any(|setting| setting.name == *name) {
                let names = declared.iter().map(|setting| setting.name.as_str());
                return Err(Error::new(
                    Kind::InvalidSettings,
                    format!(
                        "{} has no setting {name:?}{}",
                        connector.manifest().id,
                        suggest(name, names)
                    ),
                ));
            }
        }
        for setting in declared.iter().filter(|setting| setting.required) {
            if options.settings.get(&setting.name).is_none_or(String::is_empty) {
                return Err(Error::new(
                    Kind::InvalidSettings,
                    format!(
                        "the setting {:?} is missing ({}); give it as settings.{} in the configuration, or with -c {}=…",
                        setting.name, setting.summary, setting.name, setting.name
                    ),
                ));
            }
        }
        let sessions = shared.sessions.namespace(name);
        let policy = Policy::new(
            options.settings.get("base_url").map(String::as_str),
            &options.allow,
        );
        let secrets = Secrets::new(options.settings, connector.manifest(), sessions.clone())?;
        Ok(Self {
            inner: Arc::new(Inner {
                name: name.into(),
                policy: Arc::new(policy),
                limits: options.limits,
                rate: options.rate.map(Budget::new),
                settings: secrets.visible_settings(connector.manifest())?,
                secrets,
                sessions,
                slots: Semaphore::new(options.limits.concurrency),
                waiting: AtomicUsize::new(0),
                pool: Pool::default(),
                connector,
                shared,
            }),
        })
    }

    /// The connection's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The connector that serves it.
    #[must_use]
    pub fn connector(&self) -> &Arc<Connector> {
        &self.inner.connector
    }

    /// Where it may send requests.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.inner.policy
    }

    /// What it may use.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    /// Carries out an operation within the connection's deadline.
    pub async fn invoke(&self, operation: &str, input: &Value) -> Result<Value, Error> {
        self.invoke_within(operation, input, self.inner.limits.deadline)
            .await
    }

    /// Carries out an operation within `deadline`, which covers waiting for a turn, the connector's own
    /// work and everything it waits for.
    pub async fn invoke_within(
        &self,
        operation: &str,
        input: &Value,
        deadline: Duration,
    ) -> Result<Value, Error> {
        let span = tracing::info_span!("call", connection = %self.inner.name, operation);
        let result = self.call(operation, input, deadline).instrument(span).await;
        result.map_err(|error| self.scrubbed(error.at(&self.inner.name, operation)))
    }

    /// The error without secrets.
    pub(crate) fn scrubbed(&self, error: Error) -> Error {
        self.inner.secrets.scrub_error(error)
    }

    async fn call(&self, operation: &str, input: &Value, deadline: Duration) -> Result<Value, Error> {
        let inner = &self.inner;
        let catalog = inner.connector.catalog();
        let effect = catalog.operation(operation)?.effect;
        catalog.validate(operation, input)?;
        if let Some(rate) = &inner.rate {
            rate.take()?;
        }
        let until = Instant::now() + deadline;
        let _slot = self.slot(until, deadline).await?;
        // From here on the instance belongs to this call. Only success brings it back.
        let mut instance = match inner.pool.take() {
            Some(instance) => instance,
            None => self.instantiate(until, deadline).await?,
        };
        let sessions = inner.shared.sessions.view(inner.sessions.clone());
        let state = instance.store.data_mut();
        state.begin(sessions, until, effect);
        let wire = state.egress().wire();
        let printed = state.printed();
        instance.store.set_epoch_deadline(1);

        let input = input.to_string();
        let Instance { store, exports, .. } = &mut instance;
        let returned = tokio::time::timeout_at(until, exports.invoke(store, operation, &input)).await;
        let sent = lock(&wire).request_sent();
        match returned {
            Err(_) => Err(timed_out(deadline, Some(sent))),
            Ok(Err(error)) => Err(self.trapped(&error, &printed.contents(), sent)),
            Ok(Ok(result)) => {
                inner.pool.put(instance);
                match result {
                    Ok(output) => match serde_json::from_str(&output) {
                        Ok(mut value) => {
                            inner.secrets.scrub_value(&output, &mut value);
                            Ok(value)
                        }
                        Err(error) => {
                            let mut error = Error::new(
                                Kind::Trapped,
                                format!(
                                    "the connector's result isn't JSON, which breaks the contract: {error}"
                                ),
                            );
                            error.request_sent = Some(sent);
                            Err(error)
                        }
                    },
                    Err(failure) => Err(complete(failure.into(), &wire)),
                }
            }
        }
    }

    /// Waits for a turn.
    async fn slot(
        &self,
        until: Instant,
        deadline: Duration,
    ) -> Result<tokio::sync::SemaphorePermit<'_>, Error> {
        let inner = &self.inner;
        if let Ok(slot) = inner.slots.try_acquire() {
            return Ok(slot);
        }
        let _waiting = Waiting::enter(&inner.waiting, inner.limits.queue).ok_or_else(|| {
            let mut error = Error::new(
                Kind::LimitExceeded,
                format!(
                    "{} calls are under way and {} wait already; call again later, or raise limits.concurrency or limits.queue of the connection",
                    inner.limits.concurrency, inner.limits.queue
                ),
            );
            error.request_sent = Some(false);
            error
        })?;
        match tokio::time::timeout_at(until, inner.slots.acquire()).await {
            Ok(Ok(slot)) => Ok(slot),
            // The semaphore is never closed, so what is left is the deadline.
            _ => Err(timed_out(deadline, Some(false))),
        }
    }

    async fn instantiate(&self, until: Instant, deadline: Duration) -> Result<Instance, Error> {
        let inner = &self.inner;
        let egress = Egress::new(
            inner.shared.http.clone(),
            inner.name.clone(),
            inner.policy.clone(),
            inner.limits.response,
        )
        .with_secrets(inner.secrets.clone());
        let state = State::new(inner.settings.clone(), egress, inner.limits.memory);
        let mut store = component::store(&inner.shared.engine, state);
        let made = tokio::time::timeout_at(until, inner.connector.pre().instantiate_async(&mut store)).await;
        match made {
            Err(_) => Err(timed_out(deadline, Some(false))),
            Ok(Err(error)) if error.is::<MemoryExceeded>() || error.is::<Trap>() => {
                Err(self.trapped(&error, &[], false))
            }
            Ok(Err(error)) => Err(engine::exhausted(&error)),
            Ok(Ok(exports)) => Ok(Instance::new(store, exports)),
        }
    }

    /// The guest's call ended without a result.
    fn trapped(&self, error: &wasmtime::Error, printed: &[u8], sent: bool) -> Error {
        let mut failure = if let Some(exceeded) = error.downcast_ref::<MemoryExceeded>() {
            Error::new(
                Kind::LimitExceeded,
                format!("{exceeded}; raise limits.memory of the connection where that is expected"),
            )
        } else {
            let why = match error.downcast_ref::<Trap>() {
                Some(trap) => trap.to_string(),
                None => error.root_cause().to_string(),
            };
            let printed = String::from_utf8_lossy(printed);
            let last_words = printed
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .take(4);
            let last_words = last_words.collect::<Vec<_>>().join(" ");
            let last_words = match last_words.as_str() {
                "" => String::new(),
                words => format!("; it printed: {words}"),
            };
            Error::new(
                Kind::Trapped,
                format!(
                    "the connector {} trapped: {why}{last_words}",
                    self.inner.connector.manifest().id
                ),
            )
        };
        failure.request_sent = Some(sent);
        failure
    }
}

/// A failure of the connector, completed by what the host knows better: a guest sees only that a
/// request was denied or that a response couldn't be read.
fn complete(mut error: Error, wire: &std::sync::Mutex<crate::egress::Wire>) -> Error {
    let wire = lock(wire);
    if let (Kind::Denied, Some(denial)) = (error.kind, &wire.denial) {
        error.message.clone_from(denial);
        error.request_sent = Some(false);
    }
    if let (Kind::InvalidSettings | Kind::Unreachable, Some(unsendable)) = (error.kind, &wire.unsendable) {
        error.kind = Kind::InvalidSettings;
        error.message.clone_from(unsendable);
        error.request_sent = Some(false);
    }
    if let (Kind::MalformedResponse, Some(limit)) = (error.kind, wire.response_too_large) {
        error.message = format!(
            "the vendor's response has more than {limit} bytes; raise limits.response of the connection where that is expected"
        );
    }
    error
}

fn timed_out(deadline: Duration, sent: Option<bool>) -> Error {
    let mut error = Error::new(
        Kind::Timeout,
        format!("the deadline of {} passed", humantime::format_duration(deadline)),
    );
    error.request_sent = sent;
    error
}

/// Counts a call that waits for its turn.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn enter(waiting: &'a AtomicUsize, most: usize) -> Option<Self> {
        if waiting.fetch_add(1, Ordering::Relaxed) < most {
            return Some(Self(waiting));
        }
        waiting.fetch_sub(1, Ordering::Relaxed);
        None
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
