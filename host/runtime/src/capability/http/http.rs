//! `wasi:http` of one instance.

use wasmtime::component::{Linker, ResourceTable};
use wasmtime_wasi_http::p2::bindings::LinkOptions;
use wasmtime_wasi_http::p2::bindings::http::{outgoing_handler, types};
use wasmtime_wasi_http::{WasiHttp, WasiHttpCtx, WasiHttpCtxView};

use super::egress::Egress;
use super::held;
use crate::capability::{CallScope, Capability, Grant, Lend, Lent, Offer};
use crate::memory::Held;

/// `wasi:http` of one instance.
pub(crate) struct Http {
    context: WasiHttpCtx,
    egress: Egress,
    /// What the host holds for the guest's handles.
    handles: Held,
}

impl Capability for Http {
    const OFFERS: &'static [Offer] = &[("wasi:http/outgoing-handler", "0.2"), ("wasi:http/types", "0.2")];

    fn grant(grant: &Grant) -> Self {
        let mut context = WasiHttpCtx::new();
        context.set_field_size_limit(held::MAX_FIELDS);
        Self {
            context,
            egress: Egress::new(grant),
            handles: grant.memory.part("the requests and responses that it has open"),
        }
    }

    fn link<T: Lend<Self>>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
        outgoing_handler::add_to_linker::<T, WasiHttp>(linker, view)?;
        types::add_to_linker::<T, WasiHttp>(linker, &(&LinkOptions::default()).into(), view)
    }

    fn begin(&mut self, call: &CallScope) {
        self.egress.begin(call);
    }

    /// A request or a response that the guest has kept would be held until the instance ends.
    fn end(&mut self, table: &mut ResourceTable) -> bool {
        self.egress.end();
        !held::any(table)
    }
}

impl Http {
    /// Counts what is held before the guest may have more of it.
    fn count(&mut self, table: &mut ResourceTable) {
        if self.handles.resize(held::bytes(table)).is_err() {
            // Everything is dropped at once. The guest traps: it finds none of its handles, and gets no new one.
            *table = ResourceTable::new();
            table.set_max_capacity(0);
        }
    }
}

fn view<T: Lend<Http>>(store: &mut T) -> WasiHttpCtxView<'_> {
    let Lent { capability, table } = store.lend();
    capability.count(table);
    WasiHttpCtxView {
        hooks: &mut capability.egress,
        table,
        ctx: &mut capability.context,
    }
}
