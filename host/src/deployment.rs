//! A connector in service: the version that new calls go to, what it replaced, and the way back.
//!
//! A swap is one exchange of a pointer. A call takes a [`Version`] when it begins and keeps it to its end, so
//! what is replaced goes on until its last call is done, or its time to drain is over. What must survive a
//! swap (sessions, the rate budget, the queue) belongs to the connection and not to the version.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::component::Connector;
use crate::connection;
use crate::error::{Error, Kind};
use crate::metrics::Metrics;
use crate::sessions::lock;
use crate::version::{Held, Version};

/// How many versions can be gone back to. Each keeps its compiled code in memory.
const EARLIER: usize = 2;
/// How many past versions are told of.
const HISTORY: usize = 20;

/// How swaps are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SwapOptions {
    /// How long calls may go on with a version that has been replaced.
    pub drain: Duration,
    /// How long after a swap a version is watched.
    pub probation: Duration,
    /// After how many failures of its own within that time it is rolled back. Failures of the vendor or the
    /// network aren't its own. Where they are less than one in a hundred calls, it stays.
    pub failures: u64,
}

impl Default for SwapOptions {
    fn default() -> Self {
        Self {
            drain: Duration::from_secs(30),
            probation: Duration::from_mins(1),
            failures: 3,
        }
    }
}

/// A connector in service.
pub struct Deployment {
    options: SwapOptions,
    metrics: Arc<Metrics>,
    current: RwLock<Arc<Version>>,
    history: Mutex<History>,
    connections: Mutex<Vec<Weak<connection::Inner>>>,
}

#[derive(Default)]
struct History {
    /// What can be gone back to, the latest last.
    earlier: Vec<Earlier>,
    /// Digests of what was rolled back, and why: it doesn't come again by itself.
    marked: BTreeMap<String, String>,
    /// What was in service, the latest last.
    past: VecDeque<Past>,
    /// Replaced, and perhaps still at work.
    draining: Vec<Weak<Version>>,
}

/// A version that can be gone back to.
struct Earlier {
    connector: Arc<Connector>,
    /// Whether it was in service for long enough, or from the start.
    proven: bool,
}

/// A version that was in service.
#[derive(Debug, Clone, Serialize)]
struct Past {
    version: String,
    digest: String,
    #[serde(serialize_with = "crate::calls::timestamp")]
    since: SystemTime,
    #[serde(serialize_with = "crate::calls::timestamp")]
    until: SystemTime,
    /// `replaced`, `rolled-back`.
    ended: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// What a swap did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Swapped {
    /// Id of the connector.
    pub connector: String,
    /// The version that was replaced.
    pub from: String,
    /// The version that new calls go to.
    pub to: String,
    /// SHA-256 of its file.
    pub digest: String,
    /// Whether anything was swapped: not where the file is the one in service.
    pub swapped: bool,
}

impl std::fmt::Debug for Deployment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deployment")
            .field("connector", &self.connector())
            .finish_non_exhaustive()
    }
}

impl Deployment {
    pub(crate) fn new(connector: Arc<Connector>, options: SwapOptions, metrics: Arc<Metrics>) -> Self {
        Self {
            options,
            metrics,
            current: RwLock::new(Version::new(connector, false)),
            history: Mutex::default(),
            connections: Mutex::default(),
        }
    }

    /// Id of the connector: the same in all versions.
    #[must_use]
    pub fn id(&self) -> String {
        self.connector().manifest().id.clone()
    }

    /// The version that new calls go to.
    #[must_use]
    pub fn connector(&self) -> Arc<Connector> {
        self.current().connector().clone()
    }

