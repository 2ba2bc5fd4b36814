//! Requests that leave the host: one keep-alive client for all instances, behind each connection's policy.
//!
//! Bodies are read to their end on both ways before anything goes on. Connectors do the same, and so a
//! response that breaks off or is too large fails as one exchange, with a code that tells what happened,
//! instead of a stream that stops.

use std::error::Error as _;
use std::io;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{CaptureConnection, HttpConnector, capture_connection};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tracing::{Instrument, field};
use wasmtime_wasi_http::{Error as HttpError, RequestOptions, WasiBody, WasiHttpHooks};

use crate::calls::VendorRequest;
use crate::policy::{Origin, Policy};
use crate::retry::{self, Retries, Verdict};
use crate::secrets::Secrets;
use crate::sessions::lock;

/// How long an idle connection is kept.
const IDLE: Duration = Duration::from_mins(1);
/// The largest request body, in bytes: the largest file, with what a form adds.
const MAX_REQUEST: usize = 32 << 20;
/// The largest response to a request of the host's own, in bytes.
const MAX_FETCHED: usize = 4 << 20;
/// How many requests of one call are told in its record.
const RECORDED: usize = 100;

/// The one HTTP client of a host: HTTP/1.1, and HTTP/2 where TLS agrees on it.
#[derive(Debug)]
pub(crate) struct HttpClient {
    plain: Client<HttpConnector, Full<Bytes>>,
    /// Made for the first `https` request: reading the platform's certificates takes longer than a call.
    secure: OnceLock<Client<HttpsConnector<HttpConnector>, Full<Bytes>>>,
    roots: Vec<rustls::pki_types::CertificateDer<'static>>,
}

impl HttpClient {
    /// A client that trusts the platform's certificates, and `roots` besides.
    pub(crate) fn new(roots: Vec<rustls::pki_types::CertificateDer<'static>>) -> Self {
        Self {
            plain: builder().build(connector()),
            secure: OnceLock::new(),
            roots,
        }
    }

    fn secure(&self) -> &Client<HttpsConnector<HttpConnector>, Full<Bytes>> {
        self.secure.get_or_init(|| {
            let mut store = rustls::RootCertStore::empty();
            let platform = rustls_native_certs::load_native_certs();
            store.add_parsable_certificates(platform.certs);
            store.add_parsable_certificates(self.roots.iter().cloned());
            if store.is_empty() {
                tracing::warn!(
                    "no trusted certificates were found on this system; https requests will fail until roots are configured"
                );
            }
            let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .map(|config| config.with_root_certificates(store).with_no_client_auth());
            // The provider supports the default versions; an empty configuration would be refused by every server.
            let tls = tls.unwrap_or_else(|_| rustls::ClientConfig::builder().with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth());
            let mut connector = connector();
            connector.enforce_http(false);
            let connector = HttpsConnectorBuilder::new()
                .with_tls_config(tls)
                .https_only()
                .enable_all_versions()
                .wrap_connector(connector);
            builder().build(connector)
        })
    }

    /// One exchange of the host's own: no policy, no retries.
    pub(crate) async fn fetch(&self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = self.send(request).await?.into_parts();
        let body = Limited::new(body, MAX_FETCHED).collect().await;
        let body = body.map_err(|_| HttpError::HttpResponseIncomplete)?;
        Ok(Response::from_parts(head, body.to_bytes()))
    }

    /// Sends a request as it is: whether it may be sent has been asked before.
    pub(crate) async fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<hyper::body::Incoming>, HttpError> {
        let secure = request.uri().scheme_str() == Some("https");
        let sent = if secure {
            self.secure().request(request).await
        } else {
            self.plain.request(request).await
        };
        sent.map_err(|error| classify(&error))
    }
}

fn connector() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector
}

fn builder() -> hyper_util::client::legacy::Builder {
    let mut builder = Client::builder(TokioExecutor::new());
    builder
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .pool_idle_timeout(IDLE);
    builder
}

/// What went wrong, in the words of `wasi:http`. What isn't known to have failed before the request was
/// sent must not look like it.
fn classify(error: &hyper_util::client::legacy::Error) -> HttpError {
    if error.is_connect() {
        return classify_connect(error);
    }
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(hyper) = cause.downcast_ref::<hyper::Error>() {
            if hyper.is_parse() {
                return HttpError::HttpProtocolError;
            }
            if hyper.is_timeout() {
                return HttpError::ConnectionReadTimeout;
            }
        }
        source = cause.source();
    }
    HttpError::ConnectionTerminated
}

