//! Loading: compile, compare with the contract, describe, pre-instantiate.

use std::fmt::Write as _;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::time::Instant;
use wasmtime::component::Component;
use wasmtime::component::types::ComponentItem;

use super::budget::BYTES as MANIFEST_BYTES;
use super::catalog::Catalog;
use super::connector::Connector;
use super::contract::{CONTRACTS, Contract, Prepared, compatible, split};
use crate::capability::http::HttpClient;
use crate::capability::{Capabilities, Grant};
use crate::error::{Error, Kind};
use crate::manifest::Manifest;
use crate::memory::MemoryExceeded;
use crate::sandbox::{Engine, store};
use crate::text::grouped;

/// What `describe` may use, in bytes: it computes a manifest, and nothing else.
const DESCRIBE_MEMORY: usize = 64 << 20;
/// How long a connector may take to describe itself, and the host to check what it says.
const DESCRIBE_DEADLINE: Duration = Duration::from_secs(10);
/// What wasmtime says where a guest hands over more than it may.
const TOO_MUCH: &str = "too much data is being copied";
/// The largest file that is read, in bytes.
const MAX_FILE: u64 = 64 << 20;
/// The first bytes of every component, and of every core module.
const COMPONENT: [u8; 8] = [0, b'a', b's', b'm', 0x0d, 0, 1, 0];
const MODULE: [u8; 8] = [0, b'a', b's', b'm', 1, 0, 0, 0];

/// The interfaces of the contract, without their version.
const OPERATIONS: &str = "patchbay:connector/operations";
const CALLBACKS: &str = "patchbay:connector/callbacks";
const TYPES: &str = "patchbay:connector/types";

/// Loads connectors into one engine. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Loader {
    engine: Arc<Engine>,
    http: Arc<HttpClient>,
    /// The versions of the contract that it takes.
    contracts: &'static [Contract],
}

impl Loader {
    pub(crate) fn new(engine: Arc<Engine>, http: Arc<HttpClient>) -> Self {
        Self {
            engine,
            http,
            contracts: CONTRACTS,
        }
    }

    /// The same, for a test that has contracts of its own.
    #[cfg(test)]
    pub(super) fn of(contracts: &'static [Contract]) -> Self {
        Self {
            engine: Arc::new(Engine::new(None, None).unwrap()),
            http: Arc::new(HttpClient::new(&[])),
            contracts,
        }
    }

    #[cfg(test)]
    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Loads a file.
    ///
    /// # Errors
    ///
    /// Everything that keeps it from being used, in words that follow the file's name.
    pub(crate) async fn load(&self, path: &Path) -> Result<Connector, Vec<String>> {
        let (wasmtime, file) = (self.engine.wasmtime.clone(), path.to_owned());
        // Reading and compiling take long, and calls go on meanwhile.
        let compiled = tokio::task::spawn_blocking(move || {
            let bytes = read(&file).map_err(|why| vec![why])?;
            let digest = hex(&Sha256::digest(&bytes));
            Ok((compile(&wasmtime, &bytes)?, digest))
        });
        let (component, digest) = compiled
            .await
            .unwrap_or_else(|error| Err(vec![format!("can't be compiled: {error}")]))?;
        self.connector(&component, path.to_owned(), digest).await
    }

    /// Checks a component and makes a connector of it.
    pub(super) async fn connector(
        &self,
        component: &Component,
        path: PathBuf,
        digest: String,
    ) -> Result<Connector, Vec<String>> {
        let contract = self.check(component)?;
        let shape = |error| {
            vec![format!(
                "an interface has another shape than the contract's: {error:#}"
            )]
        };
        let linked = self.engine.linker.instantiate_pre(component).map_err(shape)?;
        let prepared = (contract.prepare)(linked, component).map_err(shape)?;
        let until = Instant::now() + DESCRIBE_DEADLINE;
        let manifest = self
            .describe(&*prepared, until)
            .await
            .map_err(|finding| vec![finding])?;
        if manifest.callbacks.is_empty() == prepared.takes_callbacks() {
            let (says, does) = if prepared.takes_callbacks() {
                ("no callbacks", "exports")
            } else {
                ("callbacks", "doesn't export")
            };
            return Err(vec![format!(
                "says in its manifest that there are {says}, but {does} {CALLBACKS}; make them agree"
            )]);
        }
        // Compiling schemas takes long, and calls go on meanwhile.
        let catalog = tokio::task::spawn_blocking(move || Catalog::new(manifest));
        let catalog = match tokio::time::timeout_at(until, catalog).await {
            Err(_) => Err(vec![format!(
                "takes longer than {} s to be described and to have its schemas compiled; give it fewer or simpler schemas",
                DESCRIBE_DEADLINE.as_secs()
            )]),
            Ok(ended) => ended
                .unwrap_or_else(|error| Err(vec![format!("has schemas that can't be compiled: {error}")])),
        };
        Ok(Connector {
            catalog: catalog?,
            prepared,
            path,
            digest,
        })
    }

