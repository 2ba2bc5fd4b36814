//! What happened on the wire.

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
