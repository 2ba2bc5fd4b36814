//! The ways to call `robot.list`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use patchbay::{Call, Connection};
use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use serde_json::Value;

use crate::Failed;
use crate::native::{self, Native};
use crate::process::{self, Process};
use crate::robots::Robots;
use crate::service;

/// A way to call `robot.list`, with the page that it asks for.
pub(crate) struct Way {
    kind: Kind,
    robots: Robots,
    input: Value,
    /// How long an answer is that is right, where it isn't parsed.
    length: AtomicUsize,
}

/// Through what.
pub(crate) enum Kind {
    /// A client of its own, whose answers are parsed.
    NativeParsed(Native),
    /// A client of its own, whose answers are left alone.
    NativeBytes(Native),
    /// The library, which returns a `Value`.
    Value(Connection),
    /// The library, which returns text: through all of these connections, one after the other.
    Text(Vec<Connection>, AtomicUsize),
    /// A service, whose answers are left alone.
    Service {
        url: String,
        client: Client,
        process: Arc<Process>,
        /// Whether it masks tokens.
        masks: bool,
    },
}

impl Kind {
    /// The library, which returns text.
    pub(crate) fn text(connection: Connection) -> Self {
        Self::Text(vec![connection], AtomicUsize::new(0))
    }

    /// A service at a URL.
    pub(crate) fn service(url: &str, process: Arc<Process>, masks: bool) -> Result<Self, Failed> {
        Ok(Self::Service {
            url: format!("{url}{}", service::PATH),
            client: Client::builder().no_proxy().build()?,
            process,
            masks,
        })
    }

    /// To call it for a page.
    pub(crate) fn of(self, robots: Robots) -> Arc<Way> {
        Arc::new(Way {
            kind: self,
            robots,
            input: robots.input(),
            length: AtomicUsize::new(0),
        })
    }
}

/// What comes back.
enum Answer {
    Parsed(Value),
    Bytes(Bytes),
}

impl Way {
    /// Calls, and makes sure that the answer is right in every member.
    pub(crate) async fn prove(&self) -> Result<(), Failed> {
        let page = match self.answer().await? {
            Answer::Parsed(page) => page,
            Answer::Bytes(bytes) => {
                self.length.store(bytes.len(), Ordering::Relaxed);
                match self.kind {
                    Kind::NativeBytes(_) => native::payload(&bytes)?,
                    _ => serde_json::from_slice(&bytes)?,
                }
            }
        };
        let masked = match self.kind {
            Kind::NativeParsed(_) | Kind::NativeBytes(_) => false,
            Kind::Value(_) | Kind::Text(..) => true,
            Kind::Service { masks, .. } => masks,
        };
        if self.robots.is(&page, masked) {
            Ok(())
        } else {
            Err(format!("a wrong answer: {:.500}", page.to_string()).into())
        }
    }

    /// Calls, and makes sure that the answer is as long as one that was proved.
    pub(crate) async fn call(&self) -> Result<(), Failed> {
        let right = match self.answer().await? {
            Answer::Parsed(page) => self.robots.resembles(&page),
            Answer::Bytes(bytes) => bytes.len() == self.length.load(Ordering::Relaxed),
        };
        if right {
            Ok(())
        } else {
            Err("a wrong answer".into())
        }
    }

    async fn answer(&self) -> Result<Answer, Failed> {
        Ok(match &self.kind {
            Kind::NativeParsed(native) => Answer::Parsed(native.parsed(self.robots).await?),
            Kind::NativeBytes(native) => Answer::Bytes(native.bytes(self.robots).await?),
            Kind::Value(connection) => Answer::Parsed(connection.invoke("robot.list", &self.input).await?),
            Kind::Text(connections, next) => {
                let connection = &connections[next.fetch_add(1, Ordering::Relaxed) % connections.len()];
                Answer::Bytes(text(connection, &self.input).await?.into())
            }
            Kind::Service { url, client, .. } => {
                let request = client.post(url).header(CONTENT_TYPE, "application/json");
                let response = request.body(self.input.to_string()).send().await?;
                let status = response.status();
                let bytes = response.bytes().await?;
                if !status.is_success() {
                    return Err(format!("{status}: {}", String::from_utf8_lossy(&bytes)).into());
                }
                Answer::Bytes(bytes)
            }
        })
    }

    /// What the process that does the work has used so far.
    pub(crate) fn cpu(&self) -> Option<Duration> {
        match &self.kind {
            Kind::Service { process, .. } => process.cpu(),
            _ => process::own_cpu(),
        }
    }
}

/// Calls `robot.list` through the library, and returns its text.
async fn text(connection: &Connection, input: &Value) -> Result<String, patchbay::Error> {
    connection
        .call_text(Call::new("robot.list", input))
        .await
        .result
        .map(|output| Box::<str>::from(output).into_string())
}
