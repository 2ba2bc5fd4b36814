//! One login serves all calls, and sessions are renewed and replaced.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::LazyLock;

use serde_json::Value;

use crate::session::{Account, CallError, Granted, Login, RECORDS, Sessions, Store as _};
use crate::testing::{Script, set_now_ms};
use crate::{Failure, Host, Refusal};

pub(super) const NOW: u64 = 1_700_000_000_000;
const BASE: &str = "https://vendor.example/gate";

pub(super) type Grant = Result<Granted<String>, Failure>;

/// A vendor that grants what the test says, in its order, and notes what it was asked.
#[derive(Default)]
pub(super) struct Vendor {
    pub(super) grants: RefCell<VecDeque<Grant>>,
    asked: RefCell<Vec<String>>,
}

impl Vendor {
    pub(super) fn new(grants: impl IntoIterator<Item = Grant>) -> Self {
        set_now_ms(NOW);
        Self {
            grants: RefCell::new(grants.into_iter().collect()),
            asked: RefCell::default(),
        }
    }

    fn grant(&self, what: String) -> Grant {
        self.asked.borrow_mut().push(what);
        let next = self.grants.borrow_mut().pop_front();
        next.expect("asked more often than the test says")
    }

    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.borrow().clone()
    }
}

impl Login for Vendor {
    type Session = String;

    fn login(&self) -> Grant {
        self.grant("login".to_owned())
    }

    fn renew(&self, session: &String) -> Result<Option<Granted<String>>, Failure> {
        self.grant(format!("renew {session}")).map(Some)
    }
}

/// A vendor whose sessions can't be renewed.
pub(super) struct Plain(pub(super) Vendor);

impl Login for Plain {
    type Session = String;

