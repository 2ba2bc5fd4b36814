//! Sessions: what a login gave, kept where later calls and other instances find it.
//!
//! Three records in `wasi:keyvalue`, under `<connector>/<digest of base_url and account>/<name>`: the
//! session, the failure of the last login or renewal, and a mark of the last renewal. Sessions and failures
//! carry their own expiry, because no key-value store expires records for a connector.
//!
//! Concurrent calls make one login. On Patchbay's host, a call that reads a missing record has the *claim* on
//! it: other calls that read it wait until the record is written or the call ends. So the first call that
//! finds no session logs in, and the others find what it has written. A session that has ended, or that the
//! vendor has refused, stays where it is until there is another one, because its refresh token may be good
//! for one use only; the claim is then that on the mark, which is deleted before and written after. On a host
//! that doesn't know claims, each call logs in itself, and nothing else changes.
//!
//! A failure is shared for a moment: the calls that have waited would run into the same one.

use std::fmt::Write as _;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::failure::{Failure, Refusal};
use crate::host::Host;
use crate::operations::StoredRecord;

/// How long calls share the failure of a login that the vendor refused, in milliseconds.
const REFUSED_FOR: u64 = 5_000;
/// How long calls share the failure of a login that didn't come to an end, in milliseconds.
const BROKEN_FOR: u64 = 1_000;
/// How often a call waits for another call's renewal before it renews the session itself.
const WAITS: u32 = 10;

const SESSION: &str = "session";
const FAILURE: &str = "failure";
const RENEWAL: &str = "renewal";
/// A record without content.
const EMPTY: &[u8] = b"{}";

/// What [`Sessions`] stores: [`Connector::STORED_RECORDS`](crate::Connector::STORED_RECORDS) of a connector
/// that uses it.
pub const RECORDS: &[StoredRecord] = &[
    StoredRecord {
        name: SESSION,
        secret: true,
    },
    StoredRecord {
        name: FAILURE,
        secret: false,
    },
    StoredRecord {
        name: RENEWAL,
        secret: false,
    },
];

/// Where records are kept.
pub trait Store {
    /// Returns the record under `key`.
    fn get(&self, key: &str) -> Option<Vec<u8>>;
    /// Writes the record under `key`.
    fn set(&self, key: &str, value: Vec<u8>);
    /// Removes the record under `key`.
    fn delete(&self, key: &str);
}

/// What a login gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted<S> {
    /// Token and whatever else later calls need.
    pub session: S,
    /// When it should be renewed, in milliseconds since 1970. `None`: when it is refused.
    pub until_ms: Option<u64>,
}

/// How a vendor gives sessions.
pub trait Login {
    /// Token and whatever else later calls need. It is stored as JSON.
    type Session: Serialize + DeserializeOwned + Clone + PartialEq;

    /// Logs in with the credentials.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the exchange with the vendor.
    fn login(&self) -> Result<Granted<Self::Session>, Failure>;

    /// Renews a session that has ended. `None` where it can't be renewed, which is the default: a login
    /// follows.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] of the exchange with the vendor. A login follows where the vendor refuses to renew it
    /// ([`Failure::Unauthorized`], [`Failure::Rejected`]); after any other failure the session is kept, to be
    /// renewed by a later call.
    fn renew(&self, _: &Self::Session) -> Result<Option<Granted<Self::Session>>, Failure> {
        Ok(None)
    }
}

/// How a call with a session ended.
#[derive(Debug)]
pub enum CallError {
    /// The vendor doesn't accept the session (any more).
    Refused(Refusal),
    /// Anything else.
    Failed(Failure),
}

/// [`Failure::Unauthorized`] is a refused session.
impl From<Failure> for CallError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unauthorized(refusal) => Self::Refused(refusal),
            failure => Self::Failed(failure),
        }
    }
}

/// The record of a session. One that can't be read has none: another version may have written it.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
struct Record<S> {
    /// Milliseconds since 1970; absent: until refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    until_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<S>,
}

