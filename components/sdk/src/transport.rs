//! One HTTP exchange. `waki` sends it in a component; unit tests put a script in its place.

use thiserror::Error;

use crate::endpoint::Method;
use crate::failure::{Failure, Interruption};

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
#[non_exhaustive]
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

impl TransportError {
    /// Returns whether the vendor may have received the request.
    #[must_use]
    pub fn request_sent(&self) -> bool {
        match self {
            Self::Unreachable { request_sent, .. } | Self::Timeout { request_sent, .. } => *request_sent,
            Self::Malformed(_) => true,
            Self::Denied(_) | Self::Unsendable(_) => false,
        }
    }
}

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::Denied(_) => Self::Denied(error.to_string()),
            TransportError::Unreachable {
                message,
                request_sent,
            } => Self::Unreachable(Interruption::new(message, request_sent)),
            TransportError::Timeout {
                message,
                request_sent,
            } => Self::Timeout(Interruption::new(message, request_sent)),
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
    ///
    /// # Errors
    ///
    /// [`TransportError`] says why the exchange didn't come to an end.
    fn send(&self, request: Request) -> Result<Response, TransportError>;
}

/// The transport of a callback, which sends nothing.
pub struct NoTransport;

impl Transport for NoTransport {
    fn send(&self, request: Request) -> Result<Response, TransportError> {
        Err(TransportError::Denied(origin(&request.url)))
    }
}

/// Returns `scheme://host:port` of a URL, to name it in a message without its user, path and query.
#[must_use]
pub fn origin(url: &str) -> String {
    let start = url.find("://").map_or(0, |end| end + 3);
    let (scheme, rest) = url.split_at(start);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origin_ends_before_path_query_and_fragment() {
        for (url, expected) in [
            ("https://h.example", "https://h.example"),
            ("https://h.example:8443/a/b?c=d#e", "https://h.example:8443"),
            ("http://h?token=geheim", "http://h"),
            ("http://h#geheim", "http://h"),
            ("http://[::1]:80/a://b", "http://[::1]:80"),
            ("https://user:geheim@h.example/a", "https://h.example"),
            ("https://a@b:geheim@h", "https://h"),
            ("https://h/a@b", "https://h"),
            ("h.example/a", "h.example"),
        ] {
            assert_eq!(origin(url), expected, "{url}");
        }
    }

    #[test]
    fn a_body_comes_with_its_type_and_length() {
        let request = Request::new(Method::PUT, "https://h/a")
            .header("x-key", "k")
            .body("text/plain", "密".into());
        let headers = [
            ("x-key", "k"),
            ("content-type", "text/plain"),
            ("content-length", "3"),
        ];
        assert_eq!(
            request.headers,
            headers.map(|(k, v)| (k.to_owned(), v.to_owned()))
        );
        assert_eq!(request.body, "密".as_bytes());
    }

    #[test]
    fn the_first_field_of_a_name_counts() {
        let fields = [("a", "1"), ("b", "2"), ("b", "3")];
        let response = Response {
            headers: fields.map(|(k, v)| (k.to_owned(), v.to_owned())).to_vec(),
            ..Response::default()
        };
        assert_eq!(response.header("b"), Some("2"));
        assert_eq!(response.header("c"), None);
    }

    #[test]
    fn every_error_keeps_its_kind() {
        let text = || "why".to_owned();
        for sent in [true, false] {
            let message = text();
            let error = TransportError::Unreachable {
                message,
                request_sent: sent,
            };
            assert_eq!(error.request_sent(), sent);
            let unreachable = Failure::Unreachable(Interruption::new("why", sent));
            assert_eq!(Failure::from(error), unreachable);
            let message = text();
            let error = TransportError::Timeout {
                message,
                request_sent: sent,
            };
            assert_eq!(error.request_sent(), sent);
            assert_eq!(
                Failure::from(error),
                Failure::Timeout(Interruption::new("why", sent))
            );
        }
        let denied = Failure::from(TransportError::Denied("https://h".to_owned()));
        assert!(
            matches!(denied, Failure::Denied(message) if message.contains("forbids requests to https://h"))
        );
        let malformed = Failure::MalformedResponse {
            message: text(),
            http_status: None,
        };
        assert_eq!(Failure::from(TransportError::Malformed(text())), malformed);
        let unsendable = Failure::InvalidSettings(text());
        assert_eq!(Failure::from(TransportError::Unsendable(text())), unsendable);
    }
}
