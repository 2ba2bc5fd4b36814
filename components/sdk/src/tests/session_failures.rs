//! Logins and renewals that fail, and how long calls share the failure.

use serde_json::json;

use super::session::{NOW, Vendor, accepted, granted, host, key, record, refusal, sessions};
use crate::session::CallError;
use crate::testing::{Script, set_now_ms};
use crate::{Failure, Interruption, Refusal};

#[test]
fn a_fresh_login_that_fails_is_the_failure_of_the_call() {
    let failure = || Failure::Unauthorized(refusal("wrong key"));
    let vendor = Vendor::new([granted("a", None), Err(failure())]);
    let host = host();
    let mut tried = 0;
    let result: Result<(), _> = sessions(&host, &vendor).call(|_| {
        tried += 1;
        Err(CallError::Refused(refusal("expired")))
    });
    assert_eq!((result, tried), (Err(failure()), 1));
}

#[test]
fn failed_logins_are_shared_for_their_time_and_then_tried_again() {
    let throttled = |retry_after_ms| Failure::Throttled {
        refusal: refusal("slowly"),
        retry_after_ms,
    };
    let unreachable = |sent| Failure::Unreachable(Interruption::new("why", sent));
    let timeout = |sent| Failure::Timeout(Interruption::new("why", sent));
    let gateway = Failure::Unreachable(Interruption {
        message: "HTTP 503".to_owned(),
        request_sent: true,
        http_status: Some(503),
        retry_after_ms: Some(7000),
    });
    for (failure, lasts) in [
        (Failure::Rejected(refusal("no")), 5000),
        (Failure::Unauthorized(refusal("no")), 5000),
        (throttled(None), 1000),
        (throttled(Some(3000)), 3000),
        (throttled(Some(60_000)), 5000),
        (unreachable(false), 1000),
        (unreachable(true), 1000),
        (gateway, 1000),
        (timeout(false), 1000),
        (timeout(true), 1000),
        (Failure::malformed("why", 200), 1000),
    ] {
        let vendor = Vendor::new([Err(failure.clone()), granted("a", None)]);
        let host = host();
        let sessions = sessions(&host, &vendor);
        for time in [0, 1, lasts - 1] {
            set_now_ms(NOW + time);
            let shared = failure.clone().lasting(lasts - time);
            assert_eq!(accepted(&sessions), Err(shared), "after {time} ms");
        }
        assert_eq!(vendor.asked(), ["login"]);
        set_now_ms(NOW + lasts);
        assert_eq!(accepted(&sessions).as_deref(), Ok("a"), "{failure:?}");
        assert_eq!(vendor.asked(), ["login", "login"]);
    }
}

/// Calls again after the wait that each failure asks for, as a host does. Returns what came of it, and the
/// waits.
fn repeated(vendor: &Vendor) -> (Result<String, Failure>, Vec<u64>) {
    let host = host();
    let sessions = sessions(&host, vendor);
    let (mut now, mut waits) = (NOW, Vec::new());
    loop {
        match accepted(&sessions) {
            Err(
                Failure::Unreachable(Interruption { retry_after_ms, .. })
                | Failure::Timeout(Interruption { retry_after_ms, .. })
                | Failure::Throttled { retry_after_ms, .. },
            ) if waits.len() < 5 => waits.push(retry_after_ms.unwrap_or(0)),
            result => return (result, waits),
        }
        now += waits.last().unwrap();
        set_now_ms(now);
    }
}

#[test]
fn a_call_that_waits_as_its_failure_asks_finds_a_login_tried_again() {
    let gateway = |retry_after_ms| {
        Failure::Unreachable(Interruption {
            http_status: Some(503),
            retry_after_ms,
            ..Interruption::new("HTTP 503", true)
        })
    };
    let throttled = |retry_after_ms| Failure::Throttled {
        refusal: refusal("slowly"),
        retry_after_ms,
    };
    for (failure, wait) in [
        (Failure::Unreachable(Interruption::new("refused", false)), 1000),
        (Failure::Timeout(Interruption::new("slow", true)), 1000),
        (gateway(None), 1000),
        (gateway(Some(200)), 1000),
        (gateway(Some(3000)), 3000),
        (throttled(None), 1000),
        (throttled(Some(3000)), 3000),
        (throttled(Some(60_000)), 60_000),
    ] {
        let vendor = Vendor::new([Err(failure.clone()), Err(failure), granted("a", None)]);
        assert_eq!(repeated(&vendor), (Ok("a".to_owned()), vec![wait, wait]));
        assert_eq!(vendor.asked(), ["login"; 3]);
    }
}

#[test]
fn a_shared_failure_says_what_is_left_of_its_time() {
    let unreachable = || Failure::Unreachable(Interruption::new("refused", false));
    let vendor = Vendor::new([Err(unreachable()), granted("a", None)]);
    let host = host();
    let sessions = sessions(&host, &vendor);
    for left in [1000, 700, 1] {
        set_now_ms(NOW + 1000 - left);
        let Err(Failure::Unreachable(interruption)) = accepted(&sessions) else {
            panic!("it is shared");
        };
        assert_eq!(interruption.retry_after_ms, Some(left));
    }
    set_now_ms(NOW + 1000);
    assert_eq!(accepted(&sessions).as_deref(), Ok("a"));
}

