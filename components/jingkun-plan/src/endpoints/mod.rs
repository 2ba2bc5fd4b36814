//! The documented operations, one file per group, and one that is made of them.

pub mod follow;
pub mod plan;
pub mod run;
pub mod schedule;

mod common;

pub use common::ModelVariables;
