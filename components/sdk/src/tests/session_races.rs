//! Many calls at once, on a host that knows claims and on one that doesn't.

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use super::claims::Bucket;
use super::session::{NOW, accepted, refusal, sessions};
use crate::session::{CallError, Granted, Login};
use crate::{Failure, Interruption};

const CALLS: usize = 16;

/// A vendor whose refresh tokens are good for one use.
#[derive(Default)]
struct Rotating {
    logins: AtomicU32,
    renewals: AtomicU32,
    /// The only session that holds, and can be renewed.
    valid: Mutex<String>,
    /// How long a session holds, in milliseconds; 0: until it is refused.
    lifetime: u64,
    time: Arc<AtomicU64>,
    /// What logins and renewals fail with.
    fails: Mutex<Option<Failure>>,
    /// Whether a renewal that fails has nevertheless used up the refresh token.
    breaks_after_renewal: bool,
}

impl Rotating {
    fn new(bucket: &Bucket, lifetime: u64) -> Self {
        Self {
            lifetime,
            time: bucket.time.clone(),
            ..Self::default()
        }
    }

    fn grant(&self, session: String) -> Granted<String> {
        // Long enough for the other calls to come in between.
        thread::sleep(Duration::from_millis(20));
        session.clone_into(&mut self.valid.lock().unwrap());
        let until = self.time.load(Ordering::SeqCst) + self.lifetime;
        Granted {
            session,
            until_ms: (self.lifetime > 0).then_some(until),
        }
    }

    fn counts(&self) -> (u32, u32) {
        (
            self.logins.load(Ordering::SeqCst),
            self.renewals.load(Ordering::SeqCst),
        )
    }

    fn fail_with(&self, failure: Option<Failure>) {
        *self.fails.lock().unwrap() = failure;
    }

    fn failure(&self) -> Option<Failure> {
        self.fails.lock().unwrap().clone()
    }
}

impl Login for Rotating {
    type Session = String;

    fn login(&self) -> Result<Granted<String>, Failure> {
        let count = self.logins.fetch_add(1, Ordering::SeqCst);
        match self.failure() {
            Some(failure) => {
                thread::sleep(Duration::from_millis(20));
                Err(failure)
            }
            None => Ok(self.grant(format!("login-{count}"))),
        }
    }

    fn renew(&self, session: &String) -> Result<Option<Granted<String>>, Failure> {
        let count = self.renewals.fetch_add(1, Ordering::SeqCst);
        if *session != *self.valid.lock().unwrap() {
            return Err(Failure::Unauthorized(refusal("used up")));
        }
        match self.failure() {
            Some(failure) => {
                if self.breaks_after_renewal {
                    self.grant(format!("lost-{count}"));
                }
                Err(failure)
            }
            None => Ok(Some(self.grant(format!("renewed-{count}")))),
        }
    }
}

/// Makes many calls at once, and returns what came of them.
fn at_once<T: Send>(call: impl Fn() -> T + Sync) -> Vec<T> {
    let barrier = Barrier::new(CALLS);
    thread::scope(|scope| {
        let calls: Vec<_> = (0..CALLS)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    call()
                })
            })
            .collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    })
}

/// Calls that the vendor accepts while the session holds, in turns on each of the hosts.
fn calls_on(hosts: &[Bucket], vendor: &Rotating) -> Vec<Result<String, Failure>> {
    let next = AtomicUsize::new(0);
    at_once(|| {
        let host = hosts[next.fetch_add(1, Ordering::SeqCst) % hosts.len()].host();
        let sessions = sessions(&host, vendor);
        sessions.call(|session| {
            if *session == *vendor.valid.lock().unwrap() {
                Ok(session.clone())
            } else {
                Err(CallError::Refused(refusal("expired")))
            }
        })
    })
}

fn calls(host: &Bucket, vendor: &Rotating) -> Vec<Result<String, Failure>> {
    calls_on(std::slice::from_ref(host), vendor)
}

