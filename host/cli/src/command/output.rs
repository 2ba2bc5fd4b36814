//! Standard output and standard error.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _, stderr, stdout};
use std::ops::ControlFlow;

use serde_json::Value;
use serde_json::value::RawValue;

use patchbay::{Error, Kind, compact, pretty, printable, printable_json};

/// How results are written.
pub(super) struct Output {
    pretty: bool,
    /// Whether a terminal shows them, which obeys control characters.
    terminal: bool,
}

impl Output {
    /// Pretty on a terminal, compact in a pipe or with `--json`.
    pub(super) fn new(json: bool) -> Self {
        let terminal = stdout().is_terminal();
        Self {
            pretty: !json && terminal,
            terminal,
        }
    }

    /// Whether a person reads it.
    pub(super) fn pretty(&self) -> bool {
        self.pretty
    }

    /// Writes one JSON text and a line end.
    pub(super) fn json(&self, value: &Value) -> Result<(), Error> {
        self.write_json(&if self.pretty {
            format!("{value:#}")
        } else {
            value.to_string()
        })
        .map(drop)
    }

    /// Writes one JSON text, spaced as [`Output::json`] has it, and a line end. Everything else of it stays as it is.
    pub(super) fn json_text(&self, json: &RawValue) -> Result<(), Error> {
        self.write_json(&if self.pretty { pretty(json) } else { compact(json) })
            .map(drop)
    }

    /// Writes one JSON text without line feeds on one of several lines, also on a terminal. Returns `Break` where no more are read, as
    /// `| head` does when it has its lines.
    pub(super) fn json_line(&self, json: &str) -> Result<ControlFlow<()>, Error> {
        self.write_json(json)
    }

    /// Writes lines of text. What comes from outside may be in them.
    pub(super) fn lines<S: AsRef<str>>(&self, lines: impl IntoIterator<Item = S>) -> Result<(), Error> {
        let lines = lines.into_iter();
        let lines: Vec<String> = lines.map(|line| printable(line.as_ref()).into_owned()).collect();
        self.write(&lines.join("\n")).map(drop)
    }

    fn write_json(&self, text: &str) -> Result<ControlFlow<()>, Error> {
        if self.terminal {
            self.write(&printable_json(text))
        } else {
            self.write(text)
        }
    }

    #[expect(clippy::unused_self, reason = "what is written belongs to how it is written")]
    fn write(&self, text: &str) -> Result<ControlFlow<()>, Error> {
        let mut out = stdout().lock();
        match writeln!(out, "{text}").and_then(|()| out.flush()) {
            // The reader has what it needs.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(ControlFlow::Break(())),
            Err(error) => Err(Error::usage(format!("standard output can't be written: {error}"))),
            Ok(()) => Ok(ControlFlow::Continue(())),
        }
    }
}

/// Rows as lines, whose cells begin below each other.
pub(super) fn columns<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let padded = rows.iter().map(|row| {
        let cells: Vec<String> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        cells.join("  ").trim_end().to_owned()
    });
    padded.collect()
}

/// Writes an error to standard error: words on a terminal, else one JSON object on one line.
pub(super) fn report(error: &Error, json: bool) {
    let mut err = stderr().lock();
    // Nothing can be done about a standard error that can't be written.
    let _ = if json || !err.is_terminal() {
        writeln!(err, "{}", printable_json(&error.to_json().to_string()))
    } else {
        writeln!(err, "{}", words(error))
    };
}

/// The error in words. What comes from outside is indented where it has lines, so that none looks like one of
/// the program's own.
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
            let _ = write!(text, "\n  {}: {}", printable(path), indented(&violation.message));
        }
    } else {
        let _ = write!(text, " {}", indented(&error.message));
    }
    let mut details = Vec::new();
    if let Some(code) = &error.code {
        details.push(format!("code {}", printable(code)));
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

fn indented(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(printable).collect();
    lines.join("\n  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_no_orders_to_a_terminal_and_no_line_of_their_own() {
        let mut error = Error::new(
            Kind::Rejected,
            "no\nerror: all is well\r\u{1b}]0;title\u{7}\u{9b}31m\u{202e}",
        );
        error.code = Some("E\n1".to_owned());
        assert_eq!(
            words(&error),
            "error: the vendor said no: no\n  error: all is well\\r\\u{1b}]0;title\\u{7}\\u{9b}31m\\u{202e}\n  (code E\\n1)"
        );
    }
}
