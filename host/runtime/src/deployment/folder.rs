//! A folder of connectors, in service: what is in it, and what follows when that changes.
//!
//! The folder is read, not followed: whatever triggered it, a look compares every file with what it was at the
//! last look. So nothing is lost when changes come faster than they can be loaded, and a file that is still
//! being written is refused now and loaded when it is whole.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use parking_lot::Mutex;
use tracing::{error, info, warn};

use super::deployment::{Deployment, SwapOptions, Swapped};
use super::status::{FolderStatus, Refusal, RefusedFile};
use crate::connector::{Connector, Loader, incompatible, suggest};
use crate::error::{Error, Kind};
use crate::observe::Observers;

/// How many files that were refused an error names.
const NAMED: usize = 3;

/// A folder of connectors, in service.
pub struct Folder {
    loader: Loader,
    observers: Observers,
    path: PathBuf,
    options: SwapOptions,
    contents: Mutex<Contents>,
    /// Whether it has been looked at.
    started: AtomicBool,
    /// One look at a time: each compares with what the one before it has seen.
    looking: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Contents {
    deployments: BTreeMap<String, Arc<Deployment>>,
    files: BTreeMap<PathBuf, File>,
}

impl Contents {
    /// A file that has this connector.
    fn file_of(&self, id: &str) -> Option<PathBuf> {
        let mut files = self.files.iter();
        let found = files.find(|(_, file)| file.found.as_ref().is_ok_and(|found| found.id == id));
        found.map(|(path, _)| path.clone())
    }
}

/// What makes the folder load a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// The first look: nothing is in service yet.
    Start,
    /// The file is new, or other than it was.
    Changed,
    /// An operator asks for it, changed or not.
    Asked,
}

/// What a file was when it was last looked at.
struct File {
    stamp: Option<Stamp>,
    /// The connector in it, or everything that keeps it from being one.
    found: Result<Found, Refusal>,
}

struct Found {
    id: String,
    digest: String,
}

/// What differs when a file was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: SystemTime,
    length: u64,
    #[cfg(unix)]
    inode: u64,
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok()?;
        Some(Self {
            modified: metadata.modified().ok()?,
            length: metadata.len(),
            #[cfg(unix)]
            inode: std::os::unix::fs::MetadataExt::ino(&metadata),
        })
    }
}

