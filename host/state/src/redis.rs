//! Sessions that several hosts share through Redis, with a lock that makes one of them log in.
//!
//! | key | what |
//! | --- | --- |
//! | `patchbay:session:<connection>:<key>` | a record |
//! | `patchbay:lock:<connection>:<key>` | who logs in |
//! | `patchbay:keys:<connection>` | the keys of the connection's records |
//!
//! A connection's name is percent-encoded, so that no name and key together look like others.
//!
//! Where Redis can't be used, each host is for itself: its calls log in once, and nothing waits.

use std::sync::Arc;
use std::time::Duration;

use redis::{Cmd, FromRedisValue};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use uuid::Uuid;

use super::link::{Down, Link};
use super::location::RedisAddress;
use super::namespace::MAX_NAMESPACE;
use super::scripts;
use crate::error::Error;

/// How long a record is kept, so that nothing stays for ever. A session that is older is given anew.
const RECORD_TTL: Duration = Duration::from_hours(30 * 24);
/// How long a lock holds that isn't renewed: the host that had it is gone.
const LOCK_TTL: Duration = Duration::from_secs(5);
/// How often a lock is renewed while the call that has it lives.
const RENEWAL: Duration = Duration::from_millis(1500);

/// The sessions in a Redis server.
#[derive(Debug)]
pub(super) struct RedisSessions {
    link: Link,
    /// Tells this host's locks from those of others.
    host: Uuid,
    /// How many locks are being given back.
    releasing: watch::Sender<usize>,
}

/// What a call finds that has the claim on a key within its host.
pub(super) enum Look {
    /// A record.
    Record(Vec<u8>),
    /// Nothing, and the call has the lock.
    Claimed(LoginLock),
    /// Nothing, and another host has the lock.
    Taken,
    /// Nothing is shared: the claim is all there is.
    Alone,
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stored {
    Yes,
    /// All records of the connection together would be too large.
    NoRoom,
    /// Redis can't be used.
    No,
}

impl RedisSessions {
    /// Doesn't connect yet.
    pub(super) fn new(address: &RedisAddress, roots: &[Vec<u8>]) -> Result<Self, Error> {
        Ok(Self {
            link: Link::new(address, roots)?,
            host: Uuid::now_v7(),
            releasing: watch::Sender::new(0),
        })
    }

    pub(super) async fn check(&self) -> Result<(), Error> {
        self.link.check(&script(scripts::TRY, &["patchbay:try"])).await
    }

    /// Waits until every lock that ended calls held is given back.
    pub(super) async fn settle(&self) {
        // The sender is `self`'s own, so it isn't gone.
        let _ = self.releasing.subscribe().wait_for(|count| *count == 0).await;
    }

    pub(super) async fn look(self: &Arc<Self>, connection: &str, key: &str, call: u64) -> Look {
        let owner = self.owner(call);
        let lock = name("lock", connection, key);
        let mut command = script(scripts::LOOK, &[&name("session", connection, key), &lock]);
        command.arg(&owner).arg(milliseconds(LOCK_TTL));
        // Before the answer is there: a call may end while it waits for it.
        let mut lock = LoginLock::new(self.clone(), lock, owner);
        let found: Result<(String, Option<Vec<u8>>), Down> = self.run(&command).await;
        let seen = match found {
            Ok((what, None)) if what == "claimed" => {
                lock.hold();
                return Look::Claimed(lock);
            }
            Ok((_, Some(record))) => Look::Record(record),
            Ok(_) => Look::Taken,
            Err(Down) => Look::Alone,
        };
        lock.given_back();
        seen
    }

    /// Writes a record, and gives the call's lock on it back.
    pub(super) async fn set(&self, connection: &str, key: &str, value: &[u8], call: u64) -> Stored {
        let records = name("session", connection, "");
        let keys = [
            name("session", connection, key),
            name("lock", connection, key),
            index(connection),
        ];
        let mut command = script(scripts::SET, &keys.each_ref().map(String::as_str));
        command
            .arg(value)
            .arg(milliseconds(RECORD_TTL))
            .arg(self.owner(call))
            .arg(key)
            .arg(MAX_NAMESPACE)
            .arg(records);
        match self.run(&command).await {
            Ok(true) => Stored::Yes,
            Ok(false) => Stored::NoRoom,
            Err(Down) => Stored::No,
        }
    }

