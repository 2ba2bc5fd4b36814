//! What happens in a call: one trace, from the queue to each request on the wire, and the record made from it.

mod id;
mod record;
#[expect(clippy::module_inception, reason = "the trace is what this module is about")]
mod trace;

pub use id::{CallId, InvalidCallId};
pub(crate) use record::timestamp;
pub use record::{CallKind, CallRecord, Frame, TrapRecord, VendorRequest};
pub(crate) use trace::{CallTrace, ClaimHolder, Ended, Exchange, Subject};
