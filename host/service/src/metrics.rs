//! What Prometheus reads: counts, failures by kind, and where the time of calls goes.

use std::fmt::Write as _;
use std::sync::Mutex;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::calls::CallRecord;
use crate::sessions::lock;

/// Upper bounds of the histograms' buckets, in seconds.
const BUCKETS: [f64; 14] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// The media type of what [`Host::metrics`](crate::Host::metrics) gives.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    connection: String,
    operation: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PartLabels {
    connection: String,
    part: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    connection: String,
    status: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ConnectionLabels {
    connection: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabels {
    connection: String,
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SwapLabels {
    connector: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ConnectorLabels {
    connector: String,
    version: String,
    digest: String,
}

type Histograms = Family<PartLabels, Histogram, fn() -> Histogram>;

/// Where one connection's times are counted: looked up once.
#[derive(Debug)]
pub(crate) struct Times {
    total: Histogram,
    waiting: Histogram,
    guest: Histogram,
    vendor: Histogram,
}

/// A connection at this moment.
#[derive(Debug)]
pub(crate) struct Gauges {
    pub(crate) connection: String,
    pub(crate) busy: usize,
    pub(crate) waiting: usize,
    pub(crate) idle_instances: usize,
    pub(crate) connector: String,
    pub(crate) version: String,
    pub(crate) digest: String,
}

/// The metrics of a host.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    calls: Family<CallLabels, Counter>,
    seconds: Histograms,
    requests: Family<RequestLabels, Counter>,
    retries: Family<ConnectionLabels, Counter>,
    sessions: Family<ConnectionLabels, Counter>,
    swaps: Family<SwapLabels, Counter>,
    instances: Family<StateLabels, Gauge>,
    waiting: Family<ConnectionLabels, Gauge>,
    connectors: Family<ConnectorLabels, Gauge>,
    memory: Gauge,
    encoding: Mutex<()>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("patchbay");
        let seconds: Histograms = Family::new_with_constructor(|| Histogram::new(BUCKETS));
        let metrics = Self {
            calls: Family::default(),
            seconds,
            requests: Family::default(),
            retries: Family::default(),
            sessions: Family::default(),
            swaps: Family::default(),
            instances: Family::default(),
            waiting: Family::default(),
            connectors: Family::default(),
            memory: Gauge::default(),
            encoding: Mutex::default(),
            registry: Registry::default(),
        };
        let r = &mut registry;
        r.register(
            "calls",
            "Calls that have ended, by outcome: success or the kind of failure",
            metrics.calls.clone(),
        );
        r.register_with_unit(
            "call",
            "Time of calls: all of it (total), waiting for a turn or a session, the connector's own work (guest), the vendor's",
            Unit::Seconds,
            metrics.seconds.clone(),
        );
        r.register(
            "vendor_requests",
            "Requests to vendors, by HTTP status, or none where there was no response",
            metrics.requests.clone(),
        );
        r.register(
            "vendor_retries",
            "Requests that were sent again",
            metrics.retries.clone(),
        );
        r.register(
            "logins",
            "Calls that got or renewed a session at the vendor, whether or not it gave one",
            metrics.sessions.clone(),
        );
        r.register(
            "connector_swaps",
            "New versions of connectors: swapped in, refused, rolled back by hand or by themselves",
            metrics.swaps.clone(),
        );
        r.register(
            "instances",
            "Instances of connectors, busy with a call or idle",
            metrics.instances.clone(),
        );
        r.register(
            "calls_waiting",
            "Calls that wait for a turn",
            metrics.waiting.clone(),
        );
        r.register(
            "connector",
            "The version of a connector that new calls go to",
            metrics.connectors.clone(),
        );
        r.register_with_unit(
            "resident_memory",
            "Resident memory of the process",
            Unit::Bytes,
            metrics.memory.clone(),
        );
        Self { registry, ..metrics }
    }
}

impl Metrics {
    /// Where a connection's times are counted.
    pub(crate) fn times(&self, connection: &str) -> Times {
        let part = |part: &'static str| {
            let connection = connection.to_owned();
            self.seconds.get_or_create_owned(&PartLabels { connection, part })
        };
        Times {
            total: part("total"),
            waiting: part("waiting"),
            guest: part("guest"),
            vendor: part("vendor"),
        }
    }

    /// Counts a call.
    pub(crate) fn call(&self, record: &CallRecord, times: &Times) {
        let connection = || record.connection.clone();
        self.calls
            .get_or_create(&CallLabels {
                connection: connection(),
                // What a caller makes up must not become a label.
                operation: if record.effect.is_some() {
                    record.operation.clone()
                } else {
                    "unknown".to_owned()
                },
                outcome: record.outcome(),
            })
            .inc();
        times.total.observe(record.total.as_secs_f64());
        times.waiting.observe(record.waiting.as_secs_f64());
        times.guest.observe(record.guest.as_secs_f64());
        times.vendor.observe(record.vendor.as_secs_f64());
        for (status, count) in &record.statuses {
            let status = status.map_or("none".to_owned(), |status| status.to_string());
            let labels = RequestLabels {
                connection: connection(),
                status,
            };
            self.requests.get_or_create(&labels).inc_by(*count);
        }
        if record.repeated > 0 {
            let labels = ConnectionLabels {
                connection: connection(),
            };
            self.retries.get_or_create(&labels).inc_by(record.repeated);
        }
        if record.wrote_session {
            let labels = ConnectionLabels {
                connection: connection(),
            };
            self.sessions.get_or_create(&labels).inc();
        }
    }

    /// Counts what became of a new version of a connector.
    pub(crate) fn swap(&self, connector: &str, outcome: &'static str) {
        let labels = SwapLabels {
            connector: connector.to_owned(),
            outcome,
        };
        self.swaps.get_or_create(&labels).inc();
    }

    /// Everything, in the format of `OpenMetrics`.
    pub(crate) fn encode(&self, gauges: Vec<Gauges>) -> String {
        // One at a time: what is cleared and filled again must not be missing elsewhere.
        let _one_at_a_time = lock(&self.encoding);
        self.connectors.clear();
        for gauge in gauges {
            for (state, count) in [("busy", gauge.busy), ("idle", gauge.idle_instances)] {
                let labels = StateLabels {
                    connection: gauge.connection.clone(),
                    state,
                };
                self.instances.get_or_create(&labels).set(number(count));
            }
            let labels = ConnectorLabels {
                connector: gauge.connector,
                version: gauge.version,
                digest: gauge.digest,
            };
            self.connectors.get_or_create(&labels).set(1);
            let labels = ConnectionLabels {
                connection: gauge.connection,
            };
            self.waiting.get_or_create(&labels).set(number(gauge.waiting));
        }
        if let Some(memory) = resident_memory() {
            self.memory.set(memory);
        }
        let mut encoded = String::new();
        if text::encode(&mut encoded, &self.registry).is_err() {
            // Writing to a string can't fail.
            let _ = writeln!(encoded, "# EOF");
        }
        encoded
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Resident memory of this process, in bytes, where the system tells (proc(5), `/proc/self/status`).
fn resident_memory() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
