//! The record of a call that is under way.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use super::record::{CallRecord, TrapRecord};
use crate::call_id::CallId;
use crate::component::Connector;
use crate::egress::Wire;
use crate::error::Error;
use crate::policy::Policy;
use crate::sessions::lock;

/// Gathers what happens in a call.
pub(crate) struct Trail {
    record: CallRecord,
    started: Instant,
    /// When it began to wait for a turn.
    waited_since: Option<Instant>,
    /// When an instance was first at work.
    ran: Option<Instant>,
    wire: Option<Arc<Mutex<Wire>>>,
}

impl Trail {
    pub(crate) fn new(
        id: CallId,
        connection: &str,
        operation: &str,
        deadline: Duration,
        policy: &Policy,
    ) -> Self {
        Self {
            record: CallRecord {
                id,
                connection: connection.to_owned(),
                operation: operation.to_owned(),
                effect: None,
                connector: String::new(),
                version: String::new(),
                started_at: SystemTime::now(),
                deadline,
                total: Duration::ZERO,
                waiting: Duration::ZERO,
                guest: Duration::ZERO,
                vendor: Duration::ZERO,
                fresh_instance: false,
                wrote_session: false,
                request_sent: false,
                abandoned: false,
                requests: Vec::new(),
                request_count: 0,
                statuses: BTreeMap::new(),
                repeated: 0,
                allowed: policy.told(),
                denial: None,
                error: None,
                trap: None,
            },
            started: Instant::now(),
            waited_since: None,
            ran: None,
            wire: None,
        }
    }

    /// When the call came.
    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    /// The call is served by this version.
    pub(crate) fn version(&mut self, connector: &Connector) {
        let manifest = connector.manifest();
        self.record.connector.clone_from(&manifest.id);
        self.record.version.clone_from(&manifest.version);
        let operation = connector.catalog().operation(&self.record.operation).ok();
        self.record.effect = operation.map(|operation| operation.effect);
    }

    /// The call waits for a turn.
    pub(crate) fn waits(&mut self) {
        self.waited_since = Some(Instant::now());
    }

    /// The wait for a turn is over.
    pub(crate) fn waited(&mut self) {
        self.record.waiting = self.waited_since.map_or(Duration::ZERO, |since| since.elapsed());
        self.ran = Some(Instant::now());
    }

    /// An instance is made for the call.
    pub(crate) fn fresh_instance(&mut self) {
        self.record.fresh_instance = true;
    }

    /// What goes to the vendor is told here.
    pub(crate) fn wire(&mut self, wire: Arc<Mutex<Wire>>) {
        self.wire = Some(wire);
    }

    /// The connector trapped.
    pub(crate) fn trapped(&mut self, trap: TrapRecord) {
        self.record.trap = Some(trap);
    }

    /// The call has ended; without a result, because its caller has gone.
    pub(crate) fn end(&self, result: Option<&Result<serde_json::Value, Error>>) -> CallRecord {
        let mut record = self.record.clone();
        record.total = self.started.elapsed();
        if let (None, Some(since)) = (self.ran, self.waited_since) {
            // It never had a turn.
            record.waiting = since.elapsed();
        }
        if let Some(wire) = &self.wire {
            let wire = lock(wire);
            record.requests.clone_from(&wire.requests);
            record.request_count = wire.request_count;
            record.statuses.clone_from(&wire.statuses);
            record.repeated = wire.repeated;
            record.request_sent = wire.sent_any();
            record.vendor = wire.vendor();
            record.waiting += wire.session_wait;
            record.wrote_session = wire.wrote_session;
            record.denial.clone_from(&wire.denial);
            let running = self.ran.map_or(Duration::ZERO, |ran| ran.elapsed());
            record.guest = running
                .saturating_sub(wire.vendor())
                .saturating_sub(wire.session_wait);
        }
        match result {
            Some(Ok(_)) => {}
            Some(Err(error)) => record.error = Some(error.clone()),
            None => record.abandoned = true,
        }
        record
    }
}
