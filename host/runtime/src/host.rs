//! The host: an engine, and the connectors and connections made in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use crate::call::{Account, CallLog, Shared};
use crate::capability::http::HttpClient;
use crate::capability::sessions::{SessionBackend, SessionStore};
use crate::connection::{Connection, ConnectionOptions, ConnectionStatus};
use crate::connector::{Connector, Loader, incompatible, suggest};
use crate::deployment::{Deployment, Folder, SwapOptions, wasm_files};
use crate::error::{Error, Kind};
use crate::observe::Observer;
use crate::sandbox::Engine;
use crate::trace::{CallId, CallRecord};

/// How a host is set up. Fields may be added: take the rest from the default.
#[derive(Debug, Clone, Default)]
pub struct HostOptions {
    /// Where compiled components are kept. `None`: they are compiled each time.
    pub cache: Option<PathBuf>,
    /// Certificates (DER) to trust besides the platform's.
    pub roots: Vec<Vec<u8>>,
    /// Where sessions are kept besides memory. `None`: they end with the host.
    pub sessions: Option<Arc<dyn SessionBackend>>,
    /// What receives the calls that have ended and the versions that have changed.
    pub observers: Vec<Arc<dyn Observer>>,
    /// How many instances of connectors there may be at the same time, of all connections together: those at work, and
    /// those that are kept for later calls, which give way to the others. `None`: 1024.
    pub instances: Option<u32>,
}

impl HostOptions {
    /// The usual set-up: compiled components are kept in the user's cache folder.
    #[must_use]
    pub fn usual() -> Self {
        let set = |name: &str| {
            std::env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let cache = set("PATCHBAY_CACHE")
            .or_else(|| Some(set("XDG_CACHE_HOME")?.join("patchbay")))
            .or_else(|| Some(set("HOME")?.join(".cache/patchbay")));
        Self {
            cache,
            ..Self::default()
        }
    }
}

/// Loads connectors and makes connections of them. Cheap to clone.
#[derive(Clone)]
pub struct Host {
    shared: Arc<Shared>,
    loader: Loader,
    /// Every connection that is in use.
    connections: Arc<Mutex<Vec<Weak<Account>>>>,
}

/// A file in a connectors folder.
#[derive(Debug)]
#[non_exhaustive]
pub struct Loaded {
    /// The file.
    pub path: PathBuf,
    /// The connector, or everything that keeps the file from being one.
    pub connector: Result<Arc<Connector>, Error>,
}

impl Host {
    /// Sets up the engine.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`] where this machine can't run it.
    pub fn new(options: &HostOptions) -> Result<Self, Error> {
        let engine = Arc::new(Engine::new(options.cache.as_deref(), options.instances)?);
        let http = Arc::new(HttpClient::new(&options.roots));
        Ok(Self {
            loader: Loader::new(engine.clone(), http.clone()),
            shared: Arc::new(Shared {
                engine,
                http,
                sessions: SessionStore::new(options.sessions.clone()),
                log: CallLog::default(),
                observers: options.observers.clone().into(),
            }),
            connections: Arc::default(),
        })
    }

    /// Whether the session backend can be used now. A host whose backend goes away later doesn't fail: it keeps
    /// its sessions to itself meanwhile.
    ///
    /// # Errors
    ///
    /// Those of the backend.
    pub async fn check_sessions(&self) -> Result<(), Error> {
        self.shared.sessions.check().await
    }

    /// Waits until locks that ended calls held are given back. To be awaited before the process ends, so
    /// that other hosts needn't wait until those locks end by themselves.
    pub async fn settle(&self) {
        self.shared.sessions.settle().await;
    }

    /// Loads one connector: compiles it, checks it against the contract, reads its manifest.
    ///
    /// # Errors
    ///
    /// [`Kind::Incompatible`] with everything that keeps the file from being used.
    pub async fn load(&self, path: impl AsRef<Path>) -> Result<Arc<Connector>, Error> {
        let path = path.as_ref();
        self.check(path)
            .await
            .map_err(|findings| incompatible(path, &findings))
    }

    /// Loads one connector, as [`Host::load`] does.
    ///
    /// # Errors
    ///
    /// Every finding, in words that follow the file's name.
    pub async fn check(&self, path: &Path) -> Result<Arc<Connector>, Vec<String>> {
        self.loader.load(path).await.map(Arc::new)
    }

