//! What one call sees of its connection's sessions.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::backend::{Claim, SharedLock, Stored};
use super::namespace::{Found, Namespace};
use crate::trace::{CallTrace, ClaimHolder};

/// How many locks one call may hold. Under more keys than that it logs in for itself.
const MAX_LOCKS: usize = 16;
/// How long a call waits before it looks again whether another host has logged in: this long at first,
/// twice as long each time, but not longer than the other.
const FIRST_WAIT: Duration = Duration::from_millis(15);
const LONGEST_WAIT: Duration = Duration::from_millis(240);

/// What one call sees of its connection's sessions.
#[derive(Debug)]
pub struct SessionView {
    namespace: Arc<Namespace>,
    call: u64,
    /// The version of each record that the call has read or written.
    seen: HashMap<String, u64>,
    /// The locks that it holds where sessions are shared.
    locks: HashMap<String, Box<dyn SharedLock>>,
    /// Whose login the call waits for, written where the call's trace is.
    trace: Option<Arc<CallTrace>>,
}

impl SessionView {
    pub(super) fn new(namespace: Arc<Namespace>, call: u64) -> Self {
        Self {
            namespace,
            call,
            seen: HashMap::new(),
            locks: HashMap::new(),
            trace: None,
        }
    }

    /// The same, for a call that is traced.
    pub(super) fn traced(mut self, trace: Arc<CallTrace>) -> Self {
        self.trace = Some(trace);
        self
    }

    fn awaits(&self, holder: Option<ClaimHolder>) {
        if let Some(trace) = &self.trace {
            trace.awaits_login(holder);
        }
    }

    /// The record under a key. `None` gives the claim on it; until then the call waits for who has it.
    pub async fn get(&mut self, key: &str) -> Option<Vec<u8>> {
        let found = self.find(key).await;
        self.awaits(None);
        found
    }

    async fn find(&mut self, key: &str) -> Option<Vec<u8>> {
        let namespace = self.namespace.clone();
        let mut wait = FIRST_WAIT;
        loop {
            let mut changed = std::pin::pin!(namespace.changed());
            // From here on no change is missed, although it may come before the wait.
            changed.as_mut().enable();
            match namespace.find(key, self.call) {
                Found::Record(record) => {
                    self.seen.insert(key.to_owned(), record.version);
                    return Some(record.value);
                }
                Found::Awaited => {
                    self.awaits(Some(ClaimHolder::Call));
                    changed.await;
                }
                Found::Claimed => match self.claim(key).await {
                    Claim::Record(value) => {
                        if namespace.fill(key, value.clone()).is_none() {
                            // It has ended here already, and the backend has missed that.
                            self.delete_stored(key, &value).await;
                        }
                    }
                    Claim::Claimed(lock) => {
                        self.locks.insert(key.to_owned(), lock);
                        return None;
                    }
                    Claim::Taken => {
                        self.awaits(Some(ClaimHolder::Host));
                        tokio::time::sleep(wait).await;
                        wait = (wait * 2).min(LONGEST_WAIT);
                    }
                    Claim::Local => return None,
                },
            }
        }
    }

    /// Looks for a record that memory doesn't have, and takes the lock on it where there is none.
    async fn claim(&self, key: &str) -> Claim {
        match self.namespace.backend(key) {
            Some((backend, record)) if !self.locks.contains_key(key) && self.locks.len() < MAX_LOCKS => {
                backend.claim(record, self.call).await
            }
            _ => Claim::Local,
        }
    }

    /// Writes a record. Returns whether there was room for it.
    pub async fn set(&mut self, key: &str, value: Vec<u8>) -> bool {
        let namespace = self.namespace.clone();
        let Some((record, answer)) = namespace.put(key, &value, self.call) else {
            return false;
        };
        self.seen.insert(key.to_owned(), record.version);
        let stored = match answer {
            Some(answer) => answer.await,
            None => Stored::Yes,
        };
        if let (Stored::Yes | Stored::NoRoom, Some(lock)) = (stored, self.locks.remove(key)) {
            lock.disarm();
        }
        if stored == Stored::NoRoom {
            namespace.forget(key, record.version, self.call);
            return false;
        }
        true
    }

