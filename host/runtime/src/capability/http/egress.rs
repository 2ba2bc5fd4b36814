//! The way out of one instance.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST};
use http::uri::{Authority, Scheme};
use http::{HeaderMap, Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper_util::client::legacy::connect::capture_connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;
use wasmtime_wasi_http::{Error as HttpError, RequestOptions, WasiBody, WasiHttpHooks};

use super::body::{self, BodyError, within};
use super::exchange::{Ended as Answered, Exchange as Answering};
use super::held::MAX_FIELDS;
use super::outgoing::OutgoingBody;
use super::policy::{Origin, denial_of_private};
use crate::capability::{CallScope, Grant};
use crate::memory::{Held, MemoryExceeded};
use crate::trace::{CallTrace, Ended, Exchange};

/// How many requests of one call may be open at the same time. Each takes a file descriptor.
const MAX_OPEN: usize = 64;
/// How many interim responses (RFC 9110, section 15.2) may come before the response. HTTP knows of two or three.
const MAX_INTERIM: u32 = 16;

/// The way out of one instance: what `wasi:http` calls.
pub(super) struct Egress {
    grant: Arc<Grant>,
    /// Absent while there is no call, and so nothing to send.
    call: Option<CallScope>,
    /// What is left of the requests that may be open.
    open: Arc<Semaphore>,
    /// Where the last request was allowed to go.
    allowed: Option<(Scheme, Authority)>,
}

/// What `wasmtime-wasi-http` asks the host. It sends nothing: see [`exchange`](super::exchange).
pub(super) struct Hooks;

impl Egress {
    pub(super) fn new(grant: &Grant) -> Self {
        Self {
            grant: Arc::new(grant.clone()),
            call: None,
            open: Arc::new(Semaphore::new(MAX_OPEN)),
            allowed: None,
        }
    }

    pub(super) fn begin(&mut self, call: &CallScope) {
        self.call = Some(call.clone());
    }

    pub(super) fn end(&mut self) {
        self.call = None;
    }

    /// The body of a request, for the guest to write and for the request.
    pub(super) fn body(
        &self,
    ) -> (
        OutgoingBody,
        impl Body<Data = Bytes, Error = HttpError> + Send + 'static,
    ) {
        let trace = self.call.as_ref().map(|call| call.trace.clone());
        OutgoingBody::new(self.grant.memory.part("a request"), trace)
    }

    /// Sends a request, as far as the result is waited for. The error says why it isn't sent at all.
    pub(super) fn send(
        &mut self,
        request: Request<Option<HyperOutgoingBody>>,
        options: Option<RequestOptions>,
    ) -> Result<Answering, HttpError> {
        let Some(call) = &self.call else {
            return Err(HttpError::HttpRequestDenied);
        };
        let Ok(open) = self.open.clone().try_acquire_owned() else {
            call.trace.limit_exceeded(format!(
                "the connector has {MAX_OPEN} requests open, which is as many as one call may have at the same time; it must wait for responses before it sends more"
            ));
            return Err(HttpError::ConnectionLimitReached);
        };
        let sending = Sending {
            grant: self.grant.clone(),
            trace: call.trace.clone(),
            timeouts: Timeouts::of(options),
            _open: open,
        };
        if let Err(denial) = self.check(request.uri()) {
            let (call_id, connection) = (sending.trace.id(), &sending.grant.connection);
            tracing::warn!(%call_id, %connection, "{denial}");
            sending.trace.denied(denial);
            return Err(HttpError::HttpRequestDenied);
        }
        Ok(Box::pin(async move { sending.send(request).await }))
    }

    /// Whether a request may go to `uri`.
    fn check(&mut self, uri: &Uri) -> Result<(), String> {
        let Grant {
            connection, policy, ..
        } = &*self.grant;
        if self.call.as_ref().is_some_and(|call| !call.may_send) {
            return Err(format!(
                "{connection} may not send requests while it interprets a callback"
            ));
        }
        let place = uri.scheme().zip(uri.authority());
        let last = self.allowed.as_ref();
        if place.is_some() && place == last.map(|(scheme, authority)| (scheme, authority)) {
            return Ok(());
        }
        match Origin::of_request(uri) {
            Some(origin) if policy.allows(&origin) => {
                self.allowed = place.map(|(scheme, authority)| (scheme.clone(), authority.clone()));
                Ok(())
            }
            Some(origin) => Err(policy.denial(connection, &origin)),
            None => Err(format!("{connection} may only send http and https requests")),
        }
    }
}

type Sent = Result<
    (
        Response<WasiBody>,
        Box<dyn Future<Output = Result<(), HttpError>> + Send>,
    ),
    HttpError,
>;

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        _: Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), HttpError>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        Box::new(async { Err(HttpError::HttpRequestDenied) })
    }
}

