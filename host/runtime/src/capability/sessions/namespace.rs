//! The records of one connection, in memory.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::backend::{Answer, MAX_RECORDS, RecordKey, SessionBackend, SharedLock, Stored};
use super::view::SessionView;
use crate::secrets::StoredRecords;

/// The longest key, in bytes. Backends aren't given a longer one.
pub(super) const MAX_KEY: usize = 1 << 10;
/// How many claims one call may have. On more keys than that it has none, and logs in for itself.
const MAX_CLAIMS: usize = 64;
/// How many replaced records are remembered.
const MAX_RETIRED: usize = 64;

/// The records of one connection.
#[derive(Debug)]
pub struct Namespace {
    connection: String,
    backend: Option<Arc<dyn SessionBackend>>,
    entries: Mutex<Entries>,
    /// Counts the changes of records.
    generation: AtomicU64,
    changed: Notify,
    /// Tells calls apart, those of other connections too.
    next_call: Arc<AtomicU64>,
}

#[derive(Debug, Default)]
struct Entries {
    records: BTreeMap<String, Record>,
    /// Which call has the claim on a key.
    claims: HashMap<String, u64>,
    next_version: u64,
    /// Digests of records that were deleted or replaced here. What is shared may still have them for a
    /// moment, or again after Redis went back to an older state: they must not come back to life.
    retired: VecDeque<[u8; 32]>,
}

/// A value, and which of all values it is that were ever under the key.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) value: Vec<u8>,
    pub(super) version: u64,
}

/// What a call finds under a key.
pub(super) enum Found {
    Record(Record),
    /// Nothing, and the call has the claim.
    Claimed,
    /// Nothing, and another call has the claim.
    Awaited,
}

/// What a backend answers when a record is deleted: the lock on it, where records are shared.
pub(super) type Deleted = Answer<Option<Box<dyn SharedLock>>>;

impl Namespace {
    pub(super) fn new(
        connection: &str,
        backend: Option<Arc<dyn SessionBackend>>,
        next_call: Arc<AtomicU64>,
    ) -> Self {
        Self {
            connection: connection.to_owned(),
            backend,
            entries: Mutex::default(),
            generation: AtomicU64::new(0),
            changed: Notify::new(),
            next_call,
        }
    }

    /// What one call sees. Dropping it gives up the call's claims.
    #[must_use]
    pub fn view(self: &Arc<Self>) -> SessionView {
        SessionView::new(self.clone(), self.next_call.fetch_add(1, Ordering::Relaxed))
    }

