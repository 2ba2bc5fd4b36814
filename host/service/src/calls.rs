//! Calls under way, and draining: the service is told to stop, takes no new ones, and lets these finish.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::error::{Error, Kind};

/// Counts calls. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Calls {
    state: Arc<watch::Sender<State>>,
}

#[derive(Debug, Default)]
struct State {
    under_way: usize,
    /// When the calls under way are cut, once the service drains.
    until: Option<Instant>,
    cut: bool,
}

impl Default for Calls {
    fn default() -> Self {
        Self {
            state: Arc::new(watch::Sender::new(State::default())),
        }
    }
}

impl Calls {
    /// Begins a call, unless the service drains.
    pub(super) fn begin(&self) -> Result<UnderWay, Error> {
        let mut refused = None;
        self.state.send_modify(|state| match state.until {
            None => state.under_way += 1,
            Some(until) => refused = Some(unavailable(until)),
        });
        match refused {
            None => Ok(UnderWay { calls: self.clone() }),
            Some(error) => Err(error),
        }
    }

    /// Why the service isn't ready, where it isn't.
    pub(super) fn ready(&self) -> Result<(), Error> {
        self.state
            .borrow()
            .until
            .map_or(Ok(()), |until| Err(unavailable(until)))
    }

    /// How many calls are under way.
    pub(super) fn under_way(&self) -> usize {
        self.state.borrow().under_way
    }

    /// Takes no more calls. Those under way are to end within `time`.
    pub(super) fn drain(&self, time: Duration) {
        self.state
            .send_modify(|state| state.until = Some(Instant::now() + time));
    }

    /// Waits until no call is under way.
    pub(super) async fn ended(&self) {
        // The sender is here, so that waiting can't fail.
        let _ = self
            .state
            .subscribe()
            .wait_for(|state| state.under_way == 0)
            .await;
    }

    /// Ends the calls under way.
    pub(super) fn cut(&self) {
        self.state.send_modify(|state| state.cut = true);
    }
}

fn unavailable(until: Instant) -> Error {
    let mut error = Error::new(
        Kind::Unavailable,
        "the service is shutting down and takes no calls; call again when it is back, or call another",
    );
    // By then this process has ended.
    let left = until
        .saturating_duration_since(Instant::now())
        .max(Duration::from_secs(1));
    error.retry_after_ms = u64::try_from(left.as_millis()).ok();
    error.request_sent = Some(false);
    error
}

/// A call under way, until it is dropped.
#[derive(Debug)]
pub(crate) struct UnderWay {
    calls: Calls,
}

impl UnderWay {
    /// Carries the call out, unless it is cut before it ends.
    pub(crate) async fn carry<T>(self, call: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let mut state = self.calls.state.subscribe();
        tokio::select! {
            result = call => result,
            _ = state.wait_for(|state| state.cut) => {
                Err(Error::new(
                    Kind::Unavailable,
                    "the service was stopped before the call ended",
                ))
            }
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.calls.state.send_modify(|state| state.under_way -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn draining_takes_no_calls_and_waits_for_those_under_way() {
        let calls = Calls::default();
        let call = calls.begin().unwrap();
        assert!(calls.ready().is_ok());
        calls.drain(Duration::from_millis(3500));
        let error = calls.begin().unwrap_err();
        assert_eq!((error.kind, error.request_sent), (Kind::Unavailable, Some(false)));
        assert!(
            error
                .retry_after_ms
                .is_some_and(|wait| (1000..=3500).contains(&wait)),
            "{error:?}"
        );
        assert!(calls.ready().is_err());
        let waiting = tokio::spawn({
            let calls = calls.clone();
            async move { calls.ended().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        assert_eq!(call.carry(async { Ok(1) }).await, Ok(1));
        waiting.await.unwrap();
    }

    #[tokio::test]
    async fn a_call_that_is_cut_says_so() {
        let calls = Calls::default();
        let call = calls.begin().unwrap();
        calls.cut();
        let result = call.carry(std::future::pending::<Result<(), Error>>()).await;
        assert_eq!(result.unwrap_err().kind, Kind::Unavailable);
        assert_eq!(calls.under_way(), 0);
    }
}
