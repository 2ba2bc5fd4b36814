//! Keeps secrets out of the sandbox, and out of what leaves the host.
//!
//! A guest never holds a setting of kind `secret`: it has a placeholder in its stead. The host puts the real
//! value into requests that policy has let pass, and takes it out of what the vendor answers. A setting of kind
//! `key` reaches the guest, which computes with it. In output, errors, logs and traces the host replaces by
//! `***` what is found of either, of placeholders and of live tokens.
//!
//! What this can't see: what a vendor computes of a secret, or gives piece by piece. A connector chooses
//! what is sent to the origins that the operator grants, so a grant is a matter of trust in the vendor.

mod escapes;
mod finder;
mod forms;
mod fragments;
#[cfg(test)]
mod fuzz;
mod layers;
mod living;
mod placeholder;
mod replacing;
mod request;
mod response;
mod settings;
mod tokens;
mod xml;

pub use living::{scrub, scrub_of};
pub(crate) use settings::Secrets;
pub(crate) use tokens::StoredRecords;

/// What a secret is replaced by where it would leave the host.
const MASK: &str = "***";
/// Values of fewer bytes aren't looked for: they would be found everywhere, and protect nothing.
const SHORTEST: usize = 4;

#[cfg(test)]
thread_local!(static WORK: std::cell::Cell<usize> = const { std::cell::Cell::new(0) });

/// Counts the steps of a search, so that a test can bound them without a clock.
fn work(steps: usize) {
    #[cfg(test)]
    WORK.set(WORK.get() + steps);
    #[cfg(not(test))]
    let _ = steps;
}
