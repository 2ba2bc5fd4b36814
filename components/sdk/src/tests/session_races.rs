//! Two calls at once, on a host that lets one of them log in.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use super::session::{Grant, NOW, Plain, Vendor, accepted, granted, host, refusal, sessions};
use crate::host::Clock;
use crate::session::Store;
use crate::settings::Settings;
use crate::testing::{Script, now_ms, set_now_ms};
use crate::{Failure, Host};

/// A store in which, at the next deletion, another call turns out to have written: as the contract's
/// host does it, the newer record stays.
#[derive(Clone)]
struct Raced {
    script: Script,
    written: Rc<RefCell<Option<Vec<u8>>>>,
}

impl Raced {
    fn new() -> Self {
        Self {
            script: Script::new(|_| panic!("sessions send nothing themselves")),
            written: Rc::default(),
        }
    }

    fn host(&self) -> Host {
        let (script, store) = (Box::new(self.script.clone()), Box::new(self.clone()));
        Host::new(Settings::default(), script, store, Box::new(Now))
    }

    /// What another call will have written: what `login` gives or fails with.
    fn will_have_written(&self, grant: Grant) {
        let (host, vendor) = (host(), Plain(Vendor::default()));
        vendor.0.grants.borrow_mut().push_back(grant);
        let _ = accepted(&sessions(&host, &vendor));
        *self.written.borrow_mut() = host.store().get(&self.key());
    }

    fn key(&self) -> String {
        let [key] = self.script.keys().try_into().expect("one record");
        key
    }
}

impl Store for Raced {
    fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.script.get(key)
    }

    fn set(&self, key: &str, value: Vec<u8>) {
        self.script.set(key, value);
    }

    fn delete(&self, key: &str) {
        match self.written.borrow_mut().take() {
            Some(newer) => self.script.set(key, newer),
            None => self.script.delete(key),
        }
    }
}

struct Now;

impl Clock for Now {
    fn now_ms(&self) -> u64 {
        now_ms()
    }

    fn sleep(&self, _: Duration) {}

    fn remaining(&self) -> Option<Duration> {
        None
    }
}

#[test]
fn what_another_call_has_written_by_the_time_of_the_claim_holds() {
    let failure = Failure::Unauthorized(refusal("wrong key"));
    for (theirs, expected) in [
        (granted("b", None), Ok("b".to_owned())),
        (Err(failure.clone()), Err(failure)),
    ] {
        let vendor = Vendor::new([granted("a", Some(NOW + 1000))]);
        let store = Raced::new();
        let host = store.host();
        let sessions = sessions(&host, &vendor);
        assert_eq!(accepted(&sessions).unwrap(), "a");
        set_now_ms(NOW + 1000);
        store.will_have_written(theirs);
        assert_eq!(accepted(&sessions), expected);
        assert_eq!(vendor.asked(), ["login"]);
    }
}

#[test]
fn what_another_call_has_written_in_place_of_a_corrupt_record_holds() {
    let vendor = Vendor::new([granted("a", None)]);
    let store = Raced::new();
    let host = store.host();
    let sessions = sessions(&host, &vendor);
    assert_eq!(accepted(&sessions).unwrap(), "a");
    host.store().set(&store.key(), b"{".to_vec());
    store.will_have_written(granted("b", None));
    assert_eq!(accepted(&sessions).unwrap(), "b");
    assert_eq!(vendor.asked(), ["login"]);
}
