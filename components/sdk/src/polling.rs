//! Asking a vendor again and again, for operations that wait for something to end there. What was started isn't
//! lost: the questions end before the host's deadline does, and their failures are results.

use std::time::Duration;

use crate::failure::Failure;
use crate::host::Host;

/// The first pause between two questions; each is half as long again as the one before.
pub const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How many questions about one subject may fail in a row.
pub const FAILURES: u32 = 5;
/// What is left of the host's deadline for handing over the result. A tenth of a short one.
const MARGIN: Duration = Duration::from_secs(1);

/// What is asked about.
pub trait Subject {
    /// Where it holds why the last question about it failed. Set while questions are asked; a question that is
    /// answered clears it.
    fn poll_error(&mut self) -> &mut Option<String>;
}

impl<S: Subject> Subject for &mut S {
    fn poll_error(&mut self) -> &mut Option<String> {
        (**self).poll_error()
    }
}

/// How long a call goes on asking.
pub struct Polling<'a> {
    host: &'a Host,
    /// When the caller's time is over, in milliseconds since 1970.
    until_ms: u64,
    /// What must be left of the host's deadline.
    margin: Duration,
    /// How long the vendor's slowest answer has taken. Another one like it must fit before the deadline: a call
    /// that is cut off loses its result.
    slowest: Duration,
}

/// A subject, and what has come of the questions about it.
struct Asked<S> {
    subject: S,
    failures: u32,
    settled: bool,
}

impl<'a> Polling<'a> {
    /// Begins a call that asks for so many seconds, and never across the host's deadline.
    #[must_use]
    pub fn new(host: &'a Host, seconds: u64) -> Self {
        let whole = host.remaining().unwrap_or(Duration::MAX);
        Self {
            host,
            until_ms: host.now_ms().saturating_add(seconds.saturating_mul(1000)),
            margin: MARGIN.min(whole / 10),
            slowest: Duration::ZERO,
        }
    }

    /// Makes an exchange with the vendor, and keeps in mind how long it takes.
    pub fn measure<T>(&mut self, exchange: impl FnOnce() -> T) -> T {
        let begun = self.host.now_ms();
        let answer = exchange();
        let took = Duration::from_millis(self.host.now_ms().saturating_sub(begun));
        self.slowest = self.slowest.max(took);
        answer
    }

    /// Asks about each subject until the answer is that it has ended, or until [`FAILURES`] questions about it
    /// have failed in a row, or one that won't pass. `first_pause` comes before the first question; with none,
    /// each subject is asked about even when the caller's time is over.
    ///
    /// Returns whether time was up before that.
    pub fn until<S: Subject>(
        &mut self,
        first_pause: Duration,
        subjects: impl IntoIterator<Item = S>,
        mut ask: impl FnMut(&mut S) -> Result<bool, Failure>,
    ) -> bool {
        let mut subjects: Vec<Asked<S>> = subjects.into_iter().map(Asked::new).collect();
        let mut pause = first_pause;
        while subjects.iter().any(|asked| !asked.settled) {
            if !self.wait(pause) {
                return true;
            }
            pause = (pause * 3 / 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
            for asked in subjects.iter_mut().filter(|asked| !asked.settled) {
                if self.before_deadline().is_zero() {
                    return true;
                }
                let answer = self.measure(|| ask(&mut asked.subject));
                if let Some(slower) = asked.note(answer) {
                    pause = pause.max(slower);
                    break;
                }
            }
        }
        false
    }

    /// Waits, and returns whether there is time for a question. One that needs no pause may come when the
    /// caller's time is over, as may one whose pause it ends in.
    fn wait(&self, pause: Duration) -> bool {
        if !pause.is_zero() {
            let left = Duration::from_millis(self.until_ms.saturating_sub(self.host.now_ms()));
            let left = left.min(self.before_deadline());
            if left.is_zero() {
                return false;
            }
            self.host.sleep(pause.min(left));
        }
        !self.before_deadline().is_zero()
    }

    /// Returns how long it is until the host's deadline is too near.
    fn before_deadline(&self) -> Duration {
        self.host.remaining().map_or(Duration::MAX, |remaining| {
            remaining.saturating_sub(self.margin).saturating_sub(self.slowest)
        })
    }
}

impl<S: Subject> Asked<S> {
    fn new(subject: S) -> Self {
        Self {
            subject,
            failures: 0,
            settled: false,
        }
    }

    /// Takes an answer. Returns how long the vendor wants to be left alone, where it does.
    fn note(&mut self, answer: Result<bool, Failure>) -> Option<Duration> {
        let failure = match answer {
            Ok(ended) => {
                self.failures = 0;
                self.settled = ended;
                *self.subject.poll_error() = None;
                return None;
            }
            Err(failure) => failure,
        };
        *self.subject.poll_error() = Some(failure.to_string());
        // A vendor that asks to slow down works.
        if let Failure::Throttled { retry_after_ms, .. } = failure {
            return Some(retry_after_ms.map_or(LONGEST_PAUSE, Duration::from_millis));
        }
        self.failures += 1;
        self.settled = self.failures == FAILURES || !may_pass(&failure);
        None
    }
}

/// Whether the same question may have an answer later.
fn may_pass(failure: &Failure) -> bool {
    match failure {
        Failure::Rejected(_)
        | Failure::Throttled { .. }
        | Failure::Unreachable(_)
        | Failure::Timeout(_)
        | Failure::MalformedResponse { .. } => true,
        Failure::UnknownOperation(_)
        | Failure::InvalidInput(_)
        | Failure::InvalidSettings(_)
        | Failure::Unauthorized(_)
        | Failure::Denied(_) => false,
    }
}
