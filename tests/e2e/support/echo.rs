//! A server that repeats what it is sent.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::json;

/// A server on loopback. `/plain` repeats the body as it came, `/upper` in upper case, `/utf-16le` and `/utf-16be` in
/// UTF-16, every other path the whole request as JSON.
/// What came in is repeated in the header `x-echo` too, where it came in `x-key`.
pub(crate) struct Echo {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Echo {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let records = heard.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let records = records.clone();
                let service = service_fn(move |request| answer(records.clone(), request));
                tokio::spawn(async move {
                    let server = hyper::server::conn::http1::Builder::new();
                    let _ = server.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { address, heard }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far, each as one text.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

async fn answer(
    records: Arc<Mutex<Vec<String>>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let text = String::from_utf8_lossy(&body).into_owned();
    let fields = head.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.to_string(), json!(value))
    });
    let repeated = json!({
        "target": head.uri.to_string(),
        "fields": fields.collect::<serde_json::Map<_, _>>(),
        "body": text,
    });
    records
        .lock()
        .unwrap()
        .push(format!("{} {:?} {text}", head.uri, repeated["fields"]));
    let mut response = Response::builder();
    if let Some(key) = head.headers.get("x-key") {
        response = response.header("x-echo", key);
    }
    let body = match head.uri.path() {
        "/plain" => body,
        "/upper" => text.to_uppercase().into(),
        "/utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "/utf-16be" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        _ => repeated.to_string().into(),
    };
    Ok(response.body(Full::new(body)).unwrap())
}