    /// Deletes what the call has seen under a key, and nothing newer. It gives the claim on the key.
    pub async fn delete(&mut self, key: &str) {
        let Some(version) = self.seen.remove(key) else {
            return;
        };
        if let Some(deleted) = self.namespace.remove(key, version, self.call) {
            let lock = deleted.await;
            self.keep(key, lock);
        }
    }

    async fn delete_stored(&mut self, key: &str, value: &[u8]) {
        let namespace = self.namespace.clone();
        if let Some((backend, record)) = namespace.backend(key) {
            let lock = backend.delete(record, value, self.call).await;
            self.keep(key, lock);
        }
    }

    fn keep(&mut self, key: &str, lock: Option<Box<dyn SharedLock>>) {
        if let (Some(lock), true) = (lock, self.locks.len() < MAX_LOCKS) {
            self.locks.insert(key.to_owned(), lock);
        }
    }

    /// Whether there is a record under a key. It gives no claim.
    pub async fn exists(&self, key: &str) -> bool {
        self.keys().await.iter().any(|name| name == key)
    }

    /// The keys of all records.
    pub async fn keys(&self) -> Vec<String> {
        self.namespace.all_keys().await
    }
}

impl Drop for SessionView {
    fn drop(&mut self) {
        self.namespace.give_up(self.call);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sessions::SessionStore;

    #[tokio::test]
    async fn a_second_reader_waits_for_the_first_and_sees_what_it_writes() {
        let store = Arc::new(SessionStore::default());
        let mut first = store.namespace("rpa").view();
        assert_eq!(first.get("k").await, None);
        let other = store.clone();
        let second = tokio::spawn(async move { other.namespace("rpa").view().get("k").await });
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        assert!(first.set("k", b"token".to_vec()).await);
        assert_eq!(second.await.unwrap().as_deref(), Some(&b"token"[..]));
    }

    #[tokio::test]
    async fn a_claim_ends_with_its_call() {
        let store = SessionStore::default();
        let mut first = store.namespace("rpa").view();
        assert_eq!(first.get("k").await, None);
        drop(first);
        assert_eq!(store.namespace("rpa").view().get("k").await, None);
    }

    #[tokio::test]
    async fn a_call_has_a_number_of_claims_and_no_more() {
        let store = SessionStore::default();
        let mut first = store.namespace("rpa").view();
        for key in 0..1000 {
            assert_eq!(first.get(&key.to_string()).await, None);
        }
        let mut second = store.namespace("rpa").view();
        assert_eq!(second.get("999").await, None, "it needn't wait for the first");
    }

    #[tokio::test]
    async fn only_what_was_seen_is_deleted() {
        let store = SessionStore::default();
        let mut first = store.namespace("rpa").view();
        let mut second = store.namespace("rpa").view();
        assert!(first.set("k", b"old".to_vec()).await);
        assert!(second.get("k").await.is_some());
        assert!(first.set("k", b"new".to_vec()).await);
        second.delete("k").await;
        assert_eq!(second.get("k").await.as_deref(), Some(&b"new"[..]));
        second.delete("k").await;
        assert_eq!(second.get("k").await, None);
    }

    #[tokio::test]
    async fn who_deletes_has_the_claim() {
        let store = Arc::new(SessionStore::default());
        let mut first = store.namespace("rpa").view();
        assert!(first.set("k", b"old".to_vec()).await);
        first.delete("k").await;
        let other = store.clone();
        let second = tokio::spawn(async move { other.namespace("rpa").view().get("k").await });
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        assert_eq!(first.get("k").await, None);
        assert!(first.set("k", b"new".to_vec()).await);
        assert_eq!(second.await.unwrap().as_deref(), Some(&b"new"[..]));
    }

    #[tokio::test]
    async fn connections_do_not_see_each_other() {
        let store = SessionStore::default();
        assert!(store.namespace("a").view().set("k", b"secret".to_vec()).await);
        assert_eq!(store.namespace("b").view().get("k").await, None);
    }
}
