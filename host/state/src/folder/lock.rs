//! Locks on records, between processes.
//!
//! A lock is a file that is locked, so that it ends with its process, however that ends. The file is removed when
//! the lock is given back, and whoever locks one makes sure that it is still the file of that name: no two hold a
//! lock, and no files gather.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::private;

/// How long a lock holds. A process may be stopped while it logs in, and must not keep the others from it for ever.
const LONGEST_HOLD: Duration = Duration::from_mins(1);
/// How often a file is opened whose name is another file's by the time that it is locked.
const ATTEMPTS: u32 = 10;

/// A lock that is held. Dropping it gives it back.
#[derive(Debug)]
pub(super) struct RecordLock {
    file: File,
    path: PathBuf,
}

impl RecordLock {
    /// Takes the lock, or returns `None` where another call has it.
    pub(super) fn acquire(path: &Path) -> io::Result<Option<Self>> {
        for _ in 0..ATTEMPTS {
            let file = private::file(path)?;
            let locked = match file.try_lock() {
                Ok(()) => true,
                Err(TryLockError::WouldBlock) if !is_overdue(&file)? => return Ok(None),
                Err(TryLockError::WouldBlock) => false,
                Err(TryLockError::Error(error)) => return Err(error),
            };
            if !is_at(&file, path)? {
                continue;
            }
            if locked {
                file.set_modified(SystemTime::now())?;
                let path = path.to_owned();
                return Ok(Some(Self { file, path }));
            }
            tracing::debug!("a lock was held for too long: its process may be stopped");
            private::remove(path)?;
        }
        // Others take it faster.
        Ok(None)
    }
}

impl Drop for RecordLock {
    fn drop(&mut self) {
        // One that was held for too long has been taken away. What can't be removed is locked again another time.
        if matches!(is_at(&self.file, &self.path), Ok(true)) {
            let _ = private::remove(&self.path);
        }
        let _ = self.file.unlock();
    }
}

fn is_overdue(file: &File) -> io::Result<bool> {
    let taken = file.metadata()?.modified()?;
    // A time in the future is that of a clock that was set back.
    let held = taken.elapsed().unwrap_or_else(|ahead| ahead.duration());
    Ok(held > LONGEST_HOLD)
}

/// Whether an open file is the one of this name.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;

    let open = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(named) => Ok((open.dev(), open.ino()) == (named.dev(), named.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Where files have no identity, an open one isn't removed.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> io::Result<bool> {
    path.try_exists()
}
