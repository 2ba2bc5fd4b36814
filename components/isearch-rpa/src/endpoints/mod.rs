//! The documented operations, one file per group.

pub mod asset;
pub mod file;
pub mod job;
pub mod org;
pub mod process;
pub mod queue;
pub mod queue_item;
pub mod robot;
pub mod role;
pub mod schedule;
pub mod studio;
pub mod user;
pub mod wait;

mod common;

pub use common::{Urgency, YesNo};
