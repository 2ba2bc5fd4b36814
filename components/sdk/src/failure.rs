//! Why a call failed: the contract's `failure`, as connectors and their tests see it.

use serde_json::Value;
use thiserror::Error;

/// One way in which an input breaks what its operation takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// JSON Pointer to the offending part; empty for the input as a whole.
    pub path: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Violation {
    /// Returns a violation at `path`, a JSON Pointer.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            message: message.into(),
        }
    }
}

/// The vendor answered, and said no.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refusal {
    /// The vendor's own code.
    pub code: Option<String>,
    /// The vendor's words; where it says none, the meaning of its code.
    pub message: String,
    /// Status of the HTTP response.
    pub http_status: Option<u16>,
    /// What else the vendor says: errors by field, the id of the request, what was already done. It isn't
    /// stored with the failure of a login, because such a record is public.
    pub details: Option<Value>,
}

/// The exchange with the vendor didn't come to an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interruption {
    /// What broke, or what took too long.
    pub message: String,
    /// Whether the vendor may have received any request of the call.
    pub request_sent: bool,
    /// Status of the HTTP response, where a gateway answered.
    pub http_status: Option<u16>,
    /// How long to wait before the call is repeated, in milliseconds: what the gateway asks for, or how long the
    /// failure of a login is shared, whichever is longer.
    pub retry_after_ms: Option<u64>,
}

impl Interruption {
    /// Returns an interruption without an HTTP response.
    pub fn new(message: impl Into<String>, request_sent: bool) -> Self {
        Self {
            message: message.into(),
            request_sent,
            http_status: None,
            retry_after_ms: None,
        }
    }
}

/// Why a call failed. The cases are the contract's; see `wit/types.wit` for when each applies.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Failure {
    /// The connector has no operation of this id.
    #[error("unknown operation {0:?}")]
    UnknownOperation(String),
    /// The input isn't what the operation takes. Nothing was sent.
    #[error("invalid input: {}", join(.0))]
    InvalidInput(Vec<Violation>),
    /// A setting is missing or unusable. Nothing was sent.
    #[error("invalid settings: {0}")]
    InvalidSettings(String),
    /// The vendor said no.
    #[error("the vendor refused: {}", .0.message)]
    Rejected(Refusal),
    /// The vendor refused the credentials.
    #[error("the vendor refused the credentials: {}", .0.message)]
    Unauthorized(Refusal),
    /// The vendor asks to slow down. Nothing was done.
    #[error("the vendor asks to slow down: {}", .refusal.message)]
    Throttled {
        /// What the vendor answered.
        refusal: Refusal,
        /// How long the vendor asks to wait, in milliseconds.
        retry_after_ms: Option<u64>,
    },
    /// No connection, DNS, TLS, the connection broke, or a gateway answered in the vendor's place.
    #[error("{}", .0.message)]
    Unreachable(Interruption),
    /// The vendor took too long.
    #[error("{}", .0.message)]
    Timeout(Interruption),
    /// What came back isn't what the vendor documents.
    #[error("{message}")]
    MalformedResponse {
        /// What is wrong with it.
        message: String,
        /// Status of the HTTP response.
        http_status: Option<u16>,
    },
    /// The host's policy forbade a request, which was not sent.
    #[error("{0}")]
    Denied(String),
}

/// The cases of [`Failure`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailureKind {
    /// [`Failure::UnknownOperation`]
    UnknownOperation,
    /// [`Failure::InvalidInput`]
    InvalidInput,
    /// [`Failure::InvalidSettings`]
    InvalidSettings,
    /// [`Failure::Rejected`]
    Rejected,
    /// [`Failure::Unauthorized`]
    Unauthorized,
    /// [`Failure::Throttled`]
    Throttled,
    /// [`Failure::Unreachable`]
    Unreachable,
    /// [`Failure::Timeout`]
    Timeout,
    /// [`Failure::MalformedResponse`]
    MalformedResponse,
    /// [`Failure::Denied`]
    Denied,
}

impl Failure {
    /// Returns [`Failure::InvalidInput`] with one violation.
    pub fn invalid_input(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::InvalidInput(vec![Violation::new(path, message)])
    }

    /// Returns [`Failure::MalformedResponse`].
    pub fn malformed(message: impl Into<String>, http_status: u16) -> Self {
        Self::MalformedResponse {
            message: message.into(),
            http_status: Some(http_status),
        }
    }

    /// Returns the same failure, where a call that is repeated within `time_ms` would only find it again.
    #[must_use]
    pub(crate) fn lasting(mut self, time_ms: u64) -> Self {
        if let Self::Unreachable(Interruption { retry_after_ms, .. })
        | Self::Timeout(Interruption { retry_after_ms, .. })
        | Self::Throttled { retry_after_ms, .. } = &mut self
        {
            *retry_after_ms = (*retry_after_ms).max(Some(time_ms));
        }
        self
    }

    /// Returns the same failure, where the vendor may have received an earlier request of the call.
    #[must_use]
    pub(crate) fn after_a_request(mut self) -> Self {
        if let Self::Unreachable(interruption) | Self::Timeout(interruption) = &mut self {
            interruption.request_sent = true;
        }
        self
    }
}

fn join(violations: &[Violation]) -> String {
    let each: Vec<String> = violations
        .iter()
        .map(|violation| match violation.path.as_str() {
            "" => violation.message.clone(),
            path => format!("{path}: {}", violation.message),
        })
        .collect();
    each.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_has_every_violation_with_its_place() {
        let failure = Failure::InvalidInput(vec![
            Violation::new("/items/0", "must be a number"),
            Violation::new("", "needs a name"),
        ]);
        let message = "invalid input: /items/0: must be a number; needs a name";
        assert_eq!(failure.to_string(), message);
    }
}
