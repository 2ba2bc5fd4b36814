//! What was received and answered.

use std::collections::{BTreeMap, VecDeque};
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::operation::{Operation, Role};

/// One request, as it arrived.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Counts the requests of this simulator, from 1.
    pub number: u64,
    /// The TCP connection it came on, from 1.
    pub connection: u64,
    /// When it had arrived.
    pub at: SystemTime,
    /// The operation it is, where its method and path are one's.
    pub operation: Option<&'static str>,
    /// The method.
    pub method: String,
    /// The path, still encoded.
    pub path: String,
    /// The query string, still encoded; empty when there is none.
    pub query: String,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// The HTTP status it was answered with; none when the connection was dropped or is still open.
    pub status: Option<u16>,
    /// Which rule it broke, and how.
    pub breach: Option<String>,
    /// Why the vendor said no to a request that broke no rule.
    pub refused: Option<String>,
    /// The fault that was in force for it.
    pub fault: Option<String>,
}

impl Recorded {
    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON, where it is that.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    pub(crate) fn describe(&self) -> Value {
        let headers: Vec<Value> = self.headers.iter().map(|(k, v)| json!([k, v])).collect();
        let (body, base64) = match std::str::from_utf8(&self.body) {
            Ok(text) => (text.to_owned(), false),
            Err(_) => (STANDARD.encode(&self.body), true),
        };
        json!({
            "number": self.number,
            "connection": self.connection,
            "operation": self.operation,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": headers,
            "body": body,
            "bodyIsBase64": base64,
            "status": self.status,
            "breach": self.breach,
            "refused": self.refused,
            "fault": self.fault,
        })
    }
}

/// Everything recorded, with counters that outlive the records.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    requests: VecDeque<Recorded>,
    keep: usize,
    violations: Vec<String>,
    numbered: u64,
    counts: BTreeMap<&'static str, u64>,
    pub(crate) logins: u64,
    pub(crate) refreshes: u64,
    pub(crate) connections: u64,
}

impl Recorder {
    pub(crate) fn new(keep: usize) -> Self {
        Self {
            keep,
            ..Self::default()
        }
    }

    /// Notes a request that has arrived; its number comes back.
    pub(crate) fn arrived(&mut self, mut request: Recorded, operation: Option<&Operation>) -> u64 {
        self.numbered += 1;
        request.number = self.numbered;
        if let Some(operation) = operation {
            *self.counts.entry(operation.id).or_default() += 1;
            match operation.role {
                Role::Login => self.logins += 1,
                Role::Refresh => self.refreshes += 1,
                Role::Call => {}
            }
        }
        if let Some(breach) = &request.breach {
            self.violate(breach.clone());
        }
        if self.requests.len() >= self.keep {
            self.requests.pop_front();
        }
        self.requests.push_back(request);
        self.numbered
    }

    /// Changes the record of a request, if it is still kept.
    pub(crate) fn amend(&mut self, number: u64, change: impl FnOnce(&mut Recorded)) {
        let found = self.requests.iter_mut().rev().find(|r| r.number == number);
        if let Some(request) = found {
            change(request);
        }
    }

    pub(crate) fn violate(&mut self, text: String) {
        if self.violations.len() < 10_000 {
            self.violations.push(text);
        }
    }

    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.requests.iter().cloned().collect()
    }

    pub(crate) fn take(&mut self) -> Vec<Recorded> {
        std::mem::take(&mut self.requests).into()
    }

    pub(crate) fn violations(&self) -> Vec<String> {
        self.violations.clone()
    }

    pub(crate) fn clear(&mut self) {
        self.requests.clear();
    }

    pub(crate) fn clear_violations(&mut self) {
        self.violations.clear();
    }

    pub(crate) fn count(&self, operation: &str) -> u64 {
        self.counts.get(operation).copied().unwrap_or_default()
    }

    pub(crate) fn describe(&self) -> Value {
        json!({
            "requests": self.numbered,
            "connections": self.connections,
            "logins": self.logins,
            "refreshes": self.refreshes,
            "operations": self.counts,
            "violations": self.violations,
        })
    }
}