/// How long a guest wants to wait, at most. Where it doesn't say, the call's deadline is the only limit.
#[derive(Debug, Clone, Copy, Default)]
struct Timeouts {
    connect: Option<Duration>,
    first_byte: Option<Duration>,
    between_bytes: Option<Duration>,
}

impl Timeouts {
    fn of(options: Option<RequestOptions>) -> Self {
        let options = options.unwrap_or_default();
        Self {
            connect: options.connect_timeout,
            first_byte: options.first_byte_timeout,
            between_bytes: options.between_bytes_timeout,
        }
    }
}

/// Ends after this time; never where there is none.
async fn pause(time: Option<Duration>) {
    match time {
        Some(time) => tokio::time::sleep(time).await,
        None => std::future::pending().await,
    }
}

/// One request on its way.
struct Sending {
    grant: Arc<Grant>,
    trace: Arc<CallTrace>,
    timeouts: Timeouts,
    _open: OwnedSemaphorePermit,
}

impl Sending {
    async fn send(&self, request: Request<Option<HyperOutgoingBody>>) -> Answered {
        // Without the query, which is where vendors want passwords, and as the guest has it: with
        // placeholders, wherever secrets belong.
        let (method, target) = (request.method().clone(), without_query(request.uri()));
        let (request, left_out) = self.fill(whole(request).await?)?;
        let exchange = self.trace.exchange(&method, &target);
        if !left_out.is_empty() {
            let (call_id, connection) = (self.trace.id(), &self.grant.connection);
            tracing::debug!(
                %call_id, %connection, %method, target, ?left_out,
                "header fields are left out: an answer in part or compressed can't be searched for secrets"
            );
            exchange.left_out(left_out);
        }
        let outcome = self.exchange(request.map(Full::new), &exchange).await;
        let (call_id, connection) = (self.trace.id(), &self.grant.connection);
        match &outcome {
            Ok((response, _)) => {
                let (status, bytes) = (response.status().as_u16(), response.body().len());
                tracing::debug!(%call_id, %connection, %method, target, status, "the vendor answered");
                exchange.end(&Ended::Response { status, bytes });
            }
            Err(error) => {
                let why = self.explain(error);
                tracing::debug!(%call_id, %connection, %method, target, "no answer: {why}");
                let passes = passes(error);
                exchange.end(&Ended::Failed { why: &why, passes });
                if let HttpError::DestinationIpProhibited = error {
                    let denial = denial_of_private(connection, &target);
                    tracing::warn!(%call_id, %connection, "{denial}");
                    self.trace.denied(denial);
                }
            }
        }
        let (response, part) = outcome?;
        let (head, body) = self.conceal(response)?.into_parts();
        let body = body::counted(body, part).map_err(|exceeded| self.exceeded(&exceeded))?;
        Ok(Response::from_parts(head, body))
    }

    /// One exchange, both bodies whole.
    async fn exchange(
        &self,
        request: Request<Full<Bytes>>,
        exchange: &Exchange,
    ) -> Result<(Response<Bytes>, Held), HttpError> {
        let Grant { http, sockets, .. } = &*self.grant;
        let socket = within(self.timeouts.connect, http.socket(sockets)).await;
        let _socket = socket.ok_or(HttpError::ConnectionTimeout)?;
        let (head, body) = self.head(request, exchange).await?.into_parts();
        exchange.head(head.status.as_u16());
        let size = fields_size(&head.headers);
        if size > MAX_FIELDS {
            return Err(HttpError::HttpResponseHeaderSectionSize(u32::try_from(size).ok()));
        }
        let (body, part) = self.body(body).await?;
        Ok((Response::from_parts(head, body), part))
    }

