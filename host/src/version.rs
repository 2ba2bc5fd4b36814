//! One version of a connector, in service.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Instant, SystemTime};

use tokio::sync::watch;

use crate::component::Connector;

/// One version of a connector, while it is in service.
pub(crate) struct Version {
    connector: Arc<Connector>,
    pub(crate) since: Instant,
    pub(crate) since_time: SystemTime,
    /// Whether it replaced another, and so can be gone back from.
    pub(crate) on_probation: bool,
    in_flight: AtomicUsize,
    pub(crate) calls: AtomicU64,
    pub(crate) failures: AtomicU64,
    /// True once its time to drain is over.
    cut: watch::Sender<bool>,
}

impl Version {
    pub(crate) fn new(connector: Arc<Connector>, on_probation: bool) -> Arc<Self> {
        Arc::new(Self {
            connector,
            since: Instant::now(),
            since_time: SystemTime::now(),
            on_probation,
            in_flight: AtomicUsize::new(0),
            calls: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            cut: watch::Sender::new(false),
        })
    }

    pub(crate) fn connector(&self) -> &Arc<Connector> {
        &self.connector
    }

    /// Takes hold of it for a call.
    pub(crate) fn hold(version: &Arc<Self>) -> Held {
        version.in_flight.fetch_add(1, Ordering::Relaxed);
        Held(version.clone())
    }

    /// How many calls are under way on it.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Its time to drain is over: calls that are under way on it end.
    pub(crate) fn end(&self) {
        self.cut.send_replace(true);
    }

    /// Ends when calls on this version must.
    pub(crate) async fn cut(&self) {
        let mut cut = self.cut.subscribe();
        // The sender lives as long as this.
        let _ = cut.wait_for(|cut| *cut).await;
    }
}

/// A call's hold on the version that it runs on.
pub(crate) struct Held(Arc<Version>);

impl std::ops::Deref for Held {
    type Target = Arc<Version>;

    fn deref(&self) -> &Arc<Version> {
        &self.0
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
