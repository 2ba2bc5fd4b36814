//! Asking again and again. The test clock goes forward when a call waits.

use std::time::Duration;

use crate::failure::Refusal;
use crate::polling::{FAILURES, FIRST_PAUSE, Polling, Subject};
use crate::testing::{Script, now_ms, set_deadline_ms, set_now_ms};
use crate::{Failure, Host};

/// Ends when it has been asked about so often.
#[derive(Default)]
struct Job {
    asked: u32,
    ends_after: u32,
    error: Option<String>,
}

impl Subject for Job {
    fn poll_error(&mut self) -> &mut Option<String> {
        &mut self.error
    }
}

fn jobs<const N: usize>(ends_after: [u32; N]) -> [Job; N] {
    ends_after.map(|ends_after| Job {
        ends_after,
        ..Job::default()
    })
}

fn host() -> Host {
    Script::new(|_| panic!("nothing is sent")).host(&[])
}

fn refusal() -> Failure {
    Failure::Rejected(Refusal {
        code: None,
        message: "no".to_owned(),
        http_status: None,
        details: None,
    })
}

/// Asks, with answers that take `slow` milliseconds.
fn ask(job: &mut Job, slow: u64) -> bool {
    set_now_ms(now_ms() + slow);
    job.asked += 1;
    job.asked >= job.ends_after
}

#[test]
fn each_subject_is_asked_about_until_it_has_ended() {
    let host = host();
    let start = now_ms();
    let mut jobs = jobs([1, 3, 2]);
    let timed_out = Polling::new(&host, 60).until(FIRST_PAUSE, &mut jobs, |job| Ok(ask(job, 0)));
    assert!(!timed_out);
    assert_eq!(jobs.map(|job| job.asked), [1, 3, 2]);
    // 500, 750 and 1125: one pause for all.
    assert_eq!(now_ms() - start, 2_375);
}

#[test]
fn nothing_to_ask_about_takes_no_time() {
    let host = host();
    let start = now_ms();
    let timed_out = Polling::new(&host, 60).until(FIRST_PAUSE, Vec::<&mut Job>::new(), |_| Err(refusal()));
    assert!(!timed_out);
    assert_eq!(now_ms(), start);
}

#[test]
fn one_that_cannot_be_asked_about_does_not_end_the_others() {
    let host = host();
    let mut jobs = jobs([2, 10, 4]);
    let timed_out = Polling::new(&host, 600).until(FIRST_PAUSE, &mut jobs, |job| {
        let ended = ask(job, 0);
        match job.ends_after {
            2 => Err(refusal()),
            // It fails now and then.
            10 if job.asked % 2 == 0 => Err(refusal()),
            _ => Ok(ended),
        }
    });
    assert!(!timed_out);
    assert_eq!(
        jobs.each_ref().map(|job| job.asked),
        [FAILURES, 11, 4],
        "5 in a row end it for this one"
    );
    assert_eq!(
        jobs.map(|job| job.error),
        [Some("the vendor refused: no".to_owned()), None, None]
    );
}

#[test]
fn no_question_is_asked_across_the_deadline_of_the_host() {
    // A round of all of them would take 8 s.
    for deadline in [5_000, 7_000, 20_000] {
        let host = host();
        let start = now_ms();
        set_deadline_ms(Some(start + deadline));
        let mut jobs = jobs([9; 4]);
        let timed_out = Polling::new(&host, 600).until(FIRST_PAUSE, &mut jobs, |job| Ok(ask(job, 2_000)));
        assert!(timed_out);
        assert!(now_ms() - start < deadline, "{deadline}: {}", now_ms() - start);
        set_deadline_ms(None);
    }
}

#[test]
fn a_vendor_that_asks_to_slow_down_is_left_alone() {
    let host = host();
    let start = now_ms();
    let mut jobs = jobs([9, 9]);
    let mut asked = 0;
    let timed_out = Polling::new(&host, 100).until(FIRST_PAUSE, &mut jobs, |_| {
        asked += 1;
        if asked > 7 {
            return Ok(true);
        }
        let Failure::Rejected(refusal) = refusal() else {
            unreachable!();
        };
        Err(Failure::Throttled {
            refusal,
            retry_after_ms: Some(12_000),
        })
    });
    // The second one isn't asked about in the same round.
    assert_eq!((timed_out, asked), (false, 9));
    assert_eq!(now_ms() - start, 500 + 7 * 12_000);
}

#[test]
fn the_last_question_comes_when_time_is_over() {
    let host = host();
    let mut polling = Polling::new(&host, 1);
    let mut jobs = jobs([9]);
    assert!(polling.until(FIRST_PAUSE, &mut jobs, |job| Ok(ask(job, 0))));
    assert_eq!(jobs[0].asked, 2, "after 500 ms, and after 1 s");
    let [job] = &mut jobs;
    assert!(!polling.until(Duration::ZERO, [job], |_| Ok(true)));
}
