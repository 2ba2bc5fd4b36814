//! From the process's arguments to its exit code.

use std::io::{IsTerminal, stderr};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::args::{Arguments, Command, Global};
use super::output::{Output, report};
use super::{callback, check, describe, explain, invoke, list, log, serve};
use patchbay::{Error, Observer};
use patchbay_service::Telemetry;

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return wrong_usage(error),
    };
    let level = match arguments.command {
        Command::Serve => "info",
        _ => "warn",
    };
    let json = arguments.global.json;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let result = match runtime {
        Ok(runtime) => {
            log::start(level);
            let telemetry = Telemetry::start(runtime.handle());
            if let Err(error) = &telemetry {
                tracing::warn!("{error}");
            }
            let telemetry = telemetry.ok().flatten().map(Arc::new);
            let observers = telemetry
                .iter()
                .map(|telemetry| telemetry.clone() as Arc<dyn Observer>);
            let result = runtime.block_on(run(arguments, observers.collect()));
            if let Some(telemetry) = &telemetry {
                telemetry.end();
            }
            // What is still under way has been given up, such as a name that is being resolved.
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

async fn run(arguments: Arguments, observers: Vec<Arc<dyn Observer>>) -> Result<(), Error> {
    let global = &Global {
        observers,
        ..arguments.global
    };
    let output = Output::new(global.json);
    match arguments.command {
        Command::List => list::run(global, &output).await,
        Command::Describe {
            target,
            search: Some(query),
            ..
        } => describe::search(global, &output, target.as_deref(), &query).await,
        Command::Describe {
            target, operation, ..
        } => describe::run(global, &output, &target.unwrap_or_default(), operation.as_deref()).await,
        Command::Invoke(invoke) => invoke::run(global, &output, invoke).await,
        Command::Callback(callback) => callback::run(global, &output, callback).await,
        Command::Serve => serve::run(global, &output).await,
        Command::Explain { call, service } => explain::run(global, &output, call, service).await,
        Command::Check { files } => check::run(&output, &files).await,
    }
}

/// What clap has to say: help and version are results, everything else is wrong usage.
fn wrong_usage(mut error: clap::Error) -> ExitCode {
    if error.kind() == ErrorKind::ValueValidation {
        // It may be a secret. What is wrong with it is said by what has read it.
        error.insert(ContextKind::InvalidValue, ContextValue::String("***".to_owned()));
    }
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let json = std::env::args_os().any(|argument| argument == "--json");
    if json || !stderr().is_terminal() {
        let text = error.render().to_string();
        let message = text.trim().strip_prefix("error: ").unwrap_or(text.trim());
        report(&Error::usage(message), true);
    } else {
        let _ = error.print();
    }
    ExitCode::from(2)
}