impl std::fmt::Debug for Folder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Folder")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Folder {
    /// Loads every connector in a folder. [`Folder::status`] says what can't be loaded, and why.
    pub(crate) async fn open(
        loader: Loader,
        observers: Observers,
        path: &Path,
        options: SwapOptions,
    ) -> Result<Self, Error> {
        let folder = Self {
            loader,
            observers,
            path: path.to_owned(),
            options,
            contents: Mutex::default(),
            started: AtomicBool::new(false),
            looking: tokio::sync::Mutex::default(),
        };
        // A folder that can't be read is an error at the start, and a warning later.
        wasm_files(path)?;
        folder.look().await;
        Ok(folder)
    }

    /// Where the connectors are.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The connector of this id, in service.
    ///
    /// # Errors
    ///
    /// [`Kind::UnknownConnection`] where there is none.
    pub fn deployment(&self, id: &str) -> Result<Arc<Deployment>, Error> {
        let contents = self.contents.lock();
        if let Some(deployment) = contents.deployments.get(id) {
            return Ok(deployment.clone());
        }
        let ids = contents.deployments.keys().map(String::as_str);
        let mut message = format!(
            "there is no connector {id:?}{}; connectors are looked for in {}",
            suggest(id, ids),
            self.path.display()
        );
        // It may be there, and broken.
        let mut refused = contents.files.iter().filter_map(|(path, file)| {
            let finding = file.found.as_ref().err()?.findings.first()?;
            Some(format!("; {} {finding}", path.display()))
        });
        message.extend(refused.by_ref().take(NAMED));
        let more = refused.count();
        if more > 0 {
            message.extend(["; ", &more.to_string(), " more files were refused"]);
        }
        Err(Error::new(Kind::UnknownConnection, message))
    }

    /// Looks at the folder, and takes into service what has changed in it.
    pub async fn look(&self) {
        let _one_at_a_time = self.looking.lock().await;
        let paths = match wasm_files(&self.path) {
            Ok(paths) => paths,
            Err(error) => {
                warn!("{error}");
                return;
            }
        };
        for path in self.forget(&paths) {
            let _ = self.load(&path, Stamp::of(&path), Why::Asked).await;
        }
        let started = self.started.swap(true, Ordering::Relaxed);
        let why = if started { Why::Changed } else { Why::Start };
        for path in paths {
            let stamp = Stamp::of(&path);
            let known = self.contents.lock().files.get(&path).and_then(|file| file.stamp);
            if stamp.is_none() || stamp != known {
                // What goes wrong is logged, and kept for the status.
                let _ = self.load(&path, stamp, why).await;
            }
        }
    }

    /// Loads the file of a connector again, whether or not it has changed, and puts it into service.
    ///
    /// # Errors
    ///
    /// [`Kind::UnknownConnection`] where there is no such connector, else those of loading and of
    /// [`Deployment::swap`].
    pub async fn reload(&self, id: &str) -> Result<Swapped, Error> {
        let deployment = self.deployment(id)?;
        let _one_at_a_time = self.looking.lock().await;
        let path = self.file_of(id, &deployment);
        self.load(&path, Stamp::of(&path), Why::Asked).await
    }

    /// Goes back to the version of a connector that was in service before.
    ///
    /// # Errors
    ///
    /// [`Kind::UnknownConnection`] where there is no such connector, [`Kind::Usage`] where there is no version
    /// before.
    pub fn roll_back(&self, id: &str) -> Result<Swapped, Error> {
        self.deployment(id)?.roll_back()
    }

    /// The file that a connector should be loaded from: the one that it comes from, while that is there.
    fn file_of(&self, id: &str, deployment: &Deployment) -> PathBuf {
        let current = deployment.connector().path().to_owned();
        if current.is_file() {
            return current;
        }
        self.contents.lock().file_of(id).unwrap_or(current)
    }

    /// Forgets files that are gone, and gives those that must be loaded in their place. A connector stays in
    /// service without its file: what calls it must not fail because a file is replaced in two steps.
    fn forget(&self, paths: &[PathBuf]) -> Vec<PathBuf> {
        let mut contents = self.contents.lock();
        let gone = contents.files.keys().filter(|path| !paths.contains(path));
        let gone: Vec<PathBuf> = gone.cloned().collect();
        let mut others = Vec::new();
        for path in gone {
            let Some(File { found: Ok(found), .. }) = contents.files.remove(&path) else {
                continue;
            };
            let (id, file) = (found.id, path.display());
            let Some(deployment) = contents.deployments.get(&id).cloned() else {
                continue;
            };
            if deployment.connector().path() != path {
                info!(connector = id, %file, "removed; the connector comes from another file");
            } else if let Some(other) = contents.file_of(&id) {
                others.push(other);
            } else if deployment.is_used() {
                warn!(
                    connector = id,
                    %file,
                    "the file was removed; its connector stays in service for the connections that use it, until a restart"
                );
            } else {
                contents.deployments.remove(&id);
                info!(connector = id, %file, "removed");
            }
        }
        others
    }

    /// Loads a file and puts it into service. Where that fails, nothing changes but the file's status.
    async fn load(&self, path: &Path, stamp: Option<Stamp>, why: Why) -> Result<Swapped, Error> {
        let checked = match self.loader.load(path).await.map(Arc::new) {
            Ok(connector) => self
                .serve(&connector, path, why)
                .map(|swapped| (swapped, connector)),
            Err(findings) => Err((incompatible(path, &findings), findings)),
        };
        let mut contents = self.contents.lock();
        let (found, result) = match checked {
            Ok((swapped, connector)) => {
                let manifest = connector.manifest();
                let found = Found {
                    id: manifest.id.clone(),
                    digest: connector.digest().to_owned(),
                };
                (Ok(found), Ok(swapped))
            }
            Err((failure, findings)) => {
                error!(file = %path.display(), "not taken into service: {}", findings.join("; and "));
                let at = SystemTime::now();
                (Err(Refusal { findings, at }), Err(failure))
            }
        };
        contents.files.insert(path.to_owned(), File { stamp, found });
        result
    }

    /// Puts a connector into service: as the new version of one that is, or as a new one.
    fn serve(
        &self,
        connector: &Arc<Connector>,
        path: &Path,
        why: Why,
    ) -> Result<Swapped, (Error, Vec<String>)> {
        let manifest = connector.manifest();
        let served = self.contents.lock().deployments.get(&manifest.id).cloned();
        let unchanged = |version: &str| Swapped {
            connector: manifest.id.clone(),
            from: version.to_owned(),
            to: manifest.version.clone(),
            digest: connector.digest().to_owned(),
            swapped: false,
        };
        let Some(deployment) = served else {
            let deployment = Deployment::new(connector.clone(), self.options, self.observers.clone());
            self.contents
                .lock()
                .deployments
                .insert(manifest.id.clone(), Arc::new(deployment));
            info!(connector = manifest.id, version = manifest.version, file = %path.display(), "loaded");
            return Ok(unchanged(&manifest.version));
        };
        if deployment.connector().digest() == connector.digest() {
            return Ok(unchanged(&manifest.version));
        }
        // The same content as at the last look, which may have been rolled back since, isn't a new version.
        let contents = self.contents.lock();
        let before = contents.files.get(path).and_then(|file| file.found.as_ref().ok());
        let same = before.is_some_and(|before| before.digest == connector.digest());
        drop(contents);
        let current = deployment.connector();
        if why == Why::Asked {
            deployment.unmark(connector.digest());
        } else if let Some(mark) = deployment.marked(connector.digest()).filter(|_| !same) {
            let finding =
                format!("is the version that was rolled back ({mark}); reload explicitly to use it");
            return Err((Error::new(Kind::Incompatible, finding.clone()), vec![finding]));
        }
        if same && why != Why::Asked {
            return Ok(unchanged(&current.manifest().version));
        }
        if why == Why::Start && path.file_stem().is_none_or(|stem| stem != manifest.id.as_str()) {
            warn!(
                connector = manifest.id,
                file = %path.display(),
                "left aside: {} has the same connector, and comes first",
                current.path().display()
            );
            return Ok(unchanged(&current.manifest().version));
        }
        deployment.swap(connector.clone()).map_err(|error| {
            let findings = vec![error.message.clone()];
            (error, findings)
        })
    }

    /// Every connector in service, with its versions, and every file that isn't, with the reasons.
    #[must_use]
    pub fn status(&self) -> FolderStatus {
        let contents = self.contents.lock();
        let connectors = contents.deployments.iter().map(|(id, deployment)| {
            let mut status = deployment.status();
            let files = contents.files.iter();
            status.files = files
                .filter(|(_, file)| file.found.as_ref().is_ok_and(|found| found.id == *id))
                .map(|(path, _)| path.clone())
                .collect();
            // The file that it came from may have changed since, and be of no use.
            let file = contents.files.get(&status.path);
            status.refused = file.and_then(|file| file.found.as_ref().err().cloned());
            status
        });
        let refused = contents.files.iter().filter_map(|(path, file)| {
            Some(RefusedFile {
                path: path.clone(),
                refusal: file.found.as_ref().err()?.clone(),
            })
        });
        FolderStatus {
            connectors: connectors.collect(),
            refused: refused.collect(),
        }
    }
}

/// The components in a folder.
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
    files.sort();
    Ok(files)
}
