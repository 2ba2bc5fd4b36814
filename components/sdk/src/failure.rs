//! Why a call failed: the contract's `failure`, as connectors and their tests see it.

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
    /// A violation at `path`, a JSON Pointer.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            message: message.into(),
        }
    }
}

/// The vendor answered, and said no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The vendor's own code.
    pub code: Option<String>,
    /// The vendor's words.
    pub message: String,
    /// Status of the HTTP response.
    pub http_status: Option<u16>,
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
    /// The vendor asks to slow down.
    #[error("the vendor asks to slow down: {}", .refusal.message)]
    Throttled {
        /// What the vendor answered.
        refusal: Refusal,
        /// How long the vendor asks to wait, in milliseconds.
        retry_after_ms: Option<u64>,
    },
    /// No connection, DNS, TLS, or the connection broke.
    #[error("{message}")]
    Unreachable {
        /// What broke.
        message: String,
        /// Whether the vendor may have received the request.
        request_sent: bool,
    },
    /// The vendor took too long.
    #[error("{message}")]
    Timeout {
        /// What took too long.
        message: String,
        /// Whether the vendor may have received the request.
        request_sent: bool,
    },
    /// What came back isn't what the vendor documents.
    #[error("{message}")]
    MalformedResponse {
        /// What is wrong with it.
        message: String,
        /// Status of the HTTP response.
        http_status: Option<u16>,
    },
    /// The host's policy forbade a request. Nothing was sent.
    #[error("{0}")]
    Denied(String),
}

impl Failure {
    /// The input is wrong at one place.
    pub fn invalid_input(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::InvalidInput(vec![Violation::new(path, message)])
    }

    /// The answer isn't what the vendor documents.
    pub fn malformed(message: impl Into<String>, http_status: u16) -> Self {
        Self::MalformedResponse {
            message: message.into(),
            http_status: Some(http_status),
        }
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
    fn every_violation_is_told_with_its_place() {
        let failure = Failure::InvalidInput(vec![
            Violation::new("/items/0", "must be a number"),
            Violation::new("", "needs a name"),
        ]);
        let message = "invalid input: /items/0: must be a number; needs a name";
        assert_eq!(failure.to_string(), message);
    }
}
