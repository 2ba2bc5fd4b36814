//! What happened in each call, kept for a while: the answer to "why".

mod explain;
mod log;
mod record;
mod trail;

pub(crate) use log::CallLog;
pub use record::{CallRecord, Frame, TrapRecord, VendorRequest};
pub(crate) use record::{in_milliseconds, timestamp};
pub(crate) use trail::Trail;