    fn current(&self) -> Arc<Version> {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Takes hold of the version for a call.
    pub(crate) fn hold(&self) -> Held {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Version::hold(&current)
    }

    /// Whether new calls go to this version.
    pub(crate) fn is_current(&self, version: &Arc<Version>) -> bool {
        Arc::ptr_eq(&self.current(), version)
    }

    /// A connection that is served by it.
    pub(crate) fn serves(&self, connection: &Arc<connection::Inner>) {
        let mut connections = lock(&self.connections);
        connections.retain(|connection| connection.strong_count() > 0);
        connections.push(Arc::downgrade(connection));
    }

    /// Whether there is a connection that is served by it.
    pub(crate) fn is_used(&self) -> bool {
        lock(&self.connections)
            .iter()
            .any(|connection| connection.strong_count() > 0)
    }

    fn connections(&self) -> Vec<Arc<connection::Inner>> {
        lock(&self.connections).iter().filter_map(Weak::upgrade).collect()
    }

    /// Puts a new version in the place of the current one. Calls that are under way end on the version they
    /// began on. Fails, and changes nothing, where the new version isn't the same connector or needs a
    /// setting that a connection doesn't have. Must be called in a tokio runtime.
    pub fn swap(&self, connector: Arc<Connector>) -> Result<Swapped, Error> {
        if let Err(error) = self.accepts(&connector) {
            self.metrics.swap(&self.id(), "refused");
            return Err(error);
        }
        let mut history = lock(&self.history);
        let (from, swapped) = self.exchange(&Version::new(connector, true));
        history.earlier.push(Earlier {
            connector: from.connector().clone(),
            proven: !from.on_probation || from.since.elapsed() >= self.options.probation,
        });
        if history.earlier.len() > EARLIER {
            // The one before is kept whatever it was, and else what has proven itself.
            let before = history.earlier.len() - 1;
            let unproven = history.earlier[..before]
                .iter()
                .position(|earlier| !earlier.proven);
            history.earlier.remove(unproven.unwrap_or(0));
        }
        history.ended(&from, "replaced", None);
        drop(history);
        self.metrics.swap(&swapped.connector, "swapped");
        tracing::info!(
            connector = swapped.connector,
            from = swapped.from,
            to = swapped.to,
            digest = swapped.digest,
            "swapped"
        );
        self.retire(&from);
        Ok(swapped)
    }

    /// Goes back to the version before. Must be called in a tokio runtime.
    pub fn roll_back(&self) -> Result<Swapped, Error> {
        self.go_back(None, None).ok_or_else(|| {
            Error::usage(format!(
                "there is no earlier version of {} to go back to",
                self.id()
            ))
        })
    }

    /// Goes back, where `failed` still is the current version, and tells why.
    fn go_back(&self, failed: Option<&Arc<Version>>, reason: Option<String>) -> Option<Swapped> {
        let mut history = lock(&self.history);
        if failed.is_some_and(|failed| !self.is_current(failed)) {
            return None;
        }
        let Earlier { connector, proven } = history.earlier.pop()?;
        // What hasn't proven itself may be no better.
        let on_probation = !proven && !history.earlier.is_empty();
        let (from, swapped) = self.exchange(&Version::new(connector, on_probation));
        history.ended(&from, "rolled-back", reason.clone());
        let why = reason.clone().unwrap_or_else(|| "somebody wanted it".to_owned());
        history.marked.insert(from.connector().digest().to_owned(), why);
        if history.marked.len() > HISTORY {
            history.marked.pop_first();
        }
        drop(history);
        let (connector, from_version, to) = (&swapped.connector, &swapped.from, &swapped.to);
        if let Some(reason) = reason {
            self.metrics.swap(connector, "rolled-back-by-itself");
            tracing::error!(
                connector,
                from = from_version,
                to,
                "rolled back by itself: {reason}"
            );
        } else {
            self.metrics.swap(connector, "rolled-back");
            tracing::warn!(connector, from = from_version, to, "rolled back");
        }
        self.retire(&from);
        Some(swapped)
    }

    /// The one moment at which the version changes.
    fn exchange(&self, version: &Arc<Version>) -> (Arc<Version>, Swapped) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let from = std::mem::replace(&mut *current, version.clone());
        drop(current);
        let to = version.connector();
        let swapped = Swapped {
            connector: to.manifest().id.clone(),
            from: from.connector().manifest().version.clone(),
            to: to.manifest().version.clone(),
            digest: to.digest().to_owned(),
            swapped: true,
        };
        (from, swapped)
    }

    fn accepts(&self, connector: &Connector) -> Result<(), Error> {
        let (manifest, current) = (connector.manifest(), self.connector());
        if manifest.id != current.manifest().id {
            return Err(Error::new(
                Kind::Incompatible,
                format!(
                    "{} is the connector {:?}, which can't replace {:?}",
                    connector.path().display(),
                    manifest.id,
                    current.manifest().id
                ),
            ));
        }
        for setting in current
            .manifest()
            .settings
            .iter()
            .filter(|setting| setting.secret)
        {
            let opened = manifest
                .settings
                .iter()
                .find(|new| new.name == setting.name && !new.secret);
            if opened.is_some() {
                return Err(Error::new(
                    Kind::Incompatible,
                    format!(
                        "version {} says that the setting {:?} isn't secret, which it is in version {}; keep it secret, or restart the service with the new version",
                        manifest.version,
                        setting.name,
                        current.manifest().version
                    ),
                ));
            }
        }
        for connection in self.connections() {
            connection.check_settings(manifest).map_err(|mut error| {
                error.message = format!(
                    "version {} doesn't fit the connection {}: {}",
                    manifest.version,
                    connection.name(),
                    error.message
                );
                error
            })?;
        }
        Ok(())
    }

