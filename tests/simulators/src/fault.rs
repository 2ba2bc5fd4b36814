//! Breakdowns on request.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

/// Which requests a fault is for. Unknown paths are hit by [`On::any`] only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct On(Option<String>);

impl On {
    /// Every request, logins included.
    #[must_use]
    pub fn any() -> Self {
        Self(None)
    }

    /// The requests of one operation, such as `robot.list` or `token.create`.
    #[must_use]
    pub fn operation(id: impl Into<String>) -> Self {
        Self(Some(id.into()))
    }

    fn hits(&self, operation: Option<&str>) -> bool {
        self.0.is_none() || self.0.as_deref() == operation
    }
}

/// How long a fault stays in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// For the next so many requests that it hits.
    Next(u32),
    /// Until the faults are cleared.
    UntilCleared,
}

/// What goes wrong.
///
/// `Slow`, `Drip`, `DropAfter` and `Truncate` do what the request asks first, and spoil the true
/// answer; with all others the request is not done.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The vendor says that the token is no good, whatever it is.
    ExpiredToken,
    /// An HTTP status with an HTML page, with `Retry-After` in seconds where given.
    Status {
        /// The status.
        status: u16,
        /// `Retry-After`.
        retry_after: Option<u64>,
    },
    /// The request is done at once, the answer comes late.
    Slow {
        /// How late.
        delay: Duration,
    },
    /// The head comes at once, the body a byte at a time.
    Drip {
        /// Between two bytes.
        interval: Duration,
    },
    /// The connection is closed before any byte of an answer; the request is not done.
    DropBefore,
    /// The connection is closed before any byte of an answer; the request is done.
    DropAfter,
    /// Half of the body comes, then the connection is closed, against its `Content-Length`.
    Truncate,
    /// HTTP 200 with a body that is not JSON, although it says so.
    NotJson,
    /// HTTP 200 with JSON that is no envelope: a bare array.
    NotEnvelope,
    /// The vendor's failure envelope.
    Envelope {
        /// The vendor's code.
        code: i64,
        /// The vendor's words.
        msg: String,
    },
    /// HTTP 200 and no body.
    Empty,
    /// A success envelope of so many bytes.
    Huge {
        /// The size of the body.
        bytes: u64,
        /// Chunked, in place of a `Content-Length`.
        chunked: bool,
    },
    /// Exactly this.
    Raw {
        /// The status.
        status: u16,
        /// The content type.
        content_type: String,
        /// The body.
        body: Bytes,
    },
}

impl Fault {
    /// An HTTP status with an HTML page.
    #[must_use]
    pub const fn status(status: u16) -> Self {
        Self::Status {
            status,
            retry_after: None,
        }
    }

    /// 503, try again in so many seconds.
    #[must_use]
    pub const fn unavailable(retry_after: u64) -> Self {
        Self::Status {
            status: 503,
            retry_after: Some(retry_after),
        }
    }

    /// 429, try again in so many seconds.
    #[must_use]
    pub const fn throttled(retry_after: u64) -> Self {
        Self::Status {
            status: 429,
            retry_after: Some(retry_after),
        }
    }

    /// 50 MB.
    #[must_use]
    pub const fn huge(chunked: bool) -> Self {
        Self::Huge {
            bytes: 50_000_000,
            chunked,
        }
    }

    /// A failure envelope.
    #[must_use]
    pub fn envelope(code: i64, msg: impl Into<String>) -> Self {
        Self::Envelope {
            code,
            msg: msg.into(),
        }
    }

    /// This body as JSON, with HTTP 200.
    #[must_use]
    pub fn raw_json(body: impl Into<Bytes>) -> Self {
        Self::Raw {
            status: 200,
            content_type: "application/json;charset=UTF-8".into(),
            body: body.into(),
        }
    }

