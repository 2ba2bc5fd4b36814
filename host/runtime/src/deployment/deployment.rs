//! A connector in service: the version that new calls go to, what it replaced, and the way back.
//!
//! A swap is one exchange of a pointer. A call takes a [`Version`] when it begins and keeps it to its end, so
//! what is replaced goes on until its last call is done, or its time to drain is over. What must survive a
//! swap (sessions, the rate budget, the queue) belongs to the connection and not to the version.

use std::sync::{Arc, Weak};
use std::time::Duration;

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use serde::Serialize;

use super::history::History;
use super::status::ConnectorStatus;
use super::version::{Version, VersionGuard};
use crate::connector::Connector;
use crate::error::{Error, Kind};
use crate::observe::{Observers, VersionOutcome};

/// How swaps are done. Fields may be added: take the rest from the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SwapOptions {
    /// How long calls may go on with a version that has been replaced.
    pub drain: Duration,
    /// How long after a swap a version is watched.
    pub probation: Duration,
    /// After how many failures of the connector itself within that time it is rolled back. Failures of the
    /// vendor or the network don't count. Where they are less than one in a hundred calls, it stays.
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

/// What a connector serves: a connection.
pub(crate) trait Served: Send + Sync {
    /// Its name.
    fn name(&self) -> &str;

    /// Whether a version can serve it in place of the one that does. Fails where it needs a setting that isn't
    /// there, or reaches further.
    fn accepts(&self, connector: &Connector) -> Result<(), Error>;

    /// Another version serves it now: idle instances of others are dropped.
    fn replaced(&self, current: &Arc<Connector>);
}

/// A connector in service.
pub struct Deployment {
    options: SwapOptions,
    observers: Observers,
    current: ArcSwap<Version>,
    history: Mutex<History>,
    served: Mutex<Vec<Weak<dyn Served>>>,
}

