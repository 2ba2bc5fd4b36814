//! The functions of `wasi:http` that send a request, in place of those of `wasmtime-wasi-http`.
//!
//! There, each exchange is a task of its own, with channels to the guest. Here it is carried out while the guest waits
//! for it, by the task that the guest runs in.

use std::pin::Pin;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, LinkerInstance, Resource, ResourceTable, ResourceType};
use wasmtime_wasi::p2::{DynOutputStream, DynPollable, Pollable, subscribe};
use wasmtime_wasi_http::p2::bindings::http::types::{
    ErrorCode, HostFutureIncomingResponse as _, Method as WasiMethod, Scheme,
};
use wasmtime_wasi_http::p2::body::{HostIncomingBody, HyperOutgoingBody};
use wasmtime_wasi_http::p2::types::{
    HostFutureIncomingResponse, HostIncomingResponse, HostOutgoingRequest, HostOutgoingResponse,
};
use wasmtime_wasi_http::{Error as HttpError, FieldMap, RequestOptions, WasiHttpCtxView};

use super::http::{Http, view};
use super::outgoing::OutgoingBody;
use crate::capability::{Lend, Lent};

/// The interfaces, in the version that `wasmtime-wasi-http` defines.
const TYPES: &str = "wasi:http/types@0.2.12";
const HANDLER: &str = "wasi:http/outgoing-handler@0.2.12";

/// A response, whole, or why there is none.
pub(super) type Ended = Result<Response<Bytes>, HttpError>;
/// An exchange, which goes on while it is polled.
pub(super) type Exchange = Pin<Box<dyn Future<Output = Ended> + Send>>;

/// What a guest's handle to a future response stands for.
pub(super) enum FutureResponse {
    /// The exchange, as far as it has come.
    Pending(Exchange),
    Ready(Ended),
    /// The guest has it.
    Taken,
}

#[wasmtime_wasi::async_trait]
impl Pollable for FutureResponse {
    async fn ready(&mut self) {
        if let Self::Pending(exchange) = self {
            *self = Self::Ready(exchange.await);
        }
    }
}

/// Defines the functions anew that have to do with sending.
pub(super) fn link<T: Lend<Http>>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    let mut types = linker.instance(TYPES)?;
    link_body(&mut types)?;
    link_response(&mut types)?;
    linker.instance(HANDLER)?.func_wrap(
        "handle",
        |mut guest: StoreContextMut<'_, T>,
         (request, options): (Resource<HostOutgoingRequest>, Option<Resource<RequestOptions>>)| {
            let Lent { capability, table } = guest.data_mut().lend();
            capability.count(table);
            // The guest has given them away: they end here.
            let options = options.map(|options| table.delete(options)).transpose()?;
            let request = match message(table.delete(request)?) {
                Ok(request) => request,
                Err(code) => return Ok((Err(code),)),
            };
            match capability.send(request, options) {
                Ok(exchange) => Ok((Ok(table.push(FutureResponse::Pending(exchange))?),)),
                Err(refused) => Ok((Err(code(&mut view(guest.data_mut()), refused)?),)),
            }
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}

fn link_body<T: Lend<Http>>(types: &mut LinkerInstance<'_, T>) -> wasmtime::Result<()> {
    types.resource(
        "outgoing-body",
        ResourceType::host::<OutgoingBody>(),
        |mut guest, id| {
            table::<T>(&mut guest).delete(Resource::<OutgoingBody>::new_own(id))?;
            Ok(())
        },
    )?;
    types.func_wrap(
        "[method]outgoing-request.body",
        |mut guest: StoreContextMut<'_, T>, (request,): (Resource<HostOutgoingRequest>,)| {
            let Lent { capability, table } = guest.data_mut().lend();
            capability.count(table);
            if table.get(&request)?.body.is_some() {
                return Ok((Err(()),));
            }
            let (body, awaited) = capability.body();
            table.get_mut(&request)?.body = Some(awaited);
            Ok((Ok(table.push(body)?),))
        },
    )?;
    // A connector answers no requests through this interface.
    types.func_wrap(
        "[method]outgoing-response.body",
        |_: StoreContextMut<'_, T>, (_,): (Resource<HostOutgoingResponse>,)| {
            Ok((Err::<Resource<OutgoingBody>, ()>(()),))
        },
    )?;
    types.func_wrap(
        "[method]outgoing-body.write",
        |mut guest: StoreContextMut<'_, T>, (body,): (Resource<OutgoingBody>,)| {
            let table = table::<T>(&mut guest);
            let stream: Option<DynOutputStream> = table.get_mut(&body)?.stream();
            let stream = stream.map(|stream| table.push_child(stream, &body));
            Ok((stream.transpose()?.ok_or(()),))
        },
    )?;
    types.func_wrap(
        "[static]outgoing-body.finish",
        |mut guest: StoreContextMut<'_, T>,
         (body, trailers): (Resource<OutgoingBody>, Option<Resource<FieldMap>>)| {
            let table = table::<T>(&mut guest);
            // They aren't sent, as no body is that isn't whole.
            if let Some(trailers) = trailers {
                table.delete(trailers)?;
            }
            table.delete(body)?.finish();
            Ok((Ok::<_, ErrorCode>(()),))
        },
    )
}