    /// Its name, as on the control interface.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ExpiredToken => "expired-token",
            Self::Status { .. } => "status",
            Self::Slow { .. } => "slow",
            Self::Drip { .. } => "drip",
            Self::DropBefore => "drop-before",
            Self::DropAfter => "drop-after",
            Self::Truncate => "truncate",
            Self::NotJson => "not-json",
            Self::NotEnvelope => "not-envelope",
            Self::Envelope { .. } => "envelope",
            Self::Empty => "empty",
            Self::Huge { .. } => "huge",
            Self::Raw { .. } => "raw",
        }
    }
}

#[derive(Debug)]
struct Armed {
    on: On,
    fault: Fault,
    left: Option<u32>,
}

/// The faults in force. The first that hits a request counts.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Armed>);

impl Faults {
    pub(crate) fn arm(&mut self, on: On, fault: Fault, times: Times) {
        let left = match times {
            Times::Next(0) => return,
            Times::Next(n) => Some(n),
            Times::UntilCleared => None,
        };
        self.0.push(Armed { on, fault, left });
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn take(&mut self, operation: Option<&str>) -> Option<Fault> {
        let at = self.0.iter().position(|armed| armed.on.hits(operation))?;
        let armed = &mut self.0[at];
        let fault = armed.fault.clone();
        if let Some(left) = &mut armed.left {
            *left -= 1;
            if *left == 0 {
                self.0.remove(at);
            }
        }
        Some(fault)
    }
}

/// Reads a fault as the control interface takes it:
/// `{"fault": "status", "on": "robot.list", "times": 1, "status": 503, "retryAfter": 2}`.
/// Without `on` it is for any request, without `times` for the next one; `"times": "until-cleared"`.
pub(crate) fn read(value: &Value) -> Result<(On, Fault, Times), String> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let number = |name: &str| value.get(name).and_then(Value::as_u64);
    let millis = |name: &str, default: u64| Duration::from_millis(number(name).unwrap_or(default));
    let status = |default: u16| -> Result<u16, String> {
        match number("status") {
            None => Ok(default),
            Some(n) => u16::try_from(n)
                .ok()
                .filter(|n| (200..=599).contains(n))
                .ok_or_else(|| format!("\"status\": {n} is no HTTP status")),
        }
    };
    let fault = match text("fault").as_deref() {
        Some("expired-token") => Fault::ExpiredToken,
        Some("status") => Fault::Status {
            status: status(500)?,
            retry_after: number("retryAfter"),
        },
        Some("slow") => Fault::Slow {
            delay: millis("delayMs", 5_000),
        },
        Some("drip") => Fault::Drip {
            interval: millis("intervalMs", 100),
        },
        Some("drop-before") => Fault::DropBefore,
        Some("drop-after") => Fault::DropAfter,
        Some("truncate") => Fault::Truncate,
        Some("not-json") => Fault::NotJson,
        Some("not-envelope") => Fault::NotEnvelope,
        Some("envelope") => Fault::Envelope {
            code: value.get("code").and_then(Value::as_i64).unwrap_or(9999),
            msg: text("msg").unwrap_or_else(|| "系统繁忙".into()),
        },
        Some("empty") => Fault::Empty,
        Some("huge") => Fault::Huge {
            bytes: number("bytes").unwrap_or(50_000_000),
            chunked: value.get("chunked").and_then(Value::as_bool) == Some(true),
        },
        Some("raw") => Fault::Raw {
            status: status(200)?,
            content_type: text("contentType").unwrap_or_else(|| "application/json".into()),
            body: text("body").unwrap_or_default().into(),
        },
        Some(other) => return Err(format!("\"fault\": no fault is called {other:?}")),
        None => return Err("\"fault\": missing".into()),
    };
    let on = match text("on").as_deref() {
        None | Some("any") => On::any(),
        Some(id) => On::operation(id),
    };
    let times = match value.get("times") {
        None => Times::Next(1),
        Some(Value::String(s)) if s == "until-cleared" => Times::UntilCleared,
        Some(n) => n
            .as_u64()
            .and_then(|n| u32::try_from(n).ok())
            .map(Times::Next)
            .ok_or("\"times\": a number or \"until-cleared\"")?,
    };
    Ok((on, fault, times))
}
