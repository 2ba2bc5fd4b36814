//! A connection: a configured account of a connector.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

use tokio::sync::Semaphore;

use crate::calls::CallLog;
use crate::catalog::{Manifest, suggest};
use crate::component::Connector;
use crate::deployment::Deployment;
use crate::egress::HttpClient;
use crate::engine::Engine;
use crate::error::{Error, Kind};
use crate::limits::Limits;
use crate::metrics::{Gauges, Metrics, Times};
use crate::policy::{Origin, Policy};
use crate::pool::Pool;
use crate::rate::{Budget, Rate};
use crate::secrets::Secrets;
use crate::sessions::{Namespace, SessionStore, lock};

/// What a host's connections share.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) http: Arc<HttpClient>,
    pub(crate) sessions: SessionStore,
    pub(crate) calls: CallLog,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) connections: Mutex<Vec<Weak<Inner>>>,
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
    pub(crate) inner: Arc<Inner>,
}

/// What a connection consists of. Everything here outlives a swap of its connector.
pub(crate) struct Inner {
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
    pub(crate) pool: Pool,
    pub(crate) times: Times,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection")
            .field("name", &self.inner.name)
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
        check_settings(&options.settings, connector.manifest())?;
        if let Some(base_url) = options.settings.get("base_url")
            && Policy::new(Some(base_url), &[]).allowed().is_empty()
        {
            return Err(Error::new(
                Kind::InvalidSettings,
                "the setting \"base_url\" isn't a URL; give it as https://host or https://host:port/prefix",
            ));
        }
        let sessions = shared.sessions.namespace(name);
        let policy = Policy::new(
            options.settings.get("base_url").map(String::as_str),
            &options.allow,
        );
        let inner = Arc::new(Inner {
            name: name.into(),
            policy: Arc::new(policy),
            limits: options.limits,
            rate: options.rate.map(Budget::new),
            secrets: Secrets::new(options.settings, connector.manifest(), sessions.clone())?,
            sessions,
            slots: Semaphore::new(options.limits.concurrency),
            waiting: AtomicUsize::new(0),
            pool: Pool::default(),
            times: shared.metrics.times(name),
            deployment,
            shared,
        });
        inner.deployment.serves(&inner);
        inner.shared.serves(&inner);
        Ok(Self { inner })
    }

    /// The connection's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The connector that serves it: the version that new calls go to.
    #[must_use]
    pub fn connector(&self) -> Arc<Connector> {
        self.inner.deployment.connector()
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
}

impl Shared {
    fn serves(&self, connection: &Arc<Inner>) {
        let mut connections = lock(&self.connections);
        connections.retain(|connection| connection.strong_count() > 0);
        connections.push(Arc::downgrade(connection));
    }

    /// All connections that are in use.
    pub(crate) fn connections(&self) -> Vec<Arc<Inner>> {
        lock(&self.connections).iter().filter_map(Weak::upgrade).collect()
    }
}

impl Inner {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether the settings are what a version of the connector needs.
    pub(crate) fn check_settings(&self, manifest: &Manifest) -> Result<(), Error> {
        check_settings(self.secrets.settings(), manifest)
    }

    /// Drops idle instances.
    pub(crate) fn discard_idle(&self, unwanted: impl Fn(&Arc<Connector>) -> bool) {
        self.pool.discard(unwanted);
    }

    /// What it is doing at this moment.
    pub(crate) fn gauges(&self) -> Gauges {
        let connector = self.deployment.connector();
        Gauges {
            connection: self.name.to_string(),
            busy: self.limits.concurrency - self.slots.available_permits(),
            waiting: self.waiting.load(Ordering::Relaxed),
            idle_instances: self.pool.idle(),
            connector: connector.manifest().id.clone(),
            version: connector.manifest().version.clone(),
            digest: connector.digest().to_owned(),
        }
    }
}

/// Whether settings are what a manifest asks for.
fn check_settings(settings: &BTreeMap<String, String>, manifest: &Manifest) -> Result<(), Error> {
    let declared = &manifest.settings;
    for name in settings.keys() {
        if !declared.iter().any(|setting| setting.name == *name) {
            let names = declared.iter().map(|setting| setting.name.as_str());
            return Err(Error::new(
                Kind::InvalidSettings,
                format!("{} has no setting {name:?}{}", manifest.id, suggest(name, names)),
            ));
        }
    }
    for setting in declared.iter().filter(|setting| setting.required) {
        if settings.get(&setting.name).is_none_or(String::is_empty) {
            return Err(Error::new(
                Kind::InvalidSettings,
                format!(
                    "the setting {:?} is missing ({}); give it as settings.{} in the configuration, or with -c {}=…",
                    setting.name, setting.summary, setting.name, setting.name
                ),
            ));
        }
    }
    Ok(())
}
