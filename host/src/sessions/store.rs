//! All sessions of a host.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::beneath::Beneath;
use super::location::StateLocation;
use super::namespace::Namespace;
use super::view::SessionView;
use crate::error::Error;

/// What a guest's handle to a bucket stands for: there is one bucket per connection.
#[derive(Debug)]
#[expect(unreachable_pub, reason = "the generated bindings export it again")]
pub struct Bucket;

/// All sessions of a host.
#[derive(Debug, Default)]
pub(crate) struct SessionStore {
    namespaces: Mutex<HashMap<String, Arc<Namespace>>>,
    beneath: Beneath,
    next_call: AtomicU64,
}

impl SessionStore {
    /// Sessions that are kept at this place too. `roots` are certificates (DER) to trust besides the
    /// platform's. A folder is opened, which blocks; Redis isn't asked yet.
    pub(crate) fn open(state: Option<&StateLocation>, roots: &[Vec<u8>]) -> Result<Self, Error> {
        Ok(Self {
            beneath: match state {
                Some(state) => Beneath::open(state, roots)?,
                None => Beneath::Nothing,
            },
            ..Self::default()
        })
    }

    /// Whether what lies beneath can be used now.
    pub(crate) async fn check(&self) -> Result<(), Error> {
        self.beneath.check().await
    }

    /// Waits until every lock that ended calls held is given back.
    pub(crate) async fn settle(&self) {
        self.beneath.settle().await;
    }

    /// The sessions of one connection.
    pub(crate) fn namespace(&self, connection: &str) -> Arc<Namespace> {
        lock(&self.namespaces)
            .entry(connection.to_owned())
            .or_insert_with(|| Arc::new(Namespace::new(connection, self.beneath.clone())))
            .clone()
    }

    /// What one call sees of a namespace. Dropping it gives up its claims.
    pub(crate) fn view(&self, namespace: Arc<Namespace>) -> SessionView {
        SessionView::new(namespace, self.next_call.fetch_add(1, Ordering::Relaxed))
    }
}

/// A panic while the lock was held leaves plain data behind, which stays usable.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
