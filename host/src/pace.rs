//! How guests share the processors.
//!
//! Every guest gives way each time the engine's clock ticks. One that has been at work for a while without a
//! pause, so that it may never end, is *heavy*: heavy guests take turns, and have half of the processors
//! between them. So those that only pass by, which is what nearly all calls do, don't wait for them; and one
//! that is heavy for a good reason goes on at full speed where nobody else is.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use wasmtime::UpdateDeadline;

use crate::sessions::lock;

/// How often a running guest gives way to others.
pub(crate) const TICK: Duration = Duration::from_millis(1);
/// A guest that has worked for so many ticks without a pause is heavy.
const HEAVY: u32 = 20;
/// Longer than this between two ticks, with a call of the host in between, and the guest has been waiting.
const PAUSE: Duration = TICK.saturating_mul(4);

/// Turns of heavy guests.
#[derive(Debug, Clone)]
pub(crate) struct Turns {
    /// When the next one begins.
    next: Arc<Mutex<Instant>>,
    /// How far apart they are.
    apart: Duration,
}

impl Turns {
    /// Turns that leave half of the processors to others.
    pub(crate) fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let lanes = u32::try_from(processors / 2).unwrap_or(u32::MAX).max(1);
        Self {
            next: Arc::new(Mutex::new(Instant::now())),
            apart: TICK / lanes,
        }
    }

    /// Takes the next turn, and tells when it begins.
    fn take(&self) -> Instant {
        let mut next = lock(&self.next);
        let turn = (*next).max(Instant::now());
        *next = turn + self.apart;
        turn
    }
}

/// How one guest has used its time, in one call.
#[derive(Debug)]
pub(crate) struct Pace {
    turns: Turns,
    /// When it went on after it last gave way.
    resumed: Arc<Mutex<Instant>>,
    /// Ticks since its last pause.
    streak: u32,
    /// Whether it has called the host since the last tick: a guest waits nowhere else.
    called: bool,
}

impl Pace {
    pub(crate) fn new(turns: Turns) -> Self {
        Self {
            turns,
            resumed: Arc::new(Mutex::new(Instant::now())),
            streak: 0,
            called: false,
        }
    }

    /// Begins a call.
    pub(crate) fn begin(&mut self) {
        *lock(&self.resumed) = Instant::now();
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
        let since = lock(&self.resumed).elapsed();
        // Other programs may have kept it from the processor for as long.
        if std::mem::take(&mut self.called) && since >= PAUSE {
            self.streak = 1;
        } else {
            self.streak += 1;
        }
        let turn = self.is_heavy().then(|| self.turns.take());
        UpdateDeadline::YieldCustom(1, give_way(turn, self.resumed.clone()))
    }
}

fn give_way(turn: Option<Instant>, resumed: Arc<Mutex<Instant>>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        match turn {
            Some(turn) if turn > Instant::now() => tokio::time::sleep_until(turn.into()).await,
            _ => tokio::task::yield_now().await,
        }
        *lock(&resumed) = Instant::now();
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heavy_guests_take_turns() {
        let turns = Turns::new();
        let begun = Instant::now();
        let taken: Vec<Instant> = (0..100).map(|_| turns.take()).collect();
        assert!(taken.windows(2).all(|pair| pair[1] >= pair[0] + turns.apart));
        assert!(taken[99] >= begun + turns.apart * 99);
    }

    #[tokio::test]
    async fn a_pause_makes_a_guest_light_again() {
        let mut pace = Pace::new(Turns::new());
        pace.begin();
        for _ in 0..=HEAVY {
            let _ = pace.tick();
        }
        assert!(pace.is_heavy());
        *lock(&pace.resumed) = Instant::now().checked_sub(PAUSE).unwrap();
        let _ = pace.tick();
        assert!(pace.is_heavy(), "it was only kept from the processor");
        *lock(&pace.resumed) = Instant::now().checked_sub(PAUSE).unwrap();
        pace.call();
        let _ = pace.tick();
        assert!(!pace.is_heavy());
    }
}
