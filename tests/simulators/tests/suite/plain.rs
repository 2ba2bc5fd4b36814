//! A client of vendors that do not sign.

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use patchbay_simulators::Simulator;
use patchbay_simulators::vendor::Vendor;
use serde_json::Value;

use crate::client::{Answered, Failure};

pub(crate) struct Plain<V> {
    pub(crate) sim: Simulator<V>,
    /// Sent with every request.
    pub(crate) headers: Vec<(String, String)>,
    http: hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>,
}

impl<V: Vendor> Plain<V> {
    pub(crate) fn new(sim: Simulator<V>) -> Self {
        Self {
            sim,
            headers: Vec::new(),
            http: hyper_util::client::legacy::Client::builder(TokioExecutor::new())
                .retry_canceled_requests(false)
                .build_http(),
        }
    }

    pub(crate) fn with(mut self, headers: &[(&str, &str)]) -> Self {
        let headers = headers.iter();
        self.headers = headers
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
        self
    }

    /// Sends a body where it isn't empty, as JSON.
    pub(crate) async fn raw(&self, method: &str, target: &str, body: &str) -> Result<Answered, Failure> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{target}", self.sim.base_url()));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        let body = Full::new(Bytes::from(body.to_owned()));
        let (head, body) = self.http.request(request.body(body)?).await?.into_parts();
        Ok(Answered {
            status: head.status,
            headers: head.headers,
            body: body.collect().await?.to_bytes(),
        })
    }

    pub(crate) async fn get(&self, target: &str) -> Value {
        self.raw("GET", target, "").await.unwrap().json()
    }

    pub(crate) async fn post(&self, target: &str, body: Value) -> Value {
        self.raw("POST", target, &body.to_string()).await.unwrap().json()
    }

    /// Sends what breaks a rule; the breach comes back.
    pub(crate) async fn breach(&self, method: &str, target: &str, body: &str) -> String {
        let before = self.sim.violations().len();
        let answer = self.raw(method, target, body).await.unwrap();
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{method} {target} {body}");
        let violations = self.sim.violations();
        assert_eq!(violations.len(), before + 1);
        let last = self.sim.requests().pop().unwrap();
        assert_eq!(
            (last.breach.as_ref(), last.status),
            (violations.last(), Some(400))
        );
        let text = violations.last().unwrap().clone();
        assert!(answer.json().to_string().contains("9400"));
        text
    }

    /// Nothing so far broke a rule.
    pub(crate) fn clean(&self) {
        assert_eq!(self.sim.violations(), Vec::<String>::new());
    }
}
