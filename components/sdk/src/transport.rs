//! One HTTP exchange. `waki` sends it in a component; unit tests put a script in its place.

use thiserror::Error;

use crate::endpoint::Method;
use crate::failure::Failure;

/// A request as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// Absolute, percent-encoded.
    pub url: String,
    /// Header fields.
    pub headers: Vec<(String, String)>,
    /// The body; empty where there is none.
    pub body: Vec<u8>,
}

impl Request {
    /// A request without header fields and body.
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self {
            method,
            url: url.into(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// Adds a header field.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Sets the body with its content type and length.
    #[must_use]
    pub fn body(self, content_type: &str, body: Vec<u8>) -> Self {
        let length = body.len().to_string();
        let mut request = self
            .header("content-type", content_type)
            .header("content-length", length);
        request.body = body;
        request
    }
}

/// A response, read to its end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Header fields; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header field of this name (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Why an exchange didn't come to an end.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TransportError {
    /// The host's policy forbade it.
    #[error("the host's policy forbids requests to {0}")]
    Denied(String),
    /// No connection, DNS, TLS, or the connection broke.
    #[error("{message}")]
    Unreachable {
        /// What broke.
        message: String,
        /// Whether the vendor may have received the request.
        request_sent: bool,
    },
    /// It took too long.
    #[error("{message}")]
    Timeout {
        /// What took too long.
        message: String,
        /// Whether the vendor may have received the request.
        request_sent: bool,
    },
    /// The response can't be used: too large, or not HTTP.
    #[error("{0}")]
    Malformed(String),
    /// The request can't be sent as it is: its URL or a header field isn't valid.
    #[error("{0}")]
    Unsendable(String),
}

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::Denied(_) => Self::Denied(error.to_string()),
            TransportError::Unreachable {
                message,
                request_sent,
            } => Self::Unreachable {
                message,
                request_sent,
            },
            TransportError::Timeout {
                message,
                request_sent,
            } => Self::Timeout {
                message,
                request_sent,
            },
            TransportError::Malformed(message) => Self::MalformedResponse {
                message,
                http_status: None,
            },
            TransportError::Unsendable(message) => Self::InvalidSettings(message),
        }
    }
}

/// Carries out one HTTP exchange.
pub trait Transport {
    /// Sends the request and reads the response to its end.
    fn send(&self, request: &Request) -> Result<Response, TransportError>;
}

/// `scheme://host:port` of a URL, to name it in a message without its path and query.
#[must_use]
pub fn origin(url: &str) -> String {
    let end = url.find("://").and_then(|start| {
        url[start + 3..]
            .find(['/', '?', '#'])
            .map(|length| start + 3 + length)
    });
    url[..end.unwrap_or(url.len())].to_owned()
}
