//! Watches a folder of connectors.

use std::sync::Arc;
use std::time::Duration;

use notify::{RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use tracing::warn;

use super::folder::Folder;
use crate::error::Error;

/// How long a folder must be at rest before it is looked at: files are written in pieces.
const REST: Duration = Duration::from_millis(150);
/// How long a look can be put off by further changes.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often the folder is looked at although nothing was heard: network file systems give no events.
const ROUND: Duration = Duration::from_secs(15);

/// Watches a folder for as long as the result is kept: files that change are loaded and put in service. Must be
/// called in a tokio runtime.
///
/// # Errors
///
/// [`Kind::Usage`](crate::Kind::Usage) where the system can't watch folders.
pub fn watch(folder: Arc<Folder>) -> Result<Watch, Error> {
    let (heard, hear) = mpsc::channel(1);
    let path = folder.path().to_owned();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Reading the files, as a look does, is an event as well.
        if !event.is_ok_and(|event| event.kind.is_access()) {
            // Where the channel is full, a look is due anyway.
            let _ = heard.try_send(());
        }
    })
    .map_err(|error| Error::usage(format!("{} can't be watched: {error}", path.display())))?;
    if let Err(error) = watcher.watch(&path, RecursiveMode::NonRecursive) {
        warn!(
            folder = %path.display(),
            "changes are noticed only every {} s: {error}",
            ROUND.as_secs()
        );
    }
    let looking = tokio::spawn(look(folder, hear));
    Ok(Watch {
        _watcher: watcher,
        looking,
    })
}

/// A folder that is being watched. Dropping it ends that.
pub struct Watch {
    _watcher: notify::RecommendedWatcher,
    looking: tokio::task::JoinHandle<()>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.looking.abort();
    }
}

async fn look(folder: Arc<Folder>, mut hear: mpsc::Receiver<()>) {
    loop {
        if let Ok(None) = tokio::time::timeout(ROUND, hear.recv()).await {
            return;
        }
        let latest = Instant::now() + PATIENCE;
        // Until nothing more is heard for a while.
        while let Ok(Some(())) = timeout_at(latest.min(Instant::now() + REST), hear.recv()).await {}
        folder.look().await;
    }
}
