//! Sessions: what a login gave, kept where later calls and other instances find it.
//!
//! Records live in `wasi:keyvalue` under `<connector>/<digest of base_url and account>/<name>`, each with
//! its own expiry, because no key-value store expires entries for us.
//!
//! One login serves everybody. A caller that finds no usable record *claims* the session: it deletes
//! the record it has seen and reads once more. A host that makes such a read wait while another call
//! has the claim gives the waiting caller the other's new session; on a host that doesn't, the caller
//! logs in itself. A login that failed is recorded too, for a moment, so that callers who waited for it
//! share its failure.

use std::fmt::Write as _;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::failure::{Failure, Refusal};
use crate::host::Host;

/// How long callers share the failure of a login that the vendor refused, in milliseconds.
const REFUSED_FOR: u64 = 5_000;
/// How long callers share the failure of a login that didn't come to an end, in milliseconds.
const BROKEN_FOR: u64 = 1_000;

/// Where records are kept.
pub trait Store {
    /// The record under `key`.
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
    fn login(&self) -> Result<Granted<Self::Session>, Failure>;

    /// Renews a session that has come to its end. By default that is a login.
    fn renew(&self, _: &Self::Session) -> Result<Granted<Self::Session>, Failure> {
        self.login()
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

/// Exactly one of `session` and `failed` is there.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
struct Record<S> {
    /// Milliseconds since 1970; absent: until refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    until_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<S>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<StoredFailure>,
}

/// The failures that a login can share.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
struct StoredFailure {
    kind: String,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
    request_sent: bool,
}

/// The sessions of one account.
pub struct Sessions<'a, L> {
    host: &'a Host,
    login: &'a L,
    key: String,
}

impl<'a, L: Login> Sessions<'a, L> {
    /// The sessions of `account` at `base_url`. `connector` is the connector's id.
    pub fn new(host: &'a Host, login: &'a L, connector: &str, base_url: &str, account: &str) -> Self {
        let digest = Sha256::new()
            .chain_update(base_url)
            .chain_update(b"\n")
            .chain_update(account)
            .finalize();
        let mut key = format!("{connector}/");
        for byte in digest {
            // Writing to a string can't fail.
            let _ = write!(key, "{byte:02x}");
        }
        key.push_str("/session");
        Self { host, login, key }
    }

    /// Makes a call with a session. Where the vendor refuses it, logs in afresh, once, and makes the
    /// call once more; a second refusal is [`Failure::Unauthorized`].
    pub fn call<T>(&self, mut call: impl FnMut(&L::Session) -> Result<T, CallError>) -> Result<T, Failure> {
        let session = self.current()?;
        match call(&session) {
            Ok(value) => return Ok(value),
            Err(CallError::Failed(failure)) => return Err(failure),
            Err(CallError::Refused(_)) => {}
        }
        let session = self.replace(&session)?;
        match call(&session) {
            Ok(value) => Ok(value),
            Err(CallError::Failed(failure)) => Err(failure),
            Err(CallError::Refused(refusal)) => Err(Failure::Unauthorized(refusal)),
        }
    }

    /// A session that should hold: the stored one, or a renewed or a new one.
    fn current(&self) -> Result<L::Session, Failure> {
        let Some(record) = self.read() else {
            // Who reads that there is none has the claim already.
            return self.write(self.login.login());
        };
        if let Some(usable) = self.usable(Some(&record), None) {
            return usable;
        }
        match record.session {
            Some(session) => self.claim(Some(&session), |login| login.renew(&session)),
            None => self.claim(None, Login::login),
        }
    }

    /// A session other than `refused`.
    fn replace(&self, refused: &L::Session) -> Result<L::Session, Failure> {
        self.claim(Some(refused), Login::login)
    }

    /// Takes over from the record that has been seen, unless another call has done so by now.
    fn claim(
        &self,
        seen: Option<&L::Session>,
        grant: impl FnOnce(&L) -> Result<Granted<L::Session>, Failure>,
    ) -> Result<L::Session, Failure> {
        // Another call may have renewed it since: its record must not be deleted.
        let before = self.read();
        if let Some(usable) = self.usable(before.as_ref(), seen) {
            return usable;
        }
        if before.is_some() {
            self.host.store().delete(&self.key);
            let after = self.read();
            if let Some(usable) = self.usable(after.as_ref(), seen) {
                return usable;
            }
        }
        self.write(grant(self.login))
    }

