//! A host for unit tests: a script in place of the network, memory in place of the store.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use crate::host::{Clock, Host};
use crate::session::Store;
use crate::settings::Settings;
use crate::transport::{Request, Response, Transport, TransportError};

thread_local! {
    static NOW: Cell<u64> = const { Cell::new(1_700_000_000_000) };
    static DEADLINE: Cell<Option<u64>> = const { Cell::new(None) };
}

/// Lets the calls of this thread's test hosts end at this time, in milliseconds since 1970.
pub fn set_deadline_ms(deadline: Option<u64>) {
    DEADLINE.set(deadline);
}

/// Sets the clock of this thread's test hosts, in milliseconds since 1970.
pub fn set_now_ms(now: u64) {
    NOW.set(now);
}

/// The clock of this thread's test hosts.
#[must_use]
pub fn now_ms() -> u64 {
    NOW.get()
}

/// The clock of this thread's test hosts. Waiting sets it forward.
struct TestClock;

impl Clock for TestClock {
    fn now_ms(&self) -> u64 {
        NOW.get()
    }

    fn sleep(&self, time: Duration) {
        NOW.set(NOW.get() + u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
    }

    fn remaining(&self) -> Option<Duration> {
        DEADLINE
            .get()
            .map(|deadline| Duration::from_millis(deadline.saturating_sub(NOW.get())))
    }
}

type Answers = dyn Fn(&Request) -> Result<Response, TransportError>;

/// What a test sees of a host that it made.
#[derive(Clone)]
pub struct Script {
    answers: Rc<Answers>,
    sent: Rc<RefCell<Vec<Request>>>,
    stored: Rc<RefCell<HashMap<String, Vec<u8>>>>,
}

impl Script {
    /// A host whose network answers as `answers` does.
    pub fn new(answers: impl Fn(&Request) -> Result<Response, TransportError> + 'static) -> Self {
        Self {
            answers: Rc::new(answers),
            sent: Rc::default(),
            stored: Rc::default(),
        }
    }

    /// The host, with these settings.
    #[must_use]
    pub fn host(&self, settings: &[(&str, &str)]) -> Host {
        let settings: Settings = settings.iter().copied().collect();
        Host::new(
            settings,
            Box::new(self.clone()),
            Box::new(self.clone()),
            Box::new(TestClock),
        )
    }

    /// What has been sent so far.
    #[must_use]
    pub fn sent(&self) -> Vec<Request> {
        self.sent.borrow().clone()
    }

    /// The keys in the store.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.stored.borrow().keys().cloned().collect()
    }
}

impl Transport for Script {
    fn send(&self, request: Request) -> Result<Response, TransportError> {
        self.sent.borrow_mut().push(request.clone());
        (self.answers)(&request)
    }
}

impl Store for Script {
    fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.stored.borrow().get(key).cloned()
    }

    fn set(&self, key: &str, value: Vec<u8>) {
        self.stored.borrow_mut().insert(key.to_owned(), value);
    }

    fn delete(&self, key: &str) {
        self.stored.borrow_mut().remove(key);
    }
}

/// A response with a JSON body.
#[must_use]
pub fn json_response(status: u16, body: &str) -> Response {
    Response {
        status,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: body.as_bytes().to_vec(),
    }
}
