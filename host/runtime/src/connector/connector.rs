//! A connector, and an instance of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use wasmtime::Store;

use super::catalog::Catalog;
use super::contract::{Exports, Prepared};
use crate::capability::Grant;
use crate::manifest::Manifest;
use crate::sandbox::{Engine, State, store};

/// A connector, ready to be called. Once made it doesn't change.
pub struct Connector {
    pub(super) catalog: Catalog,
    pub(super) prepared: Box<dyn Prepared>,
    pub(super) path: PathBuf,
    pub(super) digest: String,
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connector")
            .field("id", &self.manifest().id)
            .field("version", &self.manifest().version)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Connector {
    /// What the connector is and can do.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        self.catalog.manifest()
    }

    /// Its manifest, with the validators.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The file that it was loaded from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// SHA-256 of the file, in lower-case hexadecimal digits.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Whether its vendor calls back.
    #[must_use]
    pub fn takes_callbacks(&self) -> bool {
        self.prepared.takes_callbacks()
    }
}

/// An instance of a connector, with its store.
pub(crate) struct Instance {
    pub(crate) store: Store<State>,
    pub(crate) exports: Box<dyn Exports>,
    connector: Arc<Connector>,
}

impl Instance {
    /// Makes an instance with this grant.
    pub(crate) async fn new(
        engine: &Engine,
        connector: &Arc<Connector>,
        grant: &Grant,
    ) -> wasmtime::Result<Self> {
        let mut store = store(engine, grant);
        let exports = connector.prepared.instantiate(&mut store).await?;
        Ok(Self {
            store,
            exports,
            connector: connector.clone(),
        })
    }

    /// Whether it is an instance of this version.
    pub(crate) fn is_of(&self, connector: &Arc<Connector>) -> bool {
        Arc::ptr_eq(&self.connector, connector)
    }
}
