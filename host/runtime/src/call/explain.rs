//! A record in plain words.

use std::fmt::Write as _;
use std::time::Duration;

use crate::manifest::Effect;
use crate::printable::printable;
use crate::trace::{CallKind, CallRecord, Frame, TrapRecord, VendorRequest};

impl CallRecord {
    /// What happened in the call, in plain words: one fact a line, whatever is in it. Control characters are escaped.
    #[must_use]
    pub fn explain(&self) -> String {
        let mut lines = vec![
            format!(
                "call {} of {} on {}, {}",
                self.id,
                self.operation,
                self.connection,
                humantime::format_rfc3339_millis(self.started_at)
            ),
            self.served_by(),
        ];
        lines.extend(self.ending());
        lines.push(format!(
                "time: {} of {}: {} waiting for a turn, a session or a repetition, {} in the connector, {} for the vendor",
                time(self.total),
                humantime::format_duration(self.deadline),
                time(self.waiting),
                time(self.guest),
                time(self.vendor)
        ));
        if self.wrote_session {
            lines.push(
                "session: the call logged in or renewed the session, for itself and every other call"
                    .to_owned(),
            );
        }
        lines.extend(self.vendor_requests());
        if let Some(why) = &self.not_again {
            lines.push(format!(
                "attempts: {}, the last without a request; the call was not repeated: {why}",
                self.attempts
            ));
        }
        lines.push(self.policy());
        if let Some(trap) = &self.trap {
            lines.extend(trap.explain());
        }
        let lines: Vec<_> = lines.iter().map(|line| printable(line)).collect();
        lines.join("\n")
    }

    fn served_by(&self) -> String {
        if self.connector.is_empty() {
            return "not dispatched to a connector".to_owned();
        }
        let instance = if self.fresh_instance {
            ", in an instance made for it"
        } else {
            ""
        };
        let effect = match self.effect {
            _ if self.kind == CallKind::Callback => "; a callback sends nothing",
            Some(Effect::Read) => "; the operation changes nothing at the vendor",
            Some(Effect::Idempotent) => "; the operation may be repeated",
            Some(Effect::Write) => "; the operation is repeated only where nothing was sent",
            None => "; it has no such operation",
        };
        format!("served by {} {}{instance}{effect}", self.connector, self.version)
    }

    fn ending(&self) -> Vec<String> {
        let Some(error) = &self.error else {
            let text = if self.abandoned {
                "abandoned: the caller went away, or the service stopped, before there was an answer"
            } else {
                "it succeeded"
            };
            return vec![text.to_owned()];
        };
        let mut text = format!(
            "it failed: {} ({}): {}",
            error.kind.headline(),
            error.kind.as_str(),
            error.message
        );
        // Writing to a string can't fail.
        if let Some(code) = &error.code {
            let _ = write!(text, "; the vendor's code {code}");
        }
        if let Some(status) = error.http_status {
            let _ = write!(text, "; HTTP {status}");
        }
        match error.request_sent {
            Some(true) => text.push_str("; the vendor may have received the request"),
            Some(false) => text.push_str("; the vendor has received nothing"),
            None => {}
        }
        let violations = error.violations.iter();
        let violations = violations.map(|violation| format!("  {}: {}", violation.path, violation.message));
        [text].into_iter().chain(violations).collect()
    }

    fn vendor_requests(&self) -> Vec<String> {
        if self.request_count == 0 {
            return vec!["vendor: no request was made".to_owned()];
        }
        let mut lines: Vec<String> = self.requests.iter().map(VendorRequest::explain).collect();
        if self.request_count > self.requests.len() {
            lines.push(format!(
                "vendor: {} further requests, which aren't kept",
                self.request_count - self.requests.len()
            ));
        }
        lines
    }

    fn policy(&self) -> String {
        match &self.denial {
            Some(denial) => format!("policy: denied: {denial}"),
            None if self.allowed.is_empty() => "policy: the connection may reach nothing".to_owned(),
            None => format!(
                "policy: nothing was denied; the connection may reach {}: the origins of its settings, and what stands under allow in [connections.{}]",
                self.allowed.join(", "),
                self.connection
            ),
        }
    }
}

impl VendorRequest {
    fn explain(&self) -> String {
        let mut text = format!(
            "vendor: after {}: {} {}",
            time(self.after),
            self.method,
            self.target
        );
        // Writing to a string can't fail.
        if self.attempt > 1 {
            let _ = write!(text, ", attempt {}", self.attempt);
        }
        if !self.left_out.is_empty() {
            let _ = write!(
                text,
                ", without its {}: an answer in part or compressed can't be searched for secrets",
                self.left_out.join(", ")
            );
        }
        match (&self.error, self.status, self.elapsed) {
            (Some(error), Some(status), Some(elapsed)) => {
                let _ = write!(
                    text,
                    ": HTTP {status}, but no whole answer after {}: {error}",
                    time(elapsed)
                );
            }
            (None, Some(status), None) => {
                let _ = write!(
                    text,
                    ": HTTP {status}, and its body was still coming when the call ended"
                );
            }
            (Some(error), None, Some(elapsed)) => {
                let _ = write!(text, ": no answer after {}: {error}", time(elapsed));
            }
            (None, Some(status), Some(elapsed)) => {
                let bytes = self.bytes.unwrap_or_default();
                let _ = write!(text, ": HTTP {status} with {bytes} bytes after {}", time(elapsed));
            }
            _ => text.push_str(": no answer yet when the call ended"),
        }
        if let Some(wait) = self.again_after {
            let _ = write!(text, "; the call was repeated after {}", time(wait));
        }
        if let Some(why) = &self.not_again {
            let _ = write!(text, "; the call was not repeated: {why}");
        }
        text
    }
}

impl TrapRecord {
    fn explain(&self) -> Vec<String> {
        let mut lines = vec![format!("trap: {}", self.reason)];
        lines.extend(self.printed.lines().map(|line| format!("  printed: {line}")));
        lines.extend(self.frames.iter().map(Frame::explain));
        lines
    }
}

impl Frame {
    fn explain(&self) -> String {
        let mut text = match &self.function {
            Some(name) => format!("  at {name}"),
            None => format!("  at function {}", self.index),
        };
        if let Some(source) = &self.source {
            // Writing to a string can't fail.
            let _ = write!(text, " ({source})");
        } else if let Some(offset) = self.offset {
            let _ = write!(text, " (offset {offset:#x})");
        }
        text
    }
}

fn time(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}
