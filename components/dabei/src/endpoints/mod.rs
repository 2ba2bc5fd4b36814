//! The documented operations, one file per group.

pub mod app;
pub mod form;
pub mod oauth;
pub mod org;
pub mod record;
pub mod task;
pub mod user;

mod common;

use common::PAGES;
