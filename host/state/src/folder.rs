//! Sessions in a folder, so that they survive a restart.
//!
//! The folder belongs to one host: it reads all records when it opens the folder, and from then on only
//! writes. One thread does that, in the order of the changes. A host that is killed between a change and
//! its writing loses a session, which costs a login.

use std::collections::{BTreeMap, HashMap};
use std::fs::{File, TryLockError};
use std::io;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};

use redb::backends::FileBackend;
use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, StorageError, TableDefinition};
use tokio::sync::oneshot;

use super::private;
use super::store::lock;
use crate::error::Error;

/// Records by connection and key.
const RECORDS: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("sessions");
/// Memory for pages of the database, in bytes. There are few.
const CACHE: usize = 1 << 20;
/// How many changes are written together.
const BATCH: usize = 256;

/// The records of all connections, by connection and key.
type Records = HashMap<String, BTreeMap<String, Vec<u8>>>;

/// Sessions in a folder.
#[derive(Debug)]
pub(super) struct FolderSessions {
    /// What was there when the folder was opened.
    kept: Mutex<Records>,
    changes: Option<Sender<Change>>,
    writer: Option<JoinHandle<()>>,
    /// Keeps other hosts away. It goes last.
    _lock: File,
}

#[derive(Debug)]
struct Change {
    connection: String,
    key: String,
    /// `None`: it was deleted.
    value: Option<Vec<u8>>,
    /// Dropped when the change is on disk, or can't be.
    _done: oneshot::Sender<()>,
}

/// A change on its way to the disk.
#[derive(Debug)]
pub(super) struct Written(Option<oneshot::Receiver<()>>);

impl Written {
    /// There is nothing to write.
    pub(super) fn nothing() -> Self {
        Self(None)
    }

    pub(super) async fn wait(self) {
        if let Some(done) = self.0 {
            // Nothing is ever sent: it ends when the change is done with.
            let _ = done.await;
        }
    }
}

impl FolderSessions {
    /// Opens the folder, and makes it where it isn't there. What is damaged is moved aside.
    pub(super) fn open(folder: &Path) -> Result<Self, Error> {
        private::folder(folder)?;
        let owned = own(folder)?;
        let path = folder.join("sessions.redb");
        let (database, kept) = match open(&path) {
            Ok(opened) => opened,
            Err(Broken::Unusable(why)) => return Err(unusable(&path, &why)),
            Err(Broken::Damaged(why)) => {
                let aside = move_aside(&path).map_err(|error| unusable(&path, &error.to_string()))?;
                tracing::warn!(
                    "{} is damaged: {why}; it is now {}, and the sessions in it are lost: each costs a login",
                    path.display(),
                    aside.display()
                );
                open(&path).map_err(|broken| unusable(&path, broken.why()))?
            }
        };
        let (changes, received) = mpsc::channel();
        let writer = std::thread::Builder::new()
            .name("patchbay-sessions".to_owned())
            .spawn({
                let path = path.clone();
                move || write_all(&path, database, &received)
            })
            .map_err(|error| unusable(&path, &error.to_string()))?;
        Ok(Self {
            kept: Mutex::new(kept),
            changes: Some(changes),
            writer: Some(writer),
            _lock: owned,
        })
    }

    /// The records of a connection that were there when the folder was opened. Given once: from then on
    /// they are the caller's.
    pub(super) fn kept(&self, connection: &str) -> BTreeMap<String, Vec<u8>> {
        lock(&self.kept).remove(connection).unwrap_or_default()
    }

    /// Writes a record, or deletes it. Changes are written in the order of these calls.
    pub(super) fn write(&self, connection: &str, key: &str, value: Option<&[u8]>) -> Written {
        let (done, written) = oneshot::channel();
        let change = Change {
            connection: connection.to_owned(),
            key: key.to_owned(),
            value: value.map(<[u8]>::to_vec),
            _done: done,
        };
        if let Some(changes) = &self.changes {
            // Where the thread has ended, the change is dropped, and nobody waits for it.
            let _ = changes.send(change);
        }
        Written(Some(written))
    }
}