impl<S> Default for Record<S> {
    fn default() -> Self {
        Self {
            until_ms: None,
            session: None,
        }
    }
}

/// The record of a failure. One that can't be read, such as one of a kind that this version doesn't know, is
/// ignored.
#[derive(Debug, Serialize, Deserialize)]
struct Failed {
    /// Milliseconds since 1970.
    until_ms: u64,
    failure: Failure,
}

/// The sessions of one account.
pub struct Sessions<'a, L> {
    host: &'a Host,
    login: &'a L,
    /// What comes before the names of the records.
    prefix: String,
}

impl<'a, L: Login> Sessions<'a, L> {
    /// Returns the sessions of `account` at `base_url`. `connector` is the connector's id.
    pub fn new(host: &'a Host, login: &'a L, connector: &str, base_url: &str, account: &str) -> Self {
        let digest = Sha256::new()
            .chain_update(base_url)
            .chain_update(b"\n")
            .chain_update(account)
            .finalize();
        let mut prefix = format!("{connector}/");
        for byte in digest {
            // Writing to a string can't fail.
            let _ = write!(prefix, "{byte:02x}");
        }
        prefix.push('/');
        Self { host, login, prefix }
    }

    /// Makes a call with a session. Where the vendor refuses it, logs in afresh, once, and makes the
    /// call once more.
    ///
    /// # Errors
    ///
    /// The failure of the call or of the login; a second refusal is [`Failure::Unauthorized`].
    pub fn call<T>(&self, mut call: impl FnMut(&L::Session) -> Result<T, CallError>) -> Result<T, Failure> {
        let session = self.session(None)?;
        match call(&session) {
            Ok(value) => return Ok(value),
            Err(CallError::Failed(failure)) => return Err(failure),
            Err(CallError::Refused(_)) => {}
        }
        let session = self.session(Some(&session))?;
        match call(&session) {
            Ok(value) => Ok(value),
            Err(CallError::Failed(failure)) => Err(failure),
            Err(CallError::Refused(refusal)) => Err(Failure::Unauthorized(refusal)),
        }
    }

    /// Returns a session other than `refused`: the stored one, or a renewed or a new one.
    fn session(&self, refused: Option<&L::Session>) -> Result<L::Session, Failure> {
        match self.read() {
            // This read has taken the claim on the session.
            None => self.replace(&Record::default(), refused),
            Some(record) => match self.usable(record, refused) {
                Ok(session) => Ok(session),
                Err(_) => self.renew(refused),
            },
        }
    }

    /// Replaces a session that can't be used, unless another call does.
    fn renew(&self, refused: Option<&L::Session>) -> Result<L::Session, Failure> {
        let mut record = Record::default();
        for _ in 0..WAITS {
            // Waits for the call that has the claim on the mark; without such a call, takes the claim.
            let claimed = self.get(RENEWAL).is_none();
            let release = || {
                if claimed {
                    self.set(RENEWAL, EMPTY);
                }
            };
            let Some(now) = self.read() else {
                // It has vanished, and the claim on it must not wait for another one.
                release();
                return self.replace(&Record::default(), refused);
            };
            match self.usable(now, refused) {
                Ok(session) => {
                    release();
                    return Ok(session);
                }
                Err(unusable) => record = unusable,
            }
            if let Some(failure) = self.recent_failure() {
                release();
                return Err(failure);
            }
            if claimed {
                break;
            }
            // The mark of an earlier renewal. A host that knows claims deletes no newer one.
            self.host.store().delete(&self.key(RENEWAL));
        }
        let result = self.replace(&record, refused);
        self.set(RENEWAL, EMPTY);
        result
    }