    /// Compares what a component imports and exports with what host and contract have, and finds the version of
    /// the contract that it speaks.
    fn check(&self, component: &Component) -> Result<&'static Contract, Vec<String>> {
        let wasmtime = &self.engine.wasmtime;
        let component_type = component.component_type();
        let mut findings: Vec<String> = component_type
            .imports(wasmtime)
            .filter_map(|(import, _)| self.not_offered(import))
            .collect();
        let exports: Vec<_> = component_type.exports(wasmtime).collect();
        let operations = exports.iter().filter(|(name, _)| split(name).0 == OPERATIONS);
        let operations: Vec<_> = operations.collect();
        let spoken = self.contracts.iter().find_map(|contract| {
            let export = operations
                .iter()
                .find(|(name, _)| compatible(split(name).1, contract.version))?;
            Some((contract, export))
        });
        if let Some((contract, (name, item))) = &spoken {
            if let ComponentItem::ComponentInstance(instance) = &item.ty {
                let missing = contract
                    .functions
                    .iter()
                    .filter(|function| instance.get_export(wasmtime, function).is_none());
                findings.extend(
                    missing.map(|function| {
                        format!("exports {name} without the function {function}; implement it")
                    }),
                );
            }
        } else {
            let taken = self
                .contracts
                .iter()
                .map(|contract| format!("{OPERATIONS}@{}", contract.version));
            let taken = taken.collect::<Vec<_>>().join(" or ");
            findings.push(if let [(name, _), ..] = operations.as_slice() {
                format!("exports {name}, but this host takes {taken}; build it against that version of the contract")
            } else {
                let names: Vec<&str> = exports.iter().map(|(name, _)| *name).collect();
                let what = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
                format!(
                    "doesn't export {taken}, which every connector must; it exports {what}; build it against the contract in wit/"
                )
            });
        }
        match spoken {
            Some((contract, _)) if findings.is_empty() => Ok(contract),
            _ => Err(findings),
        }
    }

    /// Why an import isn't offered, where it isn't.
    fn not_offered(&self, import: &str) -> Option<String> {
        let (name, version) = split(import);
        let versions: Vec<&str> = if name == TYPES {
            self.contracts.iter().map(|contract| contract.version).collect()
        } else {
            let offers = Capabilities::offers().filter(|(offered, _)| *offered == name);
            offers.map(|(_, version)| version).collect()
        };
        let satisfies = |offered: &&str| {
            version == *offered
                || version.starts_with(&format!("{offered}."))
                || name == TYPES && compatible(version, offered)
        };
        match versions.as_slice() {
            versions if versions.iter().any(satisfies) => None,
            [] => Some(format!(
                "imports {import}, which this host doesn't offer to connectors: they reach the vendor through wasi:http and nothing else; remove what needs it"
            )),
            versions => Some(format!(
                "imports {import}, but this host offers {name}@{}; build it against that version",
                versions.join(" and ")
            )),
        }
    }

    /// Calls `describe`: without settings, sessions and network, and with little memory and time.
    async fn describe(&self, prepared: &dyn Prepared, until: Instant) -> Result<Manifest, String> {
        let _running = self.engine.running();
        let described = tokio::time::timeout_at(until, async {
            loop {
                let grant = Grant::nothing(self.http.clone(), DESCRIBE_MEMORY);
                let mut store = store(&self.engine, &grant);
                // Several strings may be the same memory of the guest's, so the limit on that isn't one on the manifest.
                store.set_hostcall_fuel(MANIFEST_BYTES);
                match prepared.instantiate(&mut store).await {
                    Err(error) if self.engine.make_room(&error) => {}
                    exports => return exports?.describe(&mut store).await,
                }
            }
        });
        match described.await {
            Err(_) => Err(format!(
                "takes longer than {} s to describe itself; describe must only build the manifest",
                DESCRIBE_DEADLINE.as_secs()
            )),
            Ok(Err(error)) => match error.downcast_ref::<MemoryExceeded>() {
                Some(exceeded) => Err(format!("can't be described: {exceeded}")),
                None if error.root_cause().to_string().starts_with(TOO_MUCH) => Err(format!(
                    "has a manifest of more than {} bytes; describe less",
                    grouped(MANIFEST_BYTES)
                )),
                None => Err(format!("fails when it describes itself: {}", error.root_cause())),
            },
            Ok(Ok(manifest)) => manifest,
        }
    }
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

/// The findings of [`Loader::load`] as one error.
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
