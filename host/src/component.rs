//! A connector, loaded: compiled, checked against the contract, described, pre-instantiated. Once made it
//! doesn't change.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};
use wasmtime::Store;
use wasmtime::component::Component;
use wasmtime::component::types::ComponentItem;

use crate::bindings::{CALLBACKS, CallbackExportsPre, Exports, ExportsPre, OPERATIONS};
use crate::catalog::{Catalog, Manifest};
use crate::egress::{Egress, HttpClient};
use crate::engine::{Engine, OFFERED};
use crate::error::{Error, Kind};
use crate::limits::MemoryExceeded;
use crate::policy::Policy;
use crate::state::State;

/// What `describe` may use: it computes a manifest, and nothing else.
const DESCRIBE_MEMORY: usize = 64 << 20;
const DESCRIBE_DEADLINE: Duration = Duration::from_secs(10);
/// The largest file that is read, in bytes.
const MAX_FILE: u64 = 64 << 20;
/// The first bytes of every component, and of every core module.
const COMPONENT: [u8; 8] = [0, b'a', b's', b'm', 0x0d, 0, 1, 0];
const MODULE: [u8; 8] = [0, b'a', b's', b'm', 1, 0, 0, 0];

/// A connector, ready to be called.
pub struct Connector {
    catalog: Catalog,
    pre: ExportsPre<State>,
    /// Where its vendor calls back.
    callbacks: Option<CallbackExportsPre<State>>,
    path: PathBuf,
    digest: String,
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connector")
            .field("id", &self.manifest().id)
            .field("version", &self.manifest().version)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Connector {
    /// What the connector is and can do.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        self.catalog.manifest()
    }

    /// Its manifest, with the validators.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The file that it was loaded from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// SHA-256 of the file, in lower-case hexadecimal digits.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    pub(crate) fn pre(&self) -> &ExportsPre<State> {
        &self.pre
    }

    pub(crate) fn callbacks(&self) -> Option<&CallbackExportsPre<State>> {
        self.callbacks.as_ref()
    }
}

/// Loads a file. Gives everything that keeps it from being used, in words.
pub(crate) async fn load(
    engine: &Engine,
    http: &Arc<HttpClient>,
    path: &Path,
) -> Result<Connector, Vec<String>> {
    let (wasmtime, file) = (engine.wasmtime.clone(), path.to_owned());
    // Reading and compiling take long, and calls go on meanwhile.
    let compiled = tokio::task::spawn_blocking(move || {
        let bytes = read(&file).map_err(|why| vec![why])?;
        let digest = hex(&Sha256::digest(&bytes));
        Ok((compile(&wasmtime, &bytes)?, digest))
    });
    let (component, digest) = compiled
        .await
        .unwrap_or_else(|error| Err(vec![format!("can't be compiled: {error}")]))?;
    let findings = contract(engine, &component);
    if !findings.is_empty() {
        return Err(findings);
    }
    let shape = |error| {
        vec![format!(
            "an interface has another shape than the contract's: {error:#}"
        )]
    };
    let linked = engine.linker.instantiate_pre(&component).map_err(shape)?;
    let callbacks = exports(engine, &component, CALLBACKS)
        .then(|| CallbackExportsPre::new(linked.clone()))
        .transpose()
        .map_err(shape)?;
    let pre = ExportsPre::new(linked).map_err(shape)?;
    let manifest = describe(engine, http, &pre)
        .await
        .map_err(|finding| vec![finding])?;
    if manifest.callbacks.is_empty() == callbacks.is_some() {
        let (says, does) = if callbacks.is_some() {
            ("no callbacks", "exports")
        } else {
            ("callbacks", "doesn't export")
        };
        return Err(vec![format!(
            "says in its manifest that there are {says}, but {does} {CALLBACKS}; make them agree"
        )]);
    }
    Ok(Connector {
        catalog: Catalog::new(manifest)?,
        pre,
        callbacks,
        path: path.to_owned(),
        digest,
    })
}

