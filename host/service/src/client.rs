//! One client's connection.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use super::activity::Activity;
use super::admission::{Admitted, Limit};
use super::options::ServiceLimits;

/// How long a connection that is being closed may take for it when nothing is under way on it.
const CLOSING: Duration = Duration::from_secs(5);
/// The smallest buffer for a head, in bytes, that hyper takes, with room for an answer of ours.
const LEAST_HEAD: usize = 16 << 10;

/// How long a connection beyond the limits may take in all.
const CROWDED: Duration = Duration::from_secs(5);

/// What every connection of a server is served with.
#[derive(Clone)]
pub(super) struct Connections {
    pub(super) router: Router,
    pub(super) crowd: Crowd,
    pub(super) limits: ServiceLimits,
    /// Whether a connection is kept for further requests.
    pub(super) kept: bool,
    pub(super) tls: Option<TlsAcceptor>,
    /// Becomes true when connections are to be closed after the responses under way.
    pub(super) closing: watch::Receiver<bool>,
}

/// The routes that connections beyond a limit have.
#[derive(Clone)]
pub(super) struct Crowd {
    pub(super) all: Router,
    pub(super) peer: Router,
}

impl Connections {
    /// Serves a connection until it is closed.
    pub(super) async fn serve(mut self, stream: TcpStream, peer: SocketAddr, admitted: Admitted) {
        match admitted {
            Admitted::Whole(_place) => self.begin(stream, peer).await,
            Admitted::Crowded(crowded) => {
                self.router = match crowded.limit {
                    Limit::All => self.crowd.all.clone(),
                    Limit::Peer => self.crowd.peer.clone(),
                };
                self.limits.request = self.limits.request.min(CROWDED);
                self.kept = false;
                let ended = tokio::time::timeout(CROWDED, self.begin(stream, peer));
                if crowded.evicted.run_until_cancelled(ended).await.is_none() {
                    tracing::debug!(%peer, "the connection makes room for another");
                }
            }
        }
    }

    async fn begin(mut self, stream: TcpStream, peer: SocketAddr) {
        let _ = stream.set_nodelay(true);
        if !self.comes(stream.peek(&mut [0]), peer).await {
            return;
        }
        let Some(tls) = self.tls.clone() else {
            return self.exchange(stream, peer).await;
        };
        let accepted = tokio::select! {
            accepted = tls.accept(stream) => accepted,
            () = tokio::time::sleep(self.limits.request) => {
                return tracing::debug!(%peer, "the TLS handshake took too long");
            }
            () = closed(&mut self.closing) => return,
        };
        match accepted {
            Ok(mut stream) => {
                let first = async { stream.fill_buf().await.map(<[u8]>::len) };
                if self.comes(first, peer).await {
                    self.exchange(stream, peer).await;
                }
            }
            Err(error) => tracing::debug!(%peer, "the TLS handshake failed: {error}"),
        }
    }

    /// Waits for the first byte from the client, which shouldn't take long. Returns whether it comes.
    async fn comes(&mut self, first: impl Future<Output = std::io::Result<usize>>, peer: SocketAddr) -> bool {
        tokio::select! {
            first = first => first.is_ok_and(|count| count > 0),
            () = tokio::time::sleep(self.limits.request.min(ServiceLimits::FIRST_BYTE)) => {
                tracing::debug!(%peer, "the client sends nothing, and is cut");
                false
            }
            () = closed(&mut self.closing) => false,
        }
    }

    async fn exchange(
        mut self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        peer: SocketAddr,
    ) {
        let time = self.limits.request;
        let activity = Activity::default();
        let service = service_fn(|request| {
            let exchange = activity.begin();
            let router = self.router.clone();
            async move {
                let Ok(response) = router.oneshot(request).await;
                Ok::<_, Infallible>(response.map(|body| exchange.respond(body)))
            }
        });
        let builder = builder(&self.limits, self.kept);
        let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
        let stopping = tokio::select! {
            ended = &mut connection => return report(peer, &ended),
            () = activity.waited(time) => {
                tracing::debug!(%peer, "the client keeps the service waiting, and is cut");
                false
            }
            () = closed(&mut self.closing) => true,
        };
        connection.as_mut().graceful_shutdown();
        let given_up = async {
            if stopping {
                tokio::select! {
                    () = activity.quiet(CLOSING) => {}
                    () = activity.waited(time) => {}
                }
            } else {
                tokio::time::sleep(time.min(CLOSING)).await;
            }
        };
        tokio::select! {
            ended = &mut connection => report(peer, &ended),
            () = given_up => tracing::debug!(%peer, "the connection is cut"),
        }
    }
}

/// Waits until connections are to be closed.
async fn closed(closing: &mut watch::Receiver<bool>) {
    // Without a sender the server is gone, which means the same.
    let _ = closing.wait_for(|closing| *closing).await;
}

fn report<E: std::fmt::Debug>(peer: SocketAddr, ended: &Result<(), E>) {
    if let Err(error) = ended {
        tracing::debug!(%peer, "the connection broke: {error:?}");
    }
}

fn builder(limits: &ServiceLimits, kept: bool) -> Builder<TokioExecutor> {
    // What is a little too large gets an answer of ours, from `guard`. What is more is refused by hyper.
    let head = limits.headers.saturating_mul(2).max(LEAST_HEAD);
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .keep_alive(kept)
        .timer(TokioTimer::new())
        .header_read_timeout(limits.request)
        .max_buf_size(head);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(head).unwrap_or(u32::MAX))
        .max_concurrent_streams(ServiceLimits::STREAMS)
        .keep_alive_interval(limits.request)
        .keep_alive_timeout(limits.request);
    builder
}
