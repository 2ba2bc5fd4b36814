//! What is peculiar to JingKun's two: login, addresses of workflows, runs.

mod execution;
mod login;
mod rig;
mod runs;

/// Operations that send several requests.
pub(crate) const COMPOSED: &[&str] = &["workflow.run"];
