//! What the demo writes.

use std::io::IsTerminal;

use serde_json::Value;

/// How many lines of one output are shown.
const LINES: usize = 24;

/// A line that starts something new.
pub(crate) fn heading(text: &str) {
    println!("\n{}", styled("1", &format!("== {text}")));
}

/// What is about to be seen.
pub(crate) fn caption(text: &str) {
    println!("\n{text}");
}

/// A command as one types it.
pub(crate) fn command(line: &str) {
    println!("{}", styled("36", &format!("$ {line}")));
}

/// An output: JSON laid out, and not too much of it.
pub(crate) fn output(text: &str) {
    let laid_out = match serde_json::from_str::<Value>(text) {
        Ok(json) => format!("{json:#}"),
        Err(_) => text.trim_end().to_owned(),
    };
    let count = laid_out.lines().count();
    for line in laid_out.lines().take(LINES) {
        println!("  {line}");
    }
    if count > LINES {
        println!("  … {} more lines", count - LINES);
    }
}

fn styled(style: &str, text: &str) -> String {
    if std::io::stdout().is_terminal() {
        format!("\u{1b}[{style}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}
