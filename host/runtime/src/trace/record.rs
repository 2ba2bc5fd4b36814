//! The record of one call.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Serialize, Serializer};

use super::id::CallId;
use super::trace::Subject;
use crate::error::Error;
use crate::manifest::Effect;
use crate::text::cut;

/// The longest text of a record, in bytes.
const TEXT: usize = 1 << 10;
/// The longest of those that explain something.
const LONG_TEXT: usize = 4 << 10;

/// What was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CallKind {
    /// An operation.
    Operation,
    /// A vendor's inbound request.
    Callback,
}

/// What happened in one call. No text in it holds a secret.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are facts of a record, not states of anything"
)]
pub struct CallRecord {
    /// The call's id.
    pub id: CallId,
    /// What was called.
    pub kind: CallKind,
    /// The connection that was called.
    pub connection: String,
    /// The operation that was asked for; `callback` where a vendor called back.
    pub operation: String,
    /// What it does at the vendor; absent where there is no such operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
    /// Id of the connector.
    pub connector: String,
    /// Version of the connector that served the call.
    pub version: String,
    /// When the call came.
    #[serde(serialize_with = "timestamp")]
    pub started_at: SystemTime,
    /// The time that it was given.
    #[serde(rename = "deadline_ms", serialize_with = "milliseconds")]
    pub deadline: Duration,
    /// All of it.
    #[serde(rename = "total_ms", serialize_with = "milliseconds")]
    pub total: Duration,
    /// Waiting: for a turn, for a session that another call was getting, and before the call was repeated.
    #[serde(rename = "waiting_ms", serialize_with = "milliseconds")]
    pub waiting: Duration,
    /// The connector's own work, the making of its instance included.
    #[serde(rename = "guest_ms", serialize_with = "milliseconds")]
    pub guest: Duration,
    /// Vendor requests.
    #[serde(rename = "vendor_ms", serialize_with = "milliseconds")]
    pub vendor: Duration,
    /// Whether an instance was made for the call; else one was used again.
    pub fresh_instance: bool,
    /// Whether the call wrote a session: it logged in, or renewed one.
    pub wrote_session: bool,
    /// Whether the vendor may have received a request of the call.
    pub request_sent: bool,
    /// Whether the caller went away, or the service was stopped, before there was an answer.
    pub abandoned: bool,
    /// How often the connector was invoked: more than once where the host repeated the call.
    pub attempts: u32,
    /// What was sent. Only the first hundred requests are kept.
    pub requests: Vec<VendorRequest>,
    /// How many requests there were.
    pub request_count: usize,
    /// The requests by the status of their response, those without one under `None`.
    #[serde(skip)]
    pub statuses: BTreeMap<Option<u16>, u64>,
    /// How many of the requests belong to a repeated invocation.
    #[serde(skip)]
    pub repeated: u64,
    /// Why the host didn't repeat the call, where its last invocation made no request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_again: Option<String>,
    /// Where the connection may send requests.
    #[serde(serialize_with = "list")]
    pub allowed: Arc<[String]>,
    /// Why a request was denied, with the line that would allow it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denial: Option<String>,
    /// How the call failed; absent where it succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
    /// Where the connector failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trap: Option<TrapRecord>,
}

/// One request to the vendor.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct VendorRequest {
    /// Upper case: `POST`.
    pub method: String,
    /// The URL without its query.
    pub target: String,
    /// The header fields that the connector gave and the host left out, because they ask for an answer in part or
    /// compressed, which can't be searched for secrets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// Which invocation of the connector sent it, from 1.
    pub attempt: u32,
    /// When, counted from the start of the call.
    #[serde(rename = "after_ms", serialize_with = "milliseconds")]
    pub after: Duration,
    /// How long it took; absent where the call ended before it did.
    #[serde(
        rename = "elapsed_ms",
        skip_serializing_if = "Option::is_none",
        serialize_with = "optional_milliseconds"
    )]
    pub elapsed: Option<Duration>,
    /// Status of the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Size of the response's body, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<usize>,
    /// Why there is no response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The last request of an invocation that failed: how long the host waited before it repeated the call.
    #[serde(
        rename = "again_after_ms",
        skip_serializing_if = "Option::is_none",
        serialize_with = "optional_milliseconds"
    )]
    pub again_after: Option<Duration>,
    /// The last request of the last invocation: why the host didn't repeat the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_again: Option<String>,
}

