//! A connector: a component that exports the contract, loaded.

mod budget;
mod catalog;
#[expect(clippy::module_inception, reason = "a connector is what this module is about")]
mod connector;
mod contract;
mod effort;
mod fields;
#[cfg(test)]
mod hostile_tests;
pub(crate) mod load;
mod schema;
mod search;
mod suggest;

pub use catalog::{Catalog, InvalidSetting};
pub use connector::Connector;
pub(crate) use connector::Instance;
pub use fields::Field;
pub(crate) use load::{Loader, incompatible};
pub use search::{CodeMatch, InvalidQuery, Matched, OperationMatch, Place, Query, SearchResults, search};
pub use suggest::suggest;
