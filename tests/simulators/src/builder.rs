//! How a simulator starts.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use clap::{Args, Command, FromArgMatches};

use crate::server::Options;
use crate::simulator::Simulator;
use crate::vendor::Vendor;

/// How a simulator starts: what is the vendor's own, and what is the same for all vendors.
#[derive(Debug, Clone)]
pub struct Builder<V: Vendor> {
    pub(crate) setup: V::Setup,
    options: Options,
}

impl<V: Vendor> Default for Builder<V> {
    /// The defaults of the command line.
    fn default() -> Self {
        let command = V::Setup::augment_args(Command::new(V::ID).no_binary_name(true));
        // No option is required, so this fails only where a default has not the form of its option.
        let matches = command
            .try_get_matches_from([""; 0])
            .unwrap_or_else(|error| error.exit());
        let setup = V::Setup::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        Self {
            setup,
            options: Options::default(),
        }
    }
}

impl<V: Vendor> Builder<V> {
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
    pub async fn start(self) -> io::Result<Simulator<V>> {
        Simulator::serve(V::new(self.setup), self.options).await
    }
}
