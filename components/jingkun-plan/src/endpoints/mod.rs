//! The documented operations, one file per group.

pub mod plan;
pub mod run;
pub mod schedule;

mod common;

pub use common::ModelVariables;
