//! Sessions in a folder, so that they survive a restart, and so that processes share them and the login.
//!
//! One thread reads and writes the files, in the order of the calls. A process that is killed before a change is
//! written loses a session, which costs a login.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;

use patchbay::Error;
use patchbay::sessions::{Answer, Claim, RecordKey, SessionBackend, SharedLock, Stored};
use tokio::sync::oneshot;

use super::lock::RecordLock;
use super::private;
use super::records::{self, Place};

/// Sessions in a folder.
#[derive(Debug)]
pub(crate) struct FolderSessions {
    /// The folder of all sessions, within that of the state.
    sessions: PathBuf,
    tasks: Option<Sender<Task>>,
    worker: Option<JoinHandle<()>>,
}

/// What the thread does. Where it can't, it drops the channel for the answer.
#[derive(Debug)]
enum Task {
    Set(Place, Vec<u8>, oneshot::Sender<Stored>),
    /// Deletes the record if it has this value.
    Delete(Place, Vec<u8>, oneshot::Sender<Option<RecordLock>>),
    Claim(Place, oneshot::Sender<Found>),
    Keys(String, oneshot::Sender<Vec<String>>),
    Release(RecordLock),
    Settle(oneshot::Sender<()>),
}

/// What there is of a record.
#[derive(Debug)]
enum Found {
    Record(Vec<u8>),
    /// Nothing, and the lock on it.
    Locked(RecordLock),
    /// Nothing, and another call has the lock.
    Taken,
}

impl FolderSessions {
    /// Opens the folder, and creates it where it is missing.
    pub(crate) fn open(folder: &Path) -> Result<Self, Error> {
        private::folder(folder)?;
        let sessions = folder.join("sessions");
        let unusable = |error: io::Error| {
            Error::usage(format!(
                "the state in {} can't be used: {error}; give a folder that this user may write to",
                sessions.display()
            ))
        };
        private::create(&sessions).map_err(unusable)?;
        // It can be written to.
        tempfile::NamedTempFile::new_in(&sessions).map_err(unusable)?;
        let (tasks, received) = mpsc::channel();
        let worker = Worker {
            sessions: sessions.clone(),
            works: true,
        };
        let worker = std::thread::Builder::new()
            .name("patchbay-sessions".to_owned())
            .spawn(move || worker.run(&received))
            .map_err(unusable)?;
        Ok(Self {
            sessions,
            tasks: Some(tasks),
            worker: Some(worker),
        })
    }

    /// Queues a task. Tasks are done in the order of these calls.
    fn queue<T>(&self, task: impl FnOnce(oneshot::Sender<T>) -> Task) -> oneshot::Receiver<T> {
        let (done, answer) = oneshot::channel();
        self.send(task(done));
        answer
    }

    fn send(&self, task: Task) {
        if let Some(tasks) = &self.tasks {
            // Where the thread has ended, the task is dropped, which says that it isn't done.
            let _ = tasks.send(task);
        }
    }

    fn place(&self, record: RecordKey<'_>) -> Place {
        Place::new(&self.sessions, record)
    }

    fn lock(self: Arc<Self>, lock: RecordLock) -> Box<dyn SharedLock> {
        Box::new(LoginLock {
            sessions: self,
            lock: Some(lock),
        })
    }
}

impl SessionBackend for FolderSessions {
    fn set(self: Arc<Self>, record: RecordKey<'_>, value: &[u8], _: u64) -> Answer<Stored> {
        let place = self.place(record);
        let stored = self.queue(|done| Task::Set(place, value.to_vec(), done));
        Box::pin(async move { stored.await.unwrap_or(Stored::No) })
    }

    fn delete(
        self: Arc<Self>,
        record: RecordKey<'_>,
        value: &[u8],
        _: u64,
    ) -> Answer<Option<Box<dyn SharedLock>>> {
        let place = self.place(record);
        let deleted = self.queue(|done| Task::Delete(place, value.to_vec(), done));
        // Where it can't be deleted, that was logged, and this host remembers that it has ended.
        Box::pin(async move { Some(self.lock(deleted.await.ok()??)) })
    }

