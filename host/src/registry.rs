//! The host: an engine, the connectors in a folder, and the connections made of them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::call_id::CallId;
use crate::calls::{CallLog, CallRecord};
use crate::component::{self, Connector};
use crate::connection::{Connection, ConnectionOptions, Shared};
use crate::deployment::{Deployment, SwapOptions};
use crate::egress::HttpClient;
use crate::engine::Engine;
use crate::error::{Error, Kind};
use crate::inbound::{self, InboundRequest, Receipt};
use crate::sessions::{SessionStore, StateLocation};

/// How a host is set up.
#[derive(Debug, Clone, Default)]
pub struct HostOptions {
    /// Where compiled components are kept. `None`: they are compiled each time.
    pub cache: Option<PathBuf>,
    /// Certificates (DER) to trust besides the platform's.
    pub roots: Vec<Vec<u8>>,
    /// Where sessions are kept besides memory. `None`: they end with the host.
    pub state: Option<StateLocation>,
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
            roots: Vec::new(),
            state: None,
        }
    }
}

/// Loads connectors and makes connections of them. Cheap to clone.
#[derive(Clone)]
pub struct Host {
    shared: Arc<Shared>,
}

/// A file in a connectors folder.
#[derive(Debug)]
pub struct Loaded {
    /// The file.
    pub path: PathBuf,
    /// The connector, or everything that keeps the file from being one.
    pub connector: Result<Arc<Connector>, Error>,
}

impl Host {
    /// Sets up the engine, and opens the state: a folder is made, read and from now on this host's alone; a
    /// Redis server isn't asked yet, see [`Host::check_state`]. Fails with [`Kind::Usage`] where a folder
    /// can't be used or is another's.
    pub fn new(options: &HostOptions) -> Result<Self, Error> {
        let roots = options
            .roots
            .iter()
            .map(|der| rustls::pki_types::CertificateDer::from(der.clone()));
        Ok(Self {
            shared: Arc::new(Shared {
                engine: Engine::new(options.cache.as_deref())?,
                http: Arc::new(HttpClient::new(roots.collect())),
                sessions: SessionStore::open(options.state.as_ref(), &options.roots)?,
                calls: CallLog::default(),
                metrics: Arc::default(),
                connections: Mutex::default(),
            }),
        })
    }

    /// Whether the state can be used now: connects to Redis, and tries there what sessions need. Fails with
    /// [`Kind::Usage`]. A host whose Redis goes away later doesn't fail: it keeps its sessions to itself
    /// meanwhile.
    pub async fn check_state(&self) -> Result<(), Error> {
        self.shared.sessions.check().await
    }

    /// Waits until locks that ended calls held are given back. To be awaited before the process ends, so
    /// that other hosts needn't wait until those locks end by themselves.
    pub async fn settle(&self) {
        self.shared.sessions.settle().await;
    }

    /// Loads one connector: compiles it, checks it against the contract, reads its manifest.
    pub async fn load(&self, path: impl AsRef<Path>) -> Result<Arc<Connector>, Error> {
        let path = path.as_ref();
        self.check(path)
            .await
            .map_err(|findings| component::incompatible(path, &findings))
    }

    /// The same, and gives every finding.
    pub async fn check(&self, path: &Path) -> Result<Arc<Connector>, Vec<String>> {
        component::load(&self.shared.engine, &self.shared.http, path)
            .await
            .map(Arc::new)
    }

    /// Loads every `.wasm` file in a folder, in the order of their names.
    pub async fn load_folder(&self, folder: &Path) -> Result<Vec<Loaded>, Error> {
        let mut files = wasm_files(folder)?;
        files.sort();
        let mut loaded = Vec::new();
        for path in files {
            let connector = self.load(&path).await;
            loaded.push(Loaded { path, connector });
        }
        Ok(loaded)
    }

    /// Loads the connector `id` from a folder: from the file of that name, else from the one whose
    /// manifest says so.
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
            // A broken file isn't the one that is looked for.
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
                crate::catalog::suggest(id, ids.iter().map(String::as_str)),
                folder.display()
            ),
        ))
    }

    /// Lets a connector interpret a request that its vendor has sent. Nothing is sent.
    pub async fn receive(&self, connector: &Connector, request: InboundRequest) -> Result<Receipt, Error> {
        inbound::receive(&self.shared, connector, request).await
    }

    /// Makes a connection: an account of a connector, with its settings, policy and limits. Connections of
    /// one name share their sessions.
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
        Arc::new(Deployment::new(connector, options, self.shared.metrics.clone()))
    }

    /// Makes a connection of a connector in service.
    pub fn connect_to(
        &self,
        name: &str,
        deployment: &Arc<Deployment>,
        options: ConnectionOptions,
    ) -> Result<Connection, Error> {
        Connection::new(self.shared.clone(), name, deployment.clone(), options)
    }

    /// What happened in a call, where it isn't too long ago: some thousands are remembered.
    #[must_use]
    pub fn call(&self, id: CallId) -> Option<Arc<CallRecord>> {
        self.shared.calls.find(id)
    }

    /// The host's metrics, in the format of `OpenMetrics`.
    #[must_use]
    pub fn metrics(&self) -> String {
        let connections = self.shared.connections();
        let gauges = connections.iter().map(|connection| connection.gauges());
        self.shared.metrics.encode(gauges.collect())
    }

    /// Drops instances that have been idle for too long. To be called now and then where a host lives long.
    pub fn tidy(&self) {
        for connection in self.shared.connections() {
            connection.discard_idle(|_| false);
        }
    }
}

pub(crate) fn wasm_files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let unreadable = |error: &std::io::Error| {
        Error::usage(format!(
            "the connectors folder {} can't be read: {error}",
            folder.display()
        ))
    };
    let entries = std::fs::read_dir(folder).map_err(|error| unreadable(&error))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| unreadable(&error))?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            files.push(path);
        }
    }
    Ok(files)
}
