//! `patchbay serve`

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::args::Global;
use super::output::Output;
use super::target::Workspace;
use crate::config::{Config, Serve};
use patchbay::Connection;
use patchbay::Folder;
use patchbay::Host;
use patchbay::SwapOptions;
use patchbay::watch as watch_folder;
use patchbay::{Error, Observer};
use patchbay_service::{CallLogger, Metrics, Server, Service};

/// How often idle instances are looked through.
const TIDY: Duration = Duration::from_secs(30);

pub(super) async fn run(global: &Global, output: &Output) -> Result<(), Error> {
    let metrics = Metrics::default();
    let observers: Vec<Arc<dyn Observer>> = vec![Arc::new(metrics.clone()), Arc::new(CallLogger)];
    let workspace = Workspace::open_to_serve(global, observers)?;
    let Some(config) = &workspace.config else {
        return Err(Error::usage(
            "serve needs a configuration; give it as --config FILE, with a table [connections.NAME] for each connection",
        ));
    };
    workspace.host.check_sessions().await?;
    let serve = &config.serve;
    let options = serve.options(metrics);
    let swaps = SwapOptions {
        drain: options.drain,
        ..SwapOptions::default()
    };
    let folder = workspace.host.deploy_folder(&workspace.folder, swaps).await?;
    let folder = Arc::new(folder);
    let connections = connections(&workspace, config, &folder)?;
    let service = Service::new(workspace.host.clone(), connections, Some(folder.clone()), options);
    let _watch = watch_folder(folder)?;
    tokio::spawn(tidy(workspace.host.clone()));
    let listen = serve.listen.unwrap_or(Serve::DEFAULT_LISTEN);
    let server = Server::bind(service, listen, serve.tls.as_ref()).await?;
    // Before the address is printed, so that no signal is missed.
    let signals = signals()?;
    let url = server.url();
    // One line, also on a terminal: a program waits for it.
    output.text(&json!({ "listening": url }).to_string())?;
    tracing::info!(url, connections = config.connections.len(), "listening");
    server
        .run(received(signals.clone(), 1), received(signals, 2))
        .await;
    workspace.host.settle().await;
    Ok(())
}

/// Every connection of the configuration, or what is wrong with the first that can't be made.
fn connections(workspace: &Workspace, config: &Config, folder: &Folder) -> Result<Vec<Connection>, Error> {
    let mut connections = Vec::new();
    for (name, configured) in &config.connections {
        let at = |mut error: Error| {
            error.connection = Some(name.clone());
            error
        };
        let deployment = folder
            .deployment(&configured.connector)
            .map_err(|error| at(config.at_connector(name, error)))?;
        config.check(name, deployment.connector().catalog()).map_err(at)?;
        let options = configured.options.clone();
        let connection = workspace.host.connect_to(name, &deployment, options);
        connections.push(connection.map_err(at)?);
    }
    if connections.is_empty() {
        tracing::warn!("the configuration has no connections; give each a table [connections.NAME]");
    }
    Ok(connections)
}

/// Gives memory back after a busy time.
async fn tidy(host: Host) {
    loop {
        tokio::time::sleep(TIDY).await;
        host.tidy();
    }
}

/// Counts SIGTERM and SIGINT.
fn signals() -> Result<watch::Receiver<u32>, Error> {
    let listen =
        |kind| signal(kind).map_err(|error| Error::usage(format!("signals can't be received: {error}")));
    let mut terminate = listen(SignalKind::terminate())?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    let (count, counted) = watch::channel(0);
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            count.send_modify(|count| *count += 1);
        }
    });
    Ok(counted)
}

/// Waits until so many signals have been received.
async fn received(mut signals: watch::Receiver<u32>, count: u32) {
    // The sender lives as long as the process, so that waiting can't fail.
    let _ = signals.wait_for(|received| *received >= count).await;
}
