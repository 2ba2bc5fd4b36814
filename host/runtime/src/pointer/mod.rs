//! JSON Pointers (RFC 6901).

mod select;
mod write;

pub(crate) use select::{items, select, value};
pub(crate) use write::escape;
pub use write::put;