fn assert_all(results: &[Result<String, Failure>], expected: &Result<String, Failure>) {
    for result in results {
        assert_eq!(result, expected);
    }
}

#[test]
fn a_cold_start_makes_one_login() {
    let bucket = Bucket::new(true);
    let vendor = Rotating::new(&bucket, 0);
    assert_all(&calls(&bucket, &vendor), &Ok("login-0".to_owned()));
    assert_eq!(vendor.counts(), (1, 0));
}

#[test]
fn a_session_that_has_ended_is_renewed_once_each_time() {
    let bucket = Bucket::new(true);
    let vendor = Rotating::new(&bucket, 1000);
    calls(&bucket, &vendor);
    for renewal in 0..5 {
        bucket.set_time(NOW + (u64::from(renewal) + 1) * 1000);
        assert_all(&calls(&bucket, &vendor), &Ok(format!("renewed-{renewal}")));
        assert_eq!(vendor.counts(), (1, renewal + 1));
    }
}

#[test]
fn a_refused_session_is_replaced_by_one_login() {
    let bucket = Bucket::new(true);
    let vendor = Rotating::new(&bucket, 0);
    calls(&bucket, &vendor);
    for login in 1..5 {
        "none".clone_into(&mut vendor.valid.lock().unwrap());
        assert_all(&calls(&bucket, &vendor), &Ok(format!("login-{login}")));
        assert_eq!(vendor.counts(), (login + 1, 0));
    }
}

#[test]
fn a_failed_login_is_shared_by_the_calls_that_wait() {
    let bucket = Bucket::new(true);
    let vendor = Rotating::new(&bucket, 0);
    let failure = Failure::Unauthorized(refusal("wrong key"));
    vendor.fail_with(Some(failure.clone()));
    for logins in 1..4 {
        assert_all(&calls(&bucket, &vendor), &Err(failure.clone()));
        assert_eq!(vendor.counts(), (logins, 0));
        bucket.set_time(NOW + u64::from(logins) * 5000);
    }
    vendor.fail_with(None);
    assert_all(&calls(&bucket, &vendor), &Ok("login-3".to_owned()));
}

#[test]
fn a_broken_renewal_is_shared_and_loses_no_session() {
    let broken = || Failure::Unreachable(Interruption::new("broken", true));
    for breaks_after_renewal in [false, true] {
        let bucket = Bucket::new(true);
        let vendor = Rotating {
            breaks_after_renewal,
            ..Rotating::new(&bucket, 1000)
        };
        calls(&bucket, &vendor);
        bucket.set_time(NOW + 1000);
        vendor.fail_with(Some(broken()));
        assert_all(&calls(&bucket, &vendor), &Err(broken().lasting(1000)));
        assert_eq!(vendor.counts(), (1, 1));

        vendor.fail_with(None);
        bucket.set_time(NOW + 2000);
        let (expected, counts) = if breaks_after_renewal {
            ("login-1", (2, 2))
        } else {
            ("renewed-1", (1, 2))
        };
        assert_all(&calls(&bucket, &vendor), &Ok(expected.to_owned()));
        assert_eq!(vendor.counts(), counts);
    }
}

/// A login that ends its call.
struct Dying;

impl Login for Dying {
    type Session = String;

    fn login(&self) -> Result<Granted<String>, Failure> {
        thread::sleep(Duration::from_millis(50));
        panic!("the call is cut")
    }
}

