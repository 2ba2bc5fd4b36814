//! Instances that are kept between calls.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// How many calls an instance serves.
const MAX_CALLS: u32 = 10_000;
/// How long an instance lives.
const MAX_AGE: Duration = Duration::from_mins(10);
/// How long an instance is kept without a call.
const MAX_IDLE: Duration = Duration::from_mins(1);
/// The largest instance that is kept, in bytes of its own memory. Memory of WebAssembly never shrinks.
const MAX_BYTES: usize = 32 << 20;
/// What all idle instances of a host may take together, in bytes of their own memory.
const MAX_IDLE_BYTES: usize = 1 << 30;

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

/// An instance that no call has.
struct Kept<I> {
    pooled: Pooled<I>,
    since: Instant,
    _bytes: IdleBytes,
}

/// The memory of an idle instance, counted among what all of the host's take. Dropping it ends that.
struct IdleBytes {
    total: Arc<AtomicUsize>,
    bytes: usize,
}

impl IdleBytes {
    fn new(total: &Arc<AtomicUsize>, bytes: usize) -> Self {
        total.fetch_add(bytes, Ordering::Relaxed);
        Self {
            total: total.clone(),
            bytes,
        }
    }
}

impl Drop for IdleBytes {
    fn drop(&mut self) {
        self.total.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// The idle instances of one connection. An instance that is out is as good as dropped: it comes back only
/// after a call that has ended well, so one that trapped or ran out of time serves no other call.
pub(crate) struct Pool<I> {
    /// The one that has been idle for longest first.
    idle: Mutex<Vec<Kept<I>>>,
    total: Arc<AtomicUsize>,
}

impl<I> Pool<I> {
    /// The instance that was used last, among those that fit.
    pub(crate) fn take(&self, fits: impl Fn(&I) -> bool) -> Option<Pooled<I>> {
        loop {
            // One that doesn't fit is dropped after the lock.
            let pooled = self.idle.lock().pop()?.pooled;
            if pooled.is_young() && fits(&pooled.instance) {
                return Some(pooled);
            }
        }
    }

    /// Takes an instance back after a call that ended well, where it still fits and hasn't grown large. `bytes` is
    /// its own memory.
    pub(crate) fn put(&self, mut pooled: Pooled<I>, bytes: usize, fits: impl Fn(&I) -> bool) {
        pooled.calls += 1;
        if pooled.calls >= MAX_CALLS || bytes > MAX_BYTES || !pooled.is_young() {
            return;
        }
        let mut idle = self.idle.lock();
        // Asked while the pool is locked: who discards what a swap has replaced finds it here or not at all.
        if fits(&pooled.instance) {
            idle.push(Kept {
                pooled,
                since: Instant::now(),
                _bytes: IdleBytes::new(&self.total, bytes),
            });
        }
    }

    /// Drops the instances that don't fit.
    pub(crate) fn retain(&self, fits: impl Fn(&I) -> bool) {
        self.keep(|kept| fits(&kept.pooled.instance));
    }

    /// Drops the instances that are too old, and those that have been idle for too long.
    pub(crate) fn tidy(&self) {
        self.tidy_at(Instant::now());
    }

    fn tidy_at(&self, now: Instant) {
        self.keep(|kept| kept.pooled.is_young() && now.saturating_duration_since(kept.since) < MAX_IDLE);
    }

    fn keep(&self, keep: impl Fn(&Kept<I>) -> bool) {
        let mut idle = self.idle.lock();
        let (kept, dropped): (Vec<_>, Vec<_>) = std::mem::take(&mut *idle).into_iter().partition(keep);
        *idle = kept;
        drop(idle);
        drop(dropped);
    }

    /// How many there are.
    pub(crate) fn idle(&self) -> usize {
        self.idle.lock().len()
    }
}

/// A pool, whatever its instances are.
trait Evict: Send + Sync {
    /// Since when its longest idle instance has been idle.
    fn longest_idle(&self) -> Option<Instant>;

    /// Drops its longest idle instance. Returns whether there was one.
    fn evict(&self) -> bool;
}

impl<I: Send> Evict for Pool<I> {
    fn longest_idle(&self) -> Option<Instant> {
        self.idle.lock().first().map(|kept| kept.since)
    }

    fn evict(&self) -> bool {
        let mut idle = self.idle.lock();
        let longest = (!idle.is_empty()).then(|| idle.remove(0));
        drop(idle);
        longest.is_some()
    }
}

/// The idle instances of a host, in the pools of its connections.
#[derive(Default)]
pub(crate) struct Idle {
    pools: Mutex<Vec<Weak<dyn Evict>>>,
    bytes: Arc<AtomicUsize>,
}

impl Idle {
    /// The pool of one more connection.
    pub(crate) fn pool<I: Send + 'static>(&self) -> Arc<Pool<I>> {
        let pool = Arc::new(Pool {
            idle: Mutex::default(),
            total: self.bytes.clone(),
        });
        let kept: Arc<dyn Evict> = pool.clone();
        let mut pools = self.pools.lock();
        pools.retain(|pool| pool.strong_count() > 0);
        pools.push(Arc::downgrade(&kept));
        pool
    }

    /// Drops the instance that has been idle for longest, of whichever connection. Returns whether there was one.
    pub(crate) fn evict(&self) -> bool {
        let pools: Vec<_> = self.pools.lock().iter().filter_map(Weak::upgrade).collect();
        let longest = pools
            .iter()
            .filter_map(|pool| Some((pool.longest_idle()?, pool)))
            .min_by_key(|(since, _)| *since);
        // Where a call has taken it meanwhile, the next one goes.
        longest.is_some_and(|(_, pool)| pool.evict() || self.evict())
    }

    /// Drops the longest idle instances while all together take more memory than they may.
    pub(crate) fn trim(&self) {
        while self.bytes.load(Ordering::Relaxed) > MAX_IDLE_BYTES && self.evict() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(pool: &Pool<u32>, instance: u32, bytes: usize) {
        pool.put(Pooled::new(instance), bytes, |_| true);
    }

    #[test]
    fn the_longest_idle_instance_of_all_connections_is_evicted() {
        let idle = Idle::default();
        let (one, other) = (idle.pool(), idle.pool());
        put(&one, 1, 10);
        put(&other, 2, 10);
        put(&one, 3, 10);
        assert!(idle.evict());
        assert_eq!((one.idle(), other.idle()), (1, 1));
        assert!(idle.evict());
        assert_eq!((one.idle(), other.idle()), (1, 0));
        assert_eq!(one.take(|_| true).unwrap().instance, 3);
        assert!(!idle.evict());
        assert_eq!(idle.bytes.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_connection_that_ends_takes_its_idle_instances_with_it() {
        let idle = Idle::default();
        let pool = idle.pool();
        put(&pool, 1, 10);
        assert_eq!(idle.bytes.load(Ordering::Relaxed), 10);
        drop(pool);
        assert_eq!(idle.bytes.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn idle_instances_are_dropped_after_a_while() {
        let pool = Idle::default().pool();
        put(&pool, 1, 10);
        pool.tidy();
        assert_eq!(pool.idle(), 1);
        pool.tidy_at(Instant::now() + MAX_IDLE);
        assert_eq!(pool.idle(), 0);
    }

    #[test]
    fn large_instances_are_not_kept_nor_too_many_of_others() {
        let idle = Idle::default();
        let pool = idle.pool();
        put(&pool, 1, MAX_BYTES + 1);
        assert_eq!(pool.idle(), 0);
        for instance in 0..40 {
            put(&pool, instance, MAX_BYTES);
            idle.trim();
        }
        assert_eq!(pool.idle(), MAX_IDLE_BYTES / MAX_BYTES);
        assert_eq!(pool.take(|_| true).unwrap().instance, 39);
    }
}
