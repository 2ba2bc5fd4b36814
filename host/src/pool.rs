//! Instances that are kept between calls.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use wasmtime::Store;

use crate::bindings::Exports;
use crate::component::Connector;
use crate::sessions::lock;
use crate::state::State;

/// How many calls an instance serves.
const MAX_CALLS: u32 = 10_000;
/// How long an instance lives.
const MAX_AGE: Duration = Duration::from_mins(10);

/// An instance, and what it has served.
pub(crate) struct Instance {
    pub(crate) store: Store<State>,
    pub(crate) exports: Exports,
    /// What it is an instance of.
    connector: Arc<Connector>,
    calls: u32,
    made: Instant,
}

impl Instance {
    pub(crate) fn new(store: Store<State>, exports: Exports, connector: Arc<Connector>) -> Self {
        Self {
            store,
            exports,
            connector,
            calls: 0,
            made: Instant::now(),
        }
    }

    fn is_young(&self) -> bool {
        self.made.elapsed() < MAX_AGE
    }
}

/// Idle instances of one connection. An instance that is out is as good as dropped: it comes back only
/// after a call that has ended well, so one that trapped or ran out of time serves no other call.
#[derive(Default)]
pub(crate) struct Pool {
    idle: Mutex<Vec<Instance>>,
}

impl Pool {
    /// The instance of this connector that was used last, if there is one.
    pub(crate) fn take(&self, connector: &Arc<Connector>) -> Option<Instance> {
        let mut idle = lock(&self.idle);
        while let Some(instance) = idle.pop() {
            if instance.is_young() && Arc::ptr_eq(&instance.connector, connector) {
                return Some(instance);
            }
        }
        None
    }

    /// Takes an instance back after a call that ended well, where its connector is still `wanted`.
    pub(crate) fn put(&self, mut instance: Instance, wanted: impl Fn(&Arc<Connector>) -> bool) {
        instance.calls += 1;
        instance.store.data_mut().end();
        let mut idle = lock(&self.idle);
        // Asked while the pool is locked: who discards what a swap has replaced finds it here or not at all.
        if instance.calls < MAX_CALLS && instance.is_young() && wanted(&instance.connector) {
            idle.push(instance);
        }
    }

    /// Drops the instances whose connector is unwanted, and those that are too old.
    pub(crate) fn discard(&self, unwanted: impl Fn(&Arc<Connector>) -> bool) {
        let mut idle = lock(&self.idle);
        let (kept, dropped): (Vec<_>, Vec<_>) = std::mem::take(&mut *idle)
            .into_iter()
            .partition(|instance| instance.is_young() && !unwanted(&instance.connector));
        *idle = kept;
        drop(idle);
        drop(dropped);
    }

    /// How many there are.
    pub(crate) fn idle(&self) -> usize {
        lock(&self.idle).len()
    }
}