/// Writes what is still to be written, and closes the database.
impl Drop for FolderSessions {
    fn drop(&mut self) {
        self.changes = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

fn unusable(path: &Path, why: &str) -> Error {
    Error::usage(format!(
        "the state in {} can't be used: {why}; give a folder that this user may write to",
        path.display()
    ))
}

/// Makes sure that no other host has the folder.
fn own(folder: &Path) -> Result<File, Error> {
    let path = folder.join("sessions.lock");
    let file = private::file(&path).map_err(|error| unusable(&path, &error.to_string()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::usage(format!(
            "the state folder {} is in use by another process; end that, or give each a folder of its own",
            folder.display()
        ))),
        Err(TryLockError::Error(error)) => Err(unusable(&path, &error.to_string())),
    }
}

/// Why a database can't be opened.
enum Broken {
    /// It is no fault of the content's.
    Unusable(String),
    Damaged(String),
}

impl Broken {
    fn why(&self) -> &str {
        match self {
            Self::Unusable(why) | Self::Damaged(why) => why,
        }
    }
}

impl From<redb::Error> for Broken {
    fn from(error: redb::Error) -> Self {
        match &error {
            redb::Error::Io(cause) if !says_damaged(cause) => Self::Unusable(error.to_string()),
            redb::Error::DatabaseAlreadyOpen => Self::Unusable(error.to_string()),
            _ => Self::Damaged(error.to_string()),
        }
    }
}

fn says_damaged(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput
    )
}

/// Opens the database and reads everything in it. What the checks of the database miss may make it
/// panic: that is damage as well.
fn open(path: &Path) -> Result<(Database, Records), Broken> {
    let opened = std::panic::catch_unwind(AssertUnwindSafe(|| {
        let database = connect(path).map_err(redb::Error::from)?;
        let records = read(&database)?;
        Ok((database, records))
    }));
    opened.unwrap_or_else(|_| Err(Broken::Damaged("its content makes no sense".to_owned())))
}

fn connect(path: &Path) -> Result<Database, DatabaseError> {
    let file = private::file(path).map_err(StorageError::Io)?;
    Database::builder()
        .set_cache_size(CACHE)
        .set_check_integrity_on_open(true)
        .create_with_backend(FileBackend::new(file)?)
}

fn read(database: &Database) -> Result<Records, redb::Error> {
    // Opening it for writing makes the table.
    let transaction = database.begin_write()?;
    transaction.open_table(RECORDS)?;
    transaction.commit()?;
    let mut records = Records::new();
    let table = database.begin_read()?.open_table(RECORDS)?;
    for entry in table.iter()? {
        let (name, value) = entry?;
        let (connection, key) = name.value();
        records
            .entry(connection.to_owned())
            .or_default()
            .insert(key.to_owned(), value.value().to_vec());
    }
    Ok(records)
}

/// Moves a file to a name that is free.
fn move_aside(path: &Path) -> io::Result<PathBuf> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut number = now.as_secs();
    loop {
        let aside = path.with_extension(format!("redb.damaged-{number}"));
        if !aside.exists() {
            std::fs::rename(path, &aside)?;
            return Ok(aside);
        }
        number += 1;
    }
}

/// Writes changes until there is nobody left to make any.
fn write_all(path: &Path, database: Database, changes: &Receiver<Change>) {
    let mut database = Some(database);
    let mut works = true;
    while let Ok(first) = changes.recv() {
        let mut batch = vec![first];
        batch.extend(changes.try_iter().take(BATCH - 1));
        // After a failure a database doesn't go on: it must be opened anew.
        let written = match database.take().map_or_else(|| connect(path), Ok) {
            Ok(opened) => write(&opened, &batch).map(|()| database = Some(opened)),
            Err(error) => Err(redb::Error::from(error)),
        };
        match written {
            Ok(()) if works => {}
            Ok(()) => {
                works = true;
                tracing::info!("sessions are written to {} again", path.display());
            }
            Err(error) => {
                if works {
                    tracing::warn!(
                        "sessions can't be written to {}: {error}; calls go on, but these sessions won't survive a restart",
                        path.display()
                    );
                }
                works = false;
            }
        }
    }
}

fn write(database: &Database, batch: &[Change]) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    {
        let mut table = transaction.open_table(RECORDS)?;
        for change in batch {
            let name = (change.connection.as_str(), change.key.as_str());
            match &change.value {
                Some(value) => table.insert(name, value.as_slice())?,
                None => table.remove(name)?,
            };
        }
    }
    transaction.commit()?;
    Ok(())
}
