//! The memory of one instance: the guest's own, and what the host holds for it. One limit counts both.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// What an instance may hold, in bytes. Clones are the same budget.
#[derive(Debug, Clone)]
pub(crate) struct MemoryBudget(Arc<Counted>);

#[derive(Debug)]
struct Counted {
    allowed: usize,
    held: AtomicUsize,
    exceeded: OnceLock<MemoryExceeded>,
}

/// More memory was needed than an instance may hold, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("with {purpose}, the connector would hold {asked} bytes of memory, but may hold {allowed}")]
pub(crate) struct MemoryExceeded {
    purpose: &'static str,
    asked: usize,
    allowed: usize,
}

impl MemoryExceeded {
    /// The message, with what to do.
    pub(crate) fn advice(&self) -> String {
        format!("{self}; raise limits.memory of the connection where that is expected")
    }
}

/// A part of a budget. Dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Held {
    budget: MemoryBudget,
    purpose: &'static str,
    bytes: usize,
}

impl MemoryBudget {
    /// A budget of which nothing is held.
    pub(crate) fn new(allowed: usize) -> Self {
        Self(Arc::new(Counted {
            allowed,
            held: AtomicUsize::new(0),
            exceeded: OnceLock::new(),
        }))
    }

    /// What may be held, in bytes.
    pub(crate) fn allowed(&self) -> usize {
        self.0.allowed
    }

    /// A part of the budget that is empty. The purpose names it where the budget is exceeded.
    pub(crate) fn part(&self, purpose: &'static str) -> Held {
        Held {
            budget: self.clone(),
            purpose,
            bytes: 0,
        }
    }

    /// How the budget was exceeded for the first time.
    pub(crate) fn exceeded(&self) -> Option<MemoryExceeded> {
        self.0.exceeded.get().copied()
    }

    fn add(&self, bytes: usize, purpose: &'static str) -> Result<(), MemoryExceeded> {
        let Counted { allowed, held, .. } = &*self.0;
        let added = held.fetch_update(Ordering::AcqRel, Ordering::Acquire, |held| {
            held.checked_add(bytes).filter(|sum| sum <= allowed)
        });
        added.map(drop).map_err(|held| {
            let exceeded = MemoryExceeded {
                purpose,
                asked: held.saturating_add(bytes),
                allowed: *allowed,
            };
            *self.0.exceeded.get_or_init(|| exceeded)
        })
    }
}

impl Held {
    /// Takes it out, so that nothing of the budget is left here.
    pub(crate) fn take(&mut self) -> Self {
        let empty = self.budget.part(self.purpose);
        std::mem::replace(self, empty)
    }

    /// How much it is, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Changes how much it is, in bytes.
    ///
    /// # Errors
    ///
    /// Where the budget has no room for more. It stays as it is.
    pub(crate) fn resize(&mut self, bytes: usize) -> Result<(), MemoryExceeded> {
        match bytes.checked_sub(self.bytes) {
            Some(more) => self.budget.add(more, self.purpose)?,
            None => drop(self.budget.0.held.fetch_sub(self.bytes - bytes, Ordering::AcqRel)),
        }
        self.bytes = bytes;
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.budget.0.held.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_parts_count_against_one_limit() {
        let budget = MemoryBudget::new(100);
        let (mut guest, mut body) = (budget.part("its own memory"), budget.part("a response"));
        guest.resize(60).unwrap();
        body.resize(40).unwrap();
        assert!(body.resize(41).is_err());
        assert_eq!(body.bytes(), 40, "a refused part stays as it was");
        guest.resize(10).unwrap();
        body.resize(90).unwrap();
        drop(body);
        guest.resize(100).unwrap();
        let exceeded = budget.exceeded().unwrap().to_string();
        assert_eq!(
            exceeded,
            "with a response, the connector would hold 101 bytes of memory, but may hold 100"
        );
    }
}
