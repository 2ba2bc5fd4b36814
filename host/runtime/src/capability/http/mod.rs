//! Requests that leave the host: one keep-alive client for all instances, behind each connection's policy.
//!
//! Bodies are read to their end on both ways before anything goes on. Connectors do the same, and so a
//! response that breaks off or is too large fails as one exchange, with a code that says what happened,
//! instead of a stream that stops.

mod address;
mod body;
mod client;
mod egress;
mod exchange;
mod held;
#[expect(
    clippy::module_inception,
    reason = "the capability is what this module is about"
)]
mod http;
mod outgoing;
mod policy;

pub use client::HttpClient;
pub(crate) use http::Http;
pub use policy::{InvalidOrigin, Origin, Policy};
