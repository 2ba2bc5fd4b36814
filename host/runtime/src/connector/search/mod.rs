//! Operations and codes, found by words in any language.

mod hits;
mod query;
#[expect(clippy::module_inception, reason = "the search is what this module is about")]
mod search;

pub use hits::{Matched, Place};
pub use query::{InvalidQuery, Query};
pub use search::{CodeMatch, OperationMatch, SearchResults, search};
