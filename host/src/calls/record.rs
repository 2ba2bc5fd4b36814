//! The record of one call.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Serialize, Serializer};

use crate::call_id::CallId;
use crate::catalog::Effect;
use crate::error::Error;

/// What happened in one call. No text in it holds a secret.
#[derive(Debug, Clone, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are facts of a record, not states of anything"
)]
pub struct CallRecord {
    /// The call's id.
    pub id: CallId,
    /// The connection that was called.
    pub connection: String,
    /// The operation that was asked for.
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
    /// Waiting: for a turn, and for a session that another call was getting.
    #[serde(rename = "waiting_ms", serialize_with = "milliseconds")]
    pub waiting: Duration,
    /// The connector's own work, the making of its instance included.
    #[serde(rename = "guest_ms", serialize_with = "milliseconds")]
    pub guest: Duration,
    /// Vendor requests, with the waits between attempts.
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
    /// What was sent, attempt by attempt. Only the first hundred are kept.
    pub requests: Vec<VendorRequest>,
    /// How many attempts there were.
    pub request_count: usize,
    /// The attempts by the status of their response, those without one under `None`.
    #[serde(skip)]
    pub(crate) statuses: BTreeMap<Option<u16>, u64>,
    /// How many of the attempts weren't the first of their request.
    #[serde(skip)]
    pub(crate) repeated: u64,
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

/// One attempt of one request to the vendor.
#[derive(Debug, Clone, Serialize)]
pub struct VendorRequest {
    /// Upper case: `POST`.
    pub method: String,
    /// The URL without its query.
    pub target: String,
    /// Which attempt of the request it was, from 1.
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
    /// How long the host waited before it sent the request again.
    #[serde(
        rename = "again_after_ms",
        skip_serializing_if = "Option::is_none",
        serialize_with = "optional_milliseconds"
    )]
    pub again_after: Option<Duration>,
    /// Why it wasn't sent again, although it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_again: Option<String>,
}

/// Where and how a connector failed.
#[derive(Debug, Clone, Serialize)]
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

impl CallRecord {
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
pub(crate) fn in_milliseconds(time: Duration) -> f64 {
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
