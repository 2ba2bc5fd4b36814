use std::cell::Cell;

use crate::polling::{Polling, Unanswered};
use crate::testing::{Script, now_ms, set_deadline_ms, set_now_ms};
use crate::{Failure, Host, Refusal};

fn host() -> Host {
    Script::new(|_| panic!("nothing is sent")).host(&[])
}

fn rejected() -> Failure {
    Failure::Rejected(Refusal::default())
}

#[test]
fn the_first_question_may_come_at_once_and_pauses_grow() {
    let host = host();
    for (at_once, times) in [(true, [0, 500, 1250]), (false, [500, 1250, 2375])] {
        let start = now_ms();
        let mut asked = Vec::new();
        let answer = Polling::new(&host, 60).until(at_once, || {
            asked.push(now_ms() - start);
            Ok((asked.len() == 3).then_some("answer"))
        });
        assert_eq!(answer, Ok("answer"));
        assert_eq!(asked, times);
    }
}

#[test]
fn it_ends_with_the_given_time_or_before_the_deadline() {
    let host = host();
    let start = now_ms();
    let end = Polling::new(&host, 2).until(true, || Ok(None::<()>)).unwrap_err();
    assert!(end.timed_out && end.failure.is_none());
    assert_eq!(now_ms() - start, 2000);

    // Answers take 3 s, a second is left for handing over.
    let start = now_ms();
    set_deadline_ms(Some(start + 10_000));
    let end = Polling::new(&host, 60)
        .until(true, || {
            set_now_ms(now_ms() + 3_000);
            Ok(None::<()>)
        })
        .unwrap_err();
    set_deadline_ms(None);
    assert!(end.timed_out);
    assert!(now_ms() - start <= 9_000, "{}", now_ms() - start);
}

#[test]
fn five_failures_in_a_row_end_it_and_one_that_will_not_pass() {
    let host = host();
    let asked = Cell::new(0);
    let end = Polling::new(&host, 60).until(true, || {
        asked.set(asked.get() + 1);
        // The third one succeeds.
        if asked.get() == 3 {
            Ok(None::<()>)
        } else {
            Err(rejected())
        }
    });
    let end = end.unwrap_err();
    assert_eq!(
        (end.timed_out, end.failure, asked.get()),
        (false, Some(rejected()), 8)
    );

    let asked = Cell::new(0);
    let end = Polling::new(&host, 60).until(true, || {
        asked.set(asked.get() + 1);
        Err::<Option<()>, _>(Failure::Unauthorized(Refusal::default()))
    });
    assert_eq!((end.unwrap_err().timed_out, asked.get()), (false, 1));
}

#[test]
fn a_vendor_that_asks_to_slow_down_is_asked_later_and_does_not_count_as_failing() {
    let host = host();
    let start = now_ms();
    let mut asked = Vec::new();
    let end = Polling::new(&host, 100).until(true, || {
        asked.push(now_ms() - start);
        let retry_after_ms = Some(15_000);
        let refusal = Refusal::default();
        Err::<Option<()>, _>(Failure::Throttled {
            refusal,
            retry_after_ms,
        })
    });
    assert!(end.unwrap_err().timed_out);
    assert_eq!(asked[..7], [0, 15_000, 30_000, 45_000, 60_000, 75_000, 90_000]);
}

#[test]
fn several_are_asked_about_in_turns_and_one_that_fails_does_not_end_the_others() {
    let host = host();
    let start = now_ms();
    // How often each is asked about, and when it is to answer.
    let mut subjects = [(0, 2), (0, 1), (0, 11)];
    let ends = Polling::new(&host, 600).each(false, &mut subjects, |(asked, answers)| {
        *asked += 1;
        match *answers {
            2 => Err(rejected()),
            // It fails now and then.
            11 if *asked % 2 == 0 => Err(rejected()),
            answers => Ok((*asked == answers).then_some(answers)),
        }
    });
    let failed = Unanswered {
        timed_out: false,
        failure: Some(rejected()),
    };
    assert_eq!(ends, [Err(failed), Ok(1), Ok(11)]);
    assert_eq!(subjects.map(|(asked, _)| asked), [5, 1, 11]);
    // Eleven pauses for all of them, growing from 0.5 s to 10 s.
    assert_eq!(now_ms() - start, 54_626);

    let start = now_ms();
    let ends = Polling::new(&host, 600).each(false, &mut [(); 0], |()| Ok(Some(())));
    assert_eq!((ends, now_ms() - start), (Vec::new(), 0));
}

#[test]
fn nothing_is_asked_across_the_deadline_within_a_turn_either() {
    let host = host();
    // A turn of all of them would take 8 s.
    for deadline in [5_000, 7_000, 20_000] {
        let start = now_ms();
        set_deadline_ms(Some(start + deadline));
        let ends = Polling::new(&host, 600).each(true, &mut [(); 4], |()| {
            set_now_ms(now_ms() + 2_000);
            Ok(None::<()>)
        });
        set_deadline_ms(None);
        assert!(
            ends.iter()
                .all(|end| end.as_ref().is_err_and(|end| end.timed_out))
        );
        assert!(now_ms() - start < deadline, "{deadline}: {}", now_ms() - start);
    }
}

#[test]
fn a_vendor_that_asks_to_slow_down_is_not_asked_about_the_next_one_first() {
    let host = host();
    let start = now_ms();
    let mut asked = Vec::new();
    let ends = Polling::new(&host, 60).each(true, &mut [1, 2], |subject| {
        asked.push((*subject, now_ms() - start));
        if asked.len() > 1 {
            return Ok(Some(()));
        }
        Err(Failure::Throttled {
            refusal: Refusal::default(),
            retry_after_ms: Some(15_000),
        })
    });
    assert_eq!(ends, [Ok(()), Ok(())]);
    assert_eq!(asked, [(1, 0), (1, 15_000), (2, 15_000)]);
}
