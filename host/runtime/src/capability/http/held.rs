//! What the host holds for a guest's handles to requests and responses.

use std::any::Any;

use wasmtime::component::ResourceTable;
use wasmtime_wasi_http::FieldMap;
use wasmtime_wasi_http::p2::bindings::http::types::Method;
use wasmtime_wasi_http::p2::body::{HostFutureTrailers, HostIncomingBody};
use wasmtime_wasi_http::p2::types::{HostIncomingResponse, HostOutgoingRequest};

use super::exchange::FutureResponse;
use super::outgoing::OutgoingBody;

/// The most that the header fields of one message may take, in bytes.
pub(super) const MAX_FIELDS: usize = 64 << 10;
/// What a handle takes besides, in bytes.
const HANDLE: usize = 256;

/// What is held for all handles, in bytes. Each is taken to be as large as it may become, which needs no look at
/// its content. Bodies aren't in it: they count where they are.
pub(super) fn bytes(table: &mut ResourceTable) -> usize {
    table.iter_mut().map(|resource| HANDLE + size(resource)).sum()
}

fn size(resource: &(dyn Any + Send)) -> usize {
    if let Some(request) = resource.downcast_ref::<HostOutgoingRequest>() {
        let method = match &request.method {
            Method::Other(name) => name.len(),
            _ => 0,
        };
        let target = [&request.authority, &request.path_with_query];
        let target: usize = target.into_iter().flatten().map(String::len).sum();
        return method + target + MAX_FIELDS;
    }
    if resource.is::<FutureResponse>() {
        // Those of the request, and of the response.
        return 2 * MAX_FIELDS;
    }
    let has_fields = resource.is::<FieldMap>() || resource.is::<HostIncomingResponse>();
    if has_fields { MAX_FIELDS } else { 0 }
}

/// Whether there is a handle to something of a request or a response.
pub(super) fn any(table: &mut ResourceTable) -> bool {
    table.iter_mut().any(|resource| {
        resource.is::<FieldMap>()
            || resource.is::<HostOutgoingRequest>()
            || resource.is::<OutgoingBody>()
            || resource.is::<FutureResponse>()
            || resource.is::<HostIncomingResponse>()
            || resource.is::<HostIncomingBody>()
            || resource.is::<HostFutureTrailers>()
    })
}