fn classify_connect(error: &hyper_util::client::legacy::Error) -> HttpError {
    let mut source = error.source();
    while let Some(cause) = source {
        // hyper-util tells a failed look-up from a failed connection by nothing but its words.
        if cause.to_string().starts_with("dns error") {
            return HttpError::DnsError {
                rcode: None,
                info_code: None,
            };
        }
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            if let Some(tls) = io
                .get_ref()
                .and_then(|inner| inner.downcast_ref::<rustls::Error>())
            {
                return match tls {
                    rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => {
                        HttpError::TlsCertificateError
                    }
                    _ => HttpError::TlsProtocolError,
                };
            }
            match io.kind() {
                io::ErrorKind::ConnectionRefused => return HttpError::ConnectionRefused,
                io::ErrorKind::TimedOut => return HttpError::ConnectionTimeout,
                io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => {
                    return HttpError::DestinationIpUnroutable;
                }
                _ => {}
            }
        }
        source = cause.source();
    }
    HttpError::DestinationUnavailable
}

/// What happened on the wire during one call. The host's own knowledge: a guest can't change it.
#[derive(Debug)]
pub(crate) struct Wire {
    /// Why the last request that policy forbade was denied.
    pub(crate) denial: Option<String>,
    /// Why the last request couldn't be sent with the secrets that belong into it.
    pub(crate) unsendable: Option<String>,
    /// The size limit that a response exceeded.
    pub(crate) response_too_large: Option<usize>,
    /// Every attempt, up to a number.
    pub(crate) requests: Vec<VendorRequest>,
    /// How many attempts there were.
    pub(crate) request_count: usize,
    /// How long the call waited for a session that another call was getting.
    pub(crate) session_wait: Duration,
    /// Whether the call wrote a session.
    pub(crate) wrote_session: bool,
    started: Instant,
    /// Time of the requests that have ended.
    vendor: Duration,
    /// When the request under way was begun.
    under_way: Option<Instant>,
    current: Option<CaptureConnection>,
    /// Whether the last request has been sent, in one of its attempts.
    sent: bool,
}

impl Default for Wire {
    fn default() -> Self {
        Self {
            denial: None,
            unsendable: None,
            response_too_large: None,
            requests: Vec::new(),
            request_count: 0,
            session_wait: Duration::ZERO,
            wrote_session: false,
            started: Instant::now(),
            vendor: Duration::ZERO,
            under_way: None,
            current: None,
            sent: false,
        }
    }
}

impl Wire {
    /// Whether the request that is under way, or was last, may have reached the vendor.
    pub(crate) fn request_sent(&self) -> bool {
        self.sent
            || self
                .current
                .as_ref()
                .is_some_and(|current| current.connection_metadata().is_some())
    }

    /// How long requests took, together, that one included which is under way.
    pub(crate) fn vendor(&self) -> Duration {
        self.vendor + self.under_way.map_or(Duration::ZERO, |begun| begun.elapsed())
    }

    /// Whether a request is under way.
    pub(crate) fn is_waiting(&self) -> bool {
        self.under_way.is_some()
    }

    /// Forgets the last request: the next one is under way.
    fn begin(&mut self) {
        self.sent = false;
        self.unsendable = None;
        self.under_way = Some(Instant::now());
    }

    fn end(&mut self) {
        if let Some(begun) = self.under_way.take() {
            self.vendor += begun.elapsed();
        }
    }

    /// Begins the record of an attempt, and gives its place.
    fn attempt(&mut self, method: &http::Method, target: &str, attempt: u32) -> usize {
        self.request_count += 1;
        if self.requests.len() < RECORDED {
            self.requests.push(VendorRequest {
                method: method.to_string(),
                target: target.to_owned(),
                attempt,
                after: self.started.elapsed(),
                elapsed: None,
                status: None,
                bytes: None,
                error: None,
                again_after: None,
                not_again: None,
            });
        }
        self.request_count - 1
    }

