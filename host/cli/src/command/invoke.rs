//! `patchbay invoke`

use std::io::{Read, Write};

use serde_json::Value;

use super::args::{Global, Invoke};
use super::files::{self, Save};
use super::interrupt::Interrupt;
use super::output::Output;
use super::target::Workspace;
use patchbay::{Call, Connection, Error, Host, Kind, Pages, Violation, compact};

pub(super) async fn run(global: &Global, output: &Output, arguments: Invoke) -> Result<(), Error> {
    let at = |error: Error| error.at(&arguments.target, &arguments.operation);
    let mut input = input(&arguments.input).map_err(at)?;
    let workspace = Workspace::open_for(global, &arguments.target, &arguments.overrides)?;
    let connection = workspace
        .connection(&arguments.target, &arguments.overrides)
        .await
        .map_err(at)?;
    let save = files(&connection, &arguments, &mut input).map_err(at)?;
    let interrupt = Interrupt::listen()?;
    let result = if arguments.all {
        walk(
            &workspace.host,
            &connection,
            output,
            &arguments,
            &input,
            interrupt,
        )
        .await
    } else {
        call(
            &workspace.host,
            &connection,
            output,
            &arguments,
            &input,
            save,
            interrupt,
        )
        .await
    };
    workspace.host.settle().await;
    result
}

/// Puts files into the input, and prepares the one that is to be written.
fn files(connection: &Connection, arguments: &Invoke, input: &mut String) -> Result<Option<Save>, Error> {
    if arguments.files.is_empty() && arguments.output.is_none() {
        return Ok(None);
    }
    let connector = connection.connector();
    let operation = connector.catalog().operation(&arguments.operation)?;
    let mut filled = parsed(input)?;
    files::fill(&mut filled, &arguments.files, operation, connection.limits())?;
    *input = filled.to_string();
    let save = arguments.output.as_deref();
    save.map(|path| Save::prepare(path, arguments.overwrite, operation))
        .transpose()
}

async fn call(
    host: &Host,
    connection: &Connection,
    output: &Output,
    arguments: &Invoke,
    input: &str,
    save: Option<Save>,
    interrupt: Interrupt,
) -> Result<(), Error> {
    let call = Call::new(&arguments.operation, input);
    let outcome = tokio::select! {
        outcome = connection.call_text(call) => outcome,
        () = interrupt.received() => {
            let sent = host.call(call.id).is_some_and(|record| record.request_sent);
            return Err(interrupted(arguments, sent));
        }
    };
    if arguments.explain {
        // Standard error that can't be written is nothing to stop for.
        let _ = writeln!(std::io::stderr(), "{}", outcome.record.explain());
    }
    let result = outcome.result?;
    let Some(save) = save else {
        return output.json_text(&result);
    };
    let at = |error: Error| error.at(&arguments.target, &arguments.operation);
    let mut result = parsed(result.get()).map_err(at)?;
    save.finish(&mut result).map_err(at)?;
    output.json(&result)
}

async fn walk(
    host: &Host,
    connection: &Connection,
    output: &Output,
    arguments: &Invoke,
    input: &str,
    interrupt: Interrupt,
) -> Result<(), Error> {
    let mut pages = connection.pages(&arguments.operation, input)?;
    let walked = tokio::select! {
        walked = write_pages(&mut pages, output) => Some(walked),
        () = interrupt.received() => None,
    };
    walked.unwrap_or_else(|| {
        let latest = pages.call().and_then(|id| host.call(id));
        let sent = pages.given() > 0 || latest.is_some_and(|record| record.request_sent);
        Err(interrupted(arguments, sent))
    })
}

async fn write_pages(pages: &mut Pages, output: &Output) -> Result<(), Error> {
    while let Some(items) = pages.next_text().await? {
        for item in items {
            // A line an item, also on a terminal.
            if output.json_line(&compact(&item))?.is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn parsed(json: &str) -> Result<Value, Error> {
    serde_json::from_str(json).map_err(|error| {
        let message = format!("isn't JSON: {error}");
        let path = String::new();
        Error::invalid_input(vec![Violation { path, message }])
    })
}

fn interrupted(arguments: &Invoke, sent: bool) -> Error {
    let message = if sent {
        "the call was interrupted after a request was sent, which the vendor may carry out; look there before calling again"
    } else {
        "the call was interrupted before anything was sent"
    };
    let error = Error::new(Kind::Interrupted, message).sent(sent);
    error.at(&arguments.target, &arguments.operation)
}

/// The input: JSON as it stands, from a file, or from standard input.
fn input(text: &str) -> Result<String, Error> {
    let unreadable =
        |what: &str, error: std::io::Error| Error::usage(format!("--input: {what} can't be read: {error}"));
    if text == "-" {
        let mut all = String::new();
        let read = std::io::stdin().read_to_string(&mut all);
        read.map_err(|error| unreadable("standard input", error))?;
        Ok(all)
    } else if let Some(path) = text.strip_prefix('@') {
        std::fs::read_to_string(path).map_err(|error| unreadable(path, error))
    } else {
        Ok(text.to_owned())
    }
}
