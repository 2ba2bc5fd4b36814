//! Stores as hosts have them: with claims, without, and shared between two hosts.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use super::session::NOW;
use crate::Host;
use crate::host::Clock;
use crate::session::Store;
use crate::settings::Settings;
use crate::testing::Script;

/// What one host has in memory.
#[derive(Default)]
struct Shared {
    records: HashMap<String, Vec<u8>>,
    /// The calls that have the claims.
    claims: HashMap<String, u64>,
    /// Which claims a call waits for: a circle of them is a deadlock.
    waits: HashMap<u64, String>,
    /// What has been replaced or deleted here, and isn't taken from the backend again.
    retired: HashSet<(String, Vec<u8>)>,
}

impl Shared {
    fn retire(&mut self, key: &str) {
        if let Some(record) = self.records.remove(key) {
            self.retired.insert((key.to_owned(), record));
        }
    }
}

/// What several hosts share: records, and the calls that have the locks.
#[derive(Default)]
struct Backend {
    records: HashMap<String, Vec<u8>>,
    locks: HashMap<String, u64>,
}

/// The store of a host, shared by its calls.
#[derive(Clone, Default)]
pub(super) struct Bucket {
    shared: Arc<(Mutex<Shared>, Condvar)>,
    knows_claims: bool,
    pub(super) time: Arc<AtomicU64>,
    backend: Option<Arc<Mutex<Backend>>>,
}

impl Bucket {
    pub(super) fn new(knows_claims: bool) -> Self {
        let bucket = Self {
            knows_claims,
            ..Self::default()
        };
        bucket.set_time(NOW);
        bucket
    }

    /// Two hosts that know claims and share a backend.
    pub(super) fn pair() -> [Self; 2] {
        let one = Self {
            backend: Some(Arc::default()),
            ..Self::new(true)
        };
        let other = Self {
            shared: Arc::default(),
            ..one.clone()
        };
        [one, other]
    }

    pub(super) fn set_time(&self, time: u64) {
        self.time.store(time, Ordering::SeqCst);
    }

    /// The host of one call.
    pub(super) fn host(&self) -> Host {
        static CALL: AtomicU64 = AtomicU64::new(0);
        let call = Call {
            bucket: self.clone(),
            id: CALL.fetch_add(1, Ordering::SeqCst),
            seen: Mutex::default(),
        };
        let script = Script::new(|_| panic!("sessions send nothing themselves"));
        let clock = Now(self.time.clone());
        Host::new(
            Settings::default(),
            Box::new(script),
            Box::new(call),
            Box::new(clock),
        )
    }
}

/// What one call sees of the store, as the contract's host has it: who reads a missing record has the claim
/// on it, others wait for it, and only what this call has seen is deleted.
struct Call {
    bucket: Bucket,
    id: u64,
    seen: Mutex<HashMap<String, Vec<u8>>>,
}

impl Store for Call {
    fn get(&self, key: &str) -> Option<Vec<u8>> {
        let (shared, changed) = &*self.bucket.shared;
        let mut shared = shared.lock().unwrap();
        loop {
            if let Some(record) = shared.records.get(key) {
                self.seen.lock().unwrap().insert(key.to_owned(), record.clone());
                return Some(record.clone());
            }
            if !self.bucket.knows_claims {
                return None;
            }
            match shared.claims.get(key).copied() {
                Some(other) if other != self.id => {
                    shared.waits.insert(self.id, key.to_owned());
                    assert_no_circle(&shared, self.id);
                    shared = changed.wait(shared).unwrap();
                    shared.waits.remove(&self.id);
                }
                _ => {
                    shared.claims.insert(key.to_owned(), self.id);
                    match self.ask_backend(key, &shared.retired) {
                        Asked::Record(record) => {
                            shared.records.insert(key.to_owned(), record);
                            shared.claims.remove(key);
                            changed.notify_all();
                        }
                        Asked::Nothing => return None,
                        Asked::Locked => {
                            drop(shared);
                            thread::sleep(Duration::from_millis(1));
                            shared = self.bucket.shared.0.lock().unwrap();
                        }
                    }
                }
            }
        }
    }

    fn set(&self, key: &str, value: Vec<u8>) {
        let (shared, changed) = &*self.bucket.shared;
        let mut shared = shared.lock().unwrap();
        if let Some(backend) = &self.bucket.backend {
            let mut backend = backend.lock().unwrap();
            backend.records.insert(key.to_owned(), value.clone());
            backend.locks.retain(|name, call| name != key || *call != self.id);
        }
        shared.retire(key);
        self.seen.lock().unwrap().insert(key.to_owned(), value.clone());
        shared.records.insert(key.to_owned(), value);
        shared.claims.remove(key);
        changed.notify_all();
    }

    fn delete(&self, key: &str) {
        let mut shared = self.bucket.shared.0.lock().unwrap();
        let seen = self.seen.lock().unwrap();
        if !self.bucket.knows_claims {
            shared.records.remove(key);
        } else if let Some(seen) = seen.get(key)
            && shared.records.get(key) == Some(seen)
        {
            shared.retire(key);
            shared.claims.insert(key.to_owned(), self.id);
            self.delete_from_backend(key, seen);
        }
    }
}

/// What the backend has where memory has nothing.
enum Asked {
    Record(Vec<u8>),
    Nothing,
    Locked,
}

impl Call {
    fn ask_backend(&self, key: &str, retired: &HashSet<(String, Vec<u8>)>) -> Asked {
        let Some(backend) = &self.bucket.backend else {
            return Asked::Nothing;
        };
        if let Some(record) = backend.lock().unwrap().records.get(key).cloned() {
            if !retired.contains(&(key.to_owned(), record.clone())) {
                return Asked::Record(record);
            }
            self.delete_from_backend(key, &record);
        }
        match *backend
            .lock()
            .unwrap()
            .locks
            .entry(key.to_owned())
            .or_insert(self.id)
        {
            holder if holder == self.id => Asked::Nothing,
            _ => Asked::Locked,
        }
    }

    fn delete_from_backend(&self, key: &str, seen: &Vec<u8>) {
        if let Some(backend) = &self.bucket.backend {
            let mut backend = backend.lock().unwrap();
            if backend.records.get(key) == Some(seen) {
                backend.records.remove(key);
                backend.locks.entry(key.to_owned()).or_insert(self.id);
            }
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let (shared, changed) = &*self.bucket.shared;
        // A test that fails poisons it.
        if let Ok(mut shared) = shared.lock() {
            shared.claims.retain(|_, call| *call != self.id);
            changed.notify_all();
        }
        if let Some(backend) = &self.bucket.backend
            && let Ok(mut backend) = backend.lock()
        {
            backend.locks.retain(|_, call| *call != self.id);
        }
    }
}

/// Fails the test where calls wait for each other.
fn assert_no_circle(shared: &Shared, from: u64) {
    let mut call = from;
    let mut passed = HashSet::new();
    while let Some(next) = shared.waits.get(&call).and_then(|key| shared.claims.get(key)) {
        assert!(
            passed.insert(call),
            "calls wait for each other: {:?}",
            shared.waits
        );
        call = *next;
    }
}

struct Now(Arc<AtomicU64>);

impl Clock for Now {
    fn now_ms(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    fn sleep(&self, _: Duration) {}

    fn remaining(&self) -> Option<Duration> {
        None
    }
}
