//! Asking a vendor again and again until something has happened, within the time that a call has.

use std::time::Duration;

use crate::failure::Failure;
use crate::host::Host;

/// The first pause between two questions; each is half as long again as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How many questions in a row may fail.
const FAILURES: u32 = 5;
/// What is left of the host's deadline for handing over the result.
const MARGIN: Duration = Duration::from_secs(1);

/// Why questions ended without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered {
    /// Whether time was up.
    pub timed_out: bool,
    /// What became of the last question, where it failed.
    pub failure: Option<Failure>,
}

/// How long a call goes on asking: for a given time, and no longer than the host's deadline leaves it to hand over
/// what it knows. Pauses grow from 0.5 s to 10 s.
pub struct Polling<'a> {
    host: &'a Host,
    /// When the given time is over, in milliseconds since 1970.
    until_ms: u64,
    /// What must be left of the host's deadline.
    margin: Duration,
    /// How long the vendor's slowest answer has taken. Another one like it must fit before the deadline: a
    /// call that is cut off loses what it knows.
    slowest: Duration,
}

impl<'a> Polling<'a> {
    /// Returns a poll that ends in `seconds` at the latest.
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

    /// Makes an exchange with the vendor, such as the one that starts what is waited for, and keeps in mind how long
    /// it takes.
    pub fn measure<T>(&mut self, exchange: impl FnOnce() -> T) -> T {
        let begun = self.host.now_ms();
        let answer = exchange();
        let took = Duration::from_millis(self.host.now_ms().saturating_sub(begun));
        self.slowest = self.slowest.max(took);
        answer
    }

    /// Asks until there is an answer: at once the first time, or after the first pause.
    ///
    /// # Errors
    ///
    /// [`Unanswered`] where time is up, five questions in a row have failed, or one has in a way that won't pass.
    pub fn until<T>(
        &mut self,
        at_once: bool,
        mut ask: impl FnMut() -> Result<Option<T>, Failure>,
    ) -> Result<T, Unanswered> {
        let mut ends = self.each(at_once, &mut [()], |()| ask());
        ends.pop().unwrap_or(Err(Unanswered {
            timed_out: false,
            failure: None,
        }))
    }

    /// Asks about several subjects, in turns, until there is an answer about each: at once the first time, or after
    /// the first pause. One that ends without an answer doesn't end the others.
    ///
    /// Returns how it ended for each, with the errors of [`until`](Self::until).
    pub fn each<S, T>(
        &mut self,
        at_once: bool,
        subjects: &mut [S],
        mut ask: impl FnMut(&mut S) -> Result<Option<T>, Failure>,
    ) -> Vec<Result<T, Unanswered>> {
        let mut pause = if at_once { Duration::ZERO } else { FIRST_PAUSE };
        let mut states: Vec<State<T>> = subjects.iter().map(|_| State::new()).collect();
        while states.iter().any(State::is_open) && self.wait(pause) {
            pause = (pause * 3 / 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
            let pairs = subjects.iter_mut().zip(&mut states);
            for (subject, state) in pairs.filter(|(_, state)| state.is_open()) {
                if self.before_deadline().is_zero() {
                    break;
                }
                let answer = self.measure(|| ask(subject));
                if let Some(asked) = state.note(answer) {
                    pause = pause.max(asked);
                    break;
                }
            }
        }
        states.into_iter().map(State::end).collect()
    }

    /// Waits, and says whether there is time for a question. One that needs no pause may come when the given time
    /// is over, as may one whose pause it ends in.
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

    /// How long it is until the host's deadline is too near.
    fn before_deadline(&self) -> Duration {
        self.host.remaining().map_or(Duration::MAX, |remaining| {
            remaining.saturating_sub(self.margin).saturating_sub(self.slowest)
        })
    }
}

/// What has come of the questions about a subject.
struct State<T> {
    answer: Option<T>,
    failures: u32,
    /// What became of the last question, where it failed.
    last: Option<Failure>,
    given_up: bool,
}

impl<T> State<T> {
    fn new() -> Self {
        Self {
            answer: None,
            failures: 0,
            last: None,
            given_up: false,
        }
    }

    fn is_open(&self) -> bool {
        self.answer.is_none() && !self.given_up
    }

    /// Takes what became of a question. Returns how long the vendor asks to be left alone, where it does.
    fn note(&mut self, answer: Result<Option<T>, Failure>) -> Option<Duration> {
        let failure = match answer {
            Ok(answer) => {
                self.answer = answer;
                self.failures = 0;
                self.last = None;
                return None;
            }
            Err(failure) => failure,
        };
        // A vendor that asks to slow down works.
        let pause = if let Failure::Throttled { retry_after_ms, .. } = &failure {
            Some(retry_after_ms.map_or(LONGEST_PAUSE, Duration::from_millis))
        } else {
            self.failures += 1;
            None
        };
        self.given_up = self.failures == FAILURES || !may_pass(&failure);
        self.last = Some(failure);
        pause
    }

    fn end(self) -> Result<T, Unanswered> {
        self.answer.ok_or(Unanswered {
            timed_out: !self.given_up,
            failure: self.last,
        })
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
