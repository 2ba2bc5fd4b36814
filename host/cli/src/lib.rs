//! Patchbay's command line: a thin layer over the library.

mod command;
pub mod config;

pub use command::main;
