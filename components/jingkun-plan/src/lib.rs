//! JingKun (鲸鲲) DPA: the platform's API of plans (预案).
//!
//! Settings and the table of operations are in [`client`], the operations in [`endpoints`], and what the
//! platform calls back about in [`callback`]. Login and envelope are in `jingkun-oauth`.

pub mod callback;
pub mod client;
pub mod endpoints;

pub use client::JingkunPlan;

patchbay_sdk::export!(JingkunPlan, callbacks);

#[cfg(test)]
mod tests;
