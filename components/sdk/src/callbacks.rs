//! Inbound callbacks: what a vendor sends to the host, and what it means.

pub use patchbay_sdk_macros::Payload;
use serde_json::Value;

use crate::endpoint::{Annotations, Documentation};
use crate::failure::Failure;
use crate::host::Host;
use crate::operations::Connector;
use crate::schema;
use crate::shape::Shape;

/// A request that a vendor has sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InboundRequest {
    /// Upper case: `POST`.
    pub method: String,
    /// The query string as received, without `?`.
    pub query: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl InboundRequest {
    /// Returns the first header field of this name (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Something that happened at the vendor.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// One of the connector's [`Callback`]s.
    pub kind: &'static str,
    /// The vendor's id of what it happened to.
    pub subject: String,
    /// The state it is in now, in the vendor's words.
    pub status: Option<String>,
    /// Equal for repetitions of one event, different for different events of a connection.
    pub key: String,
    /// What the vendor sent.
    pub payload: Value,
}

/// The response that the vendor expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Header fields.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// Returns a reply in plain text.
    #[must_use]
    pub fn text(status: u16, text: &str) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), "text/plain".to_owned())],
            body: text.as_bytes().to_vec(),
        }
    }
}

/// What a request means, and how it must be answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// Empty where the request isn't one of the vendor's callbacks, and where the reply answers a challenge.
    pub events: Vec<Event>,
    /// To be sent once the events are safe.
    pub reply: Reply,
}

/// A connector whose vendor calls back. Made a component with `export!(… , callbacks)`.
pub trait Receiver: Connector {
    /// Interprets one inbound request. Where the vendor signs its requests, an event is given only once the
    /// signature has been verified. `host` has the settings, those of kind `key` included, and the store; it
    /// sends nothing.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidSettings`] where a setting that the request is verified with is missing or unusable.
    fn receive(host: &Host, request: &InboundRequest) -> Result<Receipt, Failure>;
}

/// Interprets one inbound request for `C`.
///
/// # Errors
///
/// Those of [`Receiver::receive`].
pub fn receive<C: Receiver>(host: Host, request: &InboundRequest) -> Result<Receipt, Failure> {
    C::receive(&host.with_defaults(C::SETTINGS), request)
}

/// What is declared of a callback, as data: a row of the table of callbacks.
#[derive(Debug, Clone, Copy)]
pub struct Callback {
    /// The kind of its events: `workflow-run`.
    pub kind: &'static str,
    /// When it comes, in words.
    pub documentation: Documentation,
    /// The shape of its body.
    pub payload: &'static Shape,
    /// What the manifest says of it besides.
    pub annotations: Annotations,
}

/// The body of a callback. `#[derive(Payload)]` implements it for a struct whose fields are what the vendor
/// documents and whose doc comment is the description, as for an [`Endpoint`](crate::Endpoint).
pub trait Payload {
    /// All that is declared of it.
    const CALLBACK: Callback;
}

/// What the manifest says of a callback.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// The kind of its events.
    pub kind: &'static str,
    /// One line.
    pub summary: &'static str,
    /// Everything else that a caller must know.
    pub description: &'static str,
    /// JSON Schema of an event's payload.
    pub payload: String,
    /// Where the vendor documents it.
    pub reference: String,
    /// What the manifest says of it besides.
    pub annotations: Annotations,
}

impl Callback {
    /// Returns what the manifest says of it. `document` is the connector's [`Connector::DOCUMENT`].
    #[must_use]
    pub fn describe(&self, document: &str) -> Description {
        Description {
            kind: self.kind,
            summary: self.documentation.summary,
            description: self.documentation.description,
            payload: schema::of_output(self.payload),
            reference: self.documentation.reference(document),
            annotations: self.annotations,
        }
    }
}