    async fn head(
        &self,
        mut request: Request<Full<Bytes>>,
        exchange: &Exchange,
    ) -> Result<Response<Incoming>, HttpError> {
        let mut connection = capture_connection(&mut request);
        exchange.sending(connection.clone());
        let interim = Arc::new(Semaphore::new(0));
        let count = interim.clone();
        hyper::ext::on_informational(&mut request, move |_| count.add_permits(1));
        let mut sending = pin!(self.grant.http.send_to(request, self.grant.policy.reach()));
        if let Some(limit) = self.timeouts.connect {
            tokio::select! {
                biased;
                response = &mut sending => return response,
                _ = connection.wait_for_connection_metadata() => {}
                () = tokio::time::sleep(limit) => return Err(HttpError::ConnectionTimeout),
            }
        }
        tokio::select! {
            biased;
            response = sending => response,
            _ = interim.acquire_many(MAX_INTERIM + 1) => Err(HttpError::InternalError(Some(format!(
                "more than {MAX_INTERIM} interim responses (1xx) came before the response"
            )))),
            () = pause(self.timeouts.first_byte) => Err(HttpError::ConnectionReadTimeout),
        }
    }

    async fn body(&self, body: Incoming) -> Result<(Bytes, Held), HttpError> {
        let limit = self.grant.max_response;
        let mut part = self.grant.memory.part("a response");
        let whole = body::whole(body, limit, self.timeouts.between_bytes, &mut part).await;
        match whole {
            Ok(body) => Ok((body, part)),
            Err(BodyError::TooLarge(limit)) => {
                self.trace.response_too_large(limit);
                Err(HttpError::HttpResponseBodySize(None))
            }
            Err(BodyError::Memory(exceeded)) => Err(self.exceeded(&exceeded)),
            Err(BodyError::Stalled) => Err(HttpError::ConnectionReadTimeout),
            Err(BodyError::Broken) => Err(HttpError::HttpResponseIncomplete),
        }
    }

    /// The instance would hold more than it may.
    fn exceeded(&self, exceeded: &MemoryExceeded) -> HttpError {
        self.trace.limit_exceeded(exceeded.advice());
        HttpError::InternalError(Some(exceeded.to_string()))
    }

    /// The request as it leaves, with the secrets that belong into it, and the names of the header fields that
    /// it leaves without.
    fn fill(&self, request: Request<Bytes>) -> Result<(Request<Bytes>, Vec<String>), HttpError> {
        let Some(secrets) = &self.grant.secrets else {
            return Ok((request, Vec::new()));
        };
        let before = request.body().as_ptr();
        let mut filled = secrets.fill(request).map_err(|unsendable| {
            self.trace.unsendable(unsendable.to_string());
            // What a guest takes for settings that can't work.
            HttpError::HttpRequestUriInvalid
        })?;
        if filled.request.body().as_ptr() != before {
            // Another one, which isn't counted yet.
            let body = std::mem::take(filled.request.body_mut());
            let part = self.grant.memory.part("a request");
            *filled.request.body_mut() =
                body::counted(body, part).map_err(|exceeded| self.exceeded(&exceeded))?;
        }
        let left_out = filled.left_out.iter().map(ToString::to_string);
        Ok((filled.request, left_out.collect()))
    }

    /// The response as the guest may see it.
    fn conceal(&self, response: Response<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let Some(secrets) = &self.grant.secrets else {
            return Ok(response);
        };
        secrets.conceal(response).map_err(|coding| {
            tracing::warn!(
                call_id = %self.trace.id(),
                connection = %self.grant.connection,
                coding,
                "the vendor's answer is compressed, although the request didn't accept that"
            );
            HttpError::HttpResponseContentCoding(Some(coding))
        })
    }

    fn explain(&self, error: &HttpError) -> String {
        match error {
            HttpError::HttpResponseBodySize(_) => {
                let limit = self.grant.max_response;
                format!("its body has more than the {limit} bytes of limits.response")
            }
            _ => error.to_string(),
        }
    }
}

