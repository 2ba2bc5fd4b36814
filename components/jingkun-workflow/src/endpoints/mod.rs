//! The documented operations, and one that is made of them.

pub mod execute;
pub mod follow;
pub mod run;
pub mod workflow;
