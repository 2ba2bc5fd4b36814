//! Sessions: what a login gave, kept where later calls and other instances find it.
//!
//! Two records in `wasi:keyvalue`, under `<connector>/<digest of base_url and account>/<name>`: the session,
//! and the outcome of the last login or renewal. They carry their own expiry, because no key-value store
//! expires records for a connector.
//!
//! Concurrent calls make one login. On Patchbay's host, a call that reads a missing record has the *claim* on
//! it: other calls that read it wait until the record is written or the call ends. So the first call that
//! finds no session logs in, and the others find what it has written. A session that has ended, or that the
//! vendor has refused, stays where it is until there is another one, because its refresh token may be good
//! for one use only; the claim is then that on the outcome, which is deleted before a renewal and written
//! after it. On a host that doesn't know claims, each call renews the session itself, and nothing else
//! changes.
//!
//! A failure is shared for a moment: the calls that have waited would run into the same one. It says how long
//! that moment still lasts, so that a host repeats the call when a login is tried again, and not before.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::encode::hex;
use crate::failure::{Failure, Refusal};
use crate::host::Host;
use crate::operations::StoredRecord;
use record::{Failed, Outcome, Record};

mod record;

/// How long calls share the failure of a login that the vendor refused, in milliseconds.
const REFUSED_FOR: u64 = 5_000;
/// How long calls share the failure of a login that didn't come to an end, in milliseconds.
const BROKEN_FOR: u64 = 1_000;
/// How often a call waits for another call's renewal before it renews the session itself.
const WAITS: u32 = 10;

const SESSION: &str = "session";
const OUTCOME: &str = "login";

/// What [`Sessions`] stores: [`Connector::STORED_RECORDS`](crate::Connector::STORED_RECORDS) of a connector
/// that uses it.
pub const RECORDS: &[StoredRecord] = &[
    StoredRecord {
        name: SESSION,
        secret: true,
    },
    StoredRecord {
        name: OUTCOME,
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

/// An account at a vendor: whose sessions they are. A connector makes it once, when it is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// What comes before the names of its records.
    prefix: String,
}

impl Account {
    /// Returns the account of this name at `base_url`. `connector` is the connector's id.
    #[must_use]
    pub fn new(connector: &str, base_url: &str, name: &str) -> Self {
        let digest = Sha256::new()
            .chain_update(base_url)
            .chain_update(b"\n")
            .chain_update(name)
            .finalize();
        let prefix = format!("{connector}/{}/", hex(&digest));
        Self { prefix }
    }
}

/// The sessions of one account.
pub struct Sessions<'a, L> {
    host: &'a Host,
    login: &'a L,
    account: &'a Account,
}