#[test]
fn a_renewal_that_fails_keeps_the_session() {
    let broken = || Failure::Unreachable(Interruption::new("broken", true));
    let vendor = Vendor::new([granted("a", Some(NOW + 1000)), Err(broken()), granted("b", None)]);
    let script = Script::new(|_| panic!("sessions send nothing themselves"));
    let host = script.host(&[]);
    let sessions = sessions(&host, &vendor);
    assert_eq!(accepted(&sessions).unwrap(), "a");
    let stored = record(&script, "session");
    for time in [1000, 1999] {
        set_now_ms(NOW + time);
        let shared = broken().lasting(2000 - time);
        assert_eq!(accepted(&sessions), Err(shared), "after {time} ms");
        assert_eq!(record(&script, "session"), stored);
    }
    set_now_ms(NOW + 2000);
    assert_eq!(accepted(&sessions).unwrap(), "b");
    assert_eq!(vendor.asked(), ["login", "renew a", "renew a"]);
}

#[test]
fn a_renewal_that_is_refused_is_followed_by_a_login() {
    for refused in [
        Failure::Unauthorized(refusal("used up")),
        Failure::Rejected(refusal("used up")),
    ] {
        let vendor = Vendor::new([granted("a", Some(NOW + 1)), Err(refused), granted("b", None)]);
        let host = host();
        let sessions = sessions(&host, &vendor);
        assert_eq!(accepted(&sessions).unwrap(), "a");
        set_now_ms(NOW + 1);
        assert_eq!(accepted(&sessions).unwrap(), "b");
        assert_eq!(vendor.asked(), ["login", "renew a", "login"]);
    }
}

#[test]
fn a_refused_session_is_not_tried_again_while_no_login_succeeds() {
    let failure = || Failure::Unauthorized(refusal("wrong key"));
    let vendor = Vendor::new([granted("a", None), Err(failure()), granted("b", None)]);
    let script = Script::new(|_| panic!("sessions send nothing themselves"));
    let host = script.host(&[]);
    let sessions = sessions(&host, &vendor);
    let mut tried = Vec::new();
    let mut call = || {
        sessions.call(|session| {
            tried.push(session.clone());
            match session.as_str() {
                "a" => Err(CallError::Refused(refusal("expired"))),
                _ => Ok(()),
            }
        })
    };
    assert_eq!(call(), Err(failure()));
    assert_eq!(call(), Err(failure()), "shared");
    set_now_ms(NOW + 5000);
    assert_eq!(call(), Ok(()));
    assert_eq!(tried, ["a", "b"]);
    assert_eq!(vendor.asked(), ["login", "login", "renew a"]);
}

#[test]
fn a_stored_failure_that_cannot_be_read_is_ignored() {
    let failed = |until_ms: u64, kind: &str| {
        let failure = json!({ kind: { "code": "401", "message": "no", "http_status": 403 } });
        json!({ "current": "x", "failed": { "until_ms": until_ms, "failure": failure } }).to_string()
    };
    for (record, logins) in [
        (failed(NOW + 4000, "rejected"), 1),
        (failed(NOW + 4000, "postponed"), 2),
        (failed(NOW + 5001, "rejected"), 2),
        (r#"{"current":"x"}"#.to_owned(), 2),
        ("{}".to_owned(), 2),
        (String::new(), 2),
    ] {
        let vendor = Vendor::new([Err(Failure::Rejected(refusal("no"))), granted("a", None)]);
        let script = Script::new(|_| panic!("sessions send nothing themselves"));
        let host = script.host(&[]);
        let sessions = sessions(&host, &vendor);
        assert!(accepted(&sessions).is_err());
        host.store()
            .set(&key(&script, "login"), record.clone().into_bytes());
        let _ = accepted(&sessions);
        assert_eq!(vendor.asked().len(), logins, "{record}");
    }
}

#[test]
fn a_stored_failure_has_no_details() {
    let refused = Refusal {
        details: Some(json!({ "session": "geheim" })),
        ..refusal("no")
    };
    let vendor = Vendor::new([Err(Failure::Rejected(refused))]);
    let script = Script::new(|_| panic!("sessions send nothing themselves"));
    let host = script.host(&[]);
    assert!(accepted(&sessions(&host, &vendor)).is_err());
    let stored = record(&script, "login").unwrap();
    assert_eq!(stored["failed"]["failure"]["rejected"]["message"], "no");
    assert!(!stored.to_string().contains("geheim"), "{stored}");
}

#[test]
fn failures_that_reached_no_vendor_are_not_stored() {
    for failure in [
        Failure::InvalidSettings("no key".to_owned()),
        Failure::Denied("policy".to_owned()),
        Failure::invalid_input("", "no"),
        Failure::UnknownOperation("x".to_owned()),
    ] {
        let vendor = Vendor::new([Err(failure.clone()), granted("a", None)]);
        let script = Script::new(|_| panic!("sessions send nothing themselves"));
        let host = script.host(&[]);
        let sessions = sessions(&host, &vendor);
        assert_eq!(accepted(&sessions), Err(failure));
        assert_eq!(record(&script, "login").unwrap().get("failed"), None);
        assert_eq!(accepted(&sessions).as_deref(), Ok("a"));
    }
}
