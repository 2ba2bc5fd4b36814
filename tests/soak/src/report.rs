//! What came of it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::Plan;
use crate::ledger::Ledger;
use crate::swaps::Swaps;
use crate::vendors::{SWAPPED, Vendors};

/// How much resident memory may grow between the second tenth of the time and the last, in bytes: what the
/// allocator keeps varies by some.
const GROWTH: u64 = 24 << 20;

/// What came of a plan.
#[derive(Debug)]
pub struct Report {
    /// How long it took.
    pub duration: Duration,
    /// Calls by connection and outcome.
    pub outcomes: BTreeMap<(String, String), u64>,
    /// Failures that nothing explains.
    pub unexplained: Vec<String>,
    /// Changes of version, and what went wrong with them.
    pub swaps: Swaps,
    /// Logins at the vendor whose connector was swapped.
    pub logins: u64,
    /// Logins at other vendors.
    pub other_logins: Vec<(&'static str, u64)>,
    /// Marked calls that succeeded.
    pub marked: usize,
    /// Marked calls that the vendor received more than once, or not at all, although they succeeded.
    pub miscounted: Vec<String>,
    /// Calls whose answer names another version than the vendor saw.
    pub mixed_up: Vec<String>,
    /// Median and 99th percentile of the time of calls, by connection.
    pub latencies: BTreeMap<String, (Duration, Duration)>,
    /// Resident memory in each tenth of the time, its median, in bytes.
    pub memory: Vec<u64>,
    /// The most that it was.
    pub peak: u64,
    /// Rules of vendors that were broken.
    pub violations: Vec<String>,
    /// What the service counted.
    pub metrics: String,
    /// The service's exit code.
    pub exit: Option<i32>,
}

impl Report {
    pub(crate) fn new(
        _: &Plan,
        duration: Duration,
        ledger: &Ledger,
        vendors: &Vendors,
        swaps: Swaps,
        metrics: String,
        exit: Option<i32>,
    ) -> Self {
        let told = ledger.told();
        let seen = ledger.seen();
        let mut miscounted = Vec::new();
        let mut mixed_up = Vec::new();
        for (mark, version) in &told.versions {
            match seen.get(mark).map_or(&[][..], Vec::as_slice) {
                [one] if one == version => {}
                [one] => mixed_up.push(format!("{mark}: answered by {version}, sent by {one}")),
                several => miscounted.push(format!("{mark}: arrived {} times", several.len())),
            }
        }
        for (mark, versions) in seen.iter() {
            if versions.len() > 1 && !told.versions.contains_key(mark) {
                miscounted.push(format!("{mark}: failed, and arrived {} times", versions.len()));
            }
        }
        let latencies = told.latencies.iter().map(|(connection, times)| {
            let mut times = times.clone();
            times.sort_unstable();
            let at = |percent: usize| {
                let micros = times
                    .get(times.len() * percent / 100)
                    .copied()
                    .unwrap_or_default();
                Duration::from_micros(micros.into())
            };
            (connection.clone(), (at(50), at(99)))
        });
        let memories: Vec<u64> = ledger.memories().iter().map(|(_, bytes)| *bytes).collect();
        let tenths = (0..10).map(|tenth| {
            let mut part = memories[memories.len() * tenth / 10..memories.len() * (tenth + 1) / 10].to_vec();
            part.sort_unstable();
            part.get(part.len() / 2).copied().unwrap_or_default()
        });
        Self {
            duration,
            outcomes: told.outcomes.clone(),
            unexplained: told.unexplained.clone(),
            logins: vendors.logins(),
            other_logins: vendors.other_logins(),
            marked: told.versions.len(),
            miscounted,
            mixed_up,
            latencies: latencies.collect(),
            memory: tenths.collect(),
            peak: memories.iter().copied().max().unwrap_or_default(),
            violations: vendors.violations(),
            metrics,
            exit,
            swaps,
        }
    }

    /// All calls.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.outcomes.values().sum()
    }

    /// Every promise that didn't hold, in words.
    #[must_use]
    pub fn broken(&self) -> Vec<String> {
        let mut broken = self.unexplained.clone();
        broken.extend(self.miscounted.iter().cloned());
        broken.extend(self.mixed_up.iter().cloned());
        broken.extend(self.violations.iter().cloned());
        broken.extend(
            self.swaps
                .failed
                .iter()
                .map(|failed| format!("a swap went wrong: {failed}")),
        );
        if self.logins != 1 {
            broken.push(format!("{} logins in place of one", self.logins));
        }
        if self.marked == 0 {
            broken.push("no marked call succeeded, so nothing is proven".to_owned());
        }
        // In the first tenth components are compiled, and what is remembered of calls fills up.
        let (start, end) = (self.memory.get(1), self.memory.last());
        if let (Some(start), Some(end)) = (start, end)
            && *end > start + GROWTH
        {
            broken.push(format!("resident memory grew from {start} to {end} bytes"));
        }
        if self.exit != Some(0) {
            broken.push(format!("the service ended with {:?} in place of 0", self.exit));
        }
        broken
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.duration.as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a count of calls is far below 2^52")]
        let rate = self.calls() as f64 / seconds;
        writeln!(f, "{} calls in {seconds:.0} s ({rate:.0}/s)", self.calls())?;
        writeln!(
            f,
            "{} swaps: {} by a changed file, {} by reload, {} rollbacks; {} half files refused",
            self.swaps.total(),
            self.swaps.by_file,
            self.swaps.by_reload,
            self.swaps.rollbacks,
            self.swaps.refused
        )?;
        for ((connection, outcome), count) in &self.outcomes {
            writeln!(f, "  {connection:16} {outcome:20} {count:8}")?;
        }
        for (connection, (p50, p99)) in &self.latencies {
            writeln!(f, "  {connection:16} p50 {p50:.1?}  p99 {p99:.1?}")?;
        }
        writeln!(
            f,
            "logins: {} on {SWAPPED}, whose connector was swapped; others {:?}",
            self.logins, self.other_logins
        )?;
        writeln!(
            f,
            "{} marked calls; {} miscounted, {} answered by another version than the vendor saw",
            self.marked,
            self.miscounted.len(),
            self.mixed_up.len()
        )?;
        let memory: Vec<String> = self
            .memory
            .iter()
            .map(|bytes| (bytes >> 20).to_string())
            .collect();
        writeln!(
            f,
            "resident memory, the median of each tenth of the time, in MiB: {}; at most {}",
            memory.join(" "),
            self.peak >> 20
        )?;
        let broken = self.broken();
        if broken.is_empty() {
            writeln!(f, "every promise held")
        } else {
            writeln!(f, "{} promises broken:", broken.len())?;
            broken.iter().try_for_each(|line| writeln!(f, "  {line}"))
        }
    }
}
