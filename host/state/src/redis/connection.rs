//! The connection to a Redis server, which may fail and come back at any time.
//!
//! `redis::aio::ConnectionManager` isn't used: it keeps a connection whose answers time out, and it keeps the
//! failure of a handshake for ever where that wasn't one of input or output, such as a password that the
//! server learns later or data that it still loads.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use patchbay::Error;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, RedisError, TlsCertificates};
use tokio::time::Instant;

use super::address::RedisAddress;

/// How long connecting may take, and how long an answer. Calls wait for it, so it is short.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long nothing is tried after a failure. Calls go on without Redis meanwhile.
const PAUSE: Duration = Duration::from_secs(2);

/// Redis can't be used; the reason was logged.
#[derive(Debug)]
pub(super) struct Unavailable;

/// One connection for all calls, made when it is needed.
pub(super) struct RedisConnection {
    address: RedisAddress,
    client: Client,
    current: tokio::sync::Mutex<Option<Established>>,
    /// Since a failure: when it may be tried again.
    paused: Mutex<Option<Instant>>,
}

#[derive(Clone)]
struct Established {
    connection: MultiplexedConnection,
    at: Instant,
}

impl std::fmt::Debug for RedisConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisConnection")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl RedisConnection {
    /// Doesn't connect yet.
    pub(super) fn new(address: &RedisAddress, roots: &[Vec<u8>]) -> Result<Self, Error> {
        let url = address.secret_url().as_str();
        let client = if roots.is_empty() || !url.starts_with("rediss:") {
            Client::open(url)
        } else {
            let tls = TlsCertificates {
                client_tls: None,
                root_cert: Some(certificates(roots).into_bytes()),
            };
            Client::build_with_tls(url, tls)
        };
        Ok(Self {
            client: client.map_err(|error| unusable(address, &error))?,
            address: address.clone(),
            current: tokio::sync::Mutex::default(),
            paused: Mutex::default(),
        })
    }

    /// Runs a command.
    pub(super) async fn check(&self, command: &Cmd) -> Result<(), Error> {
        let checked: Result<redis::Value, RedisError> = self.attempt(command).await;
        checked.map(drop).map_err(|error| unusable(&self.address, &error))
    }

    /// Runs a command that may be run twice. After a failure, commands fail at once for a while.
    pub(super) async fn run<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Unavailable> {
        if self.is_paused() {
            return Err(Unavailable);
        }
        match self.attempt(command).await {
            Ok(value) => {
                if self.paused.lock().take().is_some() {
                    tracing::info!(address = %self.address, "sessions are shared through redis again");
                }
                Ok(value)
            }
            Err(error) => {
                self.pause(&error);
                Err(Unavailable)
            }
        }
    }

    fn is_paused(&self) -> bool {
        self.paused.lock().is_some_and(|until| Instant::now() < until)
    }

    /// Logs the first failure until a command succeeds.
    fn pause(&self, error: &RedisError) {
        let before = self.paused.lock().replace(Instant::now() + PAUSE);
        if before.is_none() {
            tracing::warn!(
                address = %self.address,
                "redis can't be used: {}; until it can, this host keeps its sessions to itself",
                self.address.scrub(&error.to_string())
            );
        }
    }

    async fn attempt<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, RedisError> {
        match self.send(command).await {
            // The connection may have ended long ago. Where a new one failed, the pause has begun.
            Err(error) if error.is_unrecoverable_error() && !self.is_paused() => self.send(command).await,
            answer => answer,
        }
    }

    async fn send<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, RedisError> {
        let Established { mut connection, at } = self.established().await?;
        let answer = command.query_async(&mut connection).await;
        if let Err(error) = &answer
            && (error.is_timeout() || error.is_unrecoverable_error())
        {
            // Unless another call has replaced it already.
            let mut current = self.current.lock().await;
            current.take_if(|current| current.at == at);
        }
        answer
    }

    /// The connection, made where there is none. While one call makes it, others wait.
    async fn established(&self) -> Result<Established, RedisError> {
        let mut current = self.current.lock().await;
        if let Some(established) = &*current {
            return Ok(established.clone());
        }
        if self.is_paused() {
            return Err(RedisError::from((
                ErrorKind::Io,
                "another call has failed to connect",
            )));
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let connecting = self.client.get_multiplexed_async_connection_with_config(&config);
        // Calls that wait for it must not try it one after the other.
        let connection = connecting.await.inspect_err(|error| self.pause(error))?;
        let at = Instant::now();
        Ok(current.insert(Established { connection, at }).clone())
    }
}

fn unusable(address: &RedisAddress, error: &RedisError) -> Error {
    let refused = matches!(error.kind(), ErrorKind::AuthenticationFailed)
        || matches!(error.code(), Some("NOAUTH" | "WRONGPASS" | "NOPERM"));
    let advice = if refused {
        "give a user and password that may use it in serve.state, redis://user:password@host"
    } else {
        "start redis there, or correct serve.state"
    };
    let reason = address.scrub(&error.to_string());
    Error::usage(format!(
        "the state at {address} can't be used: {reason}; {advice}"
    ))
}

/// The platform's certificates and `roots` as PEM: the client takes either the platform's or those given.
fn certificates(roots: &[Vec<u8>]) -> String {
    let platform = rustls_native_certs::load_native_certs().certs;
    let platform = platform.iter().map(AsRef::as_ref);
    let mut pem = String::new();
    for der in platform.chain(roots.iter().map(Vec::as_slice)) {
        pem.push_str("-----BEGIN CERTIFICATE-----\n");
        pem.push_str(&STANDARD.encode(der));
        pem.push_str("\n-----END CERTIFICATE-----\n");
    }
    pem
}
