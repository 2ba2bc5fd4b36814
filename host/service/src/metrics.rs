//! What Prometheus reads: counts, failures by kind, and where the time of calls goes.

use std::fmt;
use std::sync::Arc;

use patchbay::{CallRecord, ConnectionStatus, Host, Observer, VersionChange};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Upper bounds of the histograms' buckets, in seconds.
const BUCKETS: [f64; 14] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// The media type of what `/metrics` answers.
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

/// Counts the calls and the versions of a host, which has it among its observers. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    counts: Arc<Counts>,
}

#[derive(Debug)]
struct Counts {
    calls: Family<CallLabels, Counter>,
    seconds: Family<PartLabels, Histogram, fn() -> Histogram>,
    requests: Family<RequestLabels, Counter>,
    retries: Family<ConnectionLabels, Counter>,
    sessions: Family<ConnectionLabels, Counter>,
    swaps: Family<SwapLabels, Counter>,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            calls: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            requests: Family::default(),
            retries: Family::default(),
            sessions: Family::default(),
            swaps: Family::default(),
        }
    }
}

impl Observer for Metrics {
    fn call_ended(&self, record: &Arc<CallRecord>) {
        let counts = &self.counts;
        let connection = || record.connection.clone();
        let labels = CallLabels {
            connection: connection(),
            // What a caller makes up must not become a label.
            operation: if record.effect.is_some() {
                record.operation.clone()
            } else {
                "unknown".to_owned()
            },
            outcome: record.outcome(),
        };
        counts.calls.get_or_create(&labels).inc();
        for (part, time) in [
            ("total", record.total),
            ("waiting", record.waiting),
            ("guest", record.guest),
            ("vendor", record.vendor),
        ] {
            let labels = PartLabels {
                connection: connection(),
                part,
            };
            counts.seconds.get_or_create(&labels).observe(time.as_secs_f64());
        }
        for (status, count) in &record.statuses {
            let labels = RequestLabels {
                connection: connection(),
                status: status.map_or("none".to_owned(), |status| status.to_string()),
            };
            counts.requests.get_or_create(&labels).inc_by(*count);
        }
        let labels = ConnectionLabels {
            connection: connection(),
        };
        if record.repeated > 0 {
            counts.retries.get_or_create(&labels).inc_by(record.repeated);
        }
        if record.wrote_session {
            counts.sessions.get_or_create(&labels).inc();
        }
    }

    fn version_changed(&self, change: &VersionChange) {
        let labels = SwapLabels {
            connector: change.connector.clone(),
            outcome: change.outcome.as_str(),
        };
        self.counts.swaps.get_or_create(&labels).inc();
    }
}

/// Metrics as they are read: what was counted, and the state of the host at that moment.
#[derive(Debug)]
pub(super) struct Exposition {
    registry: Registry,
}

impl Exposition {
    pub(super) fn new(metrics: &Metrics, host: &Host) -> Self {
        let counts = &metrics.counts;
        let mut registry = Registry::with_prefix("patchbay");
        registry.register(
            "calls",
            "Calls that have ended, by outcome: success or the kind of failure",
            counts.calls.clone(),
        );
        registry.register_with_unit(
            "call",
            "Time of calls: all of it (total), waiting for a turn or a session, the connector's own work (guest), the vendor's",
            Unit::Seconds,
            counts.seconds.clone(),
        );
        registry.register(
            "vendor_requests",
            "Requests to vendors, by HTTP status, or none where there was no response",
            counts.requests.clone(),
        );
        registry.register(
            "vendor_retries",
            "Requests of calls that were repeated",
            counts.retries.clone(),
        );
        registry.register(
            "logins",
            "Calls that got or renewed a session at the vendor, whether or not it gave one",
            counts.sessions.clone(),
        );
        registry.register(
            "connector_swaps",
            "New versions of connectors: swapped in, refused, rolled back manually or automatically",
            counts.swaps.clone(),
        );
        registry.register_collector(Box::new(State { host: host.clone() }));
        Self { registry }
    }

    /// Everything, in the format of `OpenMetrics`.
    pub(super) fn encode(&self) -> String {
        let mut encoded = String::new();
        if text::encode(&mut encoded, &self.registry).is_err() {
            // Writing to a string can't fail.
            encoded.push_str("# EOF\n");
        }
        encoded
    }
}

/// What the host's connections are doing.
struct State {
    host: Host,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").finish_non_exhaustive()
    }
}

impl Collector for State {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let connections = self.host.status();
        let instances = connections.iter().flat_map(|status| {
            [("busy", status.busy), ("idle", status.idle_instances)].map(|(state, count)| {
                let connection = status.connection.clone();
                (StateLabels { connection, state }, count)
            })
        });
        family(
            &mut encoder,
            "instances",
            "Instances of connectors, busy with a call or idle",
            instances,
        )?;
        let waiting = connections.iter().map(|status| {
            let connection = status.connection.clone();
            (ConnectionLabels { connection }, status.waiting)
        });
        family(
            &mut encoder,
            "calls_waiting",
            "Calls that wait for a turn",
            waiting,
        )?;
        let mut versions: Vec<_> = connections.into_iter().map(version).collect();
        versions.dedup();
        family(
            &mut encoder,
            "connector",
            "The version of a connector that new calls go to",
            versions.into_iter().map(|labels| (labels, 1)),
        )?;
        if let Some(memory) = resident_memory() {
            let gauge = ConstGauge::new(memory);
            let descriptor = encoder.encode_descriptor(
                "resident_memory",
                "Resident memory of the process",
                Some(&Unit::Bytes),
                MetricType::Gauge,
            )?;
            gauge.encode(descriptor)?;
        }
        Ok(())
    }
}

fn version(status: ConnectionStatus) -> ConnectorLabels {
    ConnectorLabels {
        connector: status.connector,
        version: status.version,
        digest: status.digest,
    }
}

fn family<L: EncodeLabelSet>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    values: impl Iterator<Item = (L, usize)>,
) -> Result<(), fmt::Error> {
    let mut family = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
    for (labels, value) in values {
        let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
        gauge.encode(family.encode_family(&labels)?)?;
    }
    Ok(())
}

/// Resident memory of this process, in bytes, where the system says (proc(5), `/proc/self/status`).
fn resident_memory() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
