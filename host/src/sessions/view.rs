//! What one call sees of its connection's sessions.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::namespace::{Found, Namespace};
use super::redis::{LoginLock, Look, Stored};

/// How many locks one call may hold. Under more keys than that it logs in for itself.
const MAX_LOCKS: usize = 16;
/// How long a call waits before it looks again whether another host has logged in: this long at first,
/// twice as long each time, but not longer than the other.
const FIRST_WAIT: Duration = Duration::from_millis(15);
const LONGEST_WAIT: Duration = Duration::from_millis(240);

/// What one call sees of its connection's sessions.
#[derive(Debug)]
pub(crate) struct SessionView {
    namespace: Arc<Namespace>,
    call: u64,
    /// The version of each record that the call has read or written.
    seen: HashMap<String, u64>,
    /// The locks that it holds where sessions are shared.
    locks: HashMap<String, LoginLock>,
}

impl SessionView {
    pub(super) fn new(namespace: Arc<Namespace>, call: u64) -> Self {
        Self {
            namespace,
            call,
            seen: HashMap::new(),
            locks: HashMap::new(),
        }
    }

    /// The record under a key. `None` gives the claim on it; until then the call waits for who has it.
    pub(crate) async fn get(&mut self, key: &str) -> Option<Vec<u8>> {
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
                Found::Awaited => changed.await,
                Found::Claimed => match self.look(key).await {
                    Look::Record(value) => {
                        if namespace.fill(key, value.clone()).is_none() {
                            // It has ended here already, and the news has got lost.
                            self.delete_shared(key, &value).await;
                        }
                    }
                    Look::Claimed(lock) => {
                        self.locks.insert(key.to_owned(), lock);
                        return None;
                    }
                    Look::Taken => {
                        // Another host logs in.
                        tokio::time::sleep(wait).await;
                        wait = (wait * 2).min(LONGEST_WAIT);
                    }
                    Look::Alone => return None,
                },
            }
        }
    }

    /// Looks for a record that this host doesn't have, and takes the lock on it where there is none.
    async fn look(&self, key: &str) -> Look {
        match self.namespace.redis(key) {
            Some(redis) if !self.locks.contains_key(key) && self.locks.len() < MAX_LOCKS => {
                redis.look(self.namespace.connection(), key, self.call).await
            }
            _ => Look::Alone,
        }
    }

    /// Whether there was room for it.
    pub(crate) async fn set(&mut self, key: &str, value: Vec<u8>) -> bool {
        let namespace = self.namespace.clone();
        let Some((record, written)) = namespace.put(key, &value) else {
            return false;
        };
        self.seen.insert(key.to_owned(), record.version);
        written.wait().await;
        let Some(redis) = namespace.redis(key) else {
            return true;
        };
        let stored = redis.set(namespace.connection(), key, &value, self.call).await;
        if let (Stored::Yes | Stored::NoRoom, Some(lock)) = (&stored, self.locks.remove(key)) {
            lock.given_back();
        }
        if stored == Stored::NoRoom {
            namespace.remove(key, record.version, self.call);
            return false;
        }
        true
    }

    /// Deletes what the call has seen under a key, and nothing newer. It gives the claim on the key.
    pub(crate) async fn delete(&mut self, key: &str) {
        let Some(version) = self.seen.get(key) else {
            return;
        };
        let Some((value, written)) = self.namespace.remove(key, *version, self.call) else {
            return;
        };
        written.wait().await;
        self.delete_shared(key, &value).await;
    }

    async fn delete_shared(&mut self, key: &str, value: &[u8]) {
        let namespace = self.namespace.clone();
        let Some(redis) = namespace.redis(key) else { return };
        let lock = redis.delete(namespace.connection(), key, value, self.call).await;
        if let (Some(lock), true) = (lock, self.locks.len() < MAX_LOCKS) {
            self.locks.insert(key.to_owned(), lock);
        }
    }

    /// Whether there is a record under a key. It gives no claim.
    pub(crate) async fn exists(&self, key: &str) -> bool {
        self.keys().await.iter().any(|name| name == key)
    }

    /// The keys of all records.
    pub(crate) async fn keys(&self) -> Vec<String> {
        let mut keys = self.namespace.keys();
        if let Some(redis) = self.namespace.redis("") {
            keys.extend(redis.keys(self.namespace.connection()).await);
            keys.sort();
            keys.dedup();
        }
        keys
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
        let mut first = store.view(store.namespace("rpa"));
        assert_eq!(first.get("k").await, None);
        let other = store.clone();
        let second = tokio::spawn(async move { other.view(other.namespace("rpa")).get("k").await });
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        assert!(first.set("k", b"token".to_vec()).await);
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
        let mut first = store.view(store.namespace("rpa"));
        assert!(first.set("k", b"old".to_vec()).await);
        first.delete("k").await;
        let other = store.clone();
        let second = tokio::spawn(async move { other.view(other.namespace("rpa")).get("k").await });
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        assert_eq!(first.get("k").await, None);
        assert!(first.set("k", b"new".to_vec()).await);
        assert_eq!(second.await.unwrap().as_deref(), Some(&b"new"[..]));
    }

    #[tokio::test]
    async fn connections_do_not_see_each_other() {
        let store = SessionStore::default();
        assert!(
            store
                .view(store.namespace("a"))
                .set("k", b"secret".to_vec())
                .await
        );
        assert_eq!(store.view(store.namespace("b")).get("k").await, None);
    }
}
