//! One version of a connector, in service.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::connector::Connector;

/// One version of a connector, while it is in service.
pub(crate) struct Version {
    connector: Arc<Connector>,
    since: Instant,
    pub(super) since_time: SystemTime,
    /// Whether it replaced another, which can be gone back to.
    pub(super) on_probation: bool,
    calls: AtomicU64,
    failures: AtomicU64,
    under_way: TaskTracker,
    /// Cancelled once its time to drain is over.
    cut: CancellationToken,
}

impl Version {
    pub(super) fn new(connector: Arc<Connector>, on_probation: bool) -> Arc<Self> {
        Arc::new(Self {
            connector,
            since: Instant::now(),
            since_time: SystemTime::now(),
            on_probation,
            calls: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            under_way: TaskTracker::new(),
            cut: CancellationToken::new(),
        })
    }

    pub(crate) fn connector(&self) -> &Arc<Connector> {
        &self.connector
    }

    /// How long it has been in service.
    pub(super) fn age(&self) -> Duration {
        self.since.elapsed()
    }

    /// How many calls have ended on it.
    pub(super) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// How many of them failed in the connector itself.
    pub(super) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Counts a call that has ended.
    pub(super) fn count(&self, failed: bool) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.failures.fetch_add(u64::from(failed), Ordering::Relaxed);
    }

    /// How many calls are under way on it.
    pub(super) fn in_flight(&self) -> usize {
        self.under_way.len()
    }

    /// Its time to drain is over: calls that are under way on it end.
    pub(super) fn cut(&self) {
        self.cut.cancel();
    }
}

/// A call's hold on the version that it runs on.
pub(crate) struct VersionGuard {
    version: Arc<Version>,
    _under_way: TaskTrackerToken,
}

impl VersionGuard {
    pub(super) fn new(version: Arc<Version>) -> Self {
        Self {
            _under_way: version.under_way.token(),
            version,
        }
    }

    pub(super) fn version(&self) -> &Arc<Version> {
        &self.version
    }

    /// What the call runs on.
    pub(crate) fn connector(&self) -> &Arc<Connector> {
        self.version.connector()
    }

    /// Ends when calls on this version must.
    pub(crate) async fn cut(&self) {
        self.version.cut.cancelled().await;
    }
}
