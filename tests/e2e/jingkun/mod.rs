//! JingKun's two documents: login, addresses of workflows, runs.

mod execution;
mod login;
mod plan_operations;
mod plan_runs;
mod rig;
mod runs;
mod workflow_operations;

pub(crate) use plan_operations::SUITE as PLANS;
pub(crate) use rig::Document;
pub(crate) use workflow_operations::SUITE as WORKFLOWS;
