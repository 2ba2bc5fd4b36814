//! The data of an instance's store.

use wasmtime::Store;
use wasmtime::component::ResourceTable;

use super::engine::Engine;
use super::limits::MemoryLimiter;
use super::scheduler::Share;
use crate::capability::{CallScope, Capabilities, Grant, Lend, Lent};
use crate::memory::{MemoryBudget, MemoryExceeded};

/// The most handles that an instance may have. A call with as many requests open as it may have needs some hundreds.
pub(super) const MAX_HANDLES: usize = 4096;

/// The data of a store: everything that a guest can reach, and what holds it to its limits.
pub(crate) struct State {
    capabilities: Capabilities,
    table: ResourceTable,
    share: Share,
    limiter: MemoryLimiter,
    memory: MemoryBudget,
}

impl State {
    /// A call begins.
    pub(crate) fn begin(&mut self, call: &CallScope) {
        self.share.begin();
        self.capabilities.begin(call);
    }

    /// The call has ended well. Returns whether the instance may serve another one: not where it has exceeded its
    /// memory, or kept something of this call that the host would hold for it.
    pub(crate) fn end(&mut self) -> bool {
        self.capabilities.end(&mut self.table) && self.memory.exceeded().is_none()
    }

    /// How the memory was exceeded, where it was.
    pub(crate) fn memory_exceeded(&self) -> Option<MemoryExceeded> {
        self.memory.exceeded()
    }

    /// The memory of the guest itself, in bytes.
    pub(crate) fn guest_memory(&self) -> usize {
        self.limiter.bytes()
    }

    /// What the guest has printed in this call. Most of it is the message of a panic.
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

/// A store for one instance, which gives way to others while it runs and can't exceed the memory of its grant.
pub(crate) fn store(engine: &Engine, grant: &Grant) -> Store<State> {
    let mut table = ResourceTable::new();
    table.set_max_capacity(MAX_HANDLES);
    let state = State {
        capabilities: Capabilities::grant(grant),
        table,
        share: Share::new(engine.scheduler.clone()),
        limiter: MemoryLimiter::new(&grant.memory),
        memory: grant.memory.clone(),
    };
    let mut store = Store::new(&engine.wasmtime, state);
    // What the guest passes in one call of the host is copied before the host can count it.
    store.set_hostcall_fuel(grant.memory.allowed());
    store.limiter(|state| &mut state.limiter);
    store.epoch_deadline_callback(|mut store| Ok(store.data_mut().share.tick()));
    store.set_epoch_deadline(1);
    store
}