    /// Loads every `.wasm` file in a folder, in the order of their names.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`] where the folder can't be read. A file that can't be loaded has its own error.
    pub async fn load_folder(&self, folder: &Path) -> Result<Vec<Loaded>, Error> {
        let mut loaded = Vec::new();
        for path in wasm_files(folder)? {
            let connector = self.load(&path).await;
            loaded.push(Loaded { path, connector });
        }
        Ok(loaded)
    }

    /// Loads the connector `id` from a folder: from the file of that name, else from the one whose
    /// manifest says so.
    ///
    /// # Errors
    ///
    /// [`Kind::UnknownConnection`] where there is none, else those of [`Host::load`].
    pub async fn find(&self, folder: &Path, id: &str) -> Result<Arc<Connector>, Error> {
        let usual = folder.join(format!("{id}.wasm"));
        if usual.is_file() {
            let connector = self.load(&usual).await?;
            if connector.manifest().id == id {
                return Ok(connector);
            }
        }
        let mut ids = Vec::new();
        for Loaded { connector, .. } in self.load_folder(folder).await? {
            // A broken file has no id.
            let Ok(connector) = connector else { continue };
            if connector.manifest().id == id {
                return Ok(connector);
            }
            ids.push(connector.manifest().id.clone());
        }
        Err(Error::new(
            Kind::UnknownConnection,
            format!(
                "there is no connection or connector {id:?}{}; connectors are looked for in {}",
                suggest(id, ids.iter().map(String::as_str)),
                folder.display()
            ),
        ))
    }

    /// Makes a connection: an account of a connector, with its settings, policy and limits. Connections of
    /// one name share their sessions.
    ///
    /// # Errors
    ///
    /// [`Kind::InvalidSettings`] where the settings aren't what the connector asks for.
    pub fn connect(
        &self,
        name: &str,
        connector: Arc<Connector>,
        options: ConnectionOptions,
    ) -> Result<Connection, Error> {
        self.connect_to(name, &self.deploy(connector, SwapOptions::default()), options)
    }

    /// Puts a connector in service, so that it can be replaced under its connections.
    #[must_use]
    pub fn deploy(&self, connector: Arc<Connector>, options: SwapOptions) -> Arc<Deployment> {
        Arc::new(Deployment::new(connector, options, self.shared.observers.clone()))
    }

    /// Puts every connector of a folder in service. [`Folder::status`] says what can't be loaded, and why.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`] where the folder can't be read.
    pub async fn deploy_folder(&self, path: &Path, options: SwapOptions) -> Result<Folder, Error> {
        Folder::open(self.loader.clone(), self.shared.observers.clone(), path, options).await
    }

    /// Makes a connection of a connector in service.
    ///
    /// # Errors
    ///
    /// Those of [`Host::connect`].
    pub fn connect_to(
        &self,
        name: &str,
        deployment: &Arc<Deployment>,
        options: ConnectionOptions,
    ) -> Result<Connection, Error> {
        let connection = Connection::new(self.shared.clone(), name, deployment.clone(), options)?;
        let mut connections = self.connections.lock();
        connections.retain(|connection| connection.strong_count() > 0);
        connections.push(Arc::downgrade(&connection.account));
        Ok(connection)
    }

    /// What happened in a call, where it isn't too long ago: some thousands are remembered.
    #[must_use]
    pub fn call(&self, id: CallId) -> Option<Arc<CallRecord>> {
        self.shared.log.find(id)
    }

    /// What each connection is doing at this moment, by name. Where one has replaced another of its name whose calls
    /// haven't ended, both count.
    #[must_use]
    pub fn status(&self) -> Vec<ConnectionStatus> {
        let mut by_name = BTreeMap::new();
        for connection in self.connections() {
            let mut status = connection.status();
            if let Some(earlier) = by_name.remove(&status.connection) {
                status.add(&earlier);
            }
            by_name.insert(status.connection.clone(), status);
        }
        by_name.into_values().collect()
    }

    /// Drops instances that have been idle for a minute. To be called now and then where a host lives long.
    pub fn tidy(&self) {
        for connection in self.connections() {
            connection.tidy();
        }
    }

    fn connections(&self) -> Vec<Connection> {
        let connections = self.connections.lock();
        let connections = connections.iter().filter_map(Weak::upgrade);
        connections.map(|account| Connection { account }).collect()
    }
}