    fn claim(self: Arc<Self>, record: RecordKey<'_>, _: u64) -> Answer<Claim> {
        let place = self.place(record);
        let found = self.queue(|done| Task::Claim(place, done));
        Box::pin(async move {
            match found.await {
                Ok(Found::Record(value)) => Claim::Record(value),
                Ok(Found::Locked(lock)) => Claim::Claimed(self.lock(lock)),
                Ok(Found::Taken) => Claim::Taken,
                Err(_) => Claim::Local,
            }
        })
    }

    fn keys(self: Arc<Self>, connection: &str) -> Answer<Vec<String>> {
        let keys = self.queue(|done| Task::Keys(connection.to_owned(), done));
        Box::pin(async move { keys.await.unwrap_or_default() })
    }

    fn settle(self: Arc<Self>) -> Answer<()> {
        let settled = self.queue(Task::Settle);
        Box::pin(async move {
            // A thread that has ended holds no lock.
            let _ = settled.await;
        })
    }
}

/// Waits until everything is written.
impl Drop for FolderSessions {
    fn drop(&mut self) {
        self.tasks = None;
        if let Some(worker) = self.worker.take() {
            let _ = worker.join();
        }
    }
}

/// The lock on a record while a call logs in.
#[derive(Debug)]
struct LoginLock {
    sessions: Arc<FolderSessions>,
    /// There until it is dropped.
    lock: Option<RecordLock>,
}

impl SharedLock for LoginLock {
    /// The record is written, and the lock is given back after it.
    fn disarm(self: Box<Self>) {}
}

/// Gives it back after what the call has written, although it may not have waited for that.
impl Drop for LoginLock {
    fn drop(&mut self) {
        if let Some(lock) = self.lock.take() {
            self.sessions.send(Task::Release(lock));
        }
    }
}

/// Does the tasks.
struct Worker {
    sessions: PathBuf,
    /// Whether the last task that can fail didn't.
    works: bool,
}

impl Worker {
    fn run(mut self, tasks: &Receiver<Task>) {
        // Calls that have ended don't wait for their answers.
        while let Ok(task) = tasks.recv() {
            match task {
                Task::Set(place, value, done) => {
                    let stored = self.tried(place.write(&value));
                    let _ = done.send(match stored {
                        Some(true) => Stored::Yes,
                        Some(false) => Stored::NoRoom,
                        None => Stored::No,
                    });
                }
                Task::Delete(place, value, done) => {
                    let _ = done.send(self.tried(delete(&place, &value)).flatten());
                }
                Task::Claim(place, done) => {
                    if let Some(found) = self.tried(find(&place)) {
                        let _ = done.send(found);
                    }
                }
                Task::Keys(connection, done) => {
                    let keys = self.tried(records::keys(&self.sessions, &connection));
                    let _ = done.send(keys.unwrap_or_default());
                }
                Task::Release(lock) => drop(lock),
                Task::Settle(done) => {
                    let _ = done.send(());
                }
            }
        }
    }

    /// Logs the first failure after a success.
    fn tried<T>(&mut self, result: io::Result<T>) -> Option<T> {
        match result {
            Ok(done) => {
                if !self.works {
                    tracing::info!("the sessions in {} can be used again", self.sessions.display());
                }
                self.works = true;
                Some(done)
            }
            Err(error) => {
                if self.works {
                    tracing::warn!(
                        "the sessions in {} can't be used: {error}; calls go on, but these sessions won't survive a restart and aren't shared",
                        self.sessions.display()
                    );
                }
                self.works = false;
                None
            }
        }
    }
}

/// Deletes a record if it has this value, and takes the lock on it.
fn delete(place: &Place, value: &[u8]) -> io::Result<Option<RecordLock>> {
    place.prepare()?;
    let lock = RecordLock::acquire(&place.lock())?;
    if place.read()?.as_deref() != Some(value) {
        return Ok(None);
    }
    place.remove()?;
    Ok(lock)
}

/// Finds a record, or takes the lock on it.
fn find(place: &Place) -> io::Result<Found> {
    if let Some(value) = place.read()? {
        return Ok(Found::Record(value));
    }
    place.prepare()?;
    let Some(lock) = RecordLock::acquire(&place.lock())? else {
        return Ok(Found::Taken);
    };
    // Who had the lock may have written it since.
    Ok(match place.read()? {
        Some(value) => Found::Record(value),
        None => Found::Locked(lock),
    })
}
