//! How the service is set up.

use std::time::Duration;

use super::metrics::Metrics;
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
}

impl Default for ServiceOptions {
    fn default() -> Self {
        Self {
            tokens: Tokens::default(),
            limits: ServiceLimits::default(),
            drain: Duration::from_secs(30),
            metrics: Metrics::default(),
        }
    }
}

/// What a client may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceLimits {
    /// Body of one request, in bytes.
    pub body: usize,
    /// Head of one request, in bytes: its target, and the names and values of its header fields.
    pub headers: usize,
    /// How long a client may keep the service waiting: for the TLS handshake, for a request's head (and so
    /// on an idle connection), for its body, and until it takes more of a response.
    pub request: Duration,
    /// Connections at the same time. More wait to be accepted.
    pub connections: usize,
}

impl ServiceLimits {
    /// The largest head of a request that can be allowed, in bytes.
    pub const MAX_HEADERS: usize = 1 << 20;
    /// The most connections that can be allowed.
    pub const MAX_CONNECTIONS: usize = 65_536;
    /// Requests at the same time on one connection of HTTP/2.
    pub(super) const STREAMS: u32 = 128;
}

impl Default for ServiceLimits {
    fn default() -> Self {
        Self {
            body: 32 << 20,
            headers: 32 << 10,
            request: Duration::from_secs(30),
            connections: 1024,
        }
    }
}
