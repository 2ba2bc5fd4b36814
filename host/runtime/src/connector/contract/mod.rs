//! The contract, version by version. Nothing else in the host sees generated bindings.
//!
//! A version owns its bindings and the way from them to the host's own types, behind the traits of
//! [`contract`]. One that is added is a file here and a row in [`versions`].

#[expect(
    clippy::module_inception,
    reason = "the contract is what this module is about"
)]
mod contract;
mod v0_1;
#[cfg(test)]
mod v0_2_test;
mod versions;

pub(crate) use contract::{Contract, Exports, Prepared};
pub(crate) use versions::{CONTRACTS, compatible, split};
