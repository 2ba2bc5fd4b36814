//! `wasi:http` of one instance.

use http::Request;
use http_body_util::BodyExt;
use wasmtime::component::{Linker, ResourceTable};
use wasmtime_wasi_http::p2::bindings::LinkOptions;
use wasmtime_wasi_http::p2::bindings::http::{outgoing_handler, types};
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;
use wasmtime_wasi_http::{Error as HttpError, RequestOptions, WasiHttp, WasiHttpCtx, WasiHttpCtxView};

use super::egress::{Egress, Hooks};
use super::exchange::{self, Exchange};
use super::held;
use super::outgoing::OutgoingBody;
use crate::capability::{CallScope, Capability, Grant, Lend, Lent, Offer};
use crate::memory::Held;

/// `wasi:http` of one instance.
pub(crate) struct Http {
    context: WasiHttpCtx,
    egress: Egress,
    hooks: Hooks,
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
            hooks: Hooks,
            handles: grant.memory.part("the requests and responses that it has open"),
        }
    }

    fn link<T: Lend<Self>>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
        outgoing_handler::add_to_linker::<T, WasiHttp>(linker, view)?;
        types::add_to_linker::<T, WasiHttp>(linker, &(&LinkOptions::default()).into(), view)?;
        exchange::link(linker)
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
    pub(super) fn count(&mut self, table: &mut ResourceTable) {
        if self.handles.resize(held::bytes(table)).is_err() {
            // Everything is dropped at once. The guest traps: it finds none of its handles, and gets no new one.
            *table = ResourceTable::new();
            table.set_max_capacity(0);
        }
    }

    /// The body of a request, for the guest to write and for the request.
    pub(super) fn body(&self) -> (OutgoingBody, HyperOutgoingBody) {
        let (body, awaited) = self.egress.body();
        (body, awaited.boxed_unsync())
    }

    /// Sends a request, as far as the result is waited for. The error says why it isn't sent at all.
    pub(super) fn send(
        &mut self,
        request: Request<Option<HyperOutgoingBody>>,
        options: Option<RequestOptions>,
    ) -> Result<Exchange, HttpError> {
        self.egress.send(request, options)
    }
}

pub(super) fn view<T: Lend<Http>>(store: &mut T) -> WasiHttpCtxView<'_> {
    let Lent { capability, table } = store.lend();
    capability.count(table);
    WasiHttpCtxView {
        hooks: &mut capability.hooks,
        table,
        ctx: &mut capability.context,
    }
}
