//! What the two connectors of JingKun (鲸鲲) share, because their documents say it in the same words: the
//! settings, the OAuth flow (sections 1.1 and 1.2), the envelope and its codes, and the shape of callbacks.

pub mod callback;
pub mod client;
pub mod codes;
mod envelope;
pub mod settings;
mod stringify;
mod token;
mod unspecified;

pub use client::Client;
pub use unspecified::Unspecified;

#[cfg(test)]
mod tests;