    /// Where a record is kept besides memory, if anywhere.
    pub(super) fn backend<'a>(&'a self, key: &'a str) -> Option<(Arc<dyn SessionBackend>, RecordKey<'a>)> {
        let backend = self.backend.clone().filter(|_| key.len() <= MAX_KEY)?;
        let connection = &self.connection;
        Some((backend, RecordKey { connection, key }))
    }

    /// Comes when a record is written or a claim given up.
    pub(super) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    /// Finds a record, or takes the claim on it where no call has it.
    pub(super) fn find(&self, key: &str, call: u64) -> Found {
        let mut entries = self.entries.lock();
        if let Some(record) = entries.records.get(key) {
            return Found::Record(record.clone());
        }
        match entries.claims.get(key) {
            Some(holder) if *holder != call => Found::Awaited,
            _ => {
                entries.claim(key, call);
                Found::Claimed
            }
        }
    }

    /// Writes a record, which ends the claim on it. `None` where there is no room for it.
    pub(super) fn put(&self, key: &str, value: &[u8], call: u64) -> Option<(Record, Option<Answer<Stored>>)> {
        let mut entries = self.entries.lock();
        let others: usize = entries
            .records
            .iter()
            .filter(|(name, _)| *name != key)
            .map(|(name, record)| name.len() + record.value.len())
            .sum();
        if others + key.len() + value.len() > MAX_RECORDS {
            return None;
        }
        entries.retire(key);
        let record = entries.insert(key, value.to_owned());
        self.count_change();
        // Still under the lock: changes must arrive in their order.
        let answer = self
            .backend(key)
            .map(|(backend, record)| backend.set(record, value, call));
        drop(entries);
        self.changed.notify_waiters();
        Some((record, answer))
    }

    /// Takes over a record that is shared, and ends the claim on it. `None` where it is one that has ended.
    pub(super) fn fill(&self, key: &str, value: Vec<u8>) -> Option<Record> {
        let mut entries = self.entries.lock();
        if let Some(newer) = entries.records.get(key) {
            return Some(newer.clone());
        }
        if entries.retired.contains(&digest(key, &value)) {
            return None;
        }
        let record = entries.insert(key, value);
        self.count_change();
        drop(entries);
        self.changed.notify_waiters();
        Some(record)
    }

    /// Deletes a record if it is still of this version. The call has the claim then: it may know how to renew
    /// what has ended, which a call that finds nothing doesn't.
    pub(super) fn remove(&self, key: &str, version: u64, call: u64) -> Option<Deleted> {
        let mut entries = self.entries.lock();
        let value = entries.take(key, version, call)?;
        self.count_change();
        let (backend, record) = self.backend(key)?;
        Some(backend.delete(record, &value, call))
    }

    /// Deletes a record from memory, if it is still of this version.
    pub(super) fn forget(&self, key: &str, version: u64, call: u64) {
        self.entries.lock().take(key, version, call);
        self.count_change();
    }

    /// What was changed before this is seen by who sees the count.
    fn count_change(&self) {
        self.generation.fetch_add(1, Ordering::Release);
    }

    /// The keys of all records, those that other hosts have written included.
    pub(super) async fn all_keys(&self) -> Vec<String> {
        let mut keys = self.keys();
        if let Some(backend) = self.backend.clone() {
            keys.extend(backend.keys(&self.connection).await);
            keys.sort();
            keys.dedup();
        }
        keys
    }

    fn keys(&self) -> Vec<String> {
        self.entries.lock().records.keys().cloned().collect()
    }

    /// Gives up the claims of a call.
    pub(super) fn give_up(&self, call: u64) {
        let mut entries = self.entries.lock();
        let before = entries.claims.len();
        entries.claims.retain(|_, holder| *holder != call);
        let given_up = entries.claims.len() < before;
        drop(entries);
        if given_up {
            self.changed.notify_waiters();
        }
    }
}

impl StoredRecords for Namespace {
    fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    fn records(&self) -> Vec<(String, Vec<u8>)> {
        let entries = self.entries.lock();
        let records = entries.records.iter();
        records
            .map(|(key, record)| (key.clone(), record.value.clone()))
            .collect()
    }
}

impl Entries {
    fn insert(&mut self, key: &str, value: Vec<u8>) -> Record {
        self.next_version += 1;
        let record = Record {
            value,
            version: self.next_version,
        };
        self.records.insert(key.to_owned(), record.clone());
        self.claims.remove(key);
        record
    }

    fn take(&mut self, key: &str, version: u64, call: u64) -> Option<Vec<u8>> {
        self.records.get(key).filter(|record| record.version == version)?;
        self.retire(key);
        let record = self.records.remove(key)?;
        self.claim(key, call);
        Some(record.value)
    }

    fn claim(&mut self, key: &str, call: u64) {
        if self.claims.values().filter(|holder| **holder == call).count() < MAX_CLAIMS {
            self.claims.insert(key.to_owned(), call);
        }
    }

    fn retire(&mut self, key: &str) {
        if let Some(record) = self.records.get(key) {
            self.retired.push_back(digest(key, &record.value));
            if self.retired.len() > MAX_RETIRED {
                self.retired.pop_front();
            }
        }
    }
}

fn digest(key: &str, value: &[u8]) -> [u8; 32] {
    Sha256::new()
        .chain_update(key)
        .chain_update([0])
        .chain_update(value)
        .finalize()
        .into()
}