    /// Lets a version that has been replaced come to its end.
    fn retire(&self, version: &Arc<Version>) {
        for connection in self.connections() {
            connection.discard_idle(|connector| !Arc::ptr_eq(connector, &self.connector()));
        }
        let (version, drain) = (Arc::downgrade(version), self.options.drain);
        tokio::spawn(async move {
            tokio::time::sleep(drain).await;
            if let Some(version) = version.upgrade() {
                let left = version.in_flight();
                if left > 0 {
                    let manifest = version.connector().manifest();
                    let (connector, version) = (&manifest.id, &manifest.version);
                    tracing::warn!(
                        connector,
                        version,
                        calls = left,
                        "the time to drain is over; its calls are ended"
                    );
                }
                version.end();
            }
        });
    }

    /// Why a file of this digest was rolled back, if it was.
    pub(crate) fn mark(&self, digest: &str) -> Option<String> {
        lock(&self.history).marked.get(digest).cloned()
    }

    /// It is wanted all the same.
    pub(crate) fn unmark(&self, digest: &str) {
        lock(&self.history).marked.remove(digest);
    }

    /// How long calls may go on with a version that has been replaced.
    pub(crate) fn drain(&self) -> Duration {
        self.options.drain
    }

    /// A call on a version has ended; `failure` is its failure, where it was the connector's own.
    pub(crate) fn observe(&self, version: &Arc<Version>, failure: Option<&Error>) {
        let calls = version.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let Some(failure) = failure else { return };
        let failures = version.failures.fetch_add(1, Ordering::Relaxed) + 1;
        let passed = failures >= self.options.failures && failures.saturating_mul(100) >= calls;
        if version.on_probation && passed && version.since.elapsed() < self.options.probation {
            let reason = format!(
                "{failures} of {calls} calls failed in the connector itself within {} of the swap, the last one: {}: {}",
                humantime::format_duration(Duration::from_secs(version.since.elapsed().as_secs().max(1))),
                failure.kind.as_str(),
                failure.message
            );
            self.go_back(Some(version), Some(reason));
        }
    }

    /// The version in service, those that can be gone back to, those that still drain, and what was before,
    /// as JSON.
    #[must_use]
    pub fn status(&self) -> serde_json::Value {
        let current = self.current();
        let manifest = current.connector().manifest();
        let history = lock(&self.history);
        let draining = history.draining.iter().filter_map(Weak::upgrade);
        let draining = draining.filter(|version| version.in_flight() > 0);
        let draining = draining.map(|version| {
            serde_json::json!({
                "version": version.connector().manifest().version,
                "digest": version.connector().digest(),
                "calls": version.in_flight(),
            })
        });
        let earlier = history.earlier.iter().rev().map(|Earlier { connector, .. }| {
            serde_json::json!({ "version": connector.manifest().version, "digest": connector.digest() })
        });
        let mut names: Vec<String> = self
            .connections()
            .iter()
            .map(|connection| connection.name().to_owned())
            .collect();
        names.sort();
        serde_json::json!({
            "id": manifest.id,
            "vendor": manifest.vendor,
            "summary": manifest.summary,
            "version": manifest.version,
            "digest": current.connector().digest(),
            "path": current.connector().path(),
            "operations": manifest.operations.len(),
            "since": humantime::format_rfc3339_millis(current.since_time).to_string(),
            "calls": current.calls.load(Ordering::Relaxed),
            "failures": current.failures.load(Ordering::Relaxed),
            "connections": names,
            "draining": draining.collect::<Vec<_>>(),
            "earlier": earlier.collect::<Vec<_>>(),
            "history": history.past,
        })
    }
}

impl History {
    fn ended(&mut self, version: &Arc<Version>, ended: &'static str, reason: Option<String>) {
        let manifest = version.connector().manifest();
        if self.past.len() == HISTORY {
            self.past.pop_front();
        }
        self.past.push_back(Past {
            version: manifest.version.clone(),
            digest: version.connector().digest().to_owned(),
            since: version.since_time,
            until: SystemTime::now(),
            ended,
            reason,
        });
        self.draining
            .retain(|version| version.upgrade().is_some_and(|version| version.in_flight() > 0));
        self.draining.push(Arc::downgrade(version));
    }
}
