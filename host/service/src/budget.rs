//! What bodies take in memory, over all requests and responses together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A number of bytes for all bodies. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct BodyBudget {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    most: usize,
    used: AtomicUsize,
}

/// Bytes of the budget, until they are dropped.
#[derive(Debug)]
pub(super) struct Reserved {
    budget: BodyBudget,
    bytes: usize,
}

/// The bytes can't be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoRoom {
    /// Other bodies have them now.
    Now,
    /// The whole budget is less.
    Ever,
}

impl BodyBudget {
    pub(super) fn new(most: usize) -> Self {
        let used = AtomicUsize::new(0);
        Self {
            inner: Arc::new(Inner { most, used }),
        }
    }

    /// Reserves nothing yet.
    pub(super) fn reserve(&self) -> Reserved {
        Reserved {
            budget: self.clone(),
            bytes: 0,
        }
    }

    /// Counts what is there already, such as an answer: beyond the budget too, so that others wait for it.
    pub(super) fn count(&self, bytes: usize) -> Reserved {
        self.inner.used.fetch_add(bytes, Ordering::Relaxed);
        Reserved {
            budget: self.clone(),
            bytes,
        }
    }

    #[cfg(test)]
    fn used(&self) -> usize {
        self.inner.used.load(Ordering::Relaxed)
    }
}

impl Reserved {
    /// Reserves so many bytes in all, more or less than before.
    pub(super) fn resize(&mut self, bytes: usize) -> Result<(), NoRoom> {
        let Inner { most, used } = &*self.budget.inner;
        if bytes > *most {
            return Err(NoRoom::Ever);
        }
        match bytes.checked_sub(self.bytes) {
            None => {
                used.fetch_sub(self.bytes - bytes, Ordering::Relaxed);
            }
            Some(more) => {
                let fits = |used: usize| used.checked_add(more).filter(|used| used <= most);
                used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits)
                    .map_err(|_| NoRoom::Now)?;
            }
        }
        self.bytes = bytes;
        Ok(())
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.budget.inner.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reserved_is_given_back() {
        let budget = BodyBudget::new(100);
        let mut first = budget.reserve();
        let mut second = budget.reserve();
        assert_eq!(first.resize(60), Ok(()));
        assert_eq!(second.resize(41), Err(NoRoom::Now));
        assert_eq!(second.resize(101), Err(NoRoom::Ever));
        assert_eq!(second.resize(40), Ok(()));
        assert_eq!(first.resize(10), Ok(()));
        assert_eq!(second.resize(90), Ok(()));
        drop(first);
        assert_eq!(budget.used(), 90);
        drop(second);
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn an_answer_counts_beyond_the_budget() {
        let budget = BodyBudget::new(100);
        let answer = budget.count(150);
        assert_eq!(budget.reserve().resize(1), Err(NoRoom::Now));
        drop(answer);
        assert_eq!(budget.reserve().resize(1), Ok(()));
    }
}
