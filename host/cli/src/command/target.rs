//! From the name of a target to a connector or a connection.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{Global, Overrides};
use crate::config::{Config, interpolate, read_secret};
use patchbay::Connector;
use patchbay::sessions::SessionBackend;
use patchbay::{Connection, ConnectionOptions};
use patchbay::{Error, Kind, Observer};
use patchbay::{Host, HostOptions};

/// A host, with the configuration and the connectors that the command line names.
pub(super) struct Workspace {
    pub(super) host: Host,
    pub(super) config: Option<Config>,
    pub(super) folder: PathBuf,
}

impl Workspace {
    /// To look at connectors, or to interpret a callback.
    pub(super) fn open(global: &Global) -> Result<Self, Error> {
        Self::open_with(global, Vec::new(), |_, _| None)
    }

    /// To call a target. A connection as the configuration has it shares its sessions where that says so;
    /// with other settings it doesn't: those are to be tried, not what the sessions were made with. State that can't
    /// be used costs a login, not the call: only the service must have it.
    pub(super) fn open_for(global: &Global, target: &str, overrides: &Overrides) -> Result<Self, Error> {
        let shares =
            |config: &Config| config.connections.contains_key(target) && overrides.settings.is_empty();
        Self::open_with(global, Vec::new(), |config, roots| {
            let state = config.serve.state.as_ref().filter(|_| shares(config))?;
            let opened = state.open(roots);
            opened
                .inspect_err(|error| tracing::warn!("the call logs in by itself: {error}"))
                .ok()
                .map(Ok)
        })
    }

    /// To serve: with all of the state, and these observers besides those of every command.
    pub(super) fn open_to_serve(global: &Global, observers: Vec<Arc<dyn Observer>>) -> Result<Self, Error> {
        Self::open_with(global, observers, |config, roots| {
            Some(config.serve.state.as_ref()?.open(roots))
        })
    }

    fn open_with(
        global: &Global,
        mut observers: Vec<Arc<dyn Observer>>,
        sessions: impl FnOnce(&Config, &[Vec<u8>]) -> Option<Result<Arc<dyn SessionBackend>, Error>>,
    ) -> Result<Self, Error> {
        let config = global.config.as_deref().map(Config::load).transpose()?;
        let folder = folder(global, config.as_ref());
        let mut options = HostOptions::usual();
        for file in config.iter().flat_map(|config| &config.roots) {
            options.roots.extend(certificates(file)?);
        }
        let sessions = config
            .as_ref()
            .and_then(|config| sessions(config, &options.roots));
        options.sessions = sessions.transpose()?;
        observers.extend(global.observers.iter().cloned());
        options.observers = observers;
        Ok(Self {
            host: Host::new(&options)?,
            config,
            folder,
        })
    }

    /// The connector behind a connection's name or a connector's id.
    pub(super) async fn connector(&self, target: &str) -> Result<Arc<Connector>, Error> {
        let configured = self
            .config
            .as_ref()
            .and_then(|config| config.connections.get(target));
        let id = configured.map_or(target, |connection| &connection.connector);
        let found = self.host.find(&self.folder, id).await;
        found.map_err(|error| self.unknown(target, error))
    }

    /// A connection of the configuration, or one made of a connector and the command line.
    pub(super) async fn connection(&self, target: &str, overrides: &Overrides) -> Result<Connection, Error> {
        let connector = self.connector(target).await?;
        let configured = self
            .config
            .as_ref()
            .and_then(|config| config.connections.get(target));
        let mut options = configured.map_or_else(ConnectionOptions::default, |connection| {
            connection.options.clone()
        });
        let given = settings(&overrides.settings)?;
        if let (Some(config), true) = (&self.config, given.is_empty()) {
            config.check(target, connector.catalog())?;
        }
        options.settings.extend(given);
        options.allow.extend(overrides.allow.iter().cloned());
        if let Some(deadline) = overrides.deadline {
            options.limits.deadline = deadline;
        }
        self.host.connect(target, connector, options)
    }

    /// The same, to interpret callbacks only: required settings may be missing.
    pub(super) async fn receiver(
        &self,
        target: &str,
        given: &[(String, String)],
    ) -> Result<Connection, Error> {
        let connector = self.connector(target).await?;
        let configured = self
            .config
            .as_ref()
            .and_then(|config| config.connections.get(target));
        let mut options = configured.map_or_else(ConnectionOptions::default, |connection| {
            connection.options.clone()
        });
        options.settings.extend(settings(given)?);
        options.partial = true;
        self.host.connect(target, connector, options)
    }

    /// Names the connections too, where a target is neither one of them nor a connector.
    fn unknown(&self, target: &str, mut error: Error) -> Error {
        if error.kind == Kind::UnknownConnection {
            error.connection = Some(target.to_owned());
            let names = self.config.iter().flat_map(|config| config.connections.keys());
            let names: Vec<&str> = names.map(String::as_str).collect();
            if !names.is_empty() {
                error.message = format!(
                    "{}; the configuration has the connections {}",
                    error.message,
                    names.join(", ")
                );
            }
        }
        error
    }
}

fn folder(global: &Global, config: Option<&Config>) -> PathBuf {
    if let Some(folder) = &global.connectors {
        return folder.clone();
    }
    if let Some(folder) = config.and_then(|config| config.connectors.clone()) {
        return folder;
    }
    let usual = PathBuf::from("connectors");
    if usual.is_dir() {
        usual
    } else {
        PathBuf::from("target/connectors")
    }
}

fn settings(given: &[(String, String)]) -> Result<BTreeMap<String, String>, Error> {
    let given = given.iter().map(|(key, value)| {
        let value = match value.strip_prefix('@') {
            Some(path) => read_secret(Path::new(path)),
            None => interpolate(value, Path::new("")),
        };
        let value =
            value.map_err(|message| Error::new(Kind::InvalidSettings, format!("-c {key}: {message}")))?;
        Ok((key.clone(), value))
    });
    given.collect()
}

/// The certificates in a file.
pub(super) fn certificates(file: &Path) -> Result<Vec<Vec<u8>>, Error> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;

    let unreadable = |error: &dyn std::fmt::Display| {
        Error::usage(format!(
            "the certificates in {} can't be read: {error}",
            file.display()
        ))
    };
    CertificateDer::pem_file_iter(file)
        .map_err(|error| unreadable(&error))?
        .map(|certificate| {
            certificate
                .map(|der| der.to_vec())
                .map_err(|error| unreadable(&error))
        })
        .collect()
}
