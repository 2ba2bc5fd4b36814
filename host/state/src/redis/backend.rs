//! Sessions in Redis, with a lock on each record that makes one host log in.
//!
//! | key | what |
//! | --- | --- |
//! | `patchbay:session:<connection>:<key>` | a record |
//! | `patchbay:lock:<connection>:<key>` | the call that logs in |
//! | `patchbay:keys:<connection>` | the keys of the connection's records |
//!
//! A connection's name is percent-encoded, so that no name and key together equal others.
//!
//! Records have no expiry: a host that has one in memory doesn't read it again, and a refresh token in it may be
//! the only one. What a connection keeps is bounded by [`MAX_RECORDS`]. Locks expire unless they are renewed.
//!
//! Where Redis can't be used, each host is on its own: its calls log in once, and nothing waits.

use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use patchbay::Error;
use patchbay::sessions::{Answer, Claim, MAX_RECORDS, RecordKey, SessionBackend, SharedLock, Stored};
use redis::Cmd;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::task::coop::unconstrained;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};
use uuid::Uuid;

use super::address::RedisAddress;
use super::connection::{RedisConnection, Unavailable};
use super::scripts;

/// How long a lock holds that isn't renewed, because its host has ended.
const LOCK_TTL: Duration = Duration::from_secs(5);
/// How often a lock is renewed while its call runs.
const RENEWAL: Duration = Duration::from_millis(1500);

/// Sessions in a Redis server.
#[derive(Debug)]
pub(crate) struct RedisSessions {
    connection: RedisConnection,
    /// Tells this host's locks from those of others.
    host: Uuid,
    /// Held by the change that is being made, so that changes reach Redis in the order of the calls.
    change: Arc<Mutex<()>>,
    /// Locks that are being given back.
    releases: TaskTracker,
}

impl RedisSessions {
    /// Doesn't connect yet.
    pub(crate) fn new(address: &RedisAddress, roots: &[Vec<u8>]) -> Result<Self, Error> {
        let releases = TaskTracker::new();
        // A tracker that isn't closed is never waited for to the end; a closed one still takes tasks.
        releases.close();
        Ok(Self {
            connection: RedisConnection::new(address, roots)?,
            host: Uuid::now_v7(),
            change: Arc::default(),
            releases,
        })
    }

    fn owner(&self, call: u64) -> String {
        format!("{}:{call}", self.host)
    }

    /// The turn of a change among this host's changes.
    fn turn(&self) -> impl Future<Output = OwnedMutexGuard<()>> + Send + use<> {
        let mut turn = Box::pin(unconstrained(self.change.clone().lock_owned()));
        // Polled once, it has its place in the queue, whichever change is awaited first.
        let polled = turn.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        async move {
            match polled {
                Poll::Ready(turn) => turn,
                Poll::Pending => turn.await,
            }
        }
    }
}

impl SessionBackend for RedisSessions {
    fn set(self: Arc<Self>, record: RecordKey<'_>, value: &[u8], call: u64) -> Answer<Stored> {
        let Names { record: name, lock } = Names::of(record);
        let mut command = script(scripts::SET, &[&name, &lock, &index(record.connection)]);
        command
            .arg(value)
            .arg(self.owner(call))
            .arg(record.key)
            .arg(MAX_RECORDS)
            .arg(prefix(record.connection));
        let turn = self.turn();
        Box::pin(async move {
            let _turn = turn.await;
            match self.connection.run(&command).await {
                Ok(true) => Stored::Yes,
                Ok(false) => Stored::NoRoom,
                Err(Unavailable) => Stored::No,
            }
        })
    }

    fn delete(
        self: Arc<Self>,
        record: RecordKey<'_>,
        value: &[u8],
        call: u64,
    ) -> Answer<Option<Box<dyn SharedLock>>> {
        let Names { record: name, lock } = Names::of(record);
        let owner = self.owner(call);
        let mut command = script(scripts::DELETE, &[&name, &lock, &index(record.connection)]);
        command
            .arg(value)
            .arg(&owner)
            .arg(record.key)
            .arg(milliseconds(LOCK_TTL));
        let turn = self.turn();
        Box::pin(async move {
            let _turn = turn.await;
            let mut lock = LoginLock::new(self.clone(), lock, owner);
            // Where Redis can't be used, the record stays there; this host remembers that it has ended.
            if self.connection.run(&command).await.unwrap_or(false) {
                lock.hold();
                return Some(Box::new(lock) as Box<dyn SharedLock>);
            }
            Box::new(lock).disarm();
            None
        })
    }

