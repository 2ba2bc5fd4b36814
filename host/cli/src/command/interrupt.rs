//! Signals.

use patchbay::Error;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Receives a signal from now on, which so doesn't end the process by itself.
pub(super) fn signal_of(kind: SignalKind) -> Result<Signal, Error> {
    signal(kind).map_err(|error| Error::usage(format!("signals can't be received: {error}")))
}

/// SIGINT and SIGTERM, while something is under way that shouldn't just break off.
pub(super) struct Interrupt {
    interrupt: Signal,
    terminate: Signal,
}

impl Interrupt {
    pub(super) fn listen() -> Result<Self, Error> {
        Ok(Self {
            interrupt: signal_of(SignalKind::interrupt())?,
            terminate: signal_of(SignalKind::terminate())?,
        })
    }

    /// Waits for either.
    pub(super) async fn received(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
