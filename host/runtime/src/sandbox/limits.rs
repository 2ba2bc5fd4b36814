//! What a call may use.

use std::time::Duration;

use wasmtime::ResourceLimiter;

use crate::memory::{Held, MemoryBudget};

/// What one connection may use. Fields may be added: take the rest from the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Memory of one instance, in bytes: its own, and what the host holds for it, such as requests and responses.
    pub memory: usize,
    /// Calls at the same time. More wait.
    pub concurrency: usize,
    /// Calls that wait for their turn. More are refused.
    pub queue: usize,
    /// Body of one vendor response, in bytes.
    pub response: usize,
    /// Time of one call, everything included.
    pub deadline: Duration,
}

/// A text isn't a deadline.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} isn't a time from 1ms to 1day; give it as \"30s\"")]
pub struct InvalidDeadline(String);

impl Limits {
    /// Reads a deadline: `30s`, `1m 30s`.
    ///
    /// # Errors
    ///
    /// Where the text isn't a time, or not one from a millisecond to a day.
    pub fn parse_deadline(text: &str) -> Result<Duration, InvalidDeadline> {
        let wrong = || InvalidDeadline(text.to_owned());
        let time = humantime::parse_duration(text).map_err(|_| wrong())?;
        let allowed = Duration::from_millis(1)..=Self::MAX_DEADLINE;
        Some(time).filter(|time| allowed.contains(time)).ok_or_else(wrong)
    }

    /// The most memory that an instance can be allowed, in bytes: what one slot of the pool holds.
    pub const MAX_MEMORY: usize = 1 << 30;
    /// The longest deadline that a call can have: where more is given, this holds.
    pub const MAX_DEADLINE: Duration = Duration::from_hours(24);
    /// The most calls at the same time that a connection can be allowed.
    pub const MAX_CONCURRENCY: usize = 512;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 128 << 20,
            concurrency: 64,
            queue: 1024,
            response: 16 << 20,
            deadline: Duration::from_secs(30),
        }
    }
}

/// Counts the memories and tables of an instance together. Growing beyond the budget ends the call: a guest can do
/// nothing useful with a refusal, and what it does then would look like its own fault.
#[derive(Debug)]
pub(crate) struct MemoryLimiter {
    held: Held,
    /// How much was held before what grew last did.
    before: usize,
}

impl MemoryLimiter {
    pub(crate) fn new(budget: &MemoryBudget) -> Self {
        Self {
            held: budget.part("its own memory"),
            before: 0,
        }
    }

    /// The memories and tables of the guest, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.held.bytes()
    }

    fn grow(&mut self, current: usize, desired: usize) -> wasmtime::Result<bool> {
        self.before = self.held.bytes();
        let grown = self.before.saturating_add(desired.saturating_sub(current));
        self.held.resize(grown).map_err(wasmtime::Error::new)?;
        Ok(true)
    }

    /// What was allowed to grow couldn't, for another reason.
    fn not_grown(&mut self) -> wasmtime::Result<()> {
        self.held.resize(self.before).map_err(wasmtime::Error::new)
    }
}

impl ResourceLimiter for MemoryLimiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        self.grow(current, desired)
    }

    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.not_grown()
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        // An element of a table is a pointer of the host's.
        let bytes = |elements: usize| elements.saturating_mul(size_of::<usize>());
        self.grow(bytes(current), bytes(desired))
    }

    fn table_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.not_grown()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn memories_and_tables_count_together() {
        let budget = MemoryBudget::new(100);
        let mut limiter = MemoryLimiter::new(&budget);
        assert!(limiter.memory_growing(0, 40, None).unwrap());
        assert!(limiter.memory_growing(0, 40, None).unwrap());
        assert!(limiter.table_growing(0, 2, None).unwrap());
        assert_eq!(limiter.bytes(), 80 + 2 * size_of::<usize>());
        let error = limiter.memory_growing(40, 60, None).unwrap_err();
        assert!(error.to_string().contains("its own memory"), "{error}");
    }

    #[test]
    fn what_could_not_grow_does_not_count() {
        let mut limiter = MemoryLimiter::new(&MemoryBudget::new(100));
        assert!(limiter.memory_growing(0, 40, None).unwrap());
        assert!(limiter.memory_growing(40, 90, None).unwrap());
        limiter
            .memory_grow_failed(wasmtime::Error::msg("no room"))
            .unwrap();
        assert_eq!(limiter.bytes(), 40);
    }

    #[test]
    fn a_deadline_is_a_millisecond_to_a_day() {
        for (text, time) in [("1ms", 1), ("1m 30s", 90_000), ("24h", 86_400_000)] {
            assert_eq!(Limits::parse_deadline(text), Ok(Duration::from_millis(time)));
        }
        for text in [
            "",
            "0s",
            "999us",
            "24h 1ms",
            "-1s",
            "9223372036854775807s",
            "18446744073709551616years",
        ] {
            Limits::parse_deadline(text).unwrap_err();
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_deadline_or_none(text in "([0-9]{0,22}\\.?[0-9]{0,4} ?(ms|s|m|h|d|y|years|ns)? ?){0,4}|\\PC{0,20}") {
            if let Ok(time) = Limits::parse_deadline(&text) {
                prop_assert!(time <= Limits::MAX_DEADLINE);
            }
        }
    }
}
