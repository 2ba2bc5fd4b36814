//! Callbacks: to this machine only, until they are acknowledged.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Method, Request, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::strict::Call;
use crate::vendor::Refusal;

/// How long a receiver may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most bytes of a reply.
const LARGEST_REPLY: usize = 64 * 1024;

pub(super) type Client = hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>;

/// A client that opens a connection for every callback, so that it meets no stale one.
pub(super) fn client() -> Client {
    hyper_util::client::legacy::Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .build_http()
}

/// One attempt at a callback.
#[derive(Debug, Clone)]
pub struct Callback {
    /// When it was over.
    pub at: SystemTime,
    /// Where it went.
    pub url: String,
    /// What was sent.
    pub body: Value,
    /// Which attempt it is, from 1.
    pub attempt: u32,
    /// The HTTP status of the reply; none when there was no reply.
    pub status: Option<u16>,
    /// The content type of the reply.
    pub content_type: Option<String>,
    /// The body of the reply, or why there was none.
    pub reply: String,
    /// Whether it was HTTP 200 with the body `SUCCESS`.
    pub acknowledged: bool,
}

impl Callback {
    pub(super) fn describe(&self) -> Value {
        json!({
            "url": self.url,
            "body": self.body,
            "attempt": self.attempt,
            "status": self.status,
            "contentType": self.content_type,
            "reply": self.reply,
            "acknowledged": self.acknowledged,
        })
    }
}

/// The `callbackUrl` of a request.
pub(crate) fn url(call: &Call) -> Result<Option<Uri>, Refusal> {
    let Some(text) = call.text("callbackUrl") else {
        return Ok(None);
    };
    let breach = |why: &str| Refusal::Breach(format!("parameter \"callbackUrl\": {why}, arrived {text:?}"));
    let uri: Uri = text.parse().map_err(|_| breach("expected a URL"))?;
    if uri.scheme_str() != Some("http") {
        return Err(breach("the simulator calls http URLs only"));
    }
    let host = uri.host().unwrap_or_default();
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    if host == "localhost" || address.is_ok_and(|address| address.is_loopback()) {
        Ok(Some(uri))
    } else {
        Err(breach("the simulator calls this machine only"))
    }
}

/// Sends it once.
pub(super) async fn send(client: &Client, url: &Uri, body: &Value, attempt: u32) -> Callback {
    let outcome = timeout(PATIENCE, exchange(client, url, body)).await;
    let (status, content_type, reply) = match outcome {
        Ok(Ok((status, content_type, reply))) => (Some(status), content_type, reply),
        Ok(Err(error)) => (None, None, error),
        Err(_) => (None, None, format!("no reply within {} s", PATIENCE.as_secs())),
    };
    Callback {
        at: SystemTime::now(),
        url: url.to_string(),
        body: body.clone(),
        attempt,
        acknowledged: status == Some(200) && reply == "SUCCESS",
        status,
        content_type,
        reply,
    }
}

async fn exchange(client: &Client, url: &Uri, body: &Value) -> Result<(u16, Option<String>, String), String> {
    let request = Request::builder()
        .method(Method::POST)
        .uri(url)
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(body.to_string())))
        .map_err(|error| error.to_string())?;
    let response = client.request(request).await.map_err(|error| error.to_string())?;
    let (head, body) = response.into_parts();
    let body = Limited::new(body, LARGEST_REPLY).collect().await;
    let body = body.map_err(|error| error.to_string())?.to_bytes();
    let content_type = head.headers.get(CONTENT_TYPE);
    let content_type = content_type.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    Ok((
        head.status.as_u16(),
        content_type,
        String::from_utf8_lossy(&body).into_owned(),
    ))
}
