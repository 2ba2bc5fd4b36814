//! A connector that does everything that a host must withstand.

mod hoard;
mod spy;

use std::hint::black_box;

use patchbay_sdk::{
    Call, Connector, Endpoint, Failure, Handler, Host, Interruption, Method, Nothing, Operation, Params,
    Payload, Refusal, Request, Setting, Violation, operations, settings,
};
use serde::Deserialize;
use serde_json::{Value, json};

/// What versions differ in.
const REGION: Setting = if cfg!(feature = "demanding") {
    Setting::required("region", "Where").secret()
} else {
    Setting::optional("region", "Where")
};

/// The connector.
pub struct Misbehaving {
    host: Host,
}

impl Connector for Misbehaving {
    const ID: &'static str = "misbehaving";
    const VENDOR: &'static str = "None";
    const SUMMARY: &'static str = "Everything that a host must withstand";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const DOCUMENT: &'static str = "None";
    const SETTINGS: &'static [Setting] = &[
        settings::BASE_URL,
        Setting::optional("token", "A secret").secret(),
        Setting::optional("signing_key", "A key").key(),
        REGION,
        Setting::optional("fields", "JSON object of secrets")
            .secret()
            .schema(settings::TEXTS),
        settings::PATH_OVERRIDES,
    ];
    const OPERATIONS: &'static [&'static [Operation<Self>]] = &[
        operations![; Well, Spin, Bomb, Trap, Overflow, Visit, SendAndEnd, Fail, Garble, Print, Files],
        spy::OPERATIONS,
        hoard::OPERATIONS,
    ];

    fn open(host: Host) -> Result<Self, Failure> {
        Ok(Self { host })
    }

    fn host(&self) -> &Host {
        &self.host
    }

    fn call(&self, _: &Call) -> Result<Payload, Failure> {
        Ok(Payload::null())
    }
}

macro_rules! operation {
    ($(#[$doc:meta])* $name:ident $id:literal $body:expr) => {
        $(#[$doc])*
        #[derive(Debug, Endpoint)]
        #[endpoint(id = $id, title = $id, route = "GET /", effect = Write, response = Nothing)]
        pub struct $name {}

        impl Handler<Misbehaving> for $name {
            fn handle(connector: &Misbehaving, _: Params) -> Result<Payload, Failure> {
                let body: fn(&Misbehaving) -> Result<Value, Failure> = $body;
                body(connector).map(Payload::from)
            }
        }
    };
}

operation! {
    /// Behaves, and counts how often this instance has been called
    Well "well" |_| {
        thread_local!(static CALLS: std::cell::Cell<u32> = const { std::cell::Cell::new(0) });
        CALLS.set(CALLS.get() + 1);
        Ok(json!({ "calls": CALLS.get() }))
    }
}

operation! {
    /// Never ends
    Spin "spin" |_| {
        let mut turns = 0_u64;
        loop {
            turns = black_box(turns.wrapping_add(1));
        }
    }
}

operation! {
    /// Takes all memory
    Bomb "bomb" |_| {
        let mut hoard: Vec<Vec<u8>> = Vec::new();
        loop {
            hoard.push(black_box(vec![1; 1 << 20]));
        }
    }
}

operation! {
    /// Panics
    Trap "trap" |_| panic!("as told")
}

operation! {
    /// Calls itself for ever
    Overflow "overflow" |_| {
        fn deeper(depth: u64) -> u64 {
            let pad = black_box([depth; 64]);
            if black_box(true) { deeper(depth + 1) + pad[0] } else { depth }
        }
        Ok(Value::from(deeper(0)))
    }
}

operation! {
    /// Prints the secret
    Print "print" |connector| {
        let token = connector.host.settings().get("token").unwrap_or_default();
        panic!("the token is {token}")
    }
}

operation! {
    /// Tries to read files and the environment
    Files "files" |_| {
        let files = std::fs::read_dir("/").map(Iterator::count).ok();
        let written = std::fs::write("/tmp/escaped", "x").is_ok();
        let variables = std::env::vars().count();
        Ok(json!({ "files": files, "written": written, "variables": variables }))
    }
}

/// Sends a request to any place
#[derive(Debug, Deserialize, Endpoint)]
#[endpoint(id = "visit", title = "visit", route = "GET /", effect = Read, response = Nothing)]
pub struct Visit {
    /// Where to.
    pub url: String,
}

impl Handler<Misbehaving> for Visit {
    fn handle(connector: &Misbehaving, params: Params) -> Result<Payload, Failure> {
        let Self { url } = params.read()?;
        let response = connector.host.send(Request::new(Method::GET, url))?;
        Ok(json!({ "status": response.status, "bytes": response.body.len() }).into())
    }
}

/// Sends a request, and ends in a way that says nothing of it
#[derive(Debug, Deserialize, Endpoint)]
#[endpoint(id = "send", title = "send", route = "POST /", effect = Write, response = Nothing)]
pub struct SendAndEnd {
    /// Where to.
    pub url: String,
    /// `trap`, `spin`, `invalid-input`, `unknown-operation`, `unreachable`, or a URL that is visited as well.
    pub end: String,
}

impl Handler<Misbehaving> for SendAndEnd {
    fn handle(connector: &Misbehaving, params: Params) -> Result<Payload, Failure> {
        let Self { url, end } = params.read()?;
        let send = |url: &str| connector.host.send(Request::new(Method::POST, url));
        send(&url)?;
        match end.as_str() {
            "trap" => panic!("after the request"),
            "spin" => loop {
                black_box(&url);
            },
            "invalid-input" => Err(Failure::invalid_input("/url", "isn't liked")),
            "unknown-operation" => Err(Failure::UnknownOperation("send".to_owned())),
            "unreachable" => Err(Failure::Unreachable(Interruption::new("it says", false))),
            url => {
                send(url)?;
                Ok(Payload::null())
            }
        }
    }
}

/// Fails in as many words and bytes as it is told
#[derive(Debug, Deserialize, Endpoint)]
#[endpoint(id = "fail", title = "fail", route = "POST /", effect = Write, response = Nothing)]
pub struct Fail {
    /// The size of each of its texts.
    pub bytes: u32,
    /// The milliseconds that it asks to wait.
    #[param(with = Option<Value>)]
    pub retry_after_ms: Option<u64>,
    /// How many violations it finds; none: it is throttled.
    pub violations: u32,
}

impl Handler<Misbehaving> for Fail {
    fn handle(_: &Misbehaving, params: Params) -> Result<Payload, Failure> {
        let fail: Self = params.read()?;
        let text = || "x".repeat(fail.bytes as usize);
        if fail.violations > 0 {
            let violation = || Violation::new(text(), text());
            return Err(Failure::InvalidInput(
                (0..fail.violations).map(|_| violation()).collect(),
            ));
        }
        let refusal = Refusal {
            code: Some(text()),
            message: text(),
            http_status: None,
            details: Some(json!({ "text": text() })),
        };
        Err(Failure::Throttled {
            refusal,
            retry_after_ms: fail.retry_after_ms,
        })
    }
}

/// Makes its own schema up: takes anything, gives a million characters
#[derive(Debug, Endpoint)]
#[endpoint(id = "garble", title = "garble", route = "GET /", effect = Read, response = Nothing)]
pub struct Garble {}

impl Handler<Misbehaving> for Garble {
    fn handle(_: &Misbehaving, _: Params) -> Result<Payload, Failure> {
        Ok(Value::from("x".repeat(1_000_000)).into())
    }
}

patchbay_sdk::export!(Misbehaving);
