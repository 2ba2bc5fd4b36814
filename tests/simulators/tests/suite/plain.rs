//! A client of vendors that do not sign.

use http::StatusCode;
use patchbay_simulators::Simulator;
use patchbay_simulators::vendor::Vendor;
use serde_json::Value;

use crate::http::{Answered, Failure, Http};

pub(crate) struct Plain<V> {
    pub(crate) sim: Simulator<V>,
    /// Sent with every request.
    pub(crate) headers: Vec<(String, String)>,
    http: Http,
}

impl<V: Vendor> Plain<V> {
    pub(crate) fn new(sim: Simulator<V>) -> Self {
        Self {
            sim,
            headers: Vec::new(),
            http: Http::new(),
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
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| (name.as_str(), value.as_str()));
        let json = (!body.is_empty()).then_some(("content-type", "application/json"));
        self.http
            .exchange(&self.sim, (method, target), headers.chain(json), body.to_owned())
            .await
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
