//! Watches a folder of connectors.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::{RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use tracing::{debug, warn};

use super::folder::Folder;
use crate::error::Error;

/// How long a folder must be at rest before it is looked at: files are written in pieces.
const REST: Duration = Duration::from_millis(150);
/// How long a look can be put off by further changes.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often the folder is looked at although nothing was heard: network file systems give no events.
const ROUND: Duration = Duration::from_secs(15);

/// Watches a folder for as long as the result is kept: files that change are loaded and put in service. The folder
/// may be removed and made again. Must be called in a tokio runtime.
///
/// # Errors
///
/// [`Kind::Usage`](crate::Kind::Usage) where the system can't watch folders.
pub fn watch(folder: Arc<Folder>) -> Result<Watch, Error> {
    let (heard, hear) = mpsc::channel(1);
    let unusable = |path: &Path, error: &dyn std::fmt::Display| {
        Error::usage(format!("{} can't be watched: {error}", path.display()))
    };
    // Events name paths as they were given, with the working folder before those that are relative.
    let path = std::path::absolute(folder.path()).map_err(|error| unusable(folder.path(), &error))?;
    let own = path.clone();
    let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if concerns(&event, &own) {
            // Where the channel is full, a look is due anyway.
            let _ = heard.try_send(());
        }
    })
    .map_err(|error| unusable(&path, &error))?;
    let mut around = Watched { watcher, path };
    if let Err(error) = around.arm() {
        warn!(
            folder = %around.path.display(),
            "changes are noticed only every {} s: {error}",
            ROUND.as_secs()
        );
    }
    let looking = tokio::spawn(look(folder, around, hear));
    Ok(Watch { looking })
}

/// A folder that is being watched. Dropping it ends that.
pub struct Watch {
    looking: tokio::task::JoinHandle<()>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.looking.abort();
    }
}

/// A folder, and what is around it: a folder that is made again is another one, which only the one around it
/// notices.
struct Watched {
    watcher: notify::RecommendedWatcher,
    path: PathBuf,
}

impl Watched {
    /// Watches what has the folder's path now. Where that is watched already, nothing changes.
    fn arm(&mut self) -> notify::Result<()> {
        if let Some(around) = self.path.parent() {
            // Without it, a folder that is made again is found by the round.
            let _ = self.watcher.watch(around, RecursiveMode::NonRecursive);
        }
        self.watcher.watch(&self.path, RecursiveMode::NonRecursive)
    }
}

/// Whether an event may be a change of the folder's files.
fn concerns(event: &notify::Result<notify::Event>, folder: &Path) -> bool {
    match event {
        // Reading the files, as a look does, is an event as well.
        Ok(event) if event.kind.is_access() => false,
        Ok(event) => event.paths.is_empty() || event.paths.iter().any(|path| path.starts_with(folder)),
        Err(_) => true,
    }
}

async fn look(folder: Arc<Folder>, mut watched: Watched, mut hear: mpsc::Receiver<()>) {
    loop {
        if let Ok(None) = tokio::time::timeout(ROUND, hear.recv()).await {
            return;
        }
        let latest = Instant::now() + PATIENCE;
        // Until nothing more is heard for a while.
        while let Ok(Some(())) = timeout_at(latest.min(Instant::now() + REST), hear.recv()).await {}
        // Before the look: what changes from now on is heard.
        if let Err(error) = watched.arm() {
            debug!(folder = %watched.path.display(), "can't be watched now: {error}");
        }
        folder.look().await;
    }
}
