//! The commands, one file each.

mod args;
mod callback;
mod check;
mod describe;
mod entry;
mod explain;
mod invoke;
mod list;
mod output;
mod remote;
mod serve;
mod target;

pub use entry::main;
