//! What is measured.

mod calls;
mod cell;
mod connections;
mod guest;
mod invoke;
mod library;
mod memory;
mod swap;
mod trouble;

pub(crate) use cell::Cell;
pub(crate) use memory::hold;