/// A file's content. What isn't a file, or is far too large for a component, isn't read.
fn read(file: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |error: std::io::Error| format!("can't be read: {error}");
    let metadata = std::fs::metadata(file).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err("isn't a file".to_owned());
    }
    let too_large = || format!("has more than {} MiB, which no component needs", MAX_FILE >> 20);
    if metadata.len() > MAX_FILE {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    let open = std::fs::File::open(file).map_err(unreadable)?;
    // It may grow meanwhile.
    open.take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(too_large());
    }
    Ok(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The findings of [`load`] as one error.
pub(crate) fn incompatible(path: &Path, findings: &[String]) -> Error {
    Error::new(
        Kind::Incompatible,
        format!("{} {}", path.display(), findings.join("; and ")),
    )
}

fn compile(engine: &wasmtime::Engine, bytes: &[u8]) -> Result<Component, Vec<String>> {
    let why = match bytes.first_chunk::<8>() {
        Some(&COMPONENT) => {
            return Component::from_binary(engine, bytes).map_err(|error| {
                vec![format!(
                    "isn't a valid WebAssembly component, or isn't complete: {error:#}"
                )]
            });
        }
        Some(&MODULE) => {
            "is a core WebAssembly module, not a component; build it for the target wasm32-wasip2, or wrap it with wasm-tools component new"
        }
        _ => "isn't WebAssembly: it doesn't start with the bytes of a component; it may be incomplete",
    };
    Err(vec![why.to_owned()])
}

/// Compares what a component imports and exports with what host and contract have.
fn contract(engine: &Engine, component: &Component) -> Vec<String> {
    let mut findings = Vec::new();
    let component_type = component.component_type();
    for (import, _) in component_type.imports(&engine.wasmtime) {
        if let Some(finding) = offered(import) {
            findings.push(finding);
        }
    }
    let mut other_versions = Vec::new();
    let mut found = false;
    let mut names = Vec::new();
    for (export, item) in component_type.exports(&engine.wasmtime) {
        names.push(export.to_owned());
        match split(export) {
            ("patchbay:connector/operations", version) if fits(version, split(OPERATIONS).1) => {
                found = true;
                if let ComponentItem::ComponentInstance(instance) = item.ty {
                    for function in ["describe", "invoke"] {
                        if instance.get_export(&engine.wasmtime, function).is_none() {
                            findings.push(format!(
                                "exports {export} without the function {function}; implement it"
                            ));
                        }
                    }
                }
            }
            ("patchbay:connector/operations", version) => other_versions.push(version.to_owned()),
            _ => {}
        }
    }
    if !found {
        findings.push(if let [version] = other_versions.as_slice() {
            format!(
                "exports patchbay:connector/operations@{version}, but this host takes {OPERATIONS}; build it against that version of the contract"
            )
        } else {
            let what = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
            format!(
                "doesn't export {OPERATIONS}, which every connector must; it exports {what}; build it against the contract in wit/"
            )
        });
    }
    findings
}

/// Whether a component exports an interface.
fn exports(engine: &Engine, component: &Component, interface: &str) -> bool {
    let component_type = component.component_type();
    component_type
        .exports(&engine.wasmtime)
        .any(|(export, _)| export == interface)
}

/// Why an import isn't offered, where it isn't.
fn offered(import: &str) -> Option<String> {
    let (name, version) = split(import);
    let offers = OFFERED.iter().find(|(offered, _)| *offered == name);
    match offers {
        Some((_, offered)) if version == *offered || version.starts_with(&format!("{offered}.")) => None,
        Some((_, offered)) => Some(format!(
            "imports {name}@{version}, but this host offers {name}@{offered}; build it against that version"
        )),
        None => Some(format!(
            "imports {import}, which this host doesn't offer to connectors: they reach the vendor through wasi:http and nothing else; remove what needs it"
        )),
    }
}

/// Name and version of an interface: `wasi:io/poll@0.2.2`.
fn split(name: &str) -> (&str, &str) {
    name.split_once('@').unwrap_or((name, "without a version"))
}

/// Whether a component built against `version` fits `ours`: before 1.0 the minor version must agree.
fn fits(version: &str, ours: &str) -> bool {
    let minor = |version: &str| {
        let mut parts = version.split('.');
        (parts.next().map(str::to_owned), parts.next().map(str::to_owned))
    };
    minor(version) == minor(ours)
}

/// Calls `describe`: without settings, sessions and network, and with little memory and time.
async fn describe(
    engine: &Engine,
    http: &Arc<HttpClient>,
    pre: &ExportsPre<State>,
) -> Result<Manifest, String> {
    let egress = Egress::new(
        http.clone(),
        "a component that is being loaded".into(),
        Arc::new(Policy::default()),
        0,
    );
    let state = State::new(
        Arc::new(BTreeMap::new()),
        egress,
        DESCRIBE_MEMORY,
        engine.turns.clone(),
    );
    let mut store = store(engine, state);
    let _running = engine.running();
    let described = tokio::time::timeout(DESCRIBE_DEADLINE, async {
        let exports: Exports = pre.instantiate_async(&mut store).await?;
        exports.describe(&mut store).await
    });
    match described.await {
        Err(_) => Err(format!(
            "takes longer than {} s to describe itself; describe must only build the manifest",
            DESCRIBE_DEADLINE.as_secs()
        )),
        Ok(Err(error)) => match error.downcast_ref::<MemoryExceeded>() {
            Some(exceeded) => Err(format!("can't be described: {exceeded}")),
            None => Err(format!("fails when it describes itself: {}", error.root_cause())),
        },
        Ok(Ok(manifest)) => Manifest::try_from(manifest),
    }
}

/// A store for one instance, which gives way to others while it runs and can't exceed its memory.
pub(crate) fn store(engine: &Engine, state: State) -> Store<State> {
    let mut store = Store::new(&engine.wasmtime, state);
    store.limiter(|state| &mut state.limiter);
    store.epoch_deadline_callback(|mut store| Ok(store.data_mut().pace.tick()));
    store.set_epoch_deadline(1);
    store
}
