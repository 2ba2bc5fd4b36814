//! One HTTP exchange after the other, with a simulator.

use std::error::Error;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use patchbay_simulators::Simulator;
use patchbay_simulators::vendor::Vendor;
use serde_json::Value;

pub(crate) type Failure = Box<dyn Error + Send + Sync>;

pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answered {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

pub(crate) struct Http(hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>);

impl Http {
    /// It repeats nothing by itself.
    pub(crate) fn new() -> Self {
        let client = hyper_util::client::legacy::Client::builder(TokioExecutor::new())
            .retry_canceled_requests(false)
            .build_http();
        Self(client)
    }

    pub(crate) async fn exchange<V: Vendor>(
        &self,
        sim: &Simulator<V>,
        (method, target): (&str, &str),
        headers: impl IntoIterator<Item = (&str, &str)>,
        body: impl Into<Bytes>,
    ) -> Result<Answered, Failure> {
        let uri = format!("{}{target}", sim.base_url());
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let response = self.0.request(request.body(Full::new(body.into()))?).await?;
        let (head, body) = response.into_parts();
        Ok(Answered {
            status: head.status,
            headers: head.headers,
            body: body.collect().await?.to_bytes(),
        })
    }
}
