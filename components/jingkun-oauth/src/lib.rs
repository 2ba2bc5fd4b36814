//! What the two connectors of JingKun (鲸鲲) share, because their documents say it in the same words: the
//! settings, the OAuth flow (sections 1.1 and 1.2), the envelope and its codes, the shape of callbacks, and what
//! answers are made of.

mod answers;
pub mod callback;
pub mod client;
pub mod codes;
mod envelope;
pub mod settings;
mod stringify;
mod token;

pub use answers::{Output, Unspecified, Variable};
pub use client::Client;

/// How many seconds `workflow.run` and `plan.run` wait where `timeoutSeconds` doesn't say.
pub const TIMEOUT_SECONDS: u64 = 300;

#[cfg(test)]
mod tests;