fn link_response<T: Lend<Http>>(types: &mut LinkerInstance<'_, T>) -> wasmtime::Result<()> {
    let future = ResourceType::host::<FutureResponse>();
    types.resource("future-incoming-response", future, |mut guest, id| {
        table::<T>(&mut guest).delete(Resource::<FutureResponse>::new_own(id))?;
        Ok(())
    })?;
    types.func_wrap(
        "[method]future-incoming-response.subscribe",
        |mut guest: StoreContextMut<'_, T>,
         (response,): (Resource<FutureResponse>,)|
         -> wasmtime::Result<(Resource<DynPollable>,)> {
            Ok((subscribe(table::<T>(&mut guest), response)?,))
        },
    )?;
    types.func_wrap(
        "[method]future-incoming-response.get",
        |mut guest: StoreContextMut<'_, T>, (response,): (Resource<FutureResponse>,)| {
            let mut view = view(guest.data_mut());
            let response = view.table.get_mut(&response)?;
            let ended = match std::mem::replace(response, FutureResponse::Taken) {
                FutureResponse::Pending(exchange) => {
                    *response = FutureResponse::Pending(exchange);
                    return Ok((None,));
                }
                FutureResponse::Taken => return Ok((Some(Err(())),)),
                FutureResponse::Ready(ended) => ended,
            };
            let taken = match ended {
                Ok(response) => Ok(incoming(&mut view, response)?),
                Err(error) => Err(code(&mut view, error)?),
            };
            Ok((Some(Ok(taken)),))
        },
    )
}

fn table<'a, T: Lend<Http>>(guest: &'a mut StoreContextMut<'_, T>) -> &'a mut ResourceTable {
    let Lent { capability, table } = guest.data_mut().lend();
    capability.count(table);
    table
}

/// The response as the guest gets it.
fn incoming(
    view: &mut WasiHttpCtxView<'_>,
    response: Response<Bytes>,
) -> wasmtime::Result<Resource<HostIncomingResponse>> {
    let (head, body) = response.into_parts();
    let response = HostIncomingResponse {
        status: head.status.as_u16(),
        headers: FieldMap::new_immutable(view.hooks, head.headers),
        body: Some(HostIncomingBody::new(
            Full::new(body).map_err(HttpError::from).boxed_unsync(),
        )),
    };
    Ok(view.table.push(response)?)
}

/// The code of a failure, as `wasmtime-wasi-http` has it.
fn code(view: &mut WasiHttpCtxView<'_>, error: HttpError) -> wasmtime::Result<ErrorCode> {
    let failed = view.table.push(HostFutureIncomingResponse::Ready(Err(error)))?;
    let borrowed = Resource::new_borrow(failed.rep());
    let got = view.get(borrowed)?;
    view.table.delete(failed)?;
    match got {
        Some(Ok(Err(code))) => Ok(code),
        _ => Ok(ErrorCode::InternalError(None)),
    }
}

/// The request as HTTP has it.
fn message(request: HostOutgoingRequest) -> Result<Request<Option<HyperOutgoingBody>>, ErrorCode> {
    let method = match request.method {
        WasiMethod::Get => Method::GET,
        WasiMethod::Head => Method::HEAD,
        WasiMethod::Post => Method::POST,
        WasiMethod::Put => Method::PUT,
        WasiMethod::Delete => Method::DELETE,
        WasiMethod::Connect => Method::CONNECT,
        WasiMethod::Options => Method::OPTIONS,
        WasiMethod::Trace => Method::TRACE,
        WasiMethod::Patch => Method::PATCH,
        WasiMethod::Other(name) => {
            Method::from_bytes(name.as_bytes()).map_err(|_| ErrorCode::HttpRequestMethodInvalid)?
        }
    };
    let scheme = match request.scheme {
        Some(Scheme::Http) => "http",
        Some(Scheme::Https) | None => "https",
        Some(Scheme::Other(_)) => return Err(ErrorCode::HttpProtocolError),
    };
    let mut uri = Uri::builder()
        .scheme(scheme)
        .authority(request.authority.unwrap_or_default());
    if let Some(target) = request.path_with_query {
        uri = uri.path_and_query(target);
    }
    let uri = uri.build().map_err(|_| ErrorCode::HttpRequestUriInvalid)?;
    let mut message = Request::new(request.body);
    *message.method_mut() = method;
    *message.uri_mut() = uri;
    *message.headers_mut() = HeaderMap::from(request.headers);
    Ok(message)
}
