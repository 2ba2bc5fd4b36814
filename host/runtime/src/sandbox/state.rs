//! The data of an instance's store.

use wasmtime::Store;
use wasmtime::component::ResourceTable;

use super::engine::Engine;
use super::limits::MemoryLimiter;
use super::scheduler::Share;
use crate::capability::{CallScope, Capabilities, Grant, Lend, Lent};

/// The data of a store: everything that a guest can reach, and what holds it to its limits.
pub(crate) struct State {
    capabilities: Capabilities,
    table: ResourceTable,
    share: Share,
    limiter: MemoryLimiter,
}

impl State {
    /// A call begins.
    pub(crate) fn begin(&mut self, call: &CallScope) {
        self.share.begin();
        self.capabilities.begin(call);
    }

    /// The call has ended well.
    pub(crate) fn end(&mut self) {
        self.capabilities.end();
    }

    /// What the guest has printed. Most of it is the message of a panic.
    pub(crate) fn printed(&self) -> Vec<u8> {
        self.capabilities.printed()
    }

    /// Whether the guest has been at work for long without a pause.
    pub(crate) fn is_heavy(&self) -> bool {
        self.share.is_heavy()
    }
}

impl<C> Lend<C> for State
where
    Capabilities: AsMut<C>,
{
    fn lend(&mut self) -> Lent<'_, C> {
        // Each borrow is a call of the host, in which the guest may wait.
        self.share.call();
        Lent {
            capability: self.capabilities.as_mut(),
            table: &mut self.table,
        }
    }
}

/// A store for one instance, which gives way to others while it runs and can't exceed its memory, in bytes.
pub(crate) fn store(engine: &Engine, grant: &Grant, memory: usize) -> Store<State> {
    let state = State {
        capabilities: Capabilities::grant(grant),
        table: ResourceTable::new(),
        share: Share::new(engine.scheduler.clone()),
        limiter: MemoryLimiter::new(memory),
    };
    let mut store = Store::new(&engine.wasmtime, state);
    store.limiter(|state| &mut state.limiter);
    store.epoch_deadline_callback(|mut store| Ok(store.data_mut().share.tick()));
    store.set_epoch_deadline(1);
    store
}
