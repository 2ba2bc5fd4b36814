//! What happened on the wire.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Response;
use hyper_util::client::legacy::connect::CaptureConnection;
use wasmtime_wasi_http::Error as HttpError;

use crate::calls::VendorRequest;
use crate::retry::Verdict;

/// How many requests of one call are told in its record.
const RECORDED: usize = 100;

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
    /// The attempts by the status of their response, those without one under `None`.
    pub(crate) statuses: BTreeMap<Option<u16>, u64>,
    /// How many of the attempts weren't the first of their request.
    pub(crate) repeated: u64,
    /// The largest body of a response, in bytes.
    largest: usize,
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
            statuses: BTreeMap::new(),
            repeated: 0,
            largest: 0,
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

    /// An attempt is sent on what is captured.
    pub(super) fn sending(&mut self, connection: CaptureConnection) {
        self.current = Some(connection);
    }

    /// The attempt has been answered, or has failed.
    pub(super) fn answered(&mut self) {
        self.sent = self.request_sent();
        self.current = None;
    }

    /// How long requests took, together, that one included which is under way.
    pub(crate) fn vendor(&self) -> Duration {
        self.vendor + self.under_way.map_or(Duration::ZERO, |begun| begun.elapsed())
    }

    /// The head of a response has come.
    pub(super) fn head(&mut self, place: usize, status: u16) {
        if let Some(request) = self.requests.get_mut(place) {
            request.status = Some(status);
        }
    }

    /// The largest body of a response so far, in bytes.
    pub(crate) fn largest_response(&self) -> usize {
        self.largest
    }

    /// Whether the vendor may have received any request of the call.
    pub(crate) fn sent_any(&self) -> bool {
        self.request_sent() || self.requests.iter().any(|request| request.status.is_some())
    }

    /// Whether a request is under way.
    pub(crate) fn is_waiting(&self) -> bool {
        self.under_way.is_some()
    }

    /// Forgets the last request: the next one is under way.
    pub(super) fn begin(&mut self) {
        self.sent = false;
        self.unsendable = None;
        self.under_way = Some(Instant::now());
    }

    pub(super) fn end(&mut self) {
        if let Some(begun) = self.under_way.take() {
            self.vendor += begun.elapsed();
        }
    }

    /// Begins the record of an attempt, and gives its place.
    pub(super) fn attempt(&mut self, method: &http::Method, target: &str, attempt: u32) -> usize {
        self.request_count += 1;
        self.repeated += u64::from(attempt > 1);
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
    pub(super) fn attempted(
        &mut self,
        place: usize,
        outcome: &Result<Response<Bytes>, HttpError>,
        verdict: Verdict,
    ) {
        let limit = self.response_too_large;
        if let Ok(response) = outcome {
            self.largest = self.largest.max(response.body().len());
        }
        let status = outcome.as_ref().ok().map(|response| response.status().as_u16());
        *self.statuses.entry(status).or_default() += 1;
        let Some(request) = self.requests.get_mut(place) else {
            return;
        };
        request.elapsed = Some(self.started.elapsed().saturating_sub(request.after));
        match outcome {
            Ok(response) => {
                request.status = Some(response.status().as_u16());
                request.bytes = Some(response.body().len());
            }
            Err(error) => {
                let told = match (error, limit) {
                    (HttpError::HttpResponseBodySize(_), Some(limit)) => {
                        format!("its body has more than the {limit} bytes of limits.response")
                    }
                    _ => error.to_string(),
                };
                request.error = Some(told);
            }
        }
        match verdict {
            Verdict::Again(wait) => request.again_after = Some(wait),
            Verdict::Enough(why) => request.not_again = Some(why.to_owned()),
            Verdict::Settled => {}
        }
    }
}
