//! Sessions: the records behind `wasi:keyvalue`, one namespace for each connection.
//!
//! Two rules make one login serve all calls. Reading a missing record gives the *claim* on it: other calls that
//! read it wait until it is written, or until the call with the claim has ended. And a call deletes only what it
//! has seen.

mod backend;
mod namespace;
#[expect(
    clippy::module_inception,
    reason = "the capability is what this module is about"
)]
mod sessions;
mod store;
mod view;

pub use backend::{Answer, Claim, MAX_RECORDS, RecordKey, SessionBackend, SharedLock, Stored};
pub use namespace::Namespace;
pub(crate) use sessions::Sessions;
pub use store::SessionStore;
pub use view::SessionView;
