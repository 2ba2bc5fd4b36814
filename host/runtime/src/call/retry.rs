//! When a call is repeated. Effect and failure alone decide it; a repeated call is invoked anew, so that it has a
//! fresh timestamp, nonce and token.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Error, Kind};
use crate::manifest::Effect;
use crate::trace::CallTrace;

/// How often a guest is invoked for one call, at most.
const ATTEMPTS: u32 = 3;
/// How long the first wait is, before jitter. Each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// What follows from a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The guest is invoked again after this time.
    Again(Duration),
    /// It isn't, although the failure may pass: why.
    Enough(&'static str),
    /// The failure would only come again.
    Settled,
}

/// Whether a guest is invoked again after a failure. `attempts` counts the invocations so far.
pub(super) fn verdict(
    effect: Effect,
    error: &Error,
    trace: &CallTrace,
    attempts: u32,
    until: Instant,
) -> Verdict {
    match error.kind {
        // Nothing was done.
        Kind::Throttled => {}
        Kind::Unreachable if trace.failure_passes() => {
            if effect == Effect::Write && trace.request_sent() {
                return Verdict::Enough("the operation is a write, and the vendor may have received it");
            }
        }
        _ => return Verdict::Settled,
    }
    if attempts >= ATTEMPTS {
        return Verdict::Enough("that was the last of the attempts that a call has");
    }
    let asked = error.retry_after_ms.map_or(Duration::ZERO, Duration::from_millis);
    let wait = asked.max(jittered(FIRST_WAIT * 2_u32.pow(attempts - 1)));
    // There must be time left for the call itself.
    match Instant::now().checked_add(wait) {
        Some(again) if again < until => Verdict::Again(wait),
        _ => Verdict::Enough("the wait before another attempt would pass the deadline"),
    }
}

/// Between half and one and a half of a time, so that callers who failed together don't come back together.
fn jittered(time: Duration) -> Duration {
    let random = RandomState::new().hash_one(time) % 1000;
    time / 2 + time.mul_f64(f64::from(u32::try_from(random).unwrap_or(0)) / 1000.0)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::trace::{CallId, CallKind, Ended, Subject};

    fn trace(sent: bool) -> Arc<CallTrace> {
        let subject = Subject {
            kind: CallKind::Operation,
            connection: "some",
            operation: "thing.do",
        };
        let trace = CallTrace::new(CallId::new(), subject, Duration::from_secs(10), Arc::default());
        if sent {
            let exchange = trace.exchange(&http::Method::POST, "https://vendor");
            exchange.head(200);
            exchange.end(&Ended::Failed {
                why: "it broke",
                passes: true,
            });
        }
        trace
    }

    fn wait(effect: Effect, error: &Error, attempts: u32, sent: bool) -> Option<Duration> {
        let until = Instant::now() + Duration::from_secs(10);
        match verdict(effect, error, &trace(sent), attempts, until) {
            Verdict::Again(wait) => Some(wait),
            Verdict::Enough(_) | Verdict::Settled => None,
        }
    }

    fn error(kind: Kind) -> Error {
        Error::new(kind, "")
    }

    #[test]
    fn a_write_is_repeated_only_where_nothing_was_sent() {
        let unreachable = error(Kind::Unreachable);
        assert!(wait(Effect::Write, &unreachable, 1, false).is_some());
        assert_eq!(wait(Effect::Write, &unreachable, 1, true), None);
        for effect in [Effect::Read, Effect::Idempotent] {
            assert!(wait(effect, &unreachable, 1, true).is_some());
            assert_eq!(wait(effect, &unreachable, ATTEMPTS, true), None, "it ends");
        }
    }

    #[test]
    fn throttled_calls_are_repeated_whatever_they_do() {
        for effect in [Effect::Read, Effect::Idempotent, Effect::Write] {
            assert!(wait(effect, &error(Kind::Throttled), 1, true).is_some());
        }
    }

    #[test]
    fn other_failures_are_not_repeated() {
        let repeated = [Kind::Throttled, Kind::Unreachable];
        for kind in Kind::ALL.into_iter().filter(|kind| !repeated.contains(kind)) {
            assert_eq!(wait(Effect::Read, &error(kind), 1, false), None, "{kind:?}");
        }
    }

    #[test]
    fn the_vendors_wish_is_honoured_where_the_deadline_allows_it() {
        let asking = |milliseconds| Error {
            retry_after_ms: Some(milliseconds),
            ..error(Kind::Throttled)
        };
        assert_eq!(
            wait(Effect::Read, &asking(2000), 1, true),
            Some(Duration::from_secs(2))
        );
        assert_eq!(wait(Effect::Read, &asking(60_000), 1, true), None);
        assert_eq!(wait(Effect::Read, &asking(u64::MAX), 1, true), None);
    }
}
