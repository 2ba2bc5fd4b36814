//! The way to a Redis server, which may be gone and come back at any time.

use std::sync::Mutex;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, RedisError, TlsCertificates};
use tokio::time::Instant;

use super::location::RedisAddress;
use super::store::lock;
use crate::error::Error;

/// How long a connection may take to be made, and an answer to come. Calls wait for it, so it is short.
const PATIENCE: Duration = Duration::from_secs(1);
/// After a failure, how long nothing is tried: calls go on without Redis meanwhile.
const PAUSE: Duration = Duration::from_secs(2);

/// Redis can't be used. Why was logged.
#[derive(Debug)]
pub(super) struct Down;

/// One connection for all calls, made when it is needed.
pub(super) struct Link {
    address: RedisAddress,
    client: Client,
    connection: tokio::sync::Mutex<Option<Kept>>,
    /// Since a failure: until when nothing is tried.
    down: Mutex<Option<Instant>>,
}

#[derive(Clone)]
struct Kept {
    connection: MultiplexedConnection,
    made: Instant,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Link {
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
            connection: tokio::sync::Mutex::default(),
            down: Mutex::default(),
        })
    }

    /// Carries out a command whatever happened before.
    pub(super) async fn check(&self, command: &Cmd) -> Result<(), Error> {
        let tried: Result<redis::Value, RedisError> = self.attempt(command).await;
        tried.map(drop).map_err(|error| unusable(&self.address, &error))
    }

    /// Carries out a command that may be carried out twice.
    pub(super) async fn run<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Down> {
        if self.is_paused() {
            return Err(Down);
        }
        match self.attempt(command).await {
            Ok(value) => {
                if lock(&self.down).take().is_some() {
                    tracing::info!(address = %self.address, "sessions are shared through redis again");
                }
                Ok(value)
            }
            Err(error) => {
                self.pause(&error);
                Err(Down)
            }
        }
    }

    fn is_paused(&self) -> bool {
        lock(&self.down).is_some_and(|until| Instant::now() < until)
    }

    /// Told once, until it works again.
    fn pause(&self, error: &RedisError) {
        let before = lock(&self.down).replace(Instant::now() + PAUSE);
        if before.is_none() {
            tracing::warn!(
                address = %self.address,
                "redis can't be used: {}; until it can, this host keeps its sessions to itself",
                self.address.scrub(&error.to_string())
            );
        }
    }

    async fn attempt<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, RedisError> {
        let kept = self.kept().await?;
        let mut connection = kept.connection.clone();
        let error = match command.query_async(&mut connection).await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        if error.is_timeout() {
            self.forget(&kept).await;
        }
        if !error.is_unrecoverable_error() || error.is_timeout() {
            return Err(error);
        }
        // A kept connection may have ended long ago.
        self.forget(&kept).await;
        let fresh = self.kept().await?;
        let mut connection = fresh.connection.clone();
        let again = command.query_async(&mut connection).await;
        if again.is_err() {
            self.forget(&fresh).await;
        }
        again
    }

    /// The connection, made anew where there is none. While one call makes it, others wait.
    async fn kept(&self) -> Result<Kept, RedisError> {
        let mut slot = self.connection.lock().await;
        if let Some(kept) = &*slot {
            return Ok(kept.clone());
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
        let connected = tokio::time::timeout(PATIENCE, connecting).await;
        let connected = connected.unwrap_or_else(|_| {
            let message = "no connection within a second";
            Err(RedisError::from((ErrorKind::Io, message)))
        });
        match connected {
            Ok(connection) => {
                let made = Instant::now();
                Ok(slot.insert(Kept { connection, made }).clone())
            }
            Err(error) => {
                // Those who wait must not try it one after the other.
                self.pause(&error);
                Err(error)
            }
        }
    }

    async fn forget(&self, failed: &Kept) {
        let mut slot = self.connection.lock().await;
        if slot.as_ref().is_some_and(|kept| kept.made == failed.made) {
            *slot = None;
        }
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
    let why = address.scrub(&error.to_string());
    Error::usage(format!("the state at {address} can't be used: {why}; {advice}"))
}

/// The platform's certificates and `roots`, as PEM: the client takes all or none from the platform.
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
