//! What can be given on the command line.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use patchbay::CallId;
use patchbay::{Limits, Observer, Origin, Query};

/// Calls vendor APIs through connectors, which are sandboxed WebAssembly components.
///
/// Results go to standard output as JSON, everything else to standard error. Exit codes: 0 success,
/// 2 wrong usage or settings, 3 invalid input, 4 the vendor said no, 5 the vendor can't be reached or
/// understood, 6 denied by policy, 7 the connector failed, 130 interrupted. The variable `RUST_LOG` set to debug shows more.
#[derive(Debug, Parser)]
#[command(name = "patchbay", version)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Args)]
pub(super) struct Global {
    /// Configuration file with connections.
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Folder of connectors [default: that of the configuration, else connectors/, else target/connectors/].
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) connectors: Option<PathBuf>,
    /// Compact JSON, also on a terminal; errors as one JSON object on the last line of standard error.
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// What observes the host of a command.
    #[arg(skip)]
    pub(super) observers: Vec<Arc<dyn Observer>>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show connectors and connections.
    List,
    /// Show what a connector is and can do, or one of its operations with its schemas; or search operations.
    Describe {
        /// A connection of the configuration, or a connector's id.
        #[arg(required_unless_present = "search")]
        target: Option<String>,
        /// One operation: `robot.list`.
        #[arg(conflicts_with = "search")]
        operation: Option<String>,
        /// Search operations by words: in ids, titles, routes, summaries, descriptions and fields, and the vendors'
        /// codes. Every word must be found. Without TARGET, in all connections, and in the connectors that have none.
        #[arg(long, value_name = "TEXT")]
        search: Option<Query>,
    },
    /// Carry out an operation.
    Invoke(Invoke),
    /// Feed one inbound callback through a connector; print its events and the reply.
    Callback(Callback),
    /// Serve the connections of the configuration over HTTP, until SIGTERM or SIGINT. SIGHUP reads it again.
    Serve,
    /// Explain a call of the running service: version, times, vendor requests, policy, trap.
    Explain {
        /// The call's id, from the header x-call-id of its response, from the log or from a trace.
        #[arg(value_name = "CALL-ID")]
        call: CallId,
        /// Where the service is [default: where the configuration says that it listens].
        #[arg(long, value_name = "ORIGIN")]
        service: Option<Origin>,
    },
    /// Check whether components fit the contract; exit 7 where one doesn't.
    Check {
        /// Components.
        #[arg(required = true, value_name = "FILE.wasm")]
        files: Vec<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(super) struct Invoke {
    /// A connection of the configuration, or a connector's id.
    pub(super) target: String,
    /// The operation: `robot.list`.
    pub(super) operation: String,
    /// The operation's input: a JSON object, @FILE to read it from a file, - to read it from standard
    /// input.
    #[arg(
        long,
        default_value = "{}",
        value_name = "JSON|@FILE|-",
        allow_hyphen_values = true
    )]
    pub(super) input: String,
    /// Fill a field of the input with a file, which the operation takes in Base64: `content=report.xlsx`. FIELD has dots
    /// or is a JSON Pointer where the field is within others. May be given several times.
    #[arg(long = "file", value_name = "FIELD=PATH", value_parser = field_path)]
    pub(super) files: Vec<(String, PathBuf)>,
    /// Write the file that the output holds in Base64 to PATH; the result has `{"path":…,"bytes":…}` in its place. PATH
    /// is whole or isn't there. A file that is there already is refused, before anything is sent.
    #[arg(long, value_name = "PATH", conflicts_with = "all")]
    pub(super) output: Option<PathBuf>,
    /// Have --output replace a file that is there.
    #[arg(long, requires = "output")]
    pub(super) overwrite: bool,
    /// Walk all pages of a list operation: one item a line. Page and size may be left out of the input.
    #[arg(long)]
    pub(super) all: bool,
    /// Explain the call on standard error, in plain words.
    #[arg(long, conflicts_with = "all")]
    pub(super) explain: bool,
    #[command(flatten)]
    pub(super) overrides: Overrides,
}

/// One inbound request, as the vendor would send it.
#[derive(Debug, Args)]
pub(super) struct Callback {
    /// A connection of the configuration, or a connector's id.
    pub(super) target: String,
    /// The body: JSON, or @FILE to read it from a file.
    #[arg(long, value_name = "JSON|@FILE", allow_hyphen_values = true)]
    pub(super) body: String,
    /// The HTTP method.
    #[arg(long, value_name = "METHOD", default_value = "POST")]
    pub(super) method: String,
    /// The query string, without the question mark.
    #[arg(long, value_name = "QUERY", default_value = "", hide_default_value = true)]
    pub(super) query: String,
    /// A header field. Without any, the request has `content-type: application/json`.
    #[arg(long = "header", value_name = "NAME:VALUE", value_parser = header)]
    pub(super) headers: Vec<(String, String)>,
    /// Set one of the connector's settings, as `invoke` does.
    #[arg(short = 'c', value_name = "KEY=VALUE", value_parser = key_value)]
    pub(super) settings: Vec<(String, String)>,
}

/// What replaces or completes a connection's configuration.
#[derive(Debug, Args)]
pub(super) struct Overrides {
    /// Set one of the connector's settings. The value may be @FILE, or contain `${env:NAME}` or
    /// `${file:PATH}`, so that a secret need not stand in a shell's history.
    #[arg(short = 'c', value_name = "KEY=VALUE", value_parser = key_value)]
    pub(super) settings: Vec<(String, String)>,
    /// Let the connection reach this origin besides those of its settings.
    #[arg(long, value_name = "ORIGIN")]
    pub(super) allow: Vec<Origin>,
    /// How long the call may take, everything included [default: that of the configuration, else 30s].
    #[arg(long, value_name = "TIME", value_parser = Limits::parse_deadline)]
    pub(super) deadline: Option<Duration>,
}

fn header(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        }
        // Not quoted: what stands there may be a secret.
        _ => Err("must be NAME:VALUE".to_owned()),
    }
}

fn field_path(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((field, path)) if !field.is_empty() && !path.is_empty() => Ok((field.to_owned(), path.into())),
        _ => Err("must be FIELD=PATH".to_owned()),
    }
}

fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        // Not quoted: what stands there may be a secret.
        _ => Err("must be KEY=VALUE".to_owned()),
    }
}
