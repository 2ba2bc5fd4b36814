//! When a request is sent again: only where that can't do anything twice.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{Response, StatusCode};
use tokio::time::Instant;
use wasmtime_wasi_http::Error as HttpError;

use crate::catalog::Effect;

/// How often a request is sent at most.
const ATTEMPTS: u32 = 3;
/// How long the first wait is, before jitter. Each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// What is known of a call when one of its requests fails.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Retries {
    effect: Effect,
    until: Instant,
}

/// What follows from the outcome of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The request is sent again after this time.
    Again(Duration),
    /// It isn't, although it failed: why.
    Enough(&'static str),
    /// There is nothing to repeat: it is an answer, or a failure that would only come again.
    Settled,
}

impl Retries {
    /// The retries of an operation with this effect, which must have ended at `until`.
    pub(crate) fn new(effect: Effect, until: Instant) -> Self {
        Self { effect, until }
    }

    /// Whether a request is sent again. `attempts` counts those that have been made, and `sent` tells
    /// whether the vendor may have received one of them.
    pub(crate) fn verdict(
        self,
        attempts: u32,
        outcome: &Result<Response<Bytes>, HttpError>,
        sent: bool,
    ) -> Verdict {
        let asked = match outcome {
            Ok(response) if is_passing(response.status()) => retry_after(response),
            Err(error) if is_no_connection(error) || is_broken(error) => None,
            _ => return Verdict::Settled,
        };
        let surely_unsent = !sent && outcome.as_ref().is_err_and(is_no_connection);
        if self.effect == Effect::Write && !surely_unsent {
            return Verdict::Enough("the operation is a write, and the vendor may have received it");
        }
        if attempts >= ATTEMPTS {
            return Verdict::Enough("that was the last of the attempts that a request has");
        }
        let wait = asked
            .unwrap_or_default()
            .max(jittered(FIRST_WAIT * 2_u32.pow(attempts - 1)));
        // There must be time left for the request itself.
        if Instant::now() + wait < self.until {
            Verdict::Again(wait)
        } else {
            Verdict::Enough("the wait before another attempt would pass the deadline")
        }
    }
}

/// Statuses that say that a vendor, or what stands before it, can't answer just now.
fn is_passing(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    )
}

/// Whether there was no connection to send a request through.
pub(crate) fn is_no_connection(error: &HttpError) -> bool {
    matches!(
        error,
        HttpError::ConnectionRefused
            | HttpError::ConnectionTimeout
            | HttpError::DestinationUnavailable
            | HttpError::DestinationIpUnroutable
            | HttpError::DnsTimeout
            | HttpError::DnsError { .. }
    )
}

fn is_broken(error: &HttpError) -> bool {
    matches!(
        error,
        HttpError::ConnectionTerminated | HttpError::HttpResponseIncomplete
    )
}

/// `Retry-After` (RFC 9110, section 10.2.3): seconds or a date.
fn retry_after(response: &Response<Bytes>) -> Option<Duration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    date.duration_since(SystemTime::now()).ok()
}

/// Between half and one and a half of a time, so that callers who failed together don't come back together.
fn jittered(time: Duration) -> Duration {
    let random = RandomState::new().hash_one(time) % 1000;
    time / 2 + time.mul_f64(f64::from(u32::try_from(random).unwrap_or(0)) / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "an outcome is what is asked about")]
    fn answer(status: u16, retry_after: Option<&str>) -> Result<Response<Bytes>, HttpError> {
        let mut response = Response::builder().status(status);
        if let Some(value) = retry_after {
            response = response.header(RETRY_AFTER, value);
        }
        Ok(response.body(Bytes::new()).unwrap())
    }

    fn retries(effect: Effect) -> Retries {
        Retries::new(effect, Instant::now() + Duration::from_secs(10))
    }

    impl Retries {
        fn wait(
            self,
            attempts: u32,
            outcome: &Result<Response<Bytes>, HttpError>,
            sent: bool,
        ) -> Option<Duration> {
            match self.verdict(attempts, outcome, sent) {
                Verdict::Again(wait) => Some(wait),
                Verdict::Enough(_) | Verdict::Settled => None,
            }
        }
    }

    #[test]
    fn a_write_is_repeated_only_where_it_was_not_sent() {
        let write = retries(Effect::Write);
        assert!(write.wait(1, &Err(HttpError::ConnectionRefused), false).is_some());
        assert_eq!(write.wait(1, &Err(HttpError::ConnectionTerminated), true), None);
        assert_eq!(
            write.wait(1, &Err(HttpError::ConnectionTerminated), false),
            None,
            "not sure enough"
        );
        for status in [429, 502, 503, 504] {
            assert_eq!(write.wait(1, &answer(status, None), true), None, "{status}");
        }
    }

    #[test]
    fn reads_and_idempotent_writes_are_repeated_after_what_passes() {
        for effect in [Effect::Read, Effect::Idempotent] {
            let retries = retries(effect);
            for status in [429, 502, 503, 504] {
                assert!(retries.wait(1, &answer(status, None), true).is_some(), "{status}");
            }
            assert!(
                retries
                    .wait(1, &Err(HttpError::HttpResponseIncomplete), true)
                    .is_some()
            );
            for status in [200, 400, 401, 404, 500] {
                assert_eq!(retries.wait(1, &answer(status, None), true), None, "{status}");
            }
            for error in [
                HttpError::HttpResponseBodySize(None),
                HttpError::TlsCertificateError,
            ] {
                assert_eq!(retries.wait(1, &Err(error), false), None);
            }
            assert_eq!(retries.wait(ATTEMPTS, &answer(503, None), true), None, "it ends");
        }
    }

    #[test]
    fn the_vendors_wish_is_honoured_where_the_deadline_allows_it() {
        let read = retries(Effect::Read);
        assert_eq!(
            read.wait(1, &answer(503, Some("2")), true),
            Some(Duration::from_secs(2))
        );
        assert_eq!(read.wait(1, &answer(429, Some("60")), true), None);
        let soon = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(4));
        let wait = read.wait(1, &answer(503, Some(&soon)), true).unwrap();
        assert!((2..=4).contains(&wait.as_secs()), "{wait:?}");
    }
}
