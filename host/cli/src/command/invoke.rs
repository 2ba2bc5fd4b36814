//! `patchbay invoke`

use std::io::{Read, Write};

use serde_json::Value;

use super::args::{Global, Invoke};
use super::output::Output;
use super::target::Workspace;
use patchbay::Call;
use patchbay::Connection;
use patchbay::{Error, Violation};

pub(super) async fn run(global: &Global, output: &Output, arguments: Invoke) -> Result<(), Error> {
    let at = |error: Error| error.at(&arguments.target, &arguments.operation);
    let input = input(&arguments.input).map_err(at)?;
    let workspace = Workspace::open_for(global, &arguments.target, &arguments.overrides)?;
    let connection = workspace
        .connection(&arguments.target, &arguments.overrides)
        .await
        .map_err(at)?;
    let result = call(&connection, output, arguments, input).await;
    workspace.host.settle().await;
    result
}

async fn call(
    connection: &Connection,
    output: &Output,
    arguments: Invoke,
    input: Value,
) -> Result<(), Error> {
    if arguments.all {
        let mut pages = connection.pages(&arguments.operation, input)?;
        while let Some(items) = pages.next().await? {
            for item in items {
                // A line an item, also on a terminal.
                output.text(&item.to_string())?;
            }
        }
        return Ok(());
    }
    let outcome = connection.call(Call::new(&arguments.operation, &input)).await;
    if arguments.explain {
        // Standard error that can't be written is nothing to stop for.
        let _ = writeln!(std::io::stderr(), "{}", outcome.record.explain());
    }
    output.json(&outcome.result?)
}

/// The input: JSON as it stands, from a file, or from standard input.
fn input(text: &str) -> Result<Value, Error> {
    let unreadable =
        |what: &str, error: std::io::Error| Error::usage(format!("--input: {what} can't be read: {error}"));
    let text = if text == "-" {
        let mut all = String::new();
        let read = std::io::stdin().read_to_string(&mut all);
        read.map_err(|error| unreadable("standard input", error))?;
        all
    } else if let Some(path) = text.strip_prefix('@') {
        std::fs::read_to_string(path).map_err(|error| unreadable(path, error))?
    } else {
        text.to_owned()
    };
    serde_json::from_str(&text).map_err(|error| {
        Error::invalid_input(vec![Violation {
            path: String::new(),
            message: format!("isn't JSON: {error}"),
        }])
    })
}