    /// Completes it.
    fn attempted(&mut self, place: usize, outcome: &Result<Response<Bytes>, HttpError>, verdict: Verdict) {
        let Some(request) = self.requests.get_mut(place) else {
            return;
        };
        request.elapsed = Some(self.started.elapsed().saturating_sub(request.after));
        match outcome {
            Ok(response) => {
                request.status = Some(response.status().as_u16());
                request.bytes = Some(response.body().len());
            }
            Err(error) => request.error = Some(error.to_string()),
        }
        match verdict {
            Verdict::Again(wait) => request.again_after = Some(wait),
            Verdict::Enough(why) => request.not_again = Some(why.to_owned()),
            Verdict::Settled => {}
        }
    }
}

/// The way out of one instance: what `wasi:http` calls.
pub(crate) struct Egress {
    client: Arc<HttpClient>,
    connection: Arc<str>,
    policy: Arc<Policy>,
    max_response: usize,
    /// Absent where there are no settings, and so no secrets.
    secrets: Option<Secrets>,
    /// Absent while there is no call, and so nothing to send.
    retries: Option<Retries>,
    wire: Arc<Mutex<Wire>>,
}

impl Egress {
    pub(crate) fn new(
        client: Arc<HttpClient>,
        connection: Arc<str>,
        policy: Arc<Policy>,
        max_response: usize,
    ) -> Self {
        Self {
            client,
            connection,
            policy,
            max_response,
            secrets: None,
            retries: None,
            wire: Arc::default(),
        }
    }

    /// The same, and it puts these secrets into requests.
    pub(crate) fn with_secrets(self, secrets: Secrets) -> Self {
        Self {
            secrets: Some(secrets),
            ..self
        }
    }

    /// Starts the record of a new call.
    pub(crate) fn begin(&mut self, retries: Retries) {
        self.wire = Arc::default();
        self.retries = Some(retries);
    }

    /// The record of the call.
    pub(crate) fn wire(&self) -> Arc<Mutex<Wire>> {
        self.wire.clone()
    }

    /// Whether policy lets a request go to `uri`.
    fn check(&self, uri: &Uri) -> Result<(), String> {
        match Origin::of_request(uri) {
            Some(origin) if self.policy.allows(&origin) => Ok(()),
            Some(origin) => Err(self.policy.denial(&self.connection, &origin)),
            None => Err(format!(
                "{} may only send http and https requests",
                self.connection
            )),
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

impl WasiHttpHooks for Egress {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), HttpError>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let checked = self.check(request.uri());
        let sending = Sending {
            client: self.client.clone(),
            connection: self.connection.clone(),
            max_response: self.max_response,
            secrets: self.secrets.clone(),
            retries: self.retries,
            wire: self.wire.clone(),
        };
        // The exchange has a task of its own, which knows nothing of the call's span.
        let span = tracing::Span::current();
        let exchange = async move {
            if let Err(denial) = checked {
                tracing::warn!(connection = %sending.connection, "{denial}");
                lock(&sending.wire).denial = Some(denial);
                // A guest whose body nobody takes sees a stream that breaks, and never asks why.
                let _ = whole(request).await;
                return Err(HttpError::HttpRequestDenied);
            }
            let timeout = options.and_then(|options| options.first_byte_timeout);
            lock(&sending.wire).begin();
            let exchange = sending.send(request);
            let exchanged = match timeout {
                Some(timeout) => tokio::time::timeout(timeout, exchange)
                    .await
                    .unwrap_or(Err(HttpError::ConnectionReadTimeout)),
                None => exchange.await,
            };
            lock(&sending.wire).end();
            let response = sending.conceal(exchanged?)?;
            let response = response.map(|body| Full::new(body).map_err(HttpError::from).boxed_unsync());
            Ok((
                response,
                Box::new(async { Ok(()) }) as Box<dyn Future<Output = _> + Send>,
            ))
        };
        Box::new(exchange.instrument(span))
    }
}

/// One request on its way, in as many attempts as it takes.
struct Sending {
    client: Arc<HttpClient>,
    connection: Arc<str>,
    max_response: usize,
    secrets: Option<Secrets>,
    retries: Option<Retries>,
    wire: Arc<Mutex<Wire>>,
}

impl Sending {
    /// An exchange, repeated where that is allowed and helps.
    async fn send(&self, request: Request<WasiBody>) -> Result<Response<Bytes>, HttpError> {
        let connection = &*self.connection;
        // Without the query, which is where vendors want passwords, and as the guest has it: with
        // placeholders, wherever secrets belong.
        let (method, target) = (request.method().clone(), without_query(request.uri()));
        let request = whole(request).await?;
        let request = fill(self.secrets.as_ref(), request, &self.wire)?;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let place = lock(&self.wire).attempt(&method, &target, attempts);
            let span = tracing::info_span!(
                "vendor request",
                http.request.method = %method,
                url.full = target,
                attempt = attempts,
                http.response.status_code = field::Empty,
                error = field::Empty,
            );
            let started = Instant::now();
            let outcome = exchange(&self.client, &request, self.max_response, &self.wire)
                .instrument(span.clone())
                .await;
            let elapsed_ms = started.elapsed().as_millis();
            match &outcome {
                Ok(response) => {
                    let status = response.status().as_u16();
                    span.record("http.response.status_code", status);
                    tracing::debug!(connection, %method, target, status, elapsed_ms, "the vendor answered");
                }
                Err(error) => {
                    span.record("error", field::display(error));
                    tracing::debug!(connection, %method, target, elapsed_ms, "no answer: {error}");
                }
            }
            drop(span);
            let sent = lock(&self.wire).request_sent();
            let verdict = self.retries.map_or(Verdict::Settled, |retries| {
                retries.verdict(attempts, &outcome, sent)
            });
            lock(&self.wire).attempted(place, &outcome, verdict);
            let Verdict::Again(wait) = verdict else {
                return match outcome {
                    // An earlier attempt may have reached the vendor: that the last one didn't must not
                    // look as if nothing had happened there.
                    Err(error) if sent && retry::is_no_connection(&error) => {
                        Err(HttpError::ConnectionTerminated)
                    }
                    outcome => outcome,
                };
            };
            tracing::info!(connection, %method, target, attempts, wait_ms = wait.as_millis(), "sending again");
            tokio::time::sleep(wait).await;
        }
    }

