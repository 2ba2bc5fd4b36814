//! `patchbay serve`

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::signal::unix::{Signal, SignalKind};
use tokio::sync::watch;

use super::args::Global;
use super::interrupt::signal_of;
use super::output::Output;
use super::reload::{Reload, connect};
use super::target::Workspace;
use crate::config::Config;
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
    // Before the host is made, which takes its part of them. Where the system doesn't allow more, fewer have to do.
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!("the number of file descriptors can't be raised: {error}");
    }
    let metrics = Metrics::default();
    let observers: Vec<Arc<dyn Observer>> = vec![Arc::new(metrics.clone()), Arc::new(CallLogger)];
    let mut workspace = Workspace::open_to_serve(global, observers)?;
    let Some(config) = workspace.config.take().map(Arc::new) else {
        return Err(Error::usage(
            "serve needs a configuration; give it as --config FILE, with a table [connections.NAME] for each connection",
        ));
    };
    workspace.host.check_sessions().await?;
    let serve = &config.serve;
    let swaps = SwapOptions {
        drain: serve.drain,
        ..SwapOptions::default()
    };
    let folder = workspace.host.deploy_folder(&workspace.folder, swaps).await?;
    let folder = Arc::new(folder);
    let connections = connections(&workspace.host, &config, &folder)?;
    let reload = Reload::new(workspace.host.clone(), folder.clone(), config.clone());
    let options = serve.options(metrics, Arc::new(reload));
    let service = Service::new(workspace.host.clone(), connections, Some(folder.clone()), options);
    let _watch = watch_folder(folder)?;
    tokio::spawn(tidy(workspace.host.clone()));
    let server = Server::bind(service.clone(), serve.address(), serve.tls.as_ref()).await?;
    // Before the address is printed, so that no signal is missed.
    let signals = signals()?;
    tokio::spawn(reload_on(signal_of(SignalKind::hangup())?, service));
    let url = server.url();
    // One line, also on a terminal: a program waits for it.
    let _ = output.json_line(&json!({ "listening": url }).to_string())?;
    tracing::info!(url, connections = config.connections.len(), "listening");
    server
        .run(received(signals.clone(), 1), received(signals, 2))
        .await;
    workspace.host.settle().await;
    Ok(())
}

/// Every connection of the configuration, or what is wrong with the first that can't be made.
fn connections(host: &Host, config: &Config, folder: &Folder) -> Result<Vec<Connection>, Error> {
    if config.connections.is_empty() {
        tracing::warn!("the configuration has no connections; give each a table [connections.NAME]");
    }
    let names = config.connections.keys();
    names.map(|name| connect(host, folder, config, name)).collect()
}

/// Reads the configuration again at each SIGHUP.
async fn reload_on(mut hangup: Signal, service: Service) {
    while hangup.recv().await.is_some() {
        // What came of it is logged.
        let _ = service.reload().await;
    }
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
    let mut terminate = signal_of(SignalKind::terminate())?;
    let mut interrupt = signal_of(SignalKind::interrupt())?;
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
