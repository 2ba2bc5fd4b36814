//! The way out of one instance.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::connect::capture_connection;
use tracing::{Instrument, field};
use wasmtime_wasi_http::{Error as HttpError, RequestOptions, WasiBody, WasiHttpHooks};

use super::client::HttpClient;
use super::wire::Wire;
use crate::policy::{Origin, Policy};
use crate::retry::{self, Retries, Verdict};
use crate::secrets::Secrets;
use crate::sessions::lock;

/// The largest request body, in bytes: the largest file, with what a form adds.
const MAX_REQUEST: usize = 32 << 20;

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
            let outcome = exchange(&self.client, &request, self.max_response, (&self.wire, place))
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
    (wire, place): (&Mutex<Wire>, usize),
) -> Result<Response<Bytes>, HttpError> {
    let mut request = request.clone();
    lock(wire).sending(capture_connection(&mut request));
    let response = client.send(request).await;
    lock(wire).answered();
    let (head, body) = response?.into_parts();
    lock(wire).head(place, head.status.as_u16());
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
