//! Strict, stateful simulators of the vendors, written from the vendors' documents.
//!
//! A simulator checks every request as the vendor would, keeps what it is told, records what it saw
//! and breaks down on request. Nothing here is shared with a connector: a shared mistake would hide
//! itself.
//!
//! | module | what it holds |
//! | --- | --- |
//! | one a vendor | the vendor's simulator; [`VENDORS`] has them all |
//! | [`jingkun`] | what two of them share: login, runs, callbacks |
//! | [`builder`] | [`Builder`]: how a simulator starts |
//! | [`program`] | a simulator of any vendor, as the command line starts it |
//! | [`simulator`] | [`Simulator`]: a running simulator, as tests have it in hand |
//! | [`server`] | the loopback server every vendor runs on |
//! | [`vendor`] | what a vendor implements: its operations, its credentials, its state |
//! | [`operation`] | the rules of an operation as data: route, parameters, types |
//! | [`strict`] | checks a request against those rules |
//! | [`fault`] | breakdowns on request: statuses, drops, drips, floods |
//! | [`record`] | what was received and answered |
//! | `control` | the same over HTTP, under `/__simulator/` |

#![expect(clippy::missing_errors_doc, reason = "a test fails with whatever goes wrong")]

mod body;
pub mod builder;
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
pub mod program;
pub mod record;
pub mod server;
pub mod simulator;
pub mod strict;
mod urlencoded;
pub mod vendor;
pub mod workorder;

pub use builder::Builder;
pub use fault::{Fault, On, Times};
pub use multipart::Part;
pub use record::Recorded;
pub use simulator::Simulator;

use std::sync::{Mutex, MutexGuard, PoisonError};

use program::Entry;

/// Every vendor that is simulated. The command line makes its subcommands of it, and gives out ports in its order.
pub const VENDORS: &[Entry] = &[
    Entry::of::<isearch_rpa::IsearchRpa>(),
    Entry::of::<dabei::Dabei>(),
    Entry::of::<workorder::WorkOrder>(),
    Entry::of::<jingkun::Jingkun<jingkun_workflow::Workflows>>(),
    Entry::of::<jingkun::Jingkun<jingkun_plan::Plans>>(),
];

/// Locks, and goes on with what is there when a test panicked while holding the lock.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
