//! Sessions in a folder, so that they survive a restart.
//!
//! The folder belongs to one host: it reads all records when it opens the folder, and from then on only
//! writes. One thread writes, in the order of the changes. A host that is killed before a change is written
//! loses a session, which costs a login.

use std::collections::{BTreeMap, HashMap};
use std::fs::{File, TryLockError};
use std::io;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;
use patchbay::Error;
use patchbay::sessions::{Answer, RecordKey, SessionBackend, SharedLock, Stored};
use redb::backends::FileBackend;
use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, StorageError, TableDefinition};
use tokio::sync::oneshot;

use super::private;

/// Records by connection and key.
const RECORDS: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("sessions");
/// Memory for pages of the database, in bytes. There are few.
const CACHE: usize = 1 << 20;
/// How many changes are written together at most.
const BATCH: usize = 256;

/// The records of all connections, by connection and key.
type Records = HashMap<String, BTreeMap<String, Vec<u8>>>;

/// Sessions in a folder.
#[derive(Debug)]
pub(crate) struct FolderSessions {
    /// The records that were there when the folder was opened, until they are loaded.
    unloaded: Mutex<Records>,
    changes: Option<Sender<Change>>,
    writer: Option<JoinHandle<()>>,
    /// Keeps other hosts away. It is dropped last.
    _lock: File,
}

#[derive(Debug)]
struct Change {
    connection: String,
    key: String,
    /// `None` deletes the record.
    value: Option<Vec<u8>>,
    /// Sent when the change is on disk, dropped where it can't be written.
    done: oneshot::Sender<()>,
}

impl FolderSessions {
    /// Opens the folder, and creates it where it is missing. A damaged database is moved aside.
    pub(crate) fn open(folder: &Path) -> Result<Self, Error> {
        private::folder(folder)?;
        let lock = acquire(folder)?;
        let path = folder.join("sessions.redb");
        let (database, records) = match open(&path) {
            Ok(opened) => opened,
            Err(Failure::Unusable(reason)) => return Err(unusable(&path, &reason)),
            Err(Failure::Damaged(reason)) => {
                let aside = move_aside(&path).map_err(|error| unusable(&path, &error.to_string()))?;
                tracing::warn!(
                    "{} is damaged: {reason}; it is now {}, and the sessions in it are lost: each costs a login",
                    path.display(),
                    aside.display()
                );
                open(&path).map_err(|failure| unusable(&path, failure.reason()))?
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
            unloaded: Mutex::new(records),
            changes: Some(changes),
            writer: Some(writer),
            _lock: lock,
        })
    }

    /// Queues a change. Changes are written in the order of these calls.
    fn change(&self, record: RecordKey<'_>, value: Option<&[u8]>) -> oneshot::Receiver<()> {
        let (done, written) = oneshot::channel();
        let change = Change {
            connection: record.connection.to_owned(),
            key: record.key.to_owned(),
            value: value.map(<[u8]>::to_vec),
            done,
        };
        if let Some(changes) = &self.changes {
            // Where the thread has ended, the change is dropped, which says that it isn't written.
            let _ = changes.send(change);
        }
        written
    }
}

impl SessionBackend for FolderSessions {
    fn load(&self, connection: &str) -> BTreeMap<String, Vec<u8>> {
        self.unloaded.lock().remove(connection).unwrap_or_default()
    }

    fn set(self: Arc<Self>, record: RecordKey<'_>, value: &[u8], _: u64) -> Answer<Stored> {
        let written = self.change(record, Some(value));
        Box::pin(async move {
            match written.await {
                Ok(()) => Stored::Yes,
                Err(_) => Stored::No,
            }
        })
    }

    /// The value isn't compared: this host makes all changes, in the order of the calls.
    fn delete(
        self: Arc<Self>,
        record: RecordKey<'_>,
        _: &[u8],
        _: u64,
    ) -> Answer<Option<Box<dyn SharedLock>>> {
        let written = self.change(record, None);
        Box::pin(async move {
            // A record that can't be deleted now was logged.
            let _ = written.await;
            None
        })
    }
}

/// Waits until all changes are written and the database is closed.
impl Drop for FolderSessions {
    fn drop(&mut self) {
        self.changes = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

fn unusable(path: &Path, reason: &str) -> Error {
    Error::usage(format!(
        "the state in {} can't be used: {reason}; give a folder that this user may write to",
        path.display()
    ))
}

/// Locks the folder against other hosts.
fn acquire(folder: &Path) -> Result<File, Error> {
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
enum Failure {
    /// The file can't be used, whatever its content.
    Unusable(String),
    Damaged(String),
}

impl Failure {
    fn reason(&self) -> &str {
        match self {
            Self::Unusable(reason) | Self::Damaged(reason) => reason,
        }
    }
}

impl From<redb::Error> for Failure {
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

/// Opens the database and reads everything in it. Damage that the database's checks miss may make it panic.
fn open(path: &Path) -> Result<(Database, Records), Failure> {
    let opened = std::panic::catch_unwind(AssertUnwindSafe(|| {
        let database = connect(path).map_err(redb::Error::from)?;
        let records = read(&database)?;
        Ok((database, records))
    }));
    opened.unwrap_or_else(|_| {
        Err(Failure::Damaged(
            "its content isn't that of a database".to_owned(),
        ))
    })
}

fn connect(path: &Path) -> Result<Database, DatabaseError> {
    let file = private::file(path).map_err(StorageError::Io)?;
    Database::builder()
        .set_cache_size(CACHE)
        .set_check_integrity_on_open(true)
        .create_with_backend(FileBackend::new(file)?)
}

fn read(database: &Database) -> Result<Records, redb::Error> {
    // Opening the table for writing creates it.
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

/// Writes changes until the sender is dropped.
fn write_all(path: &Path, database: Database, changes: &Receiver<Change>) {
    let mut database = Some(database);
    let mut works = true;
    while let Ok(first) = changes.recv() {
        let mut batch = vec![first];
        batch.extend(changes.try_iter().take(BATCH - 1));
        // After a failure the database is closed for good and must be opened again.
        let written = match database.take().map_or_else(|| connect(path), Ok) {
            Ok(opened) => write(&opened, &batch).map(|()| database = Some(opened)),
            Err(error) => Err(redb::Error::from(error)),
        };
        match written {
            Ok(()) => {
                if !works {
                    tracing::info!("sessions are written to {} again", path.display());
                }
                works = true;
                for change in batch {
                    // A call that has ended doesn't wait for it.
                    let _ = change.done.send(());
                }
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
