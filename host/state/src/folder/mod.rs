//! Sessions in a folder, which the processes of one machine share.

mod backend;
mod lock;
mod private;
mod records;
#[cfg(test)]
mod tests;

pub(crate) use backend::FolderSessions;
