//! Dabei (搭贝): the open API of the low-code platform: applications, forms, records, approvals,
//! organisations and users, and single sign-on.
//!
//! Authentication and envelope are in [`client`], the operations in [`endpoints`].

pub mod client;
pub mod endpoints;

#[cfg(test)]
mod tests;

pub use client::Dabei;

patchbay_sdk::export!(Dabei);
