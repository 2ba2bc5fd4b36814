//! Where sessions are kept besides memory.

use std::fmt::Debug;
use std::future::ready;
use std::pin::Pin;
use std::sync::Arc;

use crate::error::Error;

/// What the stored records of one connection may take together, in bytes.
pub const MAX_RECORDS: usize = 1 << 20;

/// What a backend will answer.
pub type Answer<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A record's place: the connection, and the key that its connector chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordKey<'a> {
    /// The connection's name.
    pub connection: &'a str,
    /// The connector's key.
    pub key: &'a str,
}

/// A backend of sessions: it makes them survive a restart, or shares them between hosts.
///
/// The host keeps records in memory first and decides there which call logs in. A backend hears of every change,
/// and is asked where memory has no record. `call` is a number that no other call of this host has.
pub trait SessionBackend: Debug + Send + Sync + 'static {
    /// Writes a record, and gives back the lock that the call has on it. Changes of one record are ordered as
    /// these calls are; the answer comes when the record is safe, or can't be made safe.
    fn set(self: Arc<Self>, record: RecordKey<'_>, value: &[u8], call: u64) -> Answer<Stored>;

    /// Deletes a record, unless it has another value by now. Where records are shared, the call gets the lock
    /// on it. Ordered as [`SessionBackend::set`] is.
    fn delete(
        self: Arc<Self>,
        record: RecordKey<'_>,
        value: &[u8],
        call: u64,
    ) -> Answer<Option<Box<dyn SharedLock>>>;

    /// Looks for a record that memory doesn't have, for the one call of this host that may write it; takes the
    /// lock on it where there is none.
    fn claim(self: Arc<Self>, record: RecordKey<'_>, call: u64) -> Answer<Claim> {
        let _ = (record, call);
        Box::pin(ready(Claim::Local))
    }

    /// The keys of a connection's records that other hosts have written.
    fn keys(self: Arc<Self>, connection: &str) -> Answer<Vec<String>> {
        let _ = connection;
        Box::pin(ready(Vec::new()))
    }

    /// Whether the backend can be used now.
    fn check(self: Arc<Self>) -> Answer<Result<(), Error>> {
        Box::pin(ready(Ok(())))
    }

    /// Waits until the locks of calls that have ended are given back.
    fn settle(self: Arc<Self>) -> Answer<()> {
        Box::pin(ready(()))
    }
}

/// A lock on a record that is shared between hosts. Dropping it gives it back.
pub trait SharedLock: Debug + Send + Sync {
    /// The lock has ended already: there is nothing to give back.
    fn disarm(self: Box<Self>);
}

/// What a backend has under a key that memory doesn't have.
#[derive(Debug)]
#[non_exhaustive]
pub enum Claim {
    /// A record.
    Record(Vec<u8>),
    /// Nothing, and the call has the lock.
    Claimed(Box<dyn SharedLock>),
    /// Nothing, and another host has the lock.
    Taken,
    /// Nothing is shared, or can't be now: what this host decides holds.
    Local,
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stored {
    /// It is safe.
    Yes,
    /// All records of the connection together would exceed [`MAX_RECORDS`].
    NoRoom,
    /// The backend can't be used now; why was logged.
    No,
}
