//! Every way in which something can fail, with its exit code and HTTP status.

use serde::Serialize;

use crate::text::{cut, grouped};

/// The longest message, in bytes.
const MESSAGE: usize = 4 << 10;
/// The longest of the short texts, in bytes: a code, an id, the path or the message of one violation.
const SHORT: usize = 1 << 10;
/// The largest details, as JSON in bytes.
const DETAILS: usize = 16 << 10;
/// The longest time to wait that a vendor may ask for, in milliseconds: one day.
const LONGEST_WAIT_MS: u64 = 24 * 60 * 60 * 1000;
/// How many violations there are at most.
const VIOLATIONS: usize = 20;

/// What kind of failure it is. Kinds keep their name from the connector to the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Kind {
    /// The command line or the configuration is wrong.
    Usage,
    /// There is no connection or connector of this name.
    UnknownConnection,
    /// The connector has no such operation.
    UnknownOperation,
    /// A setting is missing, unknown or unusable.
    InvalidSettings,
    /// The input breaks the operation's schema. Nothing was sent.
    InvalidInput,
    /// The vendor said no.
    Rejected,
    /// The vendor refused the credentials, also after one fresh login.
    Unauthorized,
    /// The vendor asks to slow down.
    Throttled,
    /// No connection, DNS, TLS, or the connection broke.
    Unreachable,
    /// The deadline passed.
    Timeout,
    /// What came back isn't what the vendor documents.
    MalformedResponse,
    /// Policy forbade it.
    Denied,
    /// The connector failed.
    Trapped,
    /// The connector used more than it may.
    LimitExceeded,
    /// The component doesn't fit the contract.
    Incompatible,
    /// The caller gave no token that the service knows.
    Unauthenticated,
    /// The service takes no calls now: it is shutting down, or has no room for another.
    Unavailable,
    /// The caller interrupted the call.
    Interrupted,
}

impl Kind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 18] = [
        Self::Usage,
        Self::UnknownConnection,
        Self::UnknownOperation,
        Self::InvalidSettings,
        Self::InvalidInput,
        Self::Rejected,
        Self::Unauthorized,
        Self::Throttled,
        Self::Unreachable,
        Self::Timeout,
        Self::MalformedResponse,
        Self::Denied,
        Self::Trapped,
        Self::LimitExceeded,
        Self::Incompatible,
        Self::Unauthenticated,
        Self::Unavailable,
        Self::Interrupted,
    ];

    /// The kind as it stands in an error object.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::UnknownConnection => "unknown-connection",
            Self::UnknownOperation => "unknown-operation",
            Self::InvalidSettings => "invalid-settings",
            Self::InvalidInput => "invalid-input",
            Self::Rejected => "rejected",
            Self::Unauthorized => "unauthorized",
            Self::Throttled => "throttled",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::MalformedResponse => "malformed-response",
            Self::Denied => "denied",
            Self::Trapped => "trapped",
            Self::LimitExceeded => "limit-exceeded",
            Self::Incompatible => "incompatible",
            Self::Unauthenticated => "unauthenticated",
            Self::Unavailable => "unavailable",
            Self::Interrupted => "interrupted",
        }
    }

    /// Exit code of the command line.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Usage
            | Self::UnknownConnection
            | Self::UnknownOperation
            | Self::InvalidSettings
            | Self::Unauthenticated => 2,
            Self::InvalidInput => 3,
            Self::Rejected | Self::Unauthorized | Self::Throttled => 4,
            Self::Unreachable | Self::Timeout | Self::MalformedResponse | Self::Unavailable => 5,
            Self::Denied => 6,
            Self::Trapped | Self::LimitExceeded | Self::Incompatible => 7,
            // 128 and the number of SIGINT, as shells have it.
            Self::Interrupted => 130,
        }
    }

    /// Status of the service's response.
    #[must_use]
    pub fn http_status(self) -> u16 {
        match self {
            Self::Usage => 400,
            Self::Unauthenticated => 401,
            Self::UnknownConnection | Self::UnknownOperation => 404,
            Self::InvalidInput => 422,
            Self::Rejected | Self::Unauthorized | Self::Unreachable | Self::MalformedResponse => 502,
            Self::Throttled => 429,
            Self::Unavailable | Self::Interrupted => 503,
            Self::Timeout => 504,
            Self::Denied => 403,
            Self::InvalidSettings | Self::Trapped | Self::LimitExceeded | Self::Incompatible => 500,
        }
    }

    /// What the kind means, before the message.
    #[must_use]
    pub fn headline(self) -> &'static str {
        match self {
            Self::Usage => "wrong usage",
            Self::UnknownConnection => "unknown connection",
            Self::UnknownOperation => "unknown operation",
            Self::InvalidSettings => "invalid settings",
            Self::InvalidInput => "invalid input",
            Self::Rejected => "the vendor said no",
            Self::Unauthorized => "the vendor refused the credentials",
            Self::Throttled => "asked to slow down",
            Self::Unreachable => "vendor unreachable",
            Self::Timeout => "timed out",
            Self::MalformedResponse => "the vendor's answer can't be used",
            Self::Denied => "denied by policy",
            Self::Trapped => "the connector failed",
            Self::LimitExceeded => "the connector exceeded a limit",
            Self::Incompatible => "the component doesn't fit the contract",
            Self::Unauthenticated => "the service doesn't know the caller",
            Self::Unavailable => "the service takes no calls",
            Self::Interrupted => "interrupted",
        }
    }
}

