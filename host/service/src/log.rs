//! A log event for each call.

use std::sync::Arc;
use std::time::Duration;

use patchbay::{CallRecord, Observer};

/// Logs each call when it has ended: one event, made from its record.
#[derive(Debug, Clone, Copy, Default)]
pub struct CallLogger;

impl Observer for CallLogger {
    fn call_ended(&self, record: &Arc<CallRecord>) {
        let CallRecord {
            id,
            connection,
            operation,
            connector,
            version,
            ..
        } = &**record;
        let outcome = record.outcome();
        let milliseconds = |time: Duration| (time.as_secs_f64() * 1_000_000.0).round() / 1000.0;
        let (total_ms, waiting_ms) = (milliseconds(record.total), milliseconds(record.waiting));
        let (guest_ms, vendor_ms) = (milliseconds(record.guest), milliseconds(record.vendor));
        macro_rules! log {
            ($level:ident, $($message:tt)*) => {
                tracing::$level!(
                    call_id = %id,
                    connection,
                    operation,
                    connector,
                    version,
                    outcome,
                    total_ms,
                    waiting_ms,
                    guest_ms,
                    vendor_ms,
                    $($message)*
                )
            };
        }
        match &record.error {
            Some(error) => log!(info, "the call failed: {}", error.message),
            None if record.abandoned => log!(warn, "the call was abandoned"),
            None => log!(info, "the call succeeded"),
        }
    }
}
