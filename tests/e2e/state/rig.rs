//! Hosts and processes that keep their sessions in one place.

use std::path::Path;
use std::time::Duration;

use patchbay::{Connection, Error, Host, HostOptions};
use patchbay_simulators::isearch_rpa::{IsearchRpa, Simulator};
use patchbay_simulators::{Fault, On, Times};
use patchbay_state::StateLocation;
use serde_json::{Value, json};

use crate::support::{Ran, cache, options, patchbay_in};

/// Calls at the same time, over all hosts.
const CALLS: usize = 40;

pub(super) fn page() -> Value {
    json!({ "page": 1, "size": 1 })
}

/// A host that keeps its sessions there.
pub(super) fn host(state: &str) -> Host {
    Host::new(&HostOptions {
        cache: Some(cache()),
        sessions: Some(location(state).open(&[]).unwrap()),
        ..HostOptions::default()
    })
    .unwrap()
}

pub(super) fn location(state: &str) -> StateLocation {
    StateLocation::parse(state, Path::new("")).unwrap()
}

pub(super) async fn connect(host: &Host, sim: &Simulator, secret_key: &str) -> Connection {
    let path = patchbay_artifacts::connector("isearch-rpa");
    let connector = host.load(path).await.unwrap();
    let base_url = sim.base_url();
    let settings = [
        ("base_url", base_url.as_str()),
        ("access_key", "patchbay"),
        ("secret_key", secret_key),
    ];
    host.connect("rpa", connector, options(&settings)).unwrap()
}

/// Two hosts that share their sessions, each with a connection to the simulator.
pub(super) struct Pair {
    pub(super) sim: Simulator,
    pub(super) hosts: [Host; 2],
    pub(super) connections: [Connection; 2],
}

impl Pair {
    pub(super) async fn start(state: &str, secret_key: &str) -> Self {
        let sim = Simulator::builder().latency(Duration::from_millis(30));
        Self::with(state, sim.start().await.unwrap(), secret_key).await
    }

    pub(super) async fn with(state: &str, sim: Simulator, secret_key: &str) -> Self {
        let hosts = [host(state), host(state)];
        let connections = [
            connect(&hosts[0], &sim, secret_key).await,
            connect(&hosts[1], &sim, secret_key).await,
        ];
        Self {
            sim,
            hosts,
            connections,
        }
    }

    /// Calls at the same time, by turns over both hosts.
    pub(super) async fn storm(&self) -> Vec<Result<Value, Error>> {
        let calls: Vec<_> = (0..CALLS)
            .map(|number| {
                let connection = self.connections[number % 2].clone();
                tokio::spawn(async move { connection.invoke("robot.list", &page()).await })
            })
            .collect();
        let mut results = Vec::new();
        for call in calls {
            results.push(call.await.unwrap());
        }
        results
    }

    pub(super) async fn storm_succeeds(&self) {
        for result in self.storm().await {
            result.unwrap();
        }
        assert_eq!(self.sim.violations(), Vec::<String>::new());
    }
}

pub(super) fn slow_login(sim: &patchbay_simulators::Simulator<IsearchRpa>, seconds: u64) {
    let delay = Duration::from_secs(seconds);
    sim.fault(
        On::operation("token.create"),
        Fault::Slow { delay },
        Times::Next(1),
    );
}

/// A configuration with this state, and calls of it as processes.
pub(super) struct Configured {
    pub(super) folder: tempfile::TempDir,
}

impl Configured {
    pub(super) fn new(sim: &Simulator, state: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let connectors = patchbay_artifacts::connector("isearch-rpa");
        let text = format!(
            "connectors = \"{}\"\n[serve]\nstate = {state:?}\n[connections.rpa]\nconnector = \"isearch-rpa\"\nsettings.base_url = {:?}\nsettings.access_key = \"patchbay\"\nsettings.secret_key = \"patchbay-secret\"\n",
            connectors.parent().unwrap().display(),
            sim.base_url(),
        );
        std::fs::write(folder.path().join("patchbay.toml"), text).unwrap();
        Self { folder }
    }

    pub(super) fn invoke(&self, more: &[&str]) -> Ran {
        let file = self.folder.path().join("patchbay.toml");
        let call = ["--config", file.to_str().unwrap(), "invoke", "rpa", "robot.list"];
        let input = ["--input", r#"{"page":1,"size":1}"#];
        patchbay_in(&[&call[..], &input[..], more].concat(), |command| {
            command.env("RUST_LOG", "trace");
        })
    }
}
