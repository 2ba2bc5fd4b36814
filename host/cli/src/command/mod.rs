//! The command line: a thin layer over the library.

mod args;
mod callback;
mod check;
mod describe;
mod entry;
mod explain;
mod invoke;
mod list;
mod output;
mod serve;
mod target;

pub use entry::main;
