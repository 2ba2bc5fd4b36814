//! A connector that does everything that a host must withstand.

mod hoard;
mod spy;

use std::hint::black_box;

use patchbay_sdk::{
    Call, Connector, Effect, Endpoint, Failure, Handler, Host, Interruption, Method, Nothing, Operation,
    Payload, Refusal, Request, Setting, Violation, operations, settings,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
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
        #[derive(Debug, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {}

        impl Endpoint for $name {
            const ID: &'static str = $id;
            const TITLE: &'static str = $id;
            const METHOD: Method = Method::GET;
            const PATH: &'static str = "/";
            const EFFECT: Effect = Effect::Write;
            type Response = Nothing;
        }

        impl Handler<Misbehaving> for $name {
            fn handle(&self, connector: &Misbehaving) -> Result<Payload, Failure> {
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
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Visit {
    /// Where to.
    pub url: String,
}

impl Endpoint for Visit {
    const ID: &'static str = "visit";
    const TITLE: &'static str = "visit";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/";
    const EFFECT: Effect = Effect::Read;
    type Response = Nothing;
}

impl Handler<Misbehaving> for Visit {
    fn handle(&self, connector: &Misbehaving) -> Result<Payload, Failure> {
        let response = connector
            .host
            .send(Request::new(Method::GET, self.url.as_str()))?;
        Ok(json!({ "status": response.status, "bytes": response.body.len() }).into())
    }
}

/// Sends a request, and ends in a way that says nothing of it
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SendAndEnd {
    /// Where to.
    pub url: String,
    /// `trap`, `spin`, `invalid-input`, `unknown-operation`, `unreachable`, or a URL that is visited as well.
    pub end: String,
}

impl Endpoint for SendAndEnd {
    const ID: &'static str = "send";
    const TITLE: &'static str = "send";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/";
    const EFFECT: Effect = Effect::Write;
    type Response = Nothing;
}

impl Handler<Misbehaving> for SendAndEnd {
    fn handle(&self, connector: &Misbehaving) -> Result<Payload, Failure> {
        let send = |url: &str| connector.host.send(Request::new(Method::POST, url));
        send(&self.url)?;
        match self.end.as_str() {
            "trap" => panic!("after the request"),
            "spin" => loop {
                black_box(&self.url);
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
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fail {
    /// The size of each of its texts.
    pub bytes: usize,
    /// The milliseconds that it asks to wait.
    pub retry_after_ms: Option<u64>,
    /// How many violations it finds; none: it is throttled.
    pub violations: usize,
}

impl Endpoint for Fail {
    const ID: &'static str = "fail";
    const TITLE: &'static str = "fail";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/";
    const EFFECT: Effect = Effect::Write;
    type Response = Nothing;
}

impl Handler<Misbehaving> for Fail {
    fn handle(&self, _: &Misbehaving) -> Result<Payload, Failure> {
        let text = || "x".repeat(self.bytes);
        if self.violations > 0 {
            let violation = || Violation::new(text(), text());
            return Err(Failure::InvalidInput(
                (0..self.violations).map(|_| violation()).collect(),
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
            retry_after_ms: self.retry_after_ms,
        })
    }
}

/// Makes its own schema up: takes anything, gives a million characters
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Garble {}

impl Endpoint for Garble {
    const ID: &'static str = "garble";
    const TITLE: &'static str = "garble";
    const METHOD: Method = Method::GET;
    const PATH: &'static str = "/";
    const EFFECT: Effect = Effect::Read;
    type Response = Nothing;
}

impl Handler<Misbehaving> for Garble {
    fn handle(&self, _: &Misbehaving) -> Result<Payload, Failure> {
        Ok(Value::from("x".repeat(1_000_000)).into())
    }
}

patchbay_sdk::export!(Misbehaving);
