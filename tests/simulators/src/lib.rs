//! Strict, stateful simulators of the vendors, written from the vendors' documents.
//!
//! A simulator checks every request as the vendor would, keeps what it is told, records what it saw
//! and breaks down on request. Nothing here is shared with a connector: a shared mistake would hide
//! itself.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`isearch_rpa`] | the i-Search iS-RPA simulator |
//! | [`dabei`] | the Dabei simulator |
//! | [`workorder`] | the simulator of the unified work order centre |
//! | [`jingkun_workflow`] | the JingKun workflow simulator |
//! | [`jingkun_plan`] | the JingKun plan simulator |
//! | [`jingkun`] | what those two share: login, runs, callbacks |
//! | [`server`] | [`Simulator`]: the loopback server every vendor runs on |
//! | [`vendor`] | what a vendor implements: its operations, its credentials, its state |
//! | [`operation`] | the rules of an operation as data: route, parameters, types |
//! | [`strict`] | checks a request against those rules |
//! | [`fault`] | breakdowns on request: statuses, drops, drips, floods |
//! | [`record`] | what was received and answered |
//! | `control` | the same over HTTP, under `/__simulator/` |

mod body;
mod clock;
mod control;
pub mod dabei;
pub mod fault;
mod headers;
mod ids;
pub mod isearch_rpa;
pub mod jingkun;
pub mod jingkun_plan;
pub mod jingkun_workflow;
mod multipart;
pub mod operation;
pub mod record;
pub mod server;
pub mod strict;
mod urlencoded;
pub mod vendor;
pub mod workorder;

pub use fault::{Fault, On, Times};
pub use multipart::Part;
pub use record::Recorded;
pub use server::Simulator;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, and goes on with what is there when a test panicked while holding the lock.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
