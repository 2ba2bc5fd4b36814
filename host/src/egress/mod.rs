//! Requests that leave the host: one keep-alive client for all instances, behind each connection's policy.
//!
//! Bodies are read to their end on both ways before anything goes on. Connectors do the same, and so a
//! response that breaks off or is too large fails as one exchange, with a code that tells what happened,
//! instead of a stream that stops.

mod client;
mod outgoing;
mod wire;

pub(crate) use client::HttpClient;
pub(crate) use outgoing::Egress;
pub(crate) use wire::Wire;
