//! What a capability is.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::time::Instant;
use wasmtime::component::{Linker, ResourceTable};

use super::http::{HttpClient, Policy};
use super::sessions::Namespace;
use crate::memory::MemoryBudget;
use crate::secrets::Secrets;
use crate::trace::CallTrace;

/// An interface, and the version of it that is offered: `0.2` stands for every 0.2.x.
pub(crate) type Offer = (&'static str, &'static str);

/// Something that a host offers to guests. There is one value of it in each instance.
pub(crate) trait Capability: Send + Sized + 'static {
    /// Its interfaces.
    const OFFERS: &'static [Offer];

    /// What an instance with this grant gets.
    fn grant(grant: &Grant) -> Self;

    /// Defines its interfaces.
    fn link<T: Lend<Self>>(linker: &mut Linker<T>) -> wasmtime::Result<()>;

    /// A call begins.
    fn begin(&mut self, _: &CallScope) {}

    /// The call has ended well. Returns whether the instance may serve another one.
    fn end(&mut self, _: &mut ResourceTable) -> bool {
        true
    }

    /// What the guest has printed in this call.
    fn printed(&self) -> Option<Vec<u8>> {
        None
    }
}

/// A store that has a capability.
pub(crate) trait Lend<C>: Send + 'static {
    /// Lends the capability, with the table of the store's resources.
    fn lend(&mut self) -> Lent<'_, C>;
}

/// A capability that a store lends to the code behind an interface.
pub(crate) struct Lent<'a, C> {
    pub(crate) capability: &'a mut C,
    pub(crate) table: &'a mut ResourceTable,
}

/// What a connection gives to an instance.
#[derive(Clone)]
pub(crate) struct Grant {
    /// The connection's name.
    pub(crate) connection: Arc<str>,
    /// The settings as a guest sees them.
    pub(crate) settings: Arc<BTreeMap<String, String>>,
    /// Where requests may go.
    pub(crate) policy: Arc<Policy>,
    /// The largest body of a response, in bytes.
    pub(crate) max_response: usize,
    /// What the instance may hold.
    pub(crate) memory: MemoryBudget,
    pub(crate) http: Arc<HttpClient>,
    /// The connection's share of the sockets that the client may have in use.
    pub(crate) sockets: Arc<Semaphore>,
    /// Absent where there are no settings, and so no secrets.
    pub(crate) secrets: Option<Secrets>,
    /// Absent where there is no connection, and so nothing to store for.
    pub(crate) sessions: Option<Arc<Namespace>>,
}

impl Grant {
    /// What a component gets while it is loaded: memory, in bytes, but no settings, no sessions, no network.
    pub(crate) fn nothing(http: Arc<HttpClient>, memory: usize) -> Self {
        Self {
            connection: "a component that is being loaded".into(),
            settings: Arc::default(),
            policy: Arc::default(),
            max_response: 0,
            memory: MemoryBudget::new(memory),
            sockets: http.share(),
            http,
            secrets: None,
            sessions: None,
        }
    }
}

/// What capabilities know of the call that is under way.
#[derive(Clone)]
pub(crate) struct CallScope {
    pub(crate) trace: Arc<CallTrace>,
    /// When the call must have ended.
    pub(crate) until: Instant,
    /// Whether it may send requests: a callback may not.
    pub(crate) may_send: bool,
}