/// What a swap did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
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
    pub(crate) fn new(connector: Arc<Connector>, options: SwapOptions, observers: Observers) -> Self {
        Self {
            options,
            observers,
            current: ArcSwap::new(Version::new(connector, false)),
            history: Mutex::default(),
            served: Mutex::default(),
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
        self.current.load().connector().clone()
    }

    /// Takes hold of the version for a call.
    pub(crate) fn hold(&self) -> VersionGuard {
        loop {
            let guard = VersionGuard::new(self.current.load_full());
            // A version that was replaced in between may have drained before the guard was counted.
            if self.is_current(&guard) {
                return guard;
            }
        }
    }

    /// Whether new calls go to this version.
    pub(crate) fn is_current(&self, guard: &VersionGuard) -> bool {
        self.serves_new(guard.version())
    }

    fn serves_new(&self, version: &Arc<Version>) -> bool {
        Arc::ptr_eq(&self.current.load(), version)
    }

    /// Serves a connection from now on.
    pub(crate) fn serve(&self, connection: Weak<dyn Served>) {
        let mut served = self.served.lock();
        served.retain(|connection| connection.strong_count() > 0);
        served.push(connection);
    }

    /// Whether there is a connection that it serves.
    pub(crate) fn is_used(&self) -> bool {
        self.served
            .lock()
            .iter()
            .any(|connection| connection.strong_count() > 0)
    }

    fn served(&self) -> Vec<Arc<dyn Served>> {
        self.served.lock().iter().filter_map(Weak::upgrade).collect()
    }

    /// Puts a new version in the place of the current one. Calls that are under way end on the version they
    /// began on. Must be called in a tokio runtime.
    ///
    /// # Errors
    ///
    /// [`Kind::Incompatible`] or [`Kind::InvalidSettings`], and nothing changes, where the new version isn't the
    /// same connector, shows a setting that was secret, or needs a setting or an origin that a connection
    /// doesn't have.
    pub fn swap(&self, connector: Arc<Connector>) -> Result<Swapped, Error> {
        if let Err(error) = self.accepts(&connector) {
            self.observers
                .version_changed(&self.id(), VersionOutcome::Refused);
            return Err(error);
        }
        let mut history = self.history.lock();
        let (from, swapped) = self.exchange(Version::new(connector, true));
        let proven = !from.on_probation || from.age() >= self.options.probation;
        history.keep(from.connector().clone(), proven);
        history.ended(&from, "replaced", None);
        drop(history);
        self.observers
            .version_changed(&swapped.connector, VersionOutcome::Swapped);
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
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`] where there is none.
    pub fn roll_back(&self) -> Result<Swapped, Error> {
        self.go_back(None, None).ok_or_else(|| {
            Error::usage(format!(
                "there is no earlier version of {} to go back to",
                self.id()
            ))
        })
    }

    /// Goes back, where `failed` still is the current version; with a reason where the host decides that.
    fn go_back(&self, failed: Option<&Arc<Version>>, reason: Option<String>) -> Option<Swapped> {
        let mut history = self.history.lock();
        if failed.is_some_and(|failed| !self.serves_new(failed)) {
            return None;
        }
        let (connector, on_probation) = history.take()?;
        let (from, swapped) = self.exchange(Version::new(connector, on_probation));
        history.ended(&from, "rolled-back", reason.clone());
        let why = reason
            .clone()
            .unwrap_or_else(|| "rolled back manually".to_owned());
        history.mark(from.connector().digest(), why);
        drop(history);
        let (connector, from_version, to) = (&swapped.connector, &swapped.from, &swapped.to);
        let outcome = if let Some(reason) = reason {
            tracing::error!(
                connector,
                from = from_version,
                to,
                "rolled back automatically: {reason}"
            );
            VersionOutcome::RolledBackAutomatically
        } else {
            tracing::warn!(connector, from = from_version, to, "rolled back manually");
            VersionOutcome::RolledBackManually
        };
        self.observers.version_changed(connector, outcome);
        self.retire(&from);
        Some(swapped)
    }

    /// The one moment at which the version changes.
    fn exchange(&self, version: Arc<Version>) -> (Arc<Version>, Swapped) {
        let to = version.connector().clone();
        let from = self.current.swap(version);
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
        for setting in &current.manifest().settings {
            let new = manifest.setting(&setting.name);
            let Some(new) = new.filter(|new| new.kind < setting.kind && !setting.kind.is_public()) else {
                continue;
            };
            return Err(Error::new(
                Kind::Incompatible,
                format!(
                    "version {} declares the setting {:?} as {}, which is {} in version {}; keep it as it is, or restart the service with the new version",
                    manifest.version,
                    setting.name,
                    new.kind.as_str(),
                    setting.kind.as_str(),
                    current.manifest().version
                ),
            ));
        }
        for connection in self.served() {
            connection.accepts(connector).map_err(|mut error| {
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
        for connection in self.served() {
            connection.replaced(&self.connector());
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
                version.cut();
            }
        });
    }

    /// Why a file of this digest was rolled back, if it was.
    pub(super) fn marked(&self, digest: &str) -> Option<String> {
        self.history.lock().marked(digest).map(str::to_owned)
    }

    /// Forgets that a file was rolled back: an operator asks for it explicitly.
    pub(super) fn unmark(&self, digest: &str) {
        self.history.lock().unmark(digest);
    }

    /// How long calls may go on with a version that has been replaced.
    pub(crate) fn drain(&self) -> Duration {
        self.options.drain
    }

    /// A call has ended; `fault` is how it failed, where the connector itself is at fault.
    pub(crate) fn observe(&self, guard: &VersionGuard, fault: Option<&Error>) {
        let version = guard.version();
        version.count(fault.is_some());
        let Some(fault) = fault else { return };
        let (calls, failures) = (version.calls(), version.failures());
        let too_many = failures >= self.options.failures && failures.saturating_mul(100) >= calls;
        if version.on_probation && too_many && version.age() < self.options.probation {
            let reason = format!(
                "{failures} of {calls} calls failed in the connector itself within {} of the swap, the last one: {}: {}",
                humantime::format_duration(Duration::from_secs(version.age().as_secs().max(1))),
                fault.kind.as_str(),
                fault.message
            );
            self.go_back(Some(version), Some(reason));
        }
    }

    /// The version in service, those that can be gone back to, those that still drain, and what was before.
    #[must_use]
    pub fn status(&self) -> ConnectorStatus {
        let current = self.current.load();
        let connector = current.connector();
        let manifest = connector.manifest();
        let served = self.served();
        let mut connections: Vec<String> = served.iter().map(|served| served.name().to_owned()).collect();
        connections.sort();
        connections.dedup();
        let history = self.history.lock();
        ConnectorStatus {
            id: manifest.id.clone(),
            vendor: manifest.vendor.clone(),
            summary: manifest.summary.clone(),
            version: manifest.version.clone(),
            digest: connector.digest().to_owned(),
            path: connector.path().to_owned(),
            operations: manifest.operations.len(),
            since: current.since_time,
            calls: current.calls(),
            failures: current.failures(),
            connections,
            draining: history.draining(),
            earlier: history.earlier(),
            history: history.past(),
            files: Vec::new(),
            refused: None,
        }
    }
}
