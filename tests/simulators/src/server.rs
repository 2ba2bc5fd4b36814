//! The loopback server that every vendor runs on.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming as Received;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::body::{self, AnyBody};
use crate::control;
use crate::fault::{Fault, Faults};
use crate::lock;
use crate::operation::Operation;
use crate::record::{Recorded, Recorder};
use crate::strict::{self, Call, Incoming, Wrong};
use crate::vendor::{Answer, Refusal, Vendor};

/// The most bytes that a request may have.
const LARGEST_REQUEST: usize = 256 * 1024 * 1024;

/// What does not depend on the vendor.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address to listen on; port 0 for a free one.
    pub bind: SocketAddr,
    /// How long every answer takes.
    pub latency: Duration,
    /// How many of the last requests are kept.
    pub keep_requests: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([127, 0, 0, 1], 0)),
            latency: Duration::ZERO,
            keep_requests: 20_000,
        }
    }
}

pub(crate) struct Shared<V> {
    pub(crate) vendor: V,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) recorder: Mutex<Recorder>,
    pub(crate) latency: Mutex<Duration>,
}

/// Takes connections until it is dropped.
pub(crate) async fn accept<V: Vendor>(listener: TcpListener, shared: Arc<Shared<V>>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(Duration::from_millis(10)).await;
            continue;
        };
        let number = {
            let mut recorder = lock(&shared.recorder);
            recorder.connections += 1;
            recorder.connections
        };
        connections.spawn(connection(stream, number, Arc::clone(&shared)));
        while connections.try_join_next().is_some() {}
    }
}

async fn connection<V: Vendor>(stream: TcpStream, number: u64, shared: Arc<Shared<V>>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| answer(Arc::clone(&shared), number, request));
    // A broken connection is the client's affair, or was asked for.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// The connection is closed without an answer.
#[derive(Debug)]
struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dropped on request")
    }
}

impl std::error::Error for Dropped {}

async fn answer<V: Vendor>(
    shared: Arc<Shared<V>>,
    connection: u64,
    request: Request<Received>,
) -> Result<Response<AnyBody>, Dropped> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, LARGEST_REQUEST).collect().await;
    // The client went away, or sends without end.
    let body = body.map_err(|_| Dropped)?.to_bytes();
    if let Some(command) = head.uri.path().strip_prefix("/__simulator/") {
        return Ok(plain(control::handle(&shared, &head.method, command, &body)));
    }
    let incoming = Incoming {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().map(str::to_owned),
        headers: head.headers,
        body,
    };
    let (operation, verdict) = judge(&shared.vendor, &incoming);
    let fault = lock(&shared.faults).take(operation.map(|op| op.id));
    let number = record(&shared, connection, incoming, operation, &verdict, fault.as_ref());
    let latency = *lock(&shared.latency);
    if !latency.is_zero() {
        sleep(latency).await;
    }
    let response = spoil(&shared, number, verdict, fault).await?;
    let status = response.status().as_u16();
    lock(&shared.recorder).amend(number, |r| r.status = Some(status));
    Ok(response)
}

/// What a request amounts to before it is done.
enum Verdict {
    Fine(Box<Call>),
    NoSuchPath(String),
    Refused(Refusal),
}

fn judge<V: Vendor>(vendor: &V, incoming: &Incoming) -> (Option<&'static Operation>, Verdict) {
    let (operation, outcome) = strict::check(
        vendor.operations(),
        &|query| vendor.is_credential(query),
        incoming,
    );
    let verdict = match outcome {
        Err(Wrong::Path(text)) => Verdict::NoSuchPath(text),
        Err(Wrong::Rule(text)) => Verdict::Refused(Refusal::Breach(text)),
        Ok(call) => match vendor.authorize(&call) {
            Ok(()) => Verdict::Fine(Box::new(call)),
            Err(refusal) => Verdict::Refused(refusal),
        },
    };
    (operation, verdict)
}

fn record<V: Vendor>(
    shared: &Shared<V>,
    connection: u64,
    incoming: Incoming,
    operation: Option<&'static Operation>,
    verdict: &Verdict,
    fault: Option<&Fault>,
) -> u64 {
    let (breach, refused) = match verdict {
        Verdict::Fine(_) => (None, None),
        Verdict::NoSuchPath(text) => (Some(text.clone()), None),
        Verdict::Refused(refusal) => reasons(refusal),
    };
    let request = Recorded {
        number: 0,
        connection,
        at: SystemTime::now(),
        operation: operation.map(|op| op.id),
        method: incoming.method.to_string(),
        path: incoming.path,
        query: incoming.query.unwrap_or_default(),
        headers: pairs(&incoming.headers),
        body: incoming.body,
        status: None,
        breach,
        refused,
        fault: fault.map(|fault| fault.name().to_owned()),
    };
    lock(&shared.recorder).arrived(request, operation)
}