    fn login(&self) -> Grant {
        self.0.login()
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a vendor's grant may fail")]
pub(super) fn granted(session: &str, until_ms: Option<u64>) -> Grant {
    Ok(Granted {
        session: session.to_owned(),
        until_ms,
    })
}

pub(super) fn host() -> Host {
    Script::new(|_| panic!("sessions send nothing themselves")).host(&[])
}

pub(super) fn sessions<'a, L: Login>(host: &'a Host, login: &'a L) -> Sessions<'a, L> {
    static ACCOUNT: LazyLock<Account> = LazyLock::new(|| Account::new("vendor-x", BASE, "me"));
    Sessions::new(host, login, &ACCOUNT)
}

/// The session of a call that the vendor accepts.
pub(super) fn accepted<L: Login<Session = String>>(sessions: &Sessions<'_, L>) -> Result<String, Failure> {
    sessions.call(|session| Ok(session.clone()))
}

pub(super) fn refusal(message: &str) -> Refusal {
    Refusal {
        code: Some("401".to_owned()),
        message: message.to_owned(),
        http_status: Some(403),
        details: None,
    }
}

/// The key of the only record of this name.
pub(super) fn key(script: &Script, name: &str) -> String {
    let mut keys = script.keys();
    keys.retain(|key| key.ends_with(&format!("/{name}")));
    let [key] = keys.try_into().expect("one record");
    key
}

/// The only record of this name, where there is one.
pub(super) fn record(script: &Script, name: &str) -> Option<Value> {
    let key = script
        .keys()
        .into_iter()
        .find(|key| key.ends_with(&format!("/{name}")))?;
    Some(serde_json::from_slice(&script.get(&key).unwrap()).unwrap())
}

#[test]
fn one_login_serves_all_calls_and_instances() {
    let vendor = Vendor::new([granted("a", None)]);
    let script = Script::new(|_| panic!("sessions send nothing themselves"));
    for _ in 0..3 {
        let host = script.host(&[]);
        let sessions = sessions(&host, &vendor);
        assert_eq!(accepted(&sessions).unwrap(), "a");
        assert_eq!(accepted(&sessions).unwrap(), "a");
    }
    assert_eq!(vendor.asked(), ["login"]);
}

#[test]
fn a_session_is_renewed_at_its_end_and_not_before() {
    let vendor = Vendor::new([granted("a", Some(NOW + 1000)), granted("b", None)]);
    let host = host();
    let sessions = sessions(&host, &vendor);
    for (time, session) in [(0, "a"), (999, "a"), (1000, "b"), (1_000_000, "b")] {
        set_now_ms(NOW + time);
        assert_eq!(accepted(&sessions).unwrap(), session, "after {time} ms");
    }
    assert_eq!(vendor.asked(), ["login", "renew a"]);
}

#[test]
fn what_cannot_be_renewed_is_a_login() {
    let vendor = Plain(Vendor::new([granted("a", Some(NOW + 1)), granted("b", None)]));
    let host = host();
    let sessions = sessions(&host, &vendor);
    assert_eq!(accepted(&sessions).unwrap(), "a");
    set_now_ms(NOW + 1);
    assert_eq!(accepted(&sessions).unwrap(), "b");
    assert_eq!(vendor.0.asked(), ["login", "login"]);
}

#[test]
fn a_refused_session_is_replaced_once_and_the_call_repeated_once() {
    let vendor = Vendor::new([granted("a", None), granted("b", None)]);
    let host = host();
    let sessions = sessions(&host, &vendor);
    let mut tried = Vec::new();
    let result = sessions.call(|session| {
        tried.push(session.clone());
        match session.as_str() {
            "a" => Err(CallError::Refused(refusal("expired"))),
            _ => Ok(7),
        }
    });
    assert_eq!(result, Ok(7));
    assert_eq!(tried, ["a", "b"]);
    assert_eq!(accepted(&sessions).unwrap(), "b");
    assert_eq!(vendor.asked(), ["login", "login"]);
}

#[test]
fn a_second_refusal_is_unauthorized() {
    let vendor = Vendor::new([granted("a", None), granted("b", None)]);
    let host = host();
    let mut tried = 0;
    let result: Result<(), _> = sessions(&host, &vendor).call(|session| {
        tried += 1;
        Err(CallError::Refused(refusal(&format!("no {session}"))))
    });
    assert_eq!(result, Err(Failure::Unauthorized(refusal("no b"))));
    assert_eq!((tried, vendor.asked().len()), (2, 2));
}

#[test]
fn other_failures_of_a_call_are_neither_repeated_nor_stored() {
    let failure = || Failure::Rejected(refusal("no such thing"));
    let vendor = Vendor::new([granted("a", None), granted("b", None)]);
    let host = host();
    let sessions = sessions(&host, &vendor);
    let mut tried = 0;
    let result: Result<(), _> = sessions.call(|_| {
        tried += 1;
        Err(failure().into())
    });
    assert_eq!((result, tried), (Err(failure()), 1));
    assert_eq!(vendor.asked(), ["login"]);

    let result: Result<(), _> = sessions.call(|session| match session.as_str() {
        "a" => Err(CallError::Refused(refusal("expired"))),
        _ => Err(failure().into()),
    });
    assert_eq!(result, Err(failure()));
    assert_eq!(accepted(&sessions).unwrap(), "b");
    assert_eq!(vendor.asked(), ["login", "login"]);
}

#[test]
fn a_newer_session_of_another_call_is_used_instead_of_a_login() {
    let vendor = Vendor::new([granted("a", None)]);
    let elsewhere = Vendor::new([granted("b", None)]);
    let host = host();
    let result = sessions(&host, &vendor).call(|session| match session.as_str() {
        "a" => {
            // Meanwhile another call is refused too, and logs in.
            let other = sessions(&host, &elsewhere).call(|session| match session.as_str() {
                "a" => Err(CallError::Refused(refusal("expired"))),
                _ => Ok(()),
            });
            assert_eq!(other, Ok(()));
            Err(CallError::Refused(refusal("expired")))
        }
        session => Ok(session.to_owned()),
    });
    assert_eq!(result.as_deref(), Ok("b"));
    assert_eq!(
        (vendor.asked(), elsewhere.asked()),
        (vec!["login".to_owned()], vec!["login".to_owned()])
    );
}

#[test]
fn corrupt_records_are_ignored() {
    for record in [
        "",
        "{",
        "null",
        "{}",
        "\u{0}",
        r#"{"session":7}"#,
        r#"{"until_ms":"x","session":"c"}"#,
    ] {
        let vendor = Vendor::new([granted("a", None), granted("b", None)]);
        let script = Script::new(|_| panic!("sessions send nothing themselves"));
        let host = script.host(&[]);
        let sessions = sessions(&host, &vendor);
        assert_eq!(accepted(&sessions).unwrap(), "a");
        host.store().set(&key(&script, "session"), record.into());
        assert_eq!(accepted(&sessions).unwrap(), "b", "{record}");
        assert_eq!(accepted(&sessions).unwrap(), "b", "{record}");
        assert_eq!(vendor.asked(), ["login", "login"]);
    }
}

#[test]
fn all_that_is_stored_is_declared_and_tokens_are_in_the_session_alone() {
    let vendor = Vendor::new([
        granted("token-1", Some(NOW + 1)),
        Err(Failure::Rejected(refusal("no"))),
        Err(Failure::Rejected(refusal("no"))),
        granted("token-2", None),
    ]);
    let script = Script::new(|_| panic!("sessions send nothing themselves"));
    let host = script.host(&[]);
    let sessions = sessions(&host, &vendor);
    for time in [0, 1, 6000] {
        set_now_ms(NOW + time);
        let _ = accepted(&sessions);
    }
    let keys = script.keys();
    assert_eq!(keys.len(), RECORDS.len());
    for key in keys {
        let (_, name) = key.rsplit_once('/').unwrap();
        let declared = RECORDS.iter().find(|record| record.name == name).unwrap();
        let stored = String::from_utf8(script.get(&key).unwrap()).unwrap();
        assert_eq!(declared.secret, stored.contains("token-"), "{key}: {stored}");
    }
}

#[test]
fn keys_are_made_of_connector_and_digest() {
    let script = Script::new(|_| panic!("sessions send nothing themselves"));
    let host = script.host(&[]);
    let accounts = [
        ("vendor-x", BASE, "me"),
        ("vendor-x", BASE, "密 \"&\n you"),
        ("vendor-x", "https://other.example", "me"),
        ("vendor-y", BASE, "me"),
    ];
    for (index, (connector, base_url, account)) in accounts.into_iter().enumerate() {
        let token = format!("token-{index}");
        let vendor = Vendor::new([granted(&token, None)]);
        let account = Account::new(connector, base_url, account);
        let sessions = Sessions::new(&host, &vendor, &account);
        assert_eq!(accepted(&sessions).unwrap(), token);
        assert_eq!(accepted(&sessions).unwrap(), token);
    }
    let keys = script.keys();
    assert_eq!(keys.len(), accounts.len() * RECORDS.len());
    for key in &keys {
        let [connector, digest, name] = key.split('/').collect::<Vec<_>>().try_into().unwrap();
        assert!(
            ["vendor-x", "vendor-y"].contains(&connector) && RECORDS.iter().any(|record| record.name == name),
            "{key}"
        );
        assert!(
            digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit()),
            "{key}"
        );
        assert!(
            key.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_./=-".contains(&b)),
            "{key}"
        );
        assert!(!key.contains("token"), "{key}");
    }
    // SHA-256 of base URL, line feed and account: instances and versions must agree on it.
    let digest = "91ea4f125ead9a8bdd4d61842bfa6ea0b4d00c5ecd8aa0568eeb6f1b189730da";
    assert!(keys.contains(&format!("vendor-x/{digest}/session")), "{keys:?}");
}