/// Whether a failure may be another one the next time: there was no connection, or it broke.
fn passes(error: &HttpError) -> bool {
    matches!(
        error,
        HttpError::ConnectionRefused
            | HttpError::ConnectionTimeout
            | HttpError::ConnectionTerminated
            | HttpError::DestinationUnavailable
            | HttpError::DestinationIpUnroutable
            | HttpError::DnsTimeout
            | HttpError::DnsError { .. }
            | HttpError::HttpResponseIncomplete
    )
}

/// A request with its body, once the guest has finished it.
async fn whole(request: Request<Option<HyperOutgoingBody>>) -> Result<Request<Bytes>, HttpError> {
    let (mut head, body) = request.into_parts();
    let mut whole = Bytes::new();
    if let Some(mut body) = body
        && let Some(frame) = body.frame().await
    {
        whole = frame?.into_data().unwrap_or_default();
    }
    if let Some(announced) = head.headers.get(CONTENT_LENGTH)
        && announced.to_str().ok().and_then(|length| length.parse().ok()) != Some(whole.len())
    {
        return Err(HttpError::HttpRequestBodySize(Some(whole.len() as u64)));
    }
    // Another hop's business, and wrong where HTTP/2 is spoken.
    head.headers.remove(HOST);
    Ok(Request::from_parts(head, whole))
}

fn without_query(uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or_default();
    let authority = uri.authority().map_or("", Authority::as_str);
    format!("{scheme}://{authority}{}", uri.path())
}

/// What header fields take, in bytes.
fn fields_size(fields: &HeaderMap) -> usize {
    let size = |(name, value): (&http::HeaderName, &http::HeaderValue)| name.as_str().len() + value.len();
    fields.iter().map(size).sum()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::capability::http::HttpClient;
    use crate::trace::{CallId, CallKind, Subject};

    const SHORT: Duration = Duration::from_millis(80);

    /// A vendor that takes a request, answers with this, and then says nothing more.
    async fn vendor(answer: &'static [u8]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 1024]).await;
            stream.write_all(answer).await.unwrap();
            std::future::pending::<()>().await;
        });
        url
    }

    async fn failure(url: &str, timeouts: Timeouts) -> HttpError {
        let subject = Subject {
            kind: CallKind::Operation,
            connection: "some",
            operation: "thing.get",
        };
        let grant = Grant {
            max_response: 1 << 20,
            ..Grant::nothing(Arc::new(HttpClient::new(&[])), 1 << 20)
        };
        let sending = Sending {
            grant: Arc::new(grant),
            trace: CallTrace::new(CallId::new(), subject, Duration::from_secs(10), Arc::default()),
            timeouts,
            _open: Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap(),
        };
        let exchange = sending.trace.exchange(&http::Method::GET, url);
        let request = Request::get(url).body(Full::default()).unwrap();
        let begun = Instant::now();
        let failed = sending.exchange(request, &exchange).await.unwrap_err();
        assert!(begun.elapsed() >= SHORT && begun.elapsed() < Duration::from_secs(5));
        failed
    }

    #[tokio::test]
    async fn each_timeout_ends_its_own_part_of_an_exchange() {
        let none = Timeouts::default();
        let first_byte = Timeouts {
            first_byte: Some(SHORT),
            ..none
        };
        let failed = failure(&vendor(b"").await, first_byte).await;
        assert!(matches!(failed, HttpError::ConnectionReadTimeout), "{failed:?}");

        let between_bytes = Timeouts {
            between_bytes: Some(SHORT),
            ..none
        };
        let half = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf";
        let failed = failure(&vendor(half).await, between_bytes).await;
        assert!(matches!(failed, HttpError::ConnectionReadTimeout), "{failed:?}");

        // An address whose connection requests are dropped.
        let connect = Timeouts {
            connect: Some(SHORT),
            ..none
        };
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let mut full = Vec::new();
        // The queue of a listener that accepts nothing takes so many at most.
        while let Ok(stream) = std::net::TcpStream::connect_timeout(&listener.local_addr().unwrap(), SHORT) {
            full.push(stream);
            if full.len() > 10_000 {
                return;
            }
        }
        let failed = failure(&url, connect).await;
        assert!(matches!(failed, HttpError::ConnectionTimeout), "{failed:?}");
    }
}