    fn claim(self: Arc<Self>, record: RecordKey<'_>, call: u64) -> Answer<Claim> {
        let Names { record, lock } = Names::of(record);
        let owner = self.owner(call);
        let mut command = script(scripts::CLAIM, &[&record, &lock]);
        command.arg(&owner).arg(milliseconds(LOCK_TTL));
        Box::pin(async move {
            // Made before the command is sent: a call that ends while it waits for the answer may have the lock.
            let mut lock = LoginLock::new(self.clone(), lock, owner);
            let found: Result<(String, Option<Vec<u8>>), Unavailable> = self.connection.run(&command).await;
            let claim = match found {
                Ok((outcome, None)) if outcome == "claimed" => {
                    lock.hold();
                    return Claim::Claimed(Box::new(lock));
                }
                Ok((_, Some(record))) => Claim::Record(record),
                Ok(_) => Claim::Taken,
                Err(Unavailable) => Claim::Local,
            };
            Box::new(lock).disarm();
            claim
        })
    }

    fn keys(self: Arc<Self>, connection: &str) -> Answer<Vec<String>> {
        let mut command = script(scripts::LIST, &[&index(connection)]);
        command.arg(prefix(connection));
        Box::pin(async move { self.connection.run(&command).await.unwrap_or_default() })
    }

    fn check(self: Arc<Self>) -> Answer<Result<(), Error>> {
        let command = script(scripts::CHECK, &["patchbay:try"]);
        Box::pin(async move { self.connection.check(&command).await })
    }

    fn settle(self: Arc<Self>) -> Answer<()> {
        Box::pin(async move { self.releases.wait().await })
    }
}

/// The lock on a record while a call logs in.
#[derive(Debug)]
struct LoginLock {
    sessions: Arc<RedisSessions>,
    name: String,
    owner: String,
    /// Whether dropping it gives it back.
    armed: bool,
    renewal: Option<AbortOnDropHandle<()>>,
}

impl LoginLock {
    fn new(sessions: Arc<RedisSessions>, name: String, owner: String) -> Self {
        Self {
            sessions,
            name,
            owner,
            armed: true,
            renewal: None,
        }
    }

    /// Renews it from now on.
    fn hold(&mut self) {
        let sessions = self.sessions.clone();
        let mut renew = script(scripts::RENEW, &[&self.name]);
        renew.arg(&self.owner).arg(milliseconds(LOCK_TTL));
        self.renewal = Some(AbortOnDropHandle::new(tokio::spawn(async move {
            loop {
                tokio::time::sleep(RENEWAL).await;
                // After a failure the next renewal may still be early enough.
                let _: Result<bool, Unavailable> = sessions.connection.run(&renew).await;
            }
        })));
    }
}

impl SharedLock for LoginLock {
    fn disarm(mut self: Box<Self>) {
        self.armed = false;
    }
}

impl Drop for LoginLock {
    fn drop(&mut self) {
        // Without a runtime it isn't given back, and expires.
        let (true, Ok(runtime)) = (self.armed, tokio::runtime::Handle::try_current()) else {
            return;
        };
        let mut release = script(scripts::RELEASE, &[&self.name]);
        release.arg(&self.owner);
        let sessions = self.sessions.clone();
        let release = async move {
            let _: Result<bool, Unavailable> = sessions.connection.run(&release).await;
        };
        self.sessions.releases.spawn_on(release, &runtime);
    }
}

/// The names in Redis that belong to one record.
struct Names {
    record: String,
    lock: String,
}

impl Names {
    fn of(record: RecordKey<'_>) -> Self {
        let RecordKey { connection, key } = record;
        Self {
            record: format!("{}{key}", prefix(connection)),
            lock: format!("patchbay:lock:{}:{key}", encoded(connection)),
        }
    }
}

/// What the names of a connection's records begin with.
fn prefix(connection: &str) -> String {
    format!("patchbay:session:{}:", encoded(connection))
}

fn index(connection: &str) -> String {
    format!("patchbay:keys:{}", encoded(connection))
}

fn encoded(connection: &str) -> String {
    url::form_urlencoded::byte_serialize(connection.as_bytes()).collect()
}

fn script(text: &str, keys: &[&str]) -> Cmd {
    let mut command = redis::cmd("EVAL");
    command.arg(text).arg(keys.len()).arg(keys);
    command
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(connection: &str, key: &str) -> String {
        Names::of(RecordKey { connection, key }).record
    }

    #[test]
    fn no_connection_reaches_the_records_of_another() {
        assert_eq!(record("rpa", "a/b"), "patchbay:session:rpa:a/b");
        assert_ne!(record("a:b", "c"), record("a", "b:c"));
        assert_ne!(index("a b"), index("a+b"));
    }
}
