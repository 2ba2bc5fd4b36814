//! Calls for a while, and ways in turns.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::Failed;
use crate::plan::Plan;
use crate::way::Way;

/// What a turn gave.
pub(crate) struct Turn {
    /// Calls per second.
    pub(crate) rate: f64,
    /// CPU time of all calls.
    cpu: Option<Duration>,
    /// How long each call took, in ascending order.
    latencies: Vec<Duration>,
}

impl Turn {
    /// How long this part of the calls took at most.
    pub(crate) fn within(&self, percent: usize) -> Duration {
        let at = self.latencies.len() * percent / 100;
        self.latencies.get(at).copied().unwrap_or_default()
    }
}

/// Calls for a while, so many at a time.
pub(crate) async fn turn(way: &Arc<Way>, at_a_time: usize, time: Duration) -> Result<Turn, Failed> {
    way.prove().await?;
    let (used, started) = (way.cpu(), Instant::now());
    let mut callers = JoinSet::new();
    for _ in 0..at_a_time {
        let way = way.clone();
        callers.spawn(async move {
            let mut latencies = Vec::new();
            // Once at least, however short the time is.
            while latencies.is_empty() || started.elapsed() < time {
                let begun = Instant::now();
                way.call().await?;
                latencies.push(begun.elapsed());
            }
            Ok::<_, Failed>(latencies)
        });
    }
    let mut latencies = Vec::new();
    while let Some(caller) = callers.join_next().await {
        latencies.extend(caller??);
    }
    let (elapsed, used_now) = (started.elapsed(), way.cpu());
    latencies.sort_unstable();
    let cpu = used
        .zip(used_now)
        .map(|(before, after)| after.saturating_sub(before));
    Ok(Turn {
        rate: count(&latencies) / elapsed.as_secs_f64(),
        cpu,
        latencies,
    })
}

/// What a way gave in all its turns.
pub(crate) struct Measured {
    turns: Vec<Turn>,
}

impl Measured {
    /// The median of the calls per second.
    pub(crate) fn rate(&self) -> f64 {
        median(self.turns.iter().map(|turn| turn.rate).collect())
    }

    /// CPU time of one call, in microseconds. The kernel's unit is too coarse for a single turn.
    pub(crate) fn cpu(&self) -> Option<f64> {
        let used: Duration = self.turns.iter().map(|turn| turn.cpu).sum::<Option<_>>()?;
        let calls: f64 = self.turns.iter().map(|turn| count(&turn.latencies)).sum();
        Some(used.as_secs_f64() * 1e6 / calls)
    }

    /// How many times the calls per second of another way this one has: the median of the rounds.
    pub(crate) fn ratio(&self, other: &Self) -> f64 {
        let pairs = self.turns.iter().zip(&other.turns);
        median(pairs.map(|(own, other)| own.rate / other.rate).collect())
    }
}

/// Calls in turns: each way once in every round, and never first in two rounds where there are more of them.
pub(crate) async fn in_turns(
    ways: &[Arc<Way>],
    at_a_time: usize,
    plan: &Plan,
) -> Result<Vec<Measured>, Failed> {
    // Not counted: instances, connections and sessions come into being.
    for way in ways {
        turn(way, at_a_time, plan.turn / 4).await?;
    }
    let mut measured: Vec<Measured> = ways.iter().map(|_| Measured { turns: Vec::new() }).collect();
    for round in 0..plan.rounds {
        for position in 0..ways.len() {
            let number = (round + position) % ways.len();
            measured[number]
                .turns
                .push(turn(&ways[number], at_a_time, plan.turn).await?);
        }
    }
    Ok(measured)
}

/// The one in the middle; of two, the lower one. Zero where there is none.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len().saturating_sub(1) / 2;
    values.get(middle).copied().unwrap_or_default()
}

fn count(latencies: &[Duration]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a count of calls is far below 2^52")]
    let count = latencies.len() as f64;
    count
}
