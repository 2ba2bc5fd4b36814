//! What the simulator can be set to.

use std::time::Duration;

use clap::Args;

use super::{ACCESS_KEY, IsearchRpa, SECRET_KEY};

/// What the simulator can be set to.
#[derive(Debug, Clone, Args)]
pub struct Setup {
    /// The access key it takes
    #[arg(long, default_value = ACCESS_KEY)]
    pub(super) access_key: String,
    /// The secret key it takes
    #[arg(long, default_value = SECRET_KEY)]
    pub(super) secret_key: String,
    #[arg(skip = Duration::from_mins(30))]
    pub(super) token_lifetime: Duration,
    #[arg(skip)]
    pub(super) clock_offset_ms: i64,
    #[arg(skip = Duration::from_millis(100))]
    pub(super) job_step: Duration,
    /// Takes forms where the document's tables print them
    #[arg(long)]
    pub(super) form_bodies: bool,
}

/// How a simulator starts.
pub type Builder = crate::Builder<IsearchRpa>;

impl Builder {
    /// The access key it takes.
    #[must_use]
    pub fn access_key(mut self, key: impl Into<String>) -> Self {
        self.setup.access_key = key.into();
        self
    }

    /// The secret key it takes.
    #[must_use]
    pub fn secret_key(mut self, key: impl Into<String>) -> Self {
        self.setup.secret_key = key.into();
        self
    }

    /// How long an access token is good.
    #[must_use]
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.setup.token_lifetime = lifetime;
        self
    }

    /// How far ahead the vendor's clock is, in milliseconds; below zero: behind.
    #[must_use]
    pub fn clock_offset_ms(mut self, offset: i64) -> Self {
        self.setup.clock_offset_ms = offset;
        self
    }

    /// How long a job is pending, and then running.
    #[must_use]
    pub fn job_step(mut self, step: Duration) -> Self {
        self.setup.job_step = step;
        self
    }

    /// Takes forms, not JSON, where the document's tables print them.
    #[must_use]
    pub fn form_bodies(mut self) -> Self {
        self.setup.form_bodies = true;
        self
    }
}
