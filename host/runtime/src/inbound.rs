//! What a vendor sends to the host, and what it means.

use serde::Serialize;
use serde_json::Value;

/// An HTTP request that a vendor has sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InboundRequest {
    /// Upper case: `POST`.
    pub method: String,
    /// The query string as received, without `?`.
    pub query: String,
    /// Names in lower case, in the order received.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Something that happened at a vendor.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Event {
    /// One of the manifest's callbacks.
    pub kind: String,
    /// The vendor's id of what it happened to.
    pub subject: String,
    /// The state it is in now, in the vendor's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Equal for repetitions of one event, different for different events of a connection.
    pub key: String,
    /// What the vendor sent.
    pub payload: Value,
}

/// The HTTP response that the vendor expects.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Header fields.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What a request means, and how it must be answered once its events are safe.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Receipt {
    /// Empty where the request isn't one of the vendor's callbacks, and where the reply answers a challenge.
    pub events: Vec<Event>,
    /// The reply.
    pub reply: Reply,
}
