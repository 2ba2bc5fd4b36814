//! Standard output and standard error.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _, stderr, stdout};
use std::ops::ControlFlow;

use serde_json::Value;

use patchbay::{Error, Kind};

/// How results are written.
pub(super) struct Output {
    pretty: bool,
}

impl Output {
    /// Pretty on a terminal, compact in a pipe or with `--json`.
    pub(super) fn new(json: bool) -> Self {
        Self {
            pretty: !json && stdout().is_terminal(),
        }
    }

    /// Whether a person reads it.
    pub(super) fn pretty(&self) -> bool {
        self.pretty
    }

    /// Writes one JSON text and a line end.
    pub(super) fn json(&self, value: &Value) -> Result<(), Error> {
        self.text(&if self.pretty {
            format!("{value:#}")
        } else {
            value.to_string()
        })
    }

    /// Writes a text and a line end.
    pub(super) fn text(&self, text: &str) -> Result<(), Error> {
        self.line(text).map(drop)
    }

    /// Writes one of several lines. Returns `Break` where no more are read, as `| head` does when it has its lines.
    #[expect(clippy::unused_self, reason = "what is written belongs to how it is written")]
    pub(super) fn line(&self, text: &str) -> Result<ControlFlow<()>, Error> {
        let mut out = stdout().lock();
        match writeln!(out, "{text}").and_then(|()| out.flush()) {
            // The reader has what it needs.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(ControlFlow::Break(())),
            Err(error) => Err(Error::usage(format!("standard output can't be written: {error}"))),
            Ok(()) => Ok(ControlFlow::Continue(())),
        }
    }
}

/// Writes an error to standard error: words on a terminal, else one JSON object on one line.
pub(super) fn report(error: &Error, json: bool) {
    let mut err = stderr().lock();
    // Nothing can be done about a standard error that can't be written.
    let _ = if json || !err.is_terminal() {
        writeln!(err, "{}", error.to_json())
    } else {
        writeln!(err, "{}", words(error))
    };
}

fn words(error: &Error) -> String {
    let mut text = format!("error: {}:", error.kind.headline());
    if error.kind == Kind::InvalidInput && !error.violations.is_empty() {
        for violation in &error.violations {
            let path = if violation.path.is_empty() {
                "the input"
            } else {
                &violation.path
            };
            // Writing to a string can't fail.
            let _ = write!(text, "\n  {path}: {}", violation.message);
        }
    } else {
        let _ = write!(text, " {}", error.message);
    }
    let mut details = Vec::new();
    if let Some(code) = &error.code {
        details.push(format!("code {code}"));
    }
    if let Some(status) = error.http_status {
        details.push(format!("HTTP {status}"));
    }
    if let Some(wait) = error.retry_after_ms {
        details.push(format!("wait {wait} ms"));
    }
    match error.request_sent {
        Some(false) => details.push("nothing was sent".to_owned()),
        Some(true) => details.push("the vendor may have received the request".to_owned()),
        None => {}
    }
    if !details.is_empty() {
        let _ = write!(text, "\n  ({})", details.join(", "));
    }
    text
}
