//! What a connector has of its host: settings, one HTTP exchange at a time, a store and a clock.

use std::cell::Cell;
use std::time::Duration;

use crate::session::Store;
use crate::settings::Settings;
use crate::transport::{Request, Response, Transport, TransportError};

/// Time, as a connector sees it.
pub trait Clock {
    /// Returns the time in milliseconds since 1970.
    fn now_ms(&self) -> u64;
    /// Waits.
    fn sleep(&self, time: Duration);
    /// Returns how much of the call's deadline is left, where the host says so.
    fn remaining(&self) -> Option<Duration>;
}

/// What a connector has of its host.
pub struct Host {
    settings: Settings,
    transport: Box<dyn Transport>,
    store: Box<dyn Store>,
    clock: Box<dyn Clock>,
    /// Whether the vendor may have received a request.
    sent: Cell<bool>,
}

impl Host {
    /// Returns a host of these parts.
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
            sent: Cell::new(false),
        }
    }

    /// Returns the connection's settings, defaults included.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns the store of sessions.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }

    /// Returns the time in milliseconds since 1970.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }

    /// Waits, for an operation that polls the vendor.
    pub fn sleep(&self, time: Duration) {
        self.clock.sleep(time);
    }

    /// Returns how much of the call's deadline is left, where the host says so. An operation that waits
    /// must end before it, or what it knows is lost.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        self.clock.remaining()
    }

    /// Carries out one HTTP exchange.
    ///
    /// # Errors
    ///
    /// [`TransportError`] says why the exchange didn't come to an end.
    pub fn send(&self, request: Request) -> Result<Response, TransportError> {
        let result = self.transport.send(request);
        if result.as_ref().err().is_none_or(TransportError::request_sent) {
            self.sent.set(true);
        }
        result
    }

    /// Begins a call.
    pub(crate) fn begin(&self) {
        self.sent.set(false);
    }

    /// Returns whether the vendor may have received a request of this call.
    #[must_use]
    pub fn has_sent(&self) -> bool {
        self.sent.get()
    }

    /// Fills in the defaults of a connector's settings.
    #[must_use]
    pub fn with_defaults(mut self, declared: &[crate::settings::Setting]) -> Self {
        self.settings = self.settings.with_defaults(declared);
        self
    }
}
