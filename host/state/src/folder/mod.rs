//! Sessions in a folder that belongs to one host.

mod backend;
mod private;
#[cfg(test)]
mod tests;

pub(crate) use backend::FolderSessions;
