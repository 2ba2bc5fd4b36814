//! A connector that trapped: what it printed, and where it was.

use wasmtime::component::ResourceTableError;
use wasmtime::{Trap, WasmBacktrace};

use crate::error::{Error, Kind};
use crate::memory::MemoryExceeded;
use crate::trace::{Frame, TrapRecord};

use super::state::MAX_HANDLES;

/// How many functions of the stack a record has.
const FRAMES: usize = 32;

/// What a guest printed before it failed; most often the message of a panic.
pub(crate) fn printed(printed: &[u8]) -> String {
    let printed = String::from_utf8_lossy(printed);
    // What the standard library advises is of no use here: a guest has no environment.
    let last_words = printed
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("note: run with"));
    last_words.take(4).collect::<Vec<_>>().join(" ")
}

/// The failure of a call whose guest ended without a result. `exceeded` says which limit it had exceeded by then.
pub(crate) fn failure(
    connector: &str,
    error: &wasmtime::Error,
    exceeded: Option<String>,
    printed: &str,
) -> Error {
    if let Some(exceeded) = exceeded {
        return Error::new(Kind::LimitExceeded, exceeded);
    }
    if let Some(ResourceTableError::Full) = error.downcast_ref() {
        let message = format!(
            "the connector {connector} has more handles open than the {MAX_HANDLES} that an instance may have; it must close those that it doesn't need"
        );
        return Error::new(Kind::LimitExceeded, message);
    }
    let last_words = if printed.is_empty() {
        String::new()
    } else {
        format!("; it printed: {printed}")
    };
    Error::new(
        Kind::Trapped,
        format!("the connector {connector} trapped: {}{last_words}", reason(error)),
    )
}

fn reason(error: &wasmtime::Error) -> String {
    match error.downcast_ref::<Trap>() {
        Some(trap) => trap.to_string(),
        None => error.root_cause().to_string(),
    }
}

/// Where and how it failed.
pub(crate) fn record(error: &wasmtime::Error, printed: String) -> TrapRecord {
    let frames = error
        .downcast_ref::<WasmBacktrace>()
        .map_or(&[][..], WasmBacktrace::frames);
    TrapRecord {
        reason: match error.downcast_ref::<MemoryExceeded>() {
            Some(exceeded) => exceeded.to_string(),
            None => reason(error),
        },
        printed,
        frames: frames.iter().take(FRAMES).map(frame).collect(),
    }
}

fn frame(frame: &wasmtime::FrameInfo) -> Frame {
    let symbol = frame.symbols().first();
    let name = symbol.and_then(wasmtime::FrameSymbol::name).or(frame.func_name());
    let source = symbol.and_then(|symbol| {
        let (file, line) = (symbol.file()?, symbol.line()?);
        Some(format!("{file}:{line}"))
    });
    Frame {
        function: name.map(|name| format!("{:#}", rustc_demangle::demangle(name))),
        index: frame.func_index(),
        offset: frame.module_offset(),
        source,
    }
}
