//! `wasi:http` of one instance.

use wasmtime::component::Linker;
use wasmtime_wasi_http::p2::bindings::LinkOptions;
use wasmtime_wasi_http::p2::bindings::http::{outgoing_handler, types};
use wasmtime_wasi_http::{WasiHttp, WasiHttpCtx, WasiHttpCtxView};

use super::egress::Egress;
use crate::capability::{CallScope, Capability, Grant, Lend, Lent, Offer};

/// `wasi:http` of one instance.
pub(crate) struct Http {
    context: WasiHttpCtx,
    egress: Egress,
}

impl Capability for Http {
    const OFFERS: &'static [Offer] = &[("wasi:http/outgoing-handler", "0.2"), ("wasi:http/types", "0.2")];

    fn grant(grant: &Grant) -> Self {
        Self {
            context: WasiHttpCtx::new(),
            egress: Egress::new(grant),
        }
    }

    fn link<T: Lend<Self>>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
        outgoing_handler::add_to_linker::<T, WasiHttp>(linker, view)?;
        types::add_to_linker::<T, WasiHttp>(linker, &(&LinkOptions::default()).into(), view)
    }

    fn begin(&mut self, call: &CallScope) {
        self.egress.begin(call);
    }
}

fn view<T: Lend<Http>>(store: &mut T) -> WasiHttpCtxView<'_> {
    let Lent { capability, table } = store.lend();
    WasiHttpCtxView {
        hooks: &mut capability.egress,
        table,
        ctx: &mut capability.context,
    }
}
