//! A connection's own rate budget.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::error::{Error, Kind};

/// How many calls in how much time: `20/s`. As many may come at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    calls: NonZeroU32,
    unit: char,
}

/// A text isn't a rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} isn't a rate; give it as \"20/s\", \"100/m\" or \"1000/h\"")]
pub struct InvalidRate(String);

impl FromStr for Rate {
    type Err = InvalidRate;

    fn from_str(text: &str) -> Result<Self, InvalidRate> {
        let wrong = || InvalidRate(text.to_owned());
        let (calls, unit) = text.trim().split_once('/').ok_or_else(wrong)?;
        let calls = calls.trim().parse().map_err(|_| wrong())?;
        let unit = match unit.trim() {
            "s" => 's',
            "m" => 'm',
            "h" => 'h',
            _ => return Err(wrong()),
        };
        Ok(Self { calls, unit })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.calls, self.unit)
    }
}

/// A budget that is filled at a rate: the generic cell rate algorithm, in one instant.
#[derive(Debug)]
pub(crate) struct Budget {
    rate: Rate,
    /// How much time each call takes from the budget.
    each: Duration,
    /// When the budget is full again.
    full: Mutex<Instant>,
}

impl Budget {
    pub(crate) fn new(rate: Rate) -> Self {
        let unit = match rate.unit {
            's' => Duration::from_secs(1),
            'm' => Duration::from_mins(1),
            _ => Duration::from_hours(1),
        };
        Self {
            rate,
            each: unit / rate.calls.get(),
            full: Mutex::new(Instant::now()),
        }
    }

    /// Takes a call from the budget.
    pub(crate) fn take(&self) -> Result<(), Error> {
        let now = Instant::now();
        let mut full = self.full.lock();
        let owed = full.saturating_duration_since(now);
        let most = self.each * (self.rate.calls.get() - 1);
        let Some(wait) = owed.checked_sub(most).filter(|wait| !wait.is_zero()) else {
            *full = now + owed + self.each;
            return Ok(());
        };
        let message = format!(
            "the connection's own rate of {} is spent; call again later, or raise rate in its configuration",
            self.rate
        );
        let mut error = Error::new(Kind::Throttled, message).sent(false);
        // Never zero: a caller who waits that long must find the budget filled.
        error.retry_after_ms = Some(
            u64::try_from(wait.as_millis())
                .unwrap_or(u64::MAX)
                .saturating_add(1),
        );
        Err(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_calls_per_unit() {
        for text in ["20/s", "100/m", "1000/h"] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
        for text in ["", "20", "0/s", "-1/s", "20/d", "x/s", "20/"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }

    #[test]
    fn any_rate_can_be_spent() {
        for text in [
            "4294967295/s",
            "4294967295/m",
            "4294967295/h",
            "1/h",
            "1000000007/s",
        ] {
            let budget = Budget::new(text.parse().unwrap());
            for _ in 0..100 {
                if let Err(spent) = budget.take() {
                    assert!(
                        spent.retry_after_ms.is_some_and(|wait| wait <= 3_600_001),
                        "{text}"
                    );
                }
            }
        }
        "4294967296/s".parse::<Rate>().unwrap_err();
    }

    #[test]
    fn a_spent_budget_says_when_there_is_more() {
        let budget = Budget::new("2/h".parse().unwrap());
        budget.take().unwrap();
        budget.take().unwrap();
        let spent = budget.take().unwrap_err();
        assert_eq!((spent.kind, spent.request_sent), (Kind::Throttled, Some(false)));
        let wait = spent.retry_after_ms.unwrap();
        assert!((1_000_000..=1_800_001).contains(&wait), "{wait}");
    }
}
