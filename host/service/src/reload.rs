//! Reading the configuration again while the service runs.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;

use serde::Serialize;

use super::tokens::Tokens;
use patchbay::{Connection, Error};

/// The connections of a service, by name.
pub type Connections = BTreeMap<String, Connection>;

/// Reads the configuration again: that is the business of whoever has it.
pub trait Reloader: Debug + Send + Sync + 'static {
    /// Makes what is to be served from now on. `current` is what is served now: a connection whose configuration
    /// hasn't changed is taken over from it, with its sessions, queue, and rate budget. One reload is under way at a
    /// time.
    ///
    /// # Errors
    ///
    /// Where anything in the configuration can't be used; what is served then stays as it is.
    fn reload(&self, current: Arc<Connections>) -> Reloading<'_>;
}

/// What a reload will give.
pub type Reloading<'a> = Pin<Box<dyn Future<Output = Result<Reconfigured, Error>> + Send + 'a>>;

/// What is to be served after a reload.
#[derive(Debug)]
pub struct Reconfigured {
    /// The connections, by name.
    pub connections: Connections,
    /// Bearer tokens of callers.
    pub tokens: Tokens,
    /// What differs from before.
    pub changes: Changes,
}

/// What a reload has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// Connections that are new.
    pub added: Vec<String>,
    /// Connections with another configuration than before.
    pub changed: Vec<String>,
    /// Connections that are gone. Calls under way on them end as they began.
    pub removed: Vec<String>,
    /// Whether the bearer tokens of callers are others.
    pub tokens: bool,
    /// Keys of the configuration that have changed, but take effect only when the service is started again.
    pub restart: Vec<String>,
}
