//! The store behind `wasi:keyvalue`: sessions of connectors, one namespace per connection.
//!
//! Two rules make one login serve everybody, without the connector's help:
//!
//! - A call that finds nothing under a key has the *claim* on it. Others that read the key wait until
//!   the holder writes it or its call ends; then they see what was written, or one of them has the claim.
//! - A call that deletes a key deletes what it has seen. Where another call has written since, nothing
//!   is deleted, and the next read gives the newer record. Where it is deleted, the call has the claim.
//!
//! Records are in memory, where reads find them. What lies beneath is told of every change:
//!
//! | beneath | what it is for | when it is read |
//! | --- | --- | --- |
//! | nothing | | |
//! | [`folder`] | sessions survive a restart | once, at the start: the folder belongs to one host |
//! | [`redis`] | hosts share sessions, and the claim as a lock | where memory has no record |

mod beneath;
mod folder;
#[cfg(test)]
mod folder_tests;
mod link;
mod location;
mod namespace;
mod private;
mod redis;
#[cfg(test)]
mod redis_tests;
mod scripts;
mod store;
mod view;

pub(crate) use namespace::Namespace;
pub(crate) use store::{SessionStore, lock};
pub(crate) use view::SessionView;

#[expect(unreachable_pub, reason = "the generated bindings export it again")]
pub use store::Bucket;

pub use location::{InvalidState, RedisAddress, StateLocation};