/// One way in which an input breaks its schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// JSON Pointer to the offending part of the input; empty for the input as a whole.
    pub path: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Violation {
    /// A violation of the input as a whole.
    pub(crate) fn of_input(message: impl Into<String>) -> Self {
        Self {
            path: String::new(),
            message: message.into(),
        }
    }

    /// The first violations, and how many more there are.
    pub(crate) fn first(violations: impl ExactSizeIterator<Item = Self>) -> Vec<Self> {
        let more = violations.len().saturating_sub(VIOLATIONS + 1);
        // One more than the limit takes no more room than saying so.
        let most = if more == 0 { VIOLATIONS + 1 } else { VIOLATIONS };
        let mut first: Vec<Self> = violations.take(most).collect();
        if more > 0 {
            first.push(Self::of_input(format!(
                "{} more violations aren't shown",
                grouped(more + 1)
            )));
        }
        first
    }
}

/// A failure: its kind, a message, and what the kind carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct Error {
    /// What kind of failure.
    pub kind: Kind,
    /// What failed, with which value, and what to do; starts in lower case.
    pub message: String,
    /// The vendor's own code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What else the vendor says, as JSON: errors by field, the id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<serde_json::Value>,
    /// Status of the vendor's response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// How long the vendor asks to wait, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// Whether the vendor may have received any request of the call. Where it is false, nothing has happened
    /// there. Absent where the question doesn't arise, because the call was wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_sent: Option<bool>,
    /// In which ways the input breaks its schema.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<Violation>,
    /// The operation that was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The connection that it was called on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
}

impl Error {
    /// An error of this kind, with nothing but a message.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            code: None,
            details: None,
            http_status: None,
            retry_after_ms: None,
            request_sent: None,
            violations: Vec::new(),
            operation: None,
            connection: None,
        }
    }

    /// Wrong usage.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// The input breaks its schema. Where there are many violations, the first ones are kept.
    #[must_use]
    pub fn invalid_input(violations: Vec<Violation>) -> Self {
        let violations = Violation::first(violations.into_iter());
        let each: Vec<String> = violations
            .iter()
            .map(|violation| match violation.path.as_str() {
                "" => violation.message.clone(),
                path => format!("{path}: {}", violation.message),
            })
            .collect();
        Self {
            violations,
            ..Self::new(Kind::InvalidInput, each.join("; "))
        }
    }

    /// The same, on this connection and in this operation.
    #[must_use]
    pub fn at(mut self, connection: &str, operation: &str) -> Self {
        self.connection = Some(connection.to_owned());
        self.operation = Some(operation.to_owned());
        self
    }

    /// The same, and this is whether the vendor may have received a request of the call.
    #[must_use]
    pub fn sent(self, request_sent: bool) -> Self {
        Self {
            request_sent: Some(request_sent),
            ..self
        }
    }

    /// The same, with every text and list at a length that an answer, a log and the memory of calls can bear: this is
    /// for what comes from a guest, and for what repeats an input. Secrets must have been replaced before.
    #[must_use]
    pub(crate) fn bounded(mut self) -> Self {
        cut(&mut self.message, MESSAGE);
        for text in [&mut self.code, &mut self.operation, &mut self.connection]
            .into_iter()
            .flatten()
        {
            cut(text, SHORT);
        }
        if let Some(details) = &mut self.details {
            let mut text = details.to_string();
            if text.len() > DETAILS {
                cut(&mut text, MESSAGE);
                *details = text.into();
            }
        }
        for violation in &mut self.violations {
            cut(&mut violation.path, SHORT);
            cut(&mut violation.message, SHORT);
        }
        self.retry_after_ms = self.retry_after_ms.map(|wait| wait.min(LONGEST_WAIT_MS));
        self
    }

    /// What its texts take in memory, in bytes, about.
    pub(crate) fn bytes(&self) -> usize {
        let violations = self.violations.iter();
        let violations = violations
            .map(|violation| size_of::<Violation>() + violation.path.len() + violation.message.len());
        let texts = [&self.code, &self.operation, &self.connection]
            .into_iter()
            .flatten();
        self.message.len()
            + texts.map(String::len).sum::<usize>()
            + violations.sum::<usize>()
            // In memory a value takes some times what it does as text.
            + self.details.as_ref().map_or(0, |details| 4 * details.to_string().len())
    }

    /// The error object of command line and service: `{"error": {…}}`.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({ "error": self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_written_as_it_is_named() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
