//! The commands, one file each.

mod args;
mod callback;
mod check;
mod describe;
mod entry;
mod explain;
mod files;
mod interrupt;
mod invoke;
mod list;
mod log;
mod output;
mod reload;
mod remote;
mod serve;
mod target;

pub use entry::main;