    /// Deletes a record if it is still this one, and takes the lock on it.
    pub(super) async fn delete(
        self: &Arc<Self>,
        connection: &str,
        key: &str,
        value: &[u8],
        call: u64,
    ) -> Option<LoginLock> {
        let (lock, owner) = (name("lock", connection, key), self.owner(call));
        let keys = [&name("session", connection, key), &lock, &index(connection)];
        let mut command = script(scripts::DELETE, &keys.map(String::as_str));
        command
            .arg(value)
            .arg(key)
            .arg(&owner)
            .arg(milliseconds(LOCK_TTL));
        let mut lock = LoginLock::new(self.clone(), lock, owner);
        // Where it can't be deleted now, the host that knows remembers it.
        if self.run(&command).await.unwrap_or(false) {
            lock.hold();
            return Some(lock);
        }
        lock.given_back();
        None
    }

    pub(super) async fn keys(&self, connection: &str) -> Vec<String> {
        let mut command = script(scripts::LIST, &[&index(connection)]);
        command.arg(name("session", connection, ""));
        self.run(&command).await.unwrap_or_default()
    }

    async fn run<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Down> {
        self.link.run(command).await
    }

    fn owner(&self, call: u64) -> String {
        format!("{}:{call}", self.host)
    }
}

/// The lock on a record, while its holder logs in. Dropping it gives it back.
#[derive(Debug)]
pub(super) struct LoginLock {
    redis: Arc<RedisSessions>,
    name: String,
    owner: String,
    /// There is nothing to give back.
    free: bool,
    renewal: Option<AbortHandle>,
}

impl LoginLock {
    fn new(redis: Arc<RedisSessions>, name: String, owner: String) -> Self {
        Self {
            redis,
            name,
            owner,
            free: false,
            renewal: None,
        }
    }

    /// Renews it from now on.
    fn hold(&mut self) {
        let redis = self.redis.clone();
        let mut renew = script(scripts::RENEW, &[&self.name]);
        renew.arg(&self.owner).arg(milliseconds(LOCK_TTL));
        let renewal = tokio::spawn(async move {
            loop {
                tokio::time::sleep(RENEWAL).await;
                // Where it can't be renewed now, the next time may still be early enough.
                let _: Result<bool, Down> = redis.run(&renew).await;
            }
        });
        self.renewal = Some(renewal.abort_handle());
    }

    /// It was given back already, or never had.
    pub(super) fn given_back(mut self) {
        self.free = true;
    }
}

impl Drop for LoginLock {
    fn drop(&mut self) {
        if let Some(renewal) = &self.renewal {
            renewal.abort();
        }
        // Without a runtime it ends by itself, a moment later.
        let (false, Ok(runtime)) = (self.free, tokio::runtime::Handle::try_current()) else {
            return;
        };
        let mut release = script(scripts::RELEASE, &[&self.name]);
        release.arg(&self.owner);
        let redis = self.redis.clone();
        redis.releasing.send_modify(|count| *count += 1);
        runtime.spawn(async move {
            let _: Result<bool, Down> = redis.run(&release).await;
            redis.releasing.send_modify(|count| *count -= 1);
        });
    }
}

fn script(text: &str, keys: &[&str]) -> Cmd {
    let mut command = redis::cmd("EVAL");
    command.arg(text).arg(keys.len()).arg(keys);
    command
}

fn name(what: &str, connection: &str, key: &str) -> String {
    format!("patchbay:{what}:{}:{key}", encoded(connection))
}

fn index(connection: &str) -> String {
    format!("patchbay:keys:{}", encoded(connection))
}

fn encoded(connection: &str) -> String {
    url::form_urlencoded::byte_serialize(connection.as_bytes()).collect()
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_connection_reaches_the_records_of_another() {
        assert_eq!(name("session", "rpa", "a/b"), "patchbay:session:rpa:a/b");
        assert_ne!(name("session", "a:b", "c"), name("session", "a", "b:c"));
        assert_ne!(index("a b"), index("a+b"));
    }
}
