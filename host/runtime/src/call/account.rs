//! What calls run against: everything of a connection that outlives a swap of its connector.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::log::CallLog;
use crate::capability::Grant;
use crate::capability::http::{HttpClient, Policy};
use crate::capability::sessions::{Namespace, SessionStore};
use crate::connector::{Connector, Instance};
use crate::deployment::{Deployment, Served};
use crate::error::{Error, Kind};
use crate::memory::MemoryBudget;
use crate::observe::Observers;
use crate::rate::Budget;
use crate::sandbox::{Engine, Limits, Pool, Pooled};
use crate::secrets::Secrets;

/// What a host's connections share.
pub(crate) struct Shared {
    pub(crate) engine: Arc<Engine>,
    pub(crate) http: Arc<HttpClient>,
    pub(crate) sessions: SessionStore,
    pub(crate) log: CallLog,
    pub(crate) observers: Observers,
}

/// What calls of one connection run against.
pub(crate) struct Account {
    pub(crate) name: Arc<str>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) deployment: Arc<Deployment>,
    pub(crate) policy: Arc<Policy>,
    pub(crate) limits: Limits,
    pub(crate) rate: Option<Budget>,
    pub(crate) secrets: Secrets,
    pub(crate) sessions: Arc<Namespace>,
    pub(crate) slots: Semaphore,
    pub(crate) waiting: AtomicUsize,
    pub(crate) pool: Arc<Pool<Instance>>,
    /// Its share of the sockets.
    pub(crate) sockets: Arc<Semaphore>,
    /// Whether required settings may be missing: then only callbacks can be expected to work.
    pub(crate) partial: bool,
}

impl Account {
    /// Waits for a turn, until the call must have ended; `timed_out` is the failure then.
    pub(super) async fn turn(
        &self,
        until: Instant,
        timed_out: impl FnOnce() -> Error,
    ) -> Result<SemaphorePermit<'_>, Error> {
        if let Ok(slot) = self.slots.try_acquire() {
            return Ok(slot);
        }
        let Some(_waiting) = Waiting::enter(&self.waiting, self.limits.queue) else {
            let message = format!(
                "{} calls are under way and {} wait already; call again later, or raise limits.concurrency or limits.queue of the connection",
                self.limits.concurrency, self.limits.queue
            );
            return Err(Error::new(Kind::LimitExceeded, message).sent(false));
        };
        match tokio::time::timeout_at(until, self.slots.acquire()).await {
            Ok(Ok(slot)) => Ok(slot),
            // The semaphore is never closed, so what is left is the deadline.
            _ => Err(timed_out()),
        }
    }

    /// An idle instance of a version.
    pub(super) fn idle(&self, connector: &Arc<Connector>) -> Option<Pooled<Instance>> {
        self.pool.take(|instance| instance.is_of(connector))
    }

    /// Makes an instance of a version.
    pub(super) async fn instantiate(
        &self,
        connector: &Arc<Connector>,
    ) -> Result<wasmtime::Result<Pooled<Instance>>, Error> {
        let engine = &self.shared.engine;
        loop {
            let grant = Grant {
                connection: self.name.clone(),
                settings: self.secrets.visible_settings(connector.manifest())?,
                policy: self.policy.clone(),
                max_response: self.limits.response,
                memory: MemoryBudget::new(self.limits.memory),
                http: self.shared.http.clone(),
                sockets: self.sockets.clone(),
                secrets: Some(self.secrets.clone()),
                sessions: Some(self.sessions.clone()),
            };
            match Instance::new(engine, connector, &grant).await {
                Err(error) if engine.make_room(&error) => {}
                made => return Ok(made.map(Pooled::new)),
            }
        }
    }

    /// Keeps an instance for another call, where it may serve one and its version is still in service.
    pub(super) fn keep(&self, mut pooled: Pooled<Instance>) {
        let state = pooled.instance.store.data_mut();
        if !state.end() {
            return;
        }
        let memory = state.guest_memory();
        self.pool.put(pooled, memory, |instance| {
            instance.is_of(&self.deployment.connector())
        });
        self.shared.engine.idle.trim();
    }
}

impl Served for Account {
    fn name(&self) -> &str {
        &self.name
    }

    fn accepts(&self, connector: &Connector) -> Result<(), Error> {
        let (catalog, settings) = (connector.catalog(), self.secrets.settings());
        if !self.partial {
            catalog
                .check_settings(settings)
                .map_err(|error| Error::new(Kind::InvalidSettings, error.to_string()))?;
        }
        match catalog
            .origins(settings)
            .iter()
            .find(|origin| !self.policy.allows(origin))
        {
            None => Ok(()),
            Some(origin) => Err(Error::new(
                Kind::Incompatible,
                format!(
                    "it would reach {origin}, which the connection may not; put allow = [\"{origin}\"] under [connections.{}] and restart",
                    self.name
                ),
            )),
        }
    }

    fn replaced(&self, current: &Arc<Connector>) {
        self.pool.retain(|instance| instance.is_of(current));
    }
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
