//! What a connector has of its host: settings, one HTTP exchange at a time, a store and a clock.

use crate::session::Store;
use crate::settings::Settings;
use crate::transport::{Request, Response, Transport, TransportError};

/// What a connector has of its host.
pub struct Host {
    settings: Settings,
    transport: Box<dyn Transport>,
    store: Box<dyn Store>,
    clock: fn() -> u64,
}

impl Host {
    /// A host of these parts. `clock` gives milliseconds since 1970.
    #[must_use]
    pub fn new(
        settings: Settings,
        transport: Box<dyn Transport>,
        store: Box<dyn Store>,
        clock: fn() -> u64,
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
        (self.clock)()
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

/// The system's clock, in milliseconds since 1970.
#[must_use]
pub fn system_clock() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |elapsed| {
            u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
        })
}
