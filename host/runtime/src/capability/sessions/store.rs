//! The sessions of a host.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use parking_lot::Mutex;

use super::backend::SessionBackend;
use super::namespace::Namespace;
use crate::error::Error;

/// The sessions of a host. A host makes its own; a backend's tests make several, which stand for hosts.
#[derive(Debug, Default)]
pub struct SessionStore {
    namespaces: Mutex<HashMap<String, Arc<Namespace>>>,
    backend: Option<Arc<dyn SessionBackend>>,
    next_call: Arc<AtomicU64>,
}

impl SessionStore {
    /// Sessions that a backend keeps too; without one they end with the host.
    #[must_use]
    pub fn new(backend: Option<Arc<dyn SessionBackend>>) -> Self {
        Self {
            backend,
            ..Self::default()
        }
    }

    /// Whether the backend can be used now.
    ///
    /// # Errors
    ///
    /// Those of the backend.
    pub async fn check(&self) -> Result<(), Error> {
        match &self.backend {
            Some(backend) => backend.clone().check().await,
            None => Ok(()),
        }
    }

    /// Waits until every lock that ended calls held is given back.
    pub async fn settle(&self) {
        if let Some(backend) = &self.backend {
            backend.clone().settle().await;
        }
    }

    /// The records of one connection.
    #[must_use]
    pub fn namespace(&self, connection: &str) -> Arc<Namespace> {
        let mut namespaces = self.namespaces.lock();
        if let Some(namespace) = namespaces.get(connection) {
            return namespace.clone();
        }
        let namespace = Namespace::new(connection, self.backend.clone(), self.next_call.clone());
        let namespace = Arc::new(namespace);
        namespaces.insert(connection.to_owned(), namespace.clone());
        namespace
    }
}