impl<'a, L: Login> Sessions<'a, L> {
    /// Returns the sessions of `account`, which `login` gives.
    pub fn new(host: &'a Host, login: &'a L, account: &'a Account) -> Self {
        Self { host, login, account }
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
            None => self.first(),
            Some(record) => match self.usable(&record, refused) {
                Some(session) => Ok(session),
                None => self.renew(refused),
            },
        }
    }

    /// Logs in where there is no session. The read that has found none has taken the claim on it.
    fn first(&self) -> Result<L::Session, Failure> {
        match self.login.login() {
            Ok(granted) => {
                let record = Record::new(&granted);
                // First, because a session that the outcome doesn't name counts as replaced.
                self.conclude(&record.id, None);
                self.write(&record);
                Ok(granted.session)
            }
            Err(failure) => Err(self.fail(&Record::default(), failure)),
        }
    }

    /// Replaces a session that can't be used, unless another call does.
    fn renew(&self, refused: Option<&L::Session>) -> Result<L::Session, Failure> {
        let store = self.host.store();
        let mut record = Record::default();
        for _ in 0..WAITS {
            // Waits for the call that has the claim on the outcome; where there is none, takes the claim.
            let outcome = store.get(&self.key(OUTCOME));
            let Some(now) = self.read() else {
                return self.first();
            };
            record = now;
            if let Some(session) = self.usable(&record, refused) {
                if outcome.is_none() {
                    self.conclude(&record.id, None);
                }
                return Ok(session);
            }
            let Some(outcome) = outcome else {
                break;
            };
            let outcome = Outcome::from_bytes(&outcome);
            let replaced = outcome
                .as_ref()
                .is_some_and(|outcome| outcome.current != record.id);
            if let Some(failure) = outcome.and_then(|outcome| self.recent(outcome)) {
                return Err(failure);
            }
            if replaced {
                // A host that shares sessions with others may have kept a record that another host has
                // replaced. Without its own copy it finds the newer one.
                store.delete(&self.key(SESSION));
                if self.read().is_some() {
                    continue;
                }
                self.write(&record);
            }
            // The outcome of an earlier renewal. A host that knows claims deletes no newer one.
            store.delete(&self.key(OUTCOME));
        }
        match self.grant(&record, refused) {
            Ok(granted) => {
                let record = Record::new(&granted);
                self.write(&record);
                self.conclude(&record.id, None);
                Ok(granted.session)
            }
            Err(failure) => Err(self.fail(&record, failure)),
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

    /// Writes that `old` couldn't be replaced. Returns the failure with how long it is shared.
    fn fail(&self, old: &Record<L::Session>, failure: Failure) -> Failure {
        // Where there are no claims, another call may have replaced it meanwhile.
        let now = self.read();
        let current = match &now {
            Some(now) => now.id.clone(),
            None => random_id(),
        };
        self.conclude(&current, Some(&failure));
        // Calls that wait for a session see that there is none, and later calls don't try one that the
        // vendor has refused. Its refresh token may still be good.
        if now.is_none_or(|now| now == *old && !self.ended(now.until_ms)) {
            self.write(&Record {
                id: current,
                until_ms: Some(0),
                session: old.session.clone(),
            });
        }
        match shared_for(&failure) {
            Some(time) => failure.lasting(time),
            None => failure,
        }
    }

    /// Returns the session in a record, where it can be used.
    fn usable(&self, record: &Record<L::Session>, refused: Option<&L::Session>) -> Option<L::Session> {
        let session = record.session.as_ref()?;
        (!self.ended(record.until_ms) && Some(session) != refused).then(|| session.clone())
    }

    fn ended(&self, until_ms: Option<u64>) -> bool {
        until_ms.is_some_and(|until| until <= self.host.now_ms())
    }

    /// Returns the failure that another call has had a moment ago, with how long it is still shared.
    fn recent(&self, outcome: Outcome) -> Option<Failure> {
        let failed = outcome.failed?;
        let now = self.host.now_ms();
        // A record from the future is one of a clock that went wrong.
        (now < failed.until_ms && failed.until_ms <= now.saturating_add(REFUSED_FOR))
            .then(|| failed.failure.lasting(failed.until_ms - now))
    }

    /// Writes what a login or a renewal came to, which ends the claim on the outcome.
    fn conclude(&self, current: &str, failure: Option<&Failure>) {
        let failed = failure.and_then(|failure| {
            Some(Failed {
                until_ms: self.host.now_ms().saturating_add(shared_for(failure)?),
                failure: failure.clone(),
            })
        });
        let outcome = Outcome {
            current: current.to_owned(),
            failed,
        };
        self.host.store().set(&self.key(OUTCOME), outcome.into_bytes());
    }

    fn read(&self) -> Option<Record<L::Session>> {
        let bytes = self.host.store().get(&self.key(SESSION))?;
        Some(Record::from_bytes(&bytes))
    }

    fn write(&self, record: &Record<L::Session>) {
        if let Some(bytes) = record.to_bytes() {
            self.host.store().set(&self.key(SESSION), bytes);
        }
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.account.prefix)
    }
}

impl<S: Clone> Record<S> {
    fn new(granted: &Granted<S>) -> Self {
        Self {
            id: random_id(),
            until_ms: granted.until_ms,
            session: Some(granted.session.clone()),
        }
    }
}

fn random_id() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
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
