//! How guests share the processors.
//!
//! Every guest gives way each time the engine's clock ticks. One that has been at work for a while without a
//! pause, so that it may never end, is *heavy*: heavy guests take turns, and have half of the processors
//! between them. So those that only pass by, which is what nearly all calls do, don't wait for them; and one
//! that is heavy for a good reason goes on at full speed where no other guest is.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use wasmtime::UpdateDeadline;

/// How often a running guest gives way to others.
pub(crate) const TICK: Duration = Duration::from_millis(1);
/// A guest that has worked for so many ticks without a pause is heavy.
const HEAVY: u32 = 20;
/// Longer than this between two ticks, with a call of the host in between, and the guest has been waiting.
const PAUSE: Duration = TICK.saturating_mul(4);

/// Gives turns to heavy guests, one after the other.
#[derive(Debug, Clone)]
pub(crate) struct FairScheduler {
    /// When the next one begins.
    next: Arc<Mutex<Instant>>,
    /// How far apart they are.
    apart: Duration,
}

impl FairScheduler {
    /// A scheduler that leaves half of the processors to others.
    pub(crate) fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let lanes = u32::try_from(processors / 2).unwrap_or(u32::MAX).max(1);
        Self {
            next: Arc::new(Mutex::new(Instant::now())),
            apart: TICK / lanes,
        }
    }

    /// Takes the next turn, and returns when it begins.
    fn take(&self) -> Instant {
        let mut next = self.next.lock();
        let turn = (*next).max(Instant::now());
        *next = turn + self.apart;
        turn
    }
}

/// How one guest uses its share of the processors, in one call.
#[derive(Debug)]
pub(crate) struct Share {
    scheduler: FairScheduler,
    /// When it went on after it last gave way.
    resumed: Arc<Mutex<Instant>>,
    /// Ticks since its last pause.
    streak: u32,
    /// Whether it has called the host since the last tick: a guest waits nowhere else.
    called: bool,
}

impl Share {
    pub(crate) fn new(scheduler: FairScheduler) -> Self {
        Self {
            scheduler,
            resumed: Arc::new(Mutex::new(Instant::now())),
            streak: 0,
            called: false,
        }
    }

    /// Begins a call.
    pub(crate) fn begin(&mut self) {
        *self.resumed.lock() = Instant::now();
        self.streak = 0;
    }

    /// The guest calls the host, where it may wait.
    pub(crate) fn call(&mut self) {
        self.called = true;
    }

    /// Whether the guest has been at work for long without a pause.
    pub(crate) fn is_heavy(&self) -> bool {
        self.streak > HEAVY
    }

    /// The engine's clock has ticked while the guest ran: how it gives way.
    pub(crate) fn tick(&mut self) -> UpdateDeadline {
        let since = self.resumed.lock().elapsed();
        // Other programs may have kept it from the processor for as long.
        if std::mem::take(&mut self.called) && since >= PAUSE {
            self.streak = 1;
        } else {
            self.streak += 1;
        }
        let turn = self.is_heavy().then(|| self.scheduler.take());
        UpdateDeadline::YieldCustom(1, give_way(turn, self.resumed.clone()))
    }
}

fn give_way(turn: Option<Instant>, resumed: Arc<Mutex<Instant>>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        match turn {
            Some(turn) if turn > Instant::now() => tokio::time::sleep_until(turn.into()).await,
            _ => tokio::task::yield_now().await,
        }
        *resumed.lock() = Instant::now();
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heavy_guests_take_turns() {
        let scheduler = FairScheduler::new();
        let begun = Instant::now();
        let taken: Vec<Instant> = (0..100).map(|_| scheduler.take()).collect();
        assert!(taken.windows(2).all(|pair| pair[1] >= pair[0] + scheduler.apart));
        assert!(taken[99] >= begun + scheduler.apart * 99);
    }

    #[tokio::test]
    async fn a_pause_makes_a_guest_light_again() {
        let mut share = Share::new(FairScheduler::new());
        share.begin();
        for _ in 0..=HEAVY {
            let _ = share.tick();
        }
        assert!(share.is_heavy());
        *share.resumed.lock() = Instant::now().checked_sub(PAUSE).unwrap();
        let _ = share.tick();
        assert!(share.is_heavy(), "it was only kept from the processor");
        *share.resumed.lock() = Instant::now().checked_sub(PAUSE).unwrap();
        share.call();
        let _ = share.tick();
        assert!(!share.is_heavy());
    }
}