    /// What a record is worth to a caller who can't use `seen`.
    fn usable(
        &self,
        record: Option<&Record<L::Session>>,
        seen: Option<&L::Session>,
    ) -> Option<Result<L::Session, Failure>> {
        let record = record.filter(|record| !self.ended(record.until_ms))?;
        match (&record.session, &record.failed) {
            (Some(session), _) if Some(session) != seen => Some(Ok(session.clone())),
            (None, Some(failure)) => Some(Err(failure.clone().into())),
            _ => None,
        }
    }

    fn ended(&self, until_ms: Option<u64>) -> bool {
        until_ms.is_some_and(|until| until <= self.host.now_ms())
    }

    /// A record that can't be read counts as none: another version may have written it.
    fn read(&self) -> Option<Record<L::Session>> {
        let store = self.host.store();
        let bytes = store.get(&self.key)?;
        serde_json::from_slice(&bytes).ok().or_else(|| {
            store.delete(&self.key);
            // Only a read gives the claim, or what another call has written instead.
            serde_json::from_slice(&store.get(&self.key)?).ok()
        })
    }

    fn write(&self, granted: Result<Granted<L::Session>, Failure>) -> Result<L::Session, Failure> {
        let record = match &granted {
            Ok(granted) => Record {
                until_ms: granted.until_ms,
                session: Some(granted.session.clone()),
                failed: None,
            },
            Err(failure) => {
                let Some((failure, lasts)) = StoredFailure::of(failure) else {
                    return granted.map(|granted| granted.session);
                };
                Record {
                    until_ms: Some(self.host.now_ms() + lasts),
                    session: None,
                    failed: Some(failure),
                }
            }
        };
        if let Ok(bytes) = serde_json::to_vec(&record) {
            self.host.store().set(&self.key, bytes);
        }
        granted.map(|granted| granted.session)
    }
}

impl StoredFailure {
    /// The failure as it is stored, and for how long. Wrong settings aren't: they may be set right at
    /// any moment, and reach no vendor.
    fn of(failure: &Failure) -> Option<(Self, u64)> {
        let stored = |kind: &str, refusal: &Refusal| Self {
            kind: kind.to_owned(),
            message: refusal.message.clone(),
            code: refusal.code.clone(),
            http_status: refusal.http_status,
            retry_after_ms: None,
            request_sent: true,
        };
        let broken = |kind: &str, message: &str, request_sent: bool| Self {
            kind: kind.to_owned(),
            message: message.to_owned(),
            code: None,
            http_status: None,
            retry_after_ms: None,
            request_sent,
        };
        match failure {
            Failure::Rejected(refusal) => Some((stored("rejected", refusal), REFUSED_FOR)),
            Failure::Unauthorized(refusal) => Some((stored("unauthorized", refusal), REFUSED_FOR)),
            Failure::Throttled {
                refusal,
                retry_after_ms,
            } => {
                let stored = Self {
                    retry_after_ms: *retry_after_ms,
                    ..stored("throttled", refusal)
                };
                Some((stored, retry_after_ms.unwrap_or(BROKEN_FOR).min(REFUSED_FOR)))
            }
            Failure::Unreachable {
                message,
                request_sent,
            } => Some((broken("unreachable", message, *request_sent), BROKEN_FOR)),
            Failure::Timeout {
                message,
                request_sent,
            } => Some((broken("timeout", message, *request_sent), BROKEN_FOR)),
            Failure::MalformedResponse { message, http_status } => {
                let stored = Self {
                    http_status: *http_status,
                    ..broken("malformed-response", message, true)
                };
                Some((stored, BROKEN_FOR))
            }
            Failure::UnknownOperation(_)
            | Failure::InvalidInput(_)
            | Failure::InvalidSettings(_)
            | Failure::Denied(_) => None,
        }
    }
}

impl From<StoredFailure> for Failure {
    fn from(stored: StoredFailure) -> Self {
        let StoredFailure {
            kind,
            message,
            code,
            http_status,
            retry_after_ms,
            request_sent,
        } = stored;
        let refusal = Refusal {
            code,
            message: message.clone(),
            http_status,
        };
        match kind.as_str() {
            "rejected" => Self::Rejected(refusal),
            "unauthorized" => Self::Unauthorized(refusal),
            "throttled" => Self::Throttled {
                refusal,
                retry_after_ms,
            },
            "timeout" => Self::Timeout {
                message,
                request_sent,
            },
            "malformed-response" => Self::MalformedResponse { message, http_status },
            _ => Self::Unreachable {
                message,
                request_sent,
            },
        }
    }
}
