//! From the process's arguments to its exit code.

use std::io::{IsTerminal, stderr};
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::prelude::*;

use super::args::{Arguments, Command};
use super::output::{Output, report};
use super::{callback, check, describe, explain, invoke, list, serve};
use crate::error::Error;
use crate::secrets::Scrubbing;
use crate::telemetry::Telemetry;

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return wrong_usage(&error),
    };
    let level = match arguments.command {
        Command::Serve => "info",
        _ => "warn",
    };
    let json = arguments.global.json;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let result = match runtime {
        Ok(runtime) => {
            let telemetry = Telemetry::start(runtime.handle());
            log(level, telemetry.as_ref().ok().and_then(Option::as_ref));
            if let Err(error) = &telemetry {
                tracing::warn!("{error}");
            }
            let result = runtime.block_on(run(arguments));
            if let Ok(Some(telemetry)) = &telemetry {
                telemetry.end();
            }
            // What is still under way has been given up; a name that is being resolved holds up nobody.
            runtime.shutdown_background();
            result
        }
        Err(error) => Err(Error::usage(format!("threads can't be started: {error}"))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error, json);
            ExitCode::from(error.kind.exit_code())
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Error> {
    let global = &arguments.global;
    let output = Output::new(global.json);
    match arguments.command {
        Command::List => list::run(global, &output).await,
        Command::Describe { target, operation } => {
            describe::run(global, &output, &target, operation.as_deref()).await
        }
        Command::Invoke(invoke) => invoke::run(global, &output, invoke).await,
        Command::Callback { target, body } => callback::run(global, &output, &target, &body).await,
        Command::Serve => serve::run(global, &output).await,
        Command::Explain { call, service } => explain::run(global, &output, call, service).await,
        Command::Check { files } => check::run(&output, &files).await,
    }
}

/// What clap has to say: help and version are results, everything else is wrong usage.
fn wrong_usage(error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let json = std::env::args().any(|argument| argument == "--json");
    if json || !stderr().is_terminal() {
        let text = error.render().to_string();
        let message = text.trim().strip_prefix("error: ").unwrap_or(text.trim());
        report(&Error::usage(message), true);
    } else {
        let _ = error.print();
    }
    ExitCode::from(2)
}

/// Logs Patchbay's own events, as `RUST_LOG` says, else from `level` on. Those of the libraries beneath are
/// left out whatever it says: at their finest levels they print what they handle, secrets included. No line
/// shows a secret of a connection. Spans go to a collector too, where there is one, whatever `RUST_LOG` says.
fn log(level: &str, telemetry: Option<&Telemetry>) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let own = || filter_fn(|event| event.target().split("::").next() == Some(env!("CARGO_CRATE_NAME")));
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(|| Scrubbing(stderr()))
        .with_ansi(stderr().is_terminal());
    tracing_subscriber::registry()
        .with(layer.with_filter(filter).with_filter(own()))
        .with(telemetry.map(|telemetry| {
            telemetry
                .layer()
                .with_filter(LevelFilter::DEBUG)
                .with_filter(own())
        }))
        .init();
}
