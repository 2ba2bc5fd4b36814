//! Reading the configuration again while the service runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::config::Config;
use patchbay::{Connection, Error, Folder, Host, Kind};
use patchbay_service::{Changes, Connections, Reconfigured, Reloader, Reloading, Server};

/// Reads a service's configuration again.
pub(super) struct Reload {
    host: Host,
    folder: Arc<Folder>,
    /// What the service was started with: some of it stays in effect until it ends.
    started: Arc<Config>,
    /// What its connections were made from.
    latest: Mutex<Arc<Config>>,
}

impl std::fmt::Debug for Reload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reload").finish_non_exhaustive()
    }
}

impl Reload {
    pub(super) fn new(host: Host, folder: Arc<Folder>, config: Arc<Config>) -> Self {
        Self {
            host,
            folder,
            latest: Mutex::new(config.clone()),
            started: config,
        }
    }

    async fn read(&self, current: &Connections) -> Result<Reconfigured, Error> {
        let file = self.started.file().to_owned();
        let read = tokio::task::spawn_blocking(move || Config::load(&file)).await;
        let config = Arc::new(
            read.map_err(|error| Error::usage(format!("the configuration can't be read: {error}")))??,
        );
        // A connector that a new connection names may be new too.
        self.folder.look().await;
        let latest = self.latest.lock().clone();
        Server::check_access(self.started.serve.address(), config.serve.tokens.is_empty())?;
        let mut changes = Changes {
            tokens: config.serve.tokens != latest.serve.tokens,
            restart: config.needing_restart(&self.started),
            removed: current
                .keys()
                .filter(|name| !config.connections.contains_key(*name))
                .cloned()
                .collect(),
            ..Changes::default()
        };
        let mut connections = BTreeMap::new();
        for (name, configured) in &config.connections {
            let before = current.get(name);
            let connection = match (before, latest.connections.get(name)) {
                (Some(connection), Some(before)) if before.makes_the_same_as(configured) => {
                    connection.clone()
                }
                _ => {
                    let list = match before {
                        Some(_) => &mut changes.changed,
                        None => &mut changes.added,
                    };
                    list.push(name.clone());
                    connect(&self.host, &self.folder, &config, name)?
                }
            };
            connections.insert(name.clone(), connection);
        }
        let tokens = config.serve.tokens.clone();
        *self.latest.lock() = config;
        Ok(Reconfigured {
            connections,
            tokens,
            changes,
        })
    }
}

impl Reloader for Reload {
    fn reload(&self, current: Arc<Connections>) -> Reloading<'_> {
        Box::pin(async move {
            self.read(&current).await.map_err(|mut error| {
                if error.kind == Kind::UnknownConnection {
                    // It is the configuration that is wrong, not the request.
                    error.kind = Kind::Usage;
                }
                error
            })
        })
    }
}

/// Makes a connection as the configuration has it.
pub(super) fn connect(
    host: &Host,
    folder: &Folder,
    config: &Config,
    name: &str,
) -> Result<Connection, Error> {
    let connect = || {
        let configured = config.connection(name)?;
        let deployment = folder
            .deployment(&configured.connector)
            .map_err(|error| config.at_connector(name, error))?;
        config.check(name, deployment.connector().catalog())?;
        host.connect_to(name, &deployment, configured.options.clone())
    };
    connect().map_err(|mut error: Error| {
        error.connection = Some(name.to_owned());
        error
    })
}
