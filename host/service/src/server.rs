//! Listening, accepting, shutting down.

use std::net::SocketAddr;
use std::time::Duration;

use patchbay::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::admission::{Admission, Limit};
use super::app::Service;
use super::client::{Connections, Crowd};
use super::tls::{self, TlsFiles};

/// After accepting has failed, as it does where there are too many open files.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);
/// How long responses may take after a second signal.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// How long responses may take that are on their way when the last call has ended.
const LEAST_CLOSING: Duration = Duration::from_secs(1);

/// A service that listens.
pub struct Server {
    service: Service,
    listener: TcpListener,
    tls: Option<tokio_rustls::TlsAcceptor>,
    address: SocketAddr,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("service", &self.service)
            .field("url", &self.url())
            .finish_non_exhaustive()
    }
}

/// How draining ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Drained {
    /// Every call ended.
    Done,
    /// The time for it was over.
    Late,
    /// A second signal ended the wait.
    Cut,
}

impl Server {
    /// Listens. Port 0 gives a free one. An address that others can reach needs tokens.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`](patchbay::Kind::Usage) where the address or the certificate can't be used, or tokens are
    /// missing.
    pub async fn bind(service: Service, listen: SocketAddr, tls: Option<&TlsFiles>) -> Result<Self, Error> {
        Self::check_access(listen, service.tokens().is_empty())?;
        if !listen.ip().is_loopback() && tls.is_none() {
            tracing::warn!(
                "others can read what is sent to {listen}, tokens included; put tls = {{ certificate = \"cert.pem\", key = \"key.pem\" }} under [serve], or a proxy with TLS before it"
            );
        }
        let tls = tls.map(tls::acceptor).transpose()?;
        let unusable = |error: std::io::Error| {
            Error::usage(format!(
                "serve.listen: {listen} can't be listened on: {error}; give another address, or end what uses it"
            ))
        };
        let listener = TcpListener::bind(listen).await.map_err(unusable)?;
        let address = listener.local_addr().map_err(unusable)?;
        Ok(Self {
            service,
            listener,
            tls,
            address,
        })
    }

    /// Whether a service may listen at an address, without tokens where `open`.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`](patchbay::Kind::Usage) where others could call without a token.
    pub fn check_access(listen: SocketAddr, open: bool) -> Result<(), Error> {
        if !open || listen.ip().is_loopback() {
            return Ok(());
        }
        Err(Error::usage(format!(
            "serve.listen: others can reach {listen}, and there are no tokens; put under [serve] in the configuration either tokens = [\"${{env:PATCHBAY_TOKEN}}\"], or listen = \"127.0.0.1:{}\"",
            listen.port()
        )))
    }

    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Scheme, address and port.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Serves until `stop`, then drains: no new calls, while those under way have
    /// [`super::ServiceOptions::drain`] to end. Whatever is left after it, or at `cut`, is cut.
    pub async fn run(self, stop: impl Future<Output = ()>, cut: impl Future<Output = ()>) {
        let Self {
            service,
            listener,
            tls,
            ..
        } = self;
        let (closing, closed) = watch::channel(false);
        let limits = *service.limits();
        let crowded = |limit: Limit| service.crowded_router(limit.words(&limits));
        let serving = Connections {
            router: service.router(),
            crowd: Crowd {
                all: crowded(Limit::All),
                peer: crowded(Limit::Peer),
            },
            limits,
            kept: true,
            tls,
            closing: closed,
        };
        let mut admission = Admission::new(limits);
        let mut connections = JoinSet::new();
        let drain = service.options().drain;
        let mut cut = std::pin::pin!(cut);
        let mut until = Instant::now();
        let drained = {
            let mut draining = std::pin::pin!(async {
                stop.await;
                until = Instant::now() + drain;
                let draining = service.draining();
                draining.start(drain);
                tracing::info!(
                    calls = draining.under_way(),
                    "shutting down when the calls under way have ended"
                );
                tokio::select! {
                    () = draining.ended() => Drained::Done,
                    () = tokio::time::sleep_until(until) => Drained::Late,
                    () = &mut cut => Drained::Cut,
                }
            });
            loop {
                tokio::select! {
                    drained = &mut draining => break drained,
                    (stream, peer) = accept(&listener) => {
                        let admitted = admission.admit(peer.ip());
                        connections.spawn(serving.clone().serve(stream, peer, admitted));
                    }
                    Some(_) = connections.join_next() => {}
                }
            }
        };
        drop(listener);
        let draining = service.draining();
        if drained != Drained::Done {
            tracing::warn!(calls = draining.under_way(), "calls that haven't ended are cut");
            draining.cut();
        }
        let _ = closing.send(true);
        if drained == Drained::Cut {
            // Callers get their answer, if that takes no time.
            let answered = async { while connections.join_next().await.is_some() {} };
            let _ = tokio::time::timeout(LAST_WORDS, answered).await;
            return;
        }
        let until = until.max(Instant::now() + LEAST_CLOSING);
        tokio::select! {
            () = async { while connections.join_next().await.is_some() {} } => {}
            () = tokio::time::sleep_until(until) => {
                tracing::warn!(connections = connections.len(), "connections that haven't ended are cut");
            }
            () = cut => tracing::warn!("connections that haven't ended are cut"),
        }
        tracing::info!("shut down");
    }
}

/// The next connection.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                tracing::warn!("a connection can't be accepted: {error}");
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}