    /// The response as the guest may see it.
    fn conceal(&self, response: Response<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let Some(secrets) = &self.secrets else {
            return Ok(response);
        };
        secrets.conceal(response).map_err(|coding| {
            tracing::warn!(
                connection = %self.connection,
                coding,
                "the answer is compressed, although nobody asked for that"
            );
            HttpError::HttpResponseContentCoding(Some(coding))
        })
    }
}

fn without_query(uri: &Uri) -> String {
    let text = uri.to_string();
    text.split('?').next().unwrap_or_default().to_owned()
}

/// A request with its body whole, so that it can be sent again.
async fn whole(request: Request<WasiBody>) -> Result<Request<Bytes>, HttpError> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MAX_REQUEST)
        .collect()
        .await
        .map_err(|_| HttpError::HttpRequestBodySize(Some(MAX_REQUEST as u64)))?
        .to_bytes();
    let mut request = Request::from_parts(head, body);
    // Another hop's business, and wrong where HTTP/2 is spoken.
    request.headers_mut().remove(http::header::HOST);
    Ok(request)
}

/// A request as it leaves, with the secrets that belong into it.
fn fill(
    secrets: Option<&Secrets>,
    request: Request<Bytes>,
    wire: &Mutex<Wire>,
) -> Result<Request<Full<Bytes>>, HttpError> {
    let filled = match secrets {
        Some(secrets) => secrets.fill(request).map_err(|unsendable| {
            lock(wire).unsendable = Some(unsendable.to_string());
            // What a guest takes for settings that can't work.
            HttpError::HttpRequestUriInvalid
        })?,
        None => request,
    };
    Ok(filled.map(Full::new))
}

/// One exchange, both bodies whole.
async fn exchange(
    client: &HttpClient,
    request: &Request<Full<Bytes>>,
    max_response: usize,
    wire: &Mutex<Wire>,
) -> Result<Response<Bytes>, HttpError> {
    let mut request = request.clone();
    lock(wire).current = Some(capture_connection(&mut request));
    let response = client.send(request).await;
    {
        let mut wire = lock(wire);
        wire.sent = wire.request_sent();
        wire.current = None;
    }
    let (head, body) = response?.into_parts();
    let too_large = |size: Option<u64>| {
        lock(wire).response_too_large = Some(max_response);
        HttpError::HttpResponseBodySize(size)
    };
    let announced = hyper::body::Body::size_hint(&body).exact();
    if announced.is_some_and(|size| size > max_response as u64) {
        return Err(too_large(announced));
    }
    match Limited::new(body, max_response).collect().await {
        Ok(body) => Ok(Response::from_parts(head, body.to_bytes())),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(too_large(None)),
        Err(_) => Err(HttpError::HttpResponseIncomplete),
    }
}