#[test]
fn a_call_that_dies_with_the_claim_hands_it_on() {
    for cold in [true, false] {
        let bucket = Bucket::new(true);
        let vendor = Rotating::new(&bucket, 1000);
        if !cold {
            calls(&bucket, &vendor);
            bucket.set_time(NOW + 1000);
            // An earlier renewal has left its mark.
            calls(&bucket, &vendor);
            bucket.set_time(NOW + 2000);
        }
        let before = vendor.counts();
        thread::scope(|scope| {
            let dying = scope.spawn(|| {
                let host = bucket.host();
                accepted(&sessions(&host, &Dying))
            });
            thread::sleep(Duration::from_millis(10));
            let results = calls(&bucket, &vendor);
            assert!(dying.join().is_err());
            assert!(results.iter().all(Result::is_ok), "{results:?}");
        });
        let (logins, renewals) = vendor.counts();
        assert_eq!(logins - before.0 + renewals - before.1, 1);
    }
}

#[test]
fn hosts_that_share_sessions_renew_once_between_them() {
    let hosts = Bucket::pair();
    let vendor = Rotating::new(&hosts[0], 1000);
    let both = || calls_on(&hosts, &vendor);
    assert_all(&both(), &Ok("login-0".to_owned()));
    for renewal in 0..5 {
        hosts[0].set_time(NOW + (renewal + 1) * 1000);
        assert_all(&both(), &Ok(format!("renewed-{renewal}")));
    }
    assert_eq!(vendor.counts(), (1, 5));

    // One host doesn't see what the other one does for a while: it keeps an old copy.
    for renewal in 5..8 {
        hosts[0].set_time(NOW + (renewal + 1) * 1000);
        let expected = Ok(format!("renewed-{renewal}"));
        assert_all(&calls(&hosts[0], &vendor), &expected);
    }
    assert_all(&calls(&hosts[1], &vendor), &Ok("renewed-7".to_owned()));
    assert_eq!(vendor.counts(), (1, 8));

    // A failure is shared, too.
    let broken = || Failure::Unreachable(Interruption::new("broken", false));
    vendor.fail_with(Some(broken()));
    hosts[0].set_time(NOW + 9000);
    assert_all(&both(), &Err(broken().lasting(1000)));
    assert_all(&calls(&hosts[1], &vendor), &Err(broken().lasting(1000)));
    assert_eq!(vendor.counts(), (1, 9));
    vendor.fail_with(None);
    hosts[0].set_time(NOW + 10_000);
    assert_all(&both(), &Ok("renewed-9".to_owned()));
    assert_eq!(vendor.counts(), (1, 10));

    // So is a refused session, and the login in its place.
    for login in 1..4 {
        "none".clone_into(&mut vendor.valid.lock().unwrap());
        assert_all(&both(), &Ok(format!("login-{login}")));
        assert_eq!(vendor.counts(), (login + 1, 10));
    }
}

#[test]
fn without_claims_every_call_succeeds() {
    let bucket = Bucket::new(false);
    let vendor = Rotating::new(&bucket, 1000);
    for round in 0..5 {
        bucket.set_time(NOW + round * 1000);
        // Each call may log in itself; the vendor accepts the last session only, so a call may be refused.
        let results = at_once(|| accepted(&sessions(&bucket.host(), &vendor)));
        assert!(results.iter().all(Result::is_ok), "{results:?}");
    }
    let before = vendor.counts();
    let host = bucket.host();
    accepted(&sessions(&host, &vendor)).unwrap();
    assert_eq!(vendor.counts(), before, "a session is found again");
}

#[test]
fn calls_at_any_time_end_and_hold_no_deadlock() {
    let bucket = Bucket::new(true);
    let vendor = Rotating::new(&bucket, 50);
    let round = AtomicU64::new(0);
    let results = at_once(|| {
        (0..40)
            .map(|_| {
                let host = bucket.host();
                bucket.set_time(NOW + round.fetch_add(1, Ordering::SeqCst));
                let sessions = sessions(&host, &vendor);
                // Several requests, as an operation may send them.
                (0..3).map(|_| accepted(&sessions)).collect::<Result<Vec<_>, _>>()
            })
            .collect::<Result<Vec<_>, _>>()
    });
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert!(vendor.counts().0 == 1, "{:?}", vendor.counts());
}
