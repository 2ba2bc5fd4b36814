//! The documented operations, one file per group.

pub mod action;
pub mod process;
pub mod task;
pub mod workorder;

mod common;

pub use common::Started;
use common::{LIST, PAGES};