/// Where and how a connector failed.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct TrapRecord {
    /// What happened.
    pub reason: String,
    /// What the connector printed before.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub printed: String,
    /// Where it was, the innermost function first.
    pub frames: Vec<Frame>,
}

/// One function on the stack.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Frame {
    /// Its name, where the component has kept its names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// Its index in the module.
    pub index: u32,
    /// Offset of the instruction in the module, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<usize>,
    /// File and line, where the component has debug information.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl VendorRequest {
    pub(super) fn new(method: String, target: String, attempt: u32, after: Duration) -> Self {
        Self {
            method,
            target,
            left_out: Vec::new(),
            attempt,
            after,
            elapsed: None,
            status: None,
            bytes: None,
            error: None,
            again_after: None,
            not_again: None,
        }
    }
}

impl CallRecord {
    /// The record of a call of which nothing has happened yet.
    pub(super) fn new(
        id: CallId,
        subject: Subject<'_>,
        deadline: Duration,
        allowed: Arc<[String]>,
        started_at: SystemTime,
    ) -> Self {
        Self {
            id,
            kind: subject.kind,
            connection: subject.connection.to_owned(),
            operation: subject.operation.to_owned(),
            effect: None,
            connector: String::new(),
            version: String::new(),
            started_at,
            deadline,
            total: Duration::ZERO,
            waiting: Duration::ZERO,
            guest: Duration::ZERO,
            vendor: Duration::ZERO,
            fresh_instance: false,
            wrote_session: false,
            request_sent: false,
            abandoned: false,
            attempts: 1,
            requests: Vec::new(),
            request_count: 0,
            statuses: BTreeMap::new(),
            repeated: 0,
            not_again: None,
            allowed,
            denial: None,
            error: None,
            trap: None,
        }
    }

    /// The same, with every text at a length that an answer, a log and the memory of calls can bear. Secrets must have
    /// been replaced before.
    pub(crate) fn bounded(mut self) -> Self {
        cut(&mut self.operation, TEXT);
        for request in &mut self.requests {
            cut(&mut request.target, TEXT);
            request.error.iter_mut().for_each(|error| cut(error, TEXT));
        }
        self.denial.iter_mut().for_each(|denial| cut(denial, LONG_TEXT));
        if let Some(trap) = &mut self.trap {
            cut(&mut trap.reason, LONG_TEXT);
            cut(&mut trap.printed, LONG_TEXT);
            for frame in &mut trap.frames {
                for text in [&mut frame.function, &mut frame.source].into_iter().flatten() {
                    cut(text, TEXT);
                }
            }
        }
        self
    }

    /// What it takes in memory, in bytes, about.
    pub(crate) fn bytes(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let requests = self.requests.iter().map(|request| {
            size_of::<VendorRequest>()
                + request.method.len()
                + request.target.len()
                + text(&request.error)
                + text(&request.not_again)
        });
        let error = self.error.as_ref().map_or(0, Error::bytes);
        let trap = self.trap.as_ref().map_or(0, |trap| {
            let frames = trap.frames.iter();
            let frames = frames.map(|frame| size_of::<Frame>() + text(&frame.function) + text(&frame.source));
            trap.reason.len() + trap.printed.len() + frames.sum::<usize>()
        });
        size_of::<Self>()
            + [&self.connection, &self.operation, &self.connector, &self.version]
                .map(String::len)
                .iter()
                .sum::<usize>()
            + requests.sum::<usize>()
            + text(&self.denial)
            + text(&self.not_again)
            + error
            + trap
    }

    /// `success`, or the kind of its failure.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        match &self.error {
            Some(error) => error.kind.as_str(),
            None if self.abandoned => "abandoned",
            None => "success",
        }
    }
}

/// Milliseconds, to the microsecond.
fn in_milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

fn milliseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(in_milliseconds(*time))
}

#[expect(clippy::ref_option, reason = "serde gives it so")]
fn optional_milliseconds<S: Serializer>(time: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => milliseconds(time, serializer),
        None => serializer.serialize_none(),
    }
}

fn list<S: Serializer>(list: &Arc<[String]>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(list.iter())
}

/// RFC 3339, to the millisecond.
pub(crate) fn timestamp<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&humantime::format_rfc3339_millis(*time))
}
