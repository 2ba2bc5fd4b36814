//! The latest calls of a host.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::trace::{CallId, CallRecord};

/// How many calls that succeeded are kept.
const SUCCESSES: usize = 5_000;
/// How many that failed. They have a place of their own, so that calls that went well don't push them out.
const FAILURES: usize = 5_000;

/// What the records of either sort take at most, in bytes.
const BYTES: usize = 8 << 20;

/// The latest calls of a host, in memory: the oldest make place for new ones.
#[derive(Debug)]
pub(crate) struct CallLog {
    successes: Mutex<Ring>,
    failures: Mutex<Ring>,
}

impl Default for CallLog {
    fn default() -> Self {
        Self {
            successes: Mutex::new(Ring::new(SUCCESSES)),
            failures: Mutex::new(Ring::new(FAILURES)),
        }
    }
}

impl CallLog {
    pub(crate) fn add(&self, record: Arc<CallRecord>) {
        let ring = if record.error.is_none() && !record.abandoned {
            &self.successes
        } else {
            &self.failures
        };
        ring.lock().add(record);
    }

    pub(crate) fn find(&self, id: CallId) -> Option<Arc<CallRecord>> {
        let find = |ring: &Mutex<Ring>| ring.lock().records.get(&id).cloned();
        find(&self.failures).or_else(|| find(&self.successes))
    }
}

#[derive(Debug)]
struct Ring {
    most: usize,
    /// What the records take, in bytes.
    bytes: usize,
    order: VecDeque<CallId>,
    records: HashMap<CallId, Arc<CallRecord>>,
}

impl Ring {
    fn new(most: usize) -> Self {
        Self {
            most,
            bytes: 0,
            order: VecDeque::new(),
            records: HashMap::new(),
        }
    }

    fn add(&mut self, record: Arc<CallRecord>) {
        self.bytes += record.bytes();
        self.order.push_back(record.id);
        if let Some(before) = self.records.insert(record.id, record) {
            // An embedder may give two calls one id.
            self.bytes -= before.bytes();
        }
        while self.order.len() > self.most || self.bytes > BYTES {
            let Some(oldest) = self.order.pop_front() else {
                break;
            };
            if let Some(record) = self.records.remove(&oldest) {
                self.bytes -= record.bytes();
            }
        }
    }
}
