//! How a simulator starts.

use std::io;
use std::marker::PhantomData;
use std::net::SocketAddr;
use std::time::Duration;

use super::engine::{Engine, Pace};
use super::oauth::Sessions;
use super::{Api, CLIENT_ID, CLIENT_SECRET, Jingkun, RefuseWith};
use crate::jingkun_plan::Plans;
use crate::jingkun_workflow::Workflows;
use crate::server::Options;

/// How a simulator starts.
#[derive(Debug)]
pub struct Builder<A> {
    client_id: String,
    client_secret: String,
    token_lifetime: Duration,
    code_lifetime: Duration,
    opaque_tokens: bool,
    pace: Pace,
    pub(super) refuse_with: RefuseWith,
    pub(super) stringified_scalars: bool,
    pub(super) concurrent_runs: bool,
    options: Options,
    api: PhantomData<A>,
}

impl<A> Default for Builder<A> {
    fn default() -> Self {
        Self {
            client_id: CLIENT_ID.into(),
            client_secret: CLIENT_SECRET.into(),
            token_lifetime: Duration::from_hours(5),
            code_lifetime: Duration::from_mins(1),
            opaque_tokens: false,
            pace: Pace::default(),
            refuse_with: RefuseWith::default(),
            stringified_scalars: false,
            concurrent_runs: false,
            options: Options::default(),
            api: PhantomData,
        }
    }
}

impl<A: Api> Builder<A> {
    /// The client id it takes.
    #[must_use]
    pub fn client_id(mut self, id: impl Into<String>) -> Self {
        self.client_id = id.into();
        self
    }

    /// The client secret it takes.
    #[must_use]
    pub fn client_secret(mut self, secret: impl Into<String>) -> Self {
        self.client_secret = secret.into();
        self
    }

    /// How long an access token is good; its `exp` is in whole seconds, rounded down.
    #[must_use]
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// How long an authorization code is good.
    #[must_use]
    pub fn code_lifetime(mut self, lifetime: Duration) -> Self {
        self.code_lifetime = lifetime;
        self
    }

    /// Gives tokens that are no JWT and tell nothing.
    #[must_use]
    pub fn opaque_tokens(mut self, opaque: bool) -> Self {
        self.opaque_tokens = opaque;
        self
    }

    /// How it refuses tokens.
    #[must_use]
    pub fn refuse_with(mut self, how: RefuseWith) -> Self {
        self.refuse_with = how;
        self
    }

    /// How long a run takes.
    #[must_use]
    pub fn run_step(mut self, step: Duration) -> Self {
        self.pace.step = step;
        self
    }

    /// How long it waits before it repeats a callback that was not acknowledged.
    #[must_use]
    pub fn callback_interval(mut self, interval: Duration) -> Self {
        self.pace.callback_interval = interval;
        self
    }

    /// Booleans and integers in JSON bodies have to arrive as strings.
    #[must_use]
    pub fn stringified_scalars(mut self, stringified: bool) -> Self {
        self.stringified_scalars = stringified;
        self
    }

    /// How long every answer takes.
    #[must_use]
    pub fn latency(mut self, latency: Duration) -> Self {
        self.options.latency = latency;
        self
    }

    /// Where it listens.
    #[must_use]
    pub fn bind(mut self, address: SocketAddr) -> Self {
        self.options.bind = address;
        self
    }

    /// How many of the last requests it keeps.
    #[must_use]
    pub fn keep_requests(mut self, keep: usize) -> Self {
        self.options.keep_requests = keep;
        self
    }

    /// Starts it in the current tokio runtime.
    pub async fn start(self) -> io::Result<crate::Simulator<Jingkun<A>>> {
        let mut sessions = Sessions::new(&self.client_id, &self.client_secret, A::TOKEN_TYPE);
        sessions.lifetime = self.token_lifetime;
        sessions.code_lifetime = self.code_lifetime;
        sessions.opaque = self.opaque_tokens;
        let engine = Engine::new(A::WORDS, self.pace.clone());
        let vendor = Jingkun::new(sessions, engine, &self);
        crate::Simulator::serve(vendor, self.options).await
    }
}

impl Builder<Workflows> {
    /// Executes a workflow that is running already; the document says that it cannot be.
    #[must_use]
    pub fn concurrent_runs(mut self, concurrent: bool) -> Self {
        self.concurrent_runs = concurrent;
        self
    }
}

impl Builder<Plans> {
    /// How long a second of a schedule is.
    #[must_use]
    pub fn schedule_second(mut self, second: Duration) -> Self {
        self.pace.second = second;
        self
    }

    /// Calls back when a run begins, too, with `RUNNING`.
    #[must_use]
    pub fn running_callbacks(mut self, running: bool) -> Self {
        self.pace.running_callbacks = running;
        self
    }
}
