//! JingKun (鲸鲲) DPA: the platform's API of workflows.
//!
//! Settings and the table of operations are in [`client`], the operations in [`endpoints`], where a workflow
//! is executed in [`target`], and what the platform calls back about in [`callback`]. Login and envelope are
//! in `jingkun-oauth`.

pub mod callback;
pub mod client;
pub mod endpoints;
pub mod target;

pub use client::JingkunWorkflow;

patchbay_sdk::export!(JingkunWorkflow, callbacks);

#[cfg(test)]
mod tests;
