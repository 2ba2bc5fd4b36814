//! Instances that are kept between calls.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// How many calls an instance serves.
const MAX_CALLS: u32 = 10_000;
/// How long an instance lives.
const MAX_AGE: Duration = Duration::from_mins(10);

/// An instance, and what it has served.
pub(crate) struct Pooled<I> {
    pub(crate) instance: I,
    calls: u32,
    made: Instant,
}

impl<I> Pooled<I> {
    /// A new instance.
    pub(crate) fn new(instance: I) -> Self {
        Self {
            instance,
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
pub(crate) struct Pool<I> {
    idle: Mutex<Vec<Pooled<I>>>,
}

impl<I> Default for Pool<I> {
    fn default() -> Self {
        Self {
            idle: Mutex::default(),
        }
    }
}

impl<I> Pool<I> {
    /// The instance that was used last, among those that fit.
    pub(crate) fn take(&self, fits: impl Fn(&I) -> bool) -> Option<Pooled<I>> {
        let mut idle = self.idle.lock();
        while let Some(pooled) = idle.pop() {
            if pooled.is_young() && fits(&pooled.instance) {
                return Some(pooled);
            }
        }
        None
    }

    /// Takes an instance back after a call that ended well, where it still fits.
    pub(crate) fn put(&self, mut pooled: Pooled<I>, fits: impl Fn(&I) -> bool) {
        pooled.calls += 1;
        let mut idle = self.idle.lock();
        // Asked while the pool is locked: who discards what a swap has replaced finds it here or not at all.
        if pooled.calls < MAX_CALLS && pooled.is_young() && fits(&pooled.instance) {
            idle.push(pooled);
        }
    }

    /// Drops the instances that don't fit, and those that are too old.
    pub(crate) fn retain(&self, fits: impl Fn(&I) -> bool) {
        let mut idle = self.idle.lock();
        let (kept, dropped): (Vec<_>, Vec<_>) = std::mem::take(&mut *idle)
            .into_iter()
            .partition(|pooled| pooled.is_young() && fits(&pooled.instance));
        *idle = kept;
        drop(idle);
        drop(dropped);
    }

    /// How many there are.
    pub(crate) fn idle(&self) -> usize {
        self.idle.lock().len()
    }
}
