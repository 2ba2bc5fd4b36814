//! A host for unit tests: a script in place of the network, memory in place of the store.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;

use crate::encode::Encoded;
use crate::endpoint::{Advance, Declaration};
use crate::host::{Clock, Host};
use crate::operations::{self, Connector};
use crate::session::Store;
use crate::settings::Settings;
use crate::shape::Shape;
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

/// The body of a request, as text.
///
/// # Panics
///
/// Where it isn't UTF-8.
#[must_use]
pub fn body(request: &Request) -> String {
    match std::str::from_utf8(&request.body) {
        Ok(text) => text.to_owned(),
        Err(error) => panic!("the body isn't text: {error}"),
    }
}

/// A header field of a request, by its name in lower case.
///
/// # Panics
///
/// Where the request has several of this name.
#[must_use]
pub fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let mut values = request.headers.iter().filter(|(field, _)| field == name);
    let value = values.next().map(|(_, value)| value.as_str());
    assert_eq!(values.next(), None, "{name} is there twice");
    value
}

/// Reads a JSON text, such as a schema.
///
/// # Panics
///
/// Where it isn't JSON.
#[must_use]
pub fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("isn't JSON: {error}: {text}"))
}

/// Checks what a connector declares and the compiler can't: that every operation has examples and takes them,
/// and that what its pages name is declared.
///
/// # Panics
///
/// Where something is wrong, with all that is.
pub fn declarations_hold<C: Connector>() {
    let wrong: Vec<String> = operations::all::<C>()
        .flat_map(|row| wrong(row.declaration()))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn wrong(declaration: &Declaration) -> Vec<String> {
    let mut wrong = Vec::new();
    if declaration.examples.is_empty() {
        wrong.push("has no example".to_owned());
    }
    for example in declaration.examples {
        let encoded = operations::parse(declaration, example).and_then(|params| match &declaration.route {
            Some(route) => Encoded::endpoint(declaration, params, route.path).map(drop),
            None => Ok(()),
        });
        if let Err(failure) = encoded {
            wrong.push(format!("the example {example}: {failure}"));
        }
    }
    if let Some(pages) = &declaration.pages {
        let (input, output) = (Shape::Object(declaration.input), declaration.output);
        let mut inputs: Vec<&str> = pages.size.into_iter().collect();
        let mut outputs: Vec<&str> = [pages.total, pages.more].into_iter().flatten().collect();
        outputs.push(pages.items);
        match pages.advance {
            Advance::PageNumber { page, .. } => inputs.push(page),
            Advance::Offset { offset, .. } => inputs.push(offset),
            Advance::Cursors(cursors) => {
                inputs.extend(cursors.iter().map(|cursor| cursor.input));
                outputs.extend(cursors.iter().map(|cursor| cursor.output));
            }
            Advance::LastItem { input, .. } => inputs.push(input),
        }
        let lost = inputs.into_iter().filter(|place| !leads(&input, place));
        let lost = lost.chain(outputs.into_iter().filter(|place| !leads(output, place)));
        wrong.extend(lost.map(|place| format!("the pages name {place:?}, which isn't declared")));
    }
    wrong
        .iter()
        .map(|what| format!("{}: {what}", declaration.id))
        .collect()
}

/// Whether a JSON Pointer leads to something that may be there.
fn leads(shape: &Shape, pointer: &str) -> bool {
    let shape = match shape {
        Shape::Optional(inner) => return leads(inner, pointer),
        Shape::Reference(inner) => return leads(inner(), pointer),
        other => other,
    };
    let Some(rest) = pointer.strip_prefix('/') else {
        return pointer.is_empty();
    };
    let (name, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let name = name.replace("~1", "/").replace("~0", "~");
    match shape {
        Shape::Any => true,
        Shape::Map(inner) | Shape::List(inner) => leads(inner, rest),
        Shape::Object(object) => object
            .field(&name)
            .map_or(object.open, |field| leads(field.shape, rest)),
        _ => false,
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
