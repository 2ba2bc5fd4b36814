//! Instances that are kept between calls.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use wasmtime::Store;

use crate::bindings::Exports;
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
    calls: u32,
    made: Instant,
}

impl Instance {
    pub(crate) fn new(store: Store<State>, exports: Exports) -> Self {
        Self {
            store,
            exports,
            calls: 0,
            made: Instant::now(),
        }
    }
}

/// Idle instances of one connection. An instance that is out is as good as dropped: it comes back only
/// after a call that has ended well, so one that trapped or ran out of time serves no other call.
#[derive(Default)]
pub(crate) struct Pool {
    idle: Mutex<Vec<Instance>>,
}

impl Pool {
    /// The instance that was used last, if there is one.
    pub(crate) fn take(&self) -> Option<Instance> {
        let mut idle = lock(&self.idle);
        while let Some(instance) = idle.pop() {
            if instance.made.elapsed() < MAX_AGE {
                return Some(instance);
            }
        }
        None
    }

    /// Takes an instance back after a call that ended well.
    pub(crate) fn put(&self, mut instance: Instance) {
        instance.calls += 1;
        instance.store.data_mut().end();
        if instance.calls < MAX_CALLS && instance.made.elapsed() < MAX_AGE {
            lock(&self.idle).push(instance);
        }
    }
}
