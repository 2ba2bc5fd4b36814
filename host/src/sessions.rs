//! The store behind `wasi:keyvalue`: sessions of connectors, one namespace per connection.
//!
//! Two rules make one login serve everybody, without the connector's help:
//!
//! - A call that finds nothing under a key has the *claim* on it. Others that read the key wait until
//!   the holder writes it or its call ends; then they see what was written, or one of them has the claim.
//! - A call that deletes a key deletes what it has seen. Where another call has written since, nothing
//!   is deleted, and the next read gives the newer record.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// What a connector may keep, together, in bytes.
const MAX_NAMESPACE: usize = 1 << 20;

/// What a guest's handle to a bucket stands for: there is one bucket per connection.
#[derive(Debug)]
#[expect(unreachable_pub, reason = "the generated bindings export it again")]
pub struct Bucket;

/// All sessions of a host.
#[derive(Debug, Default)]
pub(crate) struct SessionStore {
    namespaces: Mutex<HashMap<String, Arc<Namespace>>>,
    next_call: AtomicU64,
}

impl SessionStore {
    /// The sessions of one connection.
    pub(crate) fn namespace(&self, connection: &str) -> Arc<Namespace> {
        lock(&self.namespaces)
            .entry(connection.to_owned())
            .or_default()
            .clone()
    }

    /// What one call sees of a namespace. Dropping it gives up its claims.
    pub(crate) fn view(&self, namespace: Arc<Namespace>) -> SessionView {
        SessionView {
            namespace,
            call: self.next_call.fetch_add(1, Ordering::Relaxed),
            seen: HashMap::new(),
        }
    }
}

/// The sessions of one connection.
#[derive(Debug, Default)]
pub(crate) struct Namespace {
    entries: Mutex<Entries>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Entries {
    records: BTreeMap<String, Record>,
    /// Which call has the claim on a key.
    claims: HashMap<String, u64>,
    next_version: u64,
}

#[derive(Debug, Clone)]
struct Record {
    value: Vec<u8>,
    version: u64,
}

impl Namespace {
    /// Everything that is stored, so that it can be kept out of what leaves the host.
    pub(crate) fn values(&self) -> Vec<Vec<u8>> {
        lock(&self.entries)
            .records
            .values()
            .map(|record| record.value.clone())
            .collect()
    }
}

/// What one call sees of its connection's sessions.
#[derive(Debug)]
pub(crate) struct SessionView {
    namespace: Arc<Namespace>,
    call: u64,
    /// The version of each record that the call has read or written.
    seen: HashMap<String, u64>,
}

impl SessionView {
    pub(crate) async fn get(&mut self, key: &str) -> Option<Vec<u8>> {
        loop {
            let mut changed = std::pin::pin!(self.namespace.changed.notified());
            // From here on no change is missed, although it may come before the wait.
            changed.as_mut().enable();
            {
                let mut entries = lock(&self.namespace.entries);
                if let Some(record) = entries.records.get(key) {
                    let record = record.clone();
                    drop(entries);
                    self.seen.insert(key.to_owned(), record.version);
                    return Some(record.value);
                }
                let holder = *entries.claims.entry(key.to_owned()).or_insert(self.call);
                if holder == self.call {
                    return None;
                }
            }
            changed.await;
        }
    }

    /// Whether there was room for it.
    pub(crate) fn set(&mut self, key: &str, value: Vec<u8>) -> bool {
        let mut entries = lock(&self.namespace.entries);
        let others: usize = entries
            .records
            .iter()
            .filter(|(name, _)| *name != key)
            .map(|(name, record)| name.len() + record.value.len())
            .sum();
        if others + key.len() + value.len() > MAX_NAMESPACE {
            return false;
        }
        entries.next_version += 1;
        let version = entries.next_version;
        entries.records.insert(key.to_owned(), Record { value, version });
        entries.claims.remove(key);
        drop(entries);
        self.seen.insert(key.to_owned(), version);
        self.namespace.changed.notify_waiters();
        true
    }

    pub(crate) fn delete(&mut self, key: &str) {
        let mut entries = lock(&self.namespace.entries);
        let seen = self.seen.get(key);
        if entries
            .records
            .get(key)
            .is_some_and(|record| Some(&record.version) == seen)
        {
            entries.records.remove(key);
        }
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        lock(&self.namespace.entries).records.keys().cloned().collect()
    }
}

impl Drop for SessionView {
    fn drop(&mut self) {
        let mut entries = lock(&self.namespace.entries);
        let before = entries.claims.len();
        entries.claims.retain(|_, holder| *holder != self.call);
        let given_up = entries.claims.len() < before;
        drop(entries);
        if given_up {
            self.namespace.changed.notify_waiters();
        }
    }
}

/// A panic while the lock was held leaves plain data behind, which stays usable.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_second_reader_waits_for_the_first_and_sees_what_it_writes() {
        let store = Arc::new(SessionStore::default());
        let mut first = store.view(store.namespace("rpa"));
        assert_eq!(first.get("k").await, None);
        let other = store.clone();
        let second = tokio::spawn(async move { other.view(other.namespace("rpa")).get("k").await });
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        assert!(first.set("k", b"token".to_vec()));
        assert_eq!(second.await.unwrap().as_deref(), Some(&b"token"[..]));
    }

    #[tokio::test]
    async fn a_claim_ends_with_its_call() {
        let store = SessionStore::default();
        let mut first = store.view(store.namespace("rpa"));
        assert_eq!(first.get("k").await, None);
        drop(first);
        assert_eq!(store.view(store.namespace("rpa")).get("k").await, None);
    }

    #[tokio::test]
    async fn only_what_was_seen_is_deleted() {
        let store = SessionStore::default();
        let mut first = store.view(store.namespace("rpa"));
        let mut second = store.view(store.namespace("rpa"));
        assert!(first.set("k", b"old".to_vec()));
        assert!(second.get("k").await.is_some());
        assert!(first.set("k", b"new".to_vec()));
        second.delete("k");
        assert_eq!(second.get("k").await.as_deref(), Some(&b"new"[..]));
        second.delete("k");
        assert_eq!(second.get("k").await, None);
    }

    #[tokio::test]
    async fn connections_do_not_see_each_other() {
        let store = SessionStore::default();
        assert!(store.view(store.namespace("a")).set("k", b"secret".to_vec()));
        assert_eq!(store.view(store.namespace("b")).get("k").await, None);
    }
}