fn pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers
        .iter()
        .map(|(name, value)| (name.to_string(), text(value)))
        .collect()
}

/// The breach in a refusal, or what is no breach.
fn reasons(refusal: &Refusal) -> (Option<String>, Option<String>) {
    match refusal {
        Refusal::Breach(text) => (Some(text.clone()), None),
        Refusal::Credentials { why, breach: true } => (Some(why.clone()), None),
        Refusal::Credentials { why, breach: false } => (None, Some(why.clone())),
        Refusal::Vendor { code, message } => (None, Some(format!("{code} {message}"))),
    }
}

/// Does what the request asks, and notes it where the vendor finds something wrong only then.
fn perform<V: Vendor>(shared: &Shared<V>, number: u64, verdict: Verdict) -> Answer {
    let call = match verdict {
        Verdict::NoSuchPath(_) => return Answer::html(StatusCode::NOT_FOUND),
        Verdict::Refused(refusal) => return shared.vendor.refuse(&refusal),
        Verdict::Fine(call) => call,
    };
    match shared.vendor.handle(&call) {
        Ok(answer) => answer,
        Err(refusal) => {
            let refusal = match refusal {
                Refusal::Breach(text) => Refusal::Breach(format!("{}: {text}", call.operation.id)),
                other => other,
            };
            let (breach, refused) = reasons(&refusal);
            let mut recorder = lock(&shared.recorder);
            if let Some(breach) = &breach {
                recorder.violate(breach.clone());
            }
            recorder.amend(number, |r| {
                r.breach = breach;
                r.refused = refused;
            });
            drop(recorder);
            shared.vendor.refuse(&refusal)
        }
    }
}

async fn spoil<V: Vendor>(
    shared: &Shared<V>,
    number: u64,
    verdict: Verdict,
    fault: Option<Fault>,
) -> Result<Response<AnyBody>, Dropped> {
    let perform = async |verdict| {
        let answer = perform(shared, number, verdict);
        if !answer.delay.is_zero() {
            sleep(answer.delay).await;
        }
        answer
    };
    let json = |text: &'static str| Answer::new(StatusCode::OK, "application/json", text);
    let Some(fault) = fault else {
        return Ok(plain(perform(verdict).await));
    };
    let response = match fault {
        Fault::ExpiredToken => plain(shared.vendor.refuse(&Refusal::Credentials {
            why: "expired on request".into(),
            breach: false,
        })),
        Fault::Status { status, retry_after } => {
            let mut answer = Answer::html(status_code(status));
            if let Some(seconds) = retry_after {
                answer.headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
            }
            plain(answer)
        }
        Fault::Slow { delay } => {
            let answer = perform(verdict).await;
            sleep(delay).await;
            plain(answer)
        }
        Fault::Drip { interval } => {
            let answer = perform(verdict).await;
            framed(&answer, body::drip(answer.body.clone(), interval))
        }
        Fault::DropBefore => return Err(Dropped),
        Fault::DropAfter => {
            perform(verdict).await;
            return Err(Dropped);
        }
        Fault::Truncate => {
            let answer = perform(verdict).await;
            framed(&answer, body::truncated(answer.body.clone()))
        }
        Fault::NotJson => plain(json("系统维护中, please come back later {")),
        Fault::NotEnvelope => plain(json(shared.vendor.not_envelope())),
        Fault::Envelope { code, msg } => plain(shared.vendor.refuse(&Refusal::Vendor { code, message: msg })),
        Fault::Empty => plain(Answer::new(StatusCode::OK, "application/json", Bytes::new())),
        Fault::Huge { bytes, chunked } => {
            let (head, tail) = shared.vendor.flood();
            let mut response = Response::new(body::flood(head, tail, bytes));
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            if !chunked {
                let least = (head.len() + tail.len()) as u64;
                headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.max(least)));
            }
            response
        }
        Fault::Raw {
            status,
            content_type,
            body,
        } => plain(Answer::new(status_code(status), &content_type, body)),
    };
    Ok(response)
}

fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn plain(answer: Answer) -> Response<AnyBody> {
    let mut response = Response::new(body::whole(answer.body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    response
}

/// The head of an answer, its true length included, over another body.
fn framed(answer: &Answer, body: AnyBody) -> Response<AnyBody> {
    let mut response = Response::new(body);
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers.clone();
    let length = HeaderValue::from(answer.body.len());
    response.headers_mut().insert(CONTENT_LENGTH, length);
    response
}
