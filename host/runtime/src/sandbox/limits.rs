//! What a call may use.

use std::time::Duration;

use wasmtime::ResourceLimiter;

/// What one connection may use. Fields may be added: take the rest from the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Memory of one instance, in bytes.
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

/// A guest asked for more memory than it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connector asked for {asked} bytes of memory, but may have {allowed}")]
pub(crate) struct MemoryExceeded {
    pub(crate) asked: usize,
    pub(crate) allowed: usize,
}

/// Holds an instance to its memory. Growing beyond it ends the call: a guest can do nothing useful with
/// a refusal, and what it does then would look like its own fault.
#[derive(Debug)]
pub(crate) struct MemoryLimiter {
    allowed: usize,
}

impl MemoryLimiter {
    pub(crate) fn new(allowed: usize) -> Self {
        Self { allowed }
    }
}

impl ResourceLimiter for MemoryLimiter {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        if desired <= self.allowed {
            return Ok(true);
        }
        Err(wasmtime::Error::new(MemoryExceeded {
            asked: desired,
            allowed: self.allowed,
        }))
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        // An element of a table is a pointer of the host's.
        let asked = desired.saturating_mul(size_of::<usize>());
        if asked <= self.allowed {
            return Ok(true);
        }
        Err(wasmtime::Error::new(MemoryExceeded {
            asked,
            allowed: self.allowed,
        }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
