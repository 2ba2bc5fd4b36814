//! How the service is set up.

use std::sync::Arc;
use std::time::Duration;

use super::metrics::Metrics;
use super::reload::Reloader;
use super::tokens::Tokens;

/// How the service is set up.
#[derive(Debug, Clone)]
pub struct ServiceOptions {
    /// Bearer tokens of callers. Without any, only this machine may call.
    pub tokens: Tokens,
    /// What a client may use.
    pub limits: ServiceLimits,
    /// How long calls under way may take once the service stops.
    pub drain: Duration,
    /// What counts the host's calls: one of its observers.
    pub metrics: Metrics,
    /// What reads the configuration again. Without it, connections stay as they are.
    pub reloader: Option<Arc<dyn Reloader>>,
}

impl Default for ServiceOptions {
    fn default() -> Self {
        Self {
            tokens: Tokens::default(),
            limits: ServiceLimits::default(),
            drain: Duration::from_secs(30),
            metrics: Metrics::default(),
            reloader: None,
        }
    }
}

/// What a client may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceLimits {
    /// Body of one request, in bytes.
    pub body: usize,
    /// What the bodies of all requests and responses may take in memory together, in bytes: their text, and the
    /// values that a request's text is parsed to. A request that finds no room is refused with 503.
    pub bodies: usize,
    /// Head of one request, in bytes: its target, and the names and values of its header fields.
    pub headers: usize,
    /// How long a client may keep the service waiting: for the TLS handshake, for a request's head (and so
    /// on an idle connection), for its body, and until it takes more of a response. For the first byte on a new
    /// connection at most [`ServiceLimits::FIRST_BYTE`].
    pub request: Duration,
    /// Connections at the same time. On more, probes are answered, and other requests refused with 503.
    pub connections: usize,
    /// Connections at the same time from one address (IPv6: from one network of 64 bits). `None`: half of
    /// `connections`, and any number from this machine, which a proxy may be on.
    pub per_peer: Option<usize>,
}

impl ServiceLimits {
    /// The largest head of a request that can be allowed, in bytes.
    pub const MAX_HEADERS: usize = 1 << 20;
    /// The most connections that can be allowed.
    pub const MAX_CONNECTIONS: usize = 65_536;
    /// How long a client may take for the first byte on a new connection.
    pub const FIRST_BYTE: Duration = Duration::from_secs(2);
    /// The most that bodies can be allowed, in bytes.
    pub const MAX_BODIES: usize = 1 << 40;
    /// Requests at the same time on one connection of HTTP/2.
    pub(super) const STREAMS: u32 = 128;
}

impl Default for ServiceLimits {
    fn default() -> Self {
        Self {
            // A file of 8 MiB in Base64, which is what connectors take, and what is around it.
            body: 12 << 20,
            bodies: 256 << 20,
            headers: 32 << 10,
            request: Duration::from_secs(30),
            connections: 1024,
            per_peer: None,
        }
    }
}
