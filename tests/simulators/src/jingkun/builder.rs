//! What a simulator can be set to.

use std::time::Duration;

use clap::Args;

use super::engine::Pace;
use super::{Api, CLIENT_ID, CLIENT_SECRET, Jingkun, RefuseWith};
use crate::jingkun_plan::Plans;
use crate::jingkun_workflow::Workflows;

/// What a simulator can be set to.
#[derive(Debug, Clone, Args)]
pub struct Setup {
    /// The client id it takes
    #[arg(long, default_value = CLIENT_ID)]
    pub(super) client_id: String,
    /// The client secret it takes
    #[arg(long, default_value = CLIENT_SECRET)]
    pub(super) client_secret: String,
    #[arg(skip = Duration::from_hours(5))]
    pub(super) token_lifetime: Duration,
    #[arg(skip = Duration::from_mins(1))]
    pub(super) code_lifetime: Duration,
    #[arg(skip)]
    pub(super) opaque_tokens: bool,
    #[arg(skip)]
    pub(super) pace: Pace,
    #[arg(skip)]
    pub(super) refuse_with: RefuseWith,
    #[arg(skip)]
    pub(super) stringified_scalars: bool,
    #[arg(skip)]
    pub(super) concurrent_runs: bool,
}

/// How a simulator starts.
pub type Builder<A> = crate::Builder<Jingkun<A>>;

impl<A: Api> Builder<A> {
    /// The client id it takes.
    #[must_use]
    pub fn client_id(mut self, id: impl Into<String>) -> Self {
        self.setup.client_id = id.into();
        self
    }

    /// The client secret it takes.
    #[must_use]
    pub fn client_secret(mut self, secret: impl Into<String>) -> Self {
        self.setup.client_secret = secret.into();
        self
    }

    /// How long an access token is good; its `exp` is in whole seconds, rounded down.
    #[must_use]
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.setup.token_lifetime = lifetime;
        self
    }

    /// How long an authorization code is good.
    #[must_use]
    pub fn code_lifetime(mut self, lifetime: Duration) -> Self {
        self.setup.code_lifetime = lifetime;
        self
    }

    /// Gives tokens that are no JWT and tell nothing.
    #[must_use]
    pub fn opaque_tokens(mut self, opaque: bool) -> Self {
        self.setup.opaque_tokens = opaque;
        self
    }

    /// How it refuses tokens.
    #[must_use]
    pub fn refuse_with(mut self, how: RefuseWith) -> Self {
        self.setup.refuse_with = how;
        self
    }

    /// How long a run takes.
    #[must_use]
    pub fn run_step(mut self, step: Duration) -> Self {
        self.setup.pace.step = step;
        self
    }

    /// How long it waits before it repeats a callback that was not acknowledged.
    #[must_use]
    pub fn callback_interval(mut self, interval: Duration) -> Self {
        self.setup.pace.callback_interval = interval;
        self
    }

    /// Booleans and integers in JSON bodies have to arrive as strings.
    #[must_use]
    pub fn stringified_scalars(mut self, stringified: bool) -> Self {
        self.setup.stringified_scalars = stringified;
        self
    }
}

impl Builder<Workflows> {
    /// Executes a workflow that is running already; the document says that it cannot be.
    #[must_use]
    pub fn concurrent_runs(mut self, concurrent: bool) -> Self {
        self.setup.concurrent_runs = concurrent;
        self
    }
}

impl Builder<Plans> {
    /// How long a second of a schedule is.
    #[must_use]
    pub fn schedule_second(mut self, second: Duration) -> Self {
        self.setup.pace.second = second;
        self
    }

    /// Calls back when a run begins, too, with `RUNNING`.
    #[must_use]
    pub fn running_callbacks(mut self, running: bool) -> Self {
        self.setup.pace.running_callbacks = running;
        self
    }
}
