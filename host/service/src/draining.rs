//! Draining: the service takes no new calls, and lets those under way finish.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use patchbay::{Error, Kind};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// What is under way, and whether it is drained. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Draining {
    under_way: TaskTracker,
    /// When what is under way is cut, once the service drains.
    until: Arc<Mutex<Option<Instant>>>,
    cut: CancellationToken,
}

impl Draining {
    /// Begins something that draining waits for.
    ///
    /// # Errors
    ///
    /// [`Kind::Unavailable`] while the service drains.
    pub(super) fn begin(&self) -> Result<UnderWay, Error> {
        let until = self.until.lock();
        match *until {
            None => Ok(UnderWay {
                cut: self.cut.clone(),
                _under_way: self.under_way.token(),
            }),
            Some(until) => Err(unavailable(until)),
        }
    }

    /// Why the service isn't ready, where it isn't.
    pub(super) fn ready(&self) -> Result<(), Error> {
        self.until.lock().map_or(Ok(()), |until| Err(unavailable(until)))
    }

    /// How many calls are under way.
    pub(super) fn under_way(&self) -> usize {
        self.under_way.len()
    }

    /// Takes no more calls. Those under way are to end within `time`.
    pub(super) fn start(&self, time: Duration) {
        *self.until.lock() = Some(Instant::now() + time);
        self.under_way.close();
    }

    /// Waits until the service drains and no call is under way.
    pub(super) async fn ended(&self) {
        self.under_way.wait().await;
    }

    /// Ends the calls under way.
    pub(super) fn cut(&self) {
        self.cut.cancel();
    }
}

fn unavailable(until: Instant) -> Error {
    let error = Error::new(
        Kind::Unavailable,
        "the service is shutting down and takes no calls; call again when it is back, or call another",
    );
    // By then this process has ended.
    let left = until
        .saturating_duration_since(Instant::now())
        .max(Duration::from_secs(1));
    let mut error = error.sent(false);
    error.retry_after_ms = u64::try_from(left.as_millis()).ok();
    error
}

/// Something under way, until it is dropped.
#[derive(Debug)]
pub(crate) struct UnderWay {
    cut: CancellationToken,
    _under_way: TaskTrackerToken,
}

impl UnderWay {
    /// Carries something out, unless it is cut before it ends.
    pub(crate) async fn carry<T>(self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let cut = self.cut.run_until_cancelled(work).await;
        cut.unwrap_or_else(|| {
            Err(Error::new(
                Kind::Unavailable,
                "the service was stopped before the call ended",
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn draining_takes_no_calls_and_waits_for_those_under_way() {
        let draining = Draining::default();
        let call = draining.begin().unwrap();
        assert!(draining.ready().is_ok());
        draining.start(Duration::from_millis(3500));
        let error = draining.begin().unwrap_err();
        assert_eq!((error.kind, error.request_sent), (Kind::Unavailable, Some(false)));
        assert!(
            error
                .retry_after_ms
                .is_some_and(|wait| (1000..=3500).contains(&wait)),
            "{error:?}"
        );
        assert!(draining.ready().is_err());
        let waiting = tokio::spawn({
            let draining = draining.clone();
            async move { draining.ended().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        assert_eq!(call.carry(async { Ok(1) }).await, Ok(1));
        waiting.await.unwrap();
    }

    #[tokio::test]
    async fn a_call_that_is_cut_says_so() {
        let draining = Draining::default();
        let call = draining.begin().unwrap();
        draining.cut();
        let result = call.carry(std::future::pending::<Result<(), Error>>()).await;
        assert_eq!(result.unwrap_err().kind, Kind::Unavailable);
        assert_eq!(draining.under_way(), 0);
    }
}
