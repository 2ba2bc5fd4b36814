//! What callers were told, and what the vendor saw.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Both sides of every call.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    told: Mutex<Told>,
    seen: Mutex<HashMap<String, Vec<String>>>,
    memory: Mutex<Vec<(Duration, u64)>>,
}

/// What callers were told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Calls by connection and outcome.
    pub(crate) outcomes: BTreeMap<(String, String), u64>,
    /// Failures that nothing explains, the first of them in full.
    pub(crate) unexplained: Vec<String>,
    /// Microseconds that calls took, by connection.
    pub(crate) latencies: BTreeMap<String, Vec<u32>>,
    /// The version that served each marked call that succeeded.
    pub(crate) versions: HashMap<String, String>,
}

impl Ledger {
    pub(crate) fn told(&self) -> MutexGuard<'_, Told> {
        lock(&self.told)
    }

    /// The vendor saw a marked request of a connector of this version.
    pub(crate) fn saw(&self, mark: String, version: String) {
        lock(&self.seen).entry(mark).or_default().push(version);
    }

    /// Mark and versions of every request that the vendor saw.
    pub(crate) fn seen(&self) -> MutexGuard<'_, HashMap<String, Vec<String>>> {
        lock(&self.seen)
    }

    /// The service's resident memory, in bytes.
    pub(crate) fn memory(&self, after: Duration, bytes: Option<u64>) {
        if let Some(bytes) = bytes {
            lock(&self.memory).push((after, bytes));
        }
    }

    /// Resident memory over time.
    pub(crate) fn memories(&self) -> Vec<(Duration, u64)> {
        lock(&self.memory).clone()
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
