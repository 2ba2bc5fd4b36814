//! What a connector has of its host: settings, one HTTP exchange at a time, a store and a clock.

use std::time::Duration;

use crate::session::Store;
use crate::settings::Settings;
use crate::transport::{Request, Response, Transport, TransportError};

/// Time, as a connector sees it.
pub trait Clock {
    /// Milliseconds since 1970.
    fn now_ms(&self) -> u64;
    /// Waits.
    fn sleep(&self, time: Duration);
    /// How much of the call's deadline is left, where the host tells.
    fn remaining(&self) -> Option<Duration>;
}

/// What a connector has of its host.
pub struct Host {
    settings: Settings,
    transport: Box<dyn Transport>,
    store: Box<dyn Store>,
    clock: Box<dyn Clock>,
}

impl Host {
    /// A host of these parts.
    #[must_use]
    pub fn new(
        settings: Settings,
        transport: Box<dyn Transport>,
        store: Box<dyn Store>,
        clock: Box<dyn Clock>,
    ) -> Self {
        Self {
            settings,
            transport,
            store,
            clock,
        }
    }

    /// The connection's settings, defaults included.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The store of sessions.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }

    /// Waits, for an operation that asks the vendor again and again.
    pub fn sleep(&self, time: Duration) {
        self.clock.sleep(time);
    }

    /// How much of the call's deadline is left, where the host tells. An operation that waits must end
    /// before it, or what it knows is lost.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        self.clock.remaining()
    }

    /// Carries out one HTTP exchange.
    pub fn send(&self, request: &Request) -> Result<Response, TransportError> {
        self.transport.send(request)
    }

    /// Fills in the defaults of a connector's settings.
    #[must_use]
    pub fn with_defaults(mut self, declared: &[crate::settings::Setting]) -> Self {
        self.settings = self.settings.with_defaults(declared);
        self
    }
}
