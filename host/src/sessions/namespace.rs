//! The sessions of one connection, in memory.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::beneath::Beneath;
use super::folder::Written;
use super::redis::RedisSessions;
use super::store::lock;

/// What a connector may keep, together, in bytes.
pub(super) const MAX_NAMESPACE: usize = 1 << 20;
/// Longer keys stay in memory: nothing sensible has one. In bytes.
const MAX_KEY: usize = 1 << 10;
/// How many replaced records are remembered.
const MAX_RETIRED: usize = 64;

/// The sessions of one connection.
#[derive(Debug)]
pub(crate) struct Namespace {
    connection: String,
    beneath: Beneath,
    entries: Mutex<Entries>,
    changed: Notify,
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

impl Namespace {
    pub(super) fn new(connection: &str, beneath: Beneath) -> Self {
        let namespace = Self {
            connection: connection.to_owned(),
            beneath,
            entries: Mutex::default(),
            changed: Notify::new(),
        };
        if let Beneath::Folder(folder) = &namespace.beneath {
            let mut entries = lock(&namespace.entries);
            for (key, value) in folder.kept(connection) {
                entries.insert(&key, value);
            }
        }
        namespace
    }

    /// Everything that is stored, so that it can be kept out of what leaves the host.
    pub(crate) fn values(&self) -> Vec<Vec<u8>> {
        lock(&self.entries)
            .records
            .values()
            .map(|record| record.value.clone())
            .collect()
    }

    pub(super) fn connection(&self) -> &str {
        &self.connection
    }

    /// Where the sessions are shared, if they are.
    pub(super) fn redis(&self, key: &str) -> Option<&Arc<RedisSessions>> {
        match &self.beneath {
            Beneath::Redis(redis) if key.len() <= MAX_KEY => Some(redis),
            _ => None,
        }
    }

    /// Comes when a record is written or a claim given up.
    pub(super) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    /// Finds a record, or takes the claim on it where nobody has it.
    pub(super) fn find(&self, key: &str, call: u64) -> Found {
        let mut entries = lock(&self.entries);
        if let Some(record) = entries.records.get(key) {
            return Found::Record(record.clone());
        }
        match *entries.claims.entry(key.to_owned()).or_insert(call) {
            holder if holder == call => Found::Claimed,
            _ => Found::Awaited,
        }
    }

    /// Writes a record, which ends the claim on it. `None` where there is no room for it.
    pub(super) fn put(&self, key: &str, value: &[u8]) -> Option<(Record, Written)> {
        let mut entries = lock(&self.entries);
        let others: usize = entries
            .records
            .iter()
            .filter(|(name, _)| *name != key)
            .map(|(name, record)| name.len() + record.value.len())
            .sum();
        if others + key.len() + value.len() > MAX_NAMESPACE {
            return None;
        }
        entries.retire(key);
        let record = entries.insert(key, value.to_owned());
        // Still under the lock: changes must arrive in their order.
        let written = self.tell_folder(key, Some(value));
        drop(entries);
        self.changed.notify_waiters();
        Some((record, written))
    }

    /// Takes over a record that is shared, and ends the claim on it. `None` where it is one that has ended.
    pub(super) fn fill(&self, key: &str, value: Vec<u8>) -> Option<Record> {
        let mut entries = lock(&self.entries);
        if let Some(newer) = entries.records.get(key) {
            return Some(newer.clone());
        }
        if entries.retired.contains(&digest(key, &value)) {
            return None;
        }
        let record = entries.insert(key, value);
        drop(entries);
        self.changed.notify_waiters();
        Some(record)
    }

    /// Deletes a record if it is still of this version, and gives its value. The call has the claim then: it
    /// may know how to renew what has ended, which a call that finds nothing doesn't.
    pub(super) fn remove(&self, key: &str, version: u64, call: u64) -> Option<(Vec<u8>, Written)> {
        let mut entries = lock(&self.entries);
        entries
            .records
            .get(key)
            .filter(|record| record.version == version)?;
        entries.retire(key);
        let record = entries.records.remove(key)?;
        entries.claims.insert(key.to_owned(), call);
        Some((record.value, self.tell_folder(key, None)))
    }

    pub(super) fn keys(&self) -> Vec<String> {
        lock(&self.entries).records.keys().cloned().collect()
    }

    /// Gives up the claims of a call.
    pub(super) fn give_up(&self, call: u64) {
        let mut entries = lock(&self.entries);
        let before = entries.claims.len();
        entries.claims.retain(|_, holder| *holder != call);
        let given_up = entries.claims.len() < before;
        drop(entries);
        if given_up {
            self.changed.notify_waiters();
        }
    }

    fn tell_folder(&self, key: &str, value: Option<&[u8]>) -> Written {
        match &self.beneath {
            Beneath::Folder(folder) if key.len() <= MAX_KEY => folder.write(&self.connection, key, value),
            _ => Written::nothing(),
        }
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