    /// Replaces `old`, and writes what comes of it.
    fn replace(&self, old: &Record<L::Session>, refused: Option<&L::Session>) -> Result<L::Session, Failure> {
        match self.grant(old, refused) {
            Ok(Granted { session, until_ms }) => {
                self.write(&Record {
                    until_ms,
                    session: Some(session.clone()),
                });
                Ok(session)
            }
            Err(failure) => {
                self.share(&failure);
                // Calls that wait for a session see that there is none, and later calls don't try one that
                // was refused. Another call may have written a better one meanwhile.
                if self
                    .read()
                    .is_none_or(|now| now == *old && !self.ended(now.until_ms))
                {
                    self.write(&Record {
                        until_ms: Some(0),
                        session: old.session.clone(),
                    });
                }
                Err(failure)
            }
        }
    }

    fn grant(
        &self,
        old: &Record<L::Session>,
        refused: Option<&L::Session>,
    ) -> Result<Granted<L::Session>, Failure> {
        if let Some(session) = &old.session
            && Some(session) != refused
        {
            match self.login.renew(session) {
                Ok(Some(granted)) => return Ok(granted),
                Ok(None) | Err(Failure::Unauthorized(_) | Failure::Rejected(_)) => {}
                Err(failure) => return Err(failure),
            }
        }
        self.login.login()
    }

    /// Returns the session in a record, or the record where it has none that can be used.
    fn usable(
        &self,
        record: Record<L::Session>,
        refused: Option<&L::Session>,
    ) -> Result<L::Session, Record<L::Session>> {
        match record.session {
            Some(session) if !self.ended(record.until_ms) && Some(&session) != refused => Ok(session),
            session => Err(Record { session, ..record }),
        }
    }

    fn ended(&self, until_ms: Option<u64>) -> bool {
        until_ms.is_some_and(|until| until <= self.host.now_ms())
    }

    /// Returns the failure that another call has had a moment ago.
    fn recent_failure(&self) -> Option<Failure> {
        let Some(bytes) = self.get(FAILURE) else {
            // Gives back the claim on it at once: a call that holds two could wait for one that holds one.
            self.set(FAILURE, EMPTY);
            return None;
        };
        let failed: Failed = serde_json::from_slice(&bytes).ok()?;
        let now = self.host.now_ms();
        // A record from the future is one of a clock that went wrong.
        (now < failed.until_ms && failed.until_ms <= now.saturating_add(REFUSED_FOR))
            .then_some(failed.failure)
    }

    fn share(&self, failure: &Failure) {
        if let Some(lasts) = shared_for(failure)
            && let Ok(bytes) = serde_json::to_vec(&Failed {
                until_ms: self.host.now_ms().saturating_add(lasts),
                failure: failure.clone(),
            })
        {
            self.set(FAILURE, &bytes);
        }
    }

    fn read(&self) -> Option<Record<L::Session>> {
        let bytes = self.get(SESSION)?;
        Some(serde_json::from_slice(&bytes).unwrap_or_default())
    }

    fn write(&self, record: &Record<L::Session>) {
        if let Ok(bytes) = serde_json::to_vec(record) {
            self.set(SESSION, &bytes);
        }
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn get(&self, name: &str) -> Option<Vec<u8>> {
        self.host.store().get(&self.key(name))
    }

    fn set(&self, name: &str, record: &[u8]) {
        self.host.store().set(&self.key(name), record.to_vec());
    }
}

/// Returns for how long calls share a failure, in milliseconds. Wrong settings aren't shared: they may be set
/// right at any moment, and reach no vendor.
fn shared_for(failure: &Failure) -> Option<u64> {
    match failure {
        Failure::Rejected(_) | Failure::Unauthorized(_) => Some(REFUSED_FOR),
        Failure::Throttled { retry_after_ms, .. } => {
            Some(retry_after_ms.unwrap_or(BROKEN_FOR).min(REFUSED_FOR))
        }
        Failure::Unreachable(_) | Failure::Timeout(_) | Failure::MalformedResponse { .. } => Some(BROKEN_FOR),
        Failure::UnknownOperation(_)
        | Failure::InvalidInput(_)
        | Failure::InvalidSettings(_)
        | Failure::Denied(_) => None,
    }
}
