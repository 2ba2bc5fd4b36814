//! A configuration file, and its checks against the connectors that it names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use patchbay::{Catalog, ConnectionOptions, Error, InvalidSetting, Kind};

use super::reader::Reader;
use super::serve::Serve;

/// A configuration file, read and interpolated.
#[derive(Debug)]
pub struct Config {
    pub(super) file: PathBuf,
    /// Folder of the connectors.
    pub connectors: Option<PathBuf>,
    /// The service.
    pub serve: Serve,
    /// Files with certificates (PEM) to trust besides the platform's.
    pub roots: Vec<PathBuf>,
    /// The connections, by name.
    pub connections: BTreeMap<String, ConnectionConfig>,
}

/// One connection.
#[derive(Debug)]
pub struct ConnectionConfig {
    /// Id of its connector.
    pub connector: String,
    /// Settings, policy and limits.
    pub options: ConnectionOptions,
    pub(super) line: usize,
    pub(super) connector_line: usize,
    pub(super) setting_lines: BTreeMap<String, usize>,
}

impl ConnectionConfig {
    /// Whether it makes the same connection, wherever in the file it stands.
    pub(crate) fn makes_the_same_as(&self, other: &Self) -> bool {
        self.connector == other.connector && self.options == other.options
    }
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`] with file, line and key of what is wrong.
    pub fn load(file: &Path) -> Result<Self, Error> {
        Self::parse(file, &Self::read(file)?)
    }

    pub(super) fn read(file: &Path) -> Result<String, Error> {
        std::fs::read_to_string(file).map_err(|error| {
            Error::usage(format!(
                "the configuration {} can't be read: {error}",
                file.display()
            ))
        })
    }

    /// Reads a text as if it stood in `file`. Paths in it are relative to the file.
    ///
    /// # Errors
    ///
    /// Those of [`Config::load`].
    pub fn parse(file: &Path, text: &str) -> Result<Self, Error> {
        let reader = Reader { file, text };
        reader.config(reader.parse()?.get_ref())
    }

    /// The file that it was read from.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// One of the connections.
    pub(crate) fn connection(&self, name: &str) -> Result<&ConnectionConfig, Error> {
        self.connections.get(name).ok_or_else(|| {
            Error::new(
                Kind::UnknownConnection,
                format!("{} has no connection {name:?}", self.file.display()),
            )
        })
    }

    /// The keys that differ from those of a service that runs, and take effect only when it is started again.
    pub(crate) fn needing_restart(&self, running: &Self) -> Vec<String> {
        let (new, old) = (&self.serve, &running.serve);
        let keys = [
            ("connectors", self.connectors == running.connectors),
            ("tls.roots", self.roots == running.roots),
            ("serve.listen", new.listen == old.listen),
            ("serve.state", new.state == old.state),
            ("serve.tls", new.tls == old.tls),
            ("serve.limits", new.limits == old.limits),
            ("serve.drain", new.drain == old.drain),
        ];
        let changed = keys.into_iter().filter(|(_, same)| !same);
        changed.map(|(key, _)| key.to_owned()).collect()
    }

    /// The error, with the place where a connection names its connector.
    pub(crate) fn at_connector(&self, name: &str, mut error: Error) -> Error {
        if let Some(connection) = self.connections.get(name) {
            error.message = format!(
                "{}:{}: connections.{name}.connector: {}",
                self.file.display(),
                connection.connector_line,
                error.message
            );
        }
        error
    }

    /// Checks a connection's settings against its connector.
    ///
    /// # Errors
    ///
    /// [`Kind::InvalidSettings`] with file, line and key of the first that can't be used.
    pub fn check(&self, name: &str, catalog: &Catalog) -> Result<(), Error> {
        let Some(connection) = self.connections.get(name) else {
            return Ok(());
        };
        catalog.check_settings(&connection.options.settings).map_err(
            |InvalidSetting {
                 name: setting,
                 message,
                 ..
             }| {
                let line = connection.setting_lines.get(&setting).unwrap_or(&connection.line);
                Error::new(
                    Kind::InvalidSettings,
                    format!(
                        "{}:{line}: connections.{name}.settings.{setting}: {message}",
                        self.file.display()
                    ),
                )
            },
        )
    }
}
