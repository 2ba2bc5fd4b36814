//! A connection to a simulator.

use std::path::PathBuf;
use std::sync::LazyLock;

use patchbay::{Connection, ConnectionOptions, Error, Host, HostOptions, Kind, Limits};
use patchbay_simulators::vendor::Vendor;
use patchbay_simulators::{Fault, On, Simulator, Times};
use serde_json::Value;
use tokio::runtime::Runtime;

/// Compiled components, kept between runs of the suite.
pub(crate) fn cache() -> PathBuf {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    target.join("compiled")
}

// One runtime and one host for the suite: the host's kept connections belong to the runtime.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .unwrap()
});
static HOST: LazyLock<Host> = LazyLock::new(|| {
    Host::new(&HostOptions {
        cache: Some(cache()),
        ..HostOptions::default()
    })
    .unwrap()
});

/// Runs a test on the suite's runtime.
pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    RUNTIME.block_on(test)
}

/// The suite's host.
pub(crate) fn host() -> &'static Host {
    &HOST
}

/// Options with these settings.
pub(crate) fn options(settings: &[(&str, &str)]) -> ConnectionOptions {
    ConnectionOptions {
        settings: settings
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect(),
        ..ConnectionOptions::default()
    }
}

/// A connection of the connector that misbehaves when asked to.
pub(crate) async fn misbehaving(name: &str, base_url: &str, limits: Limits) -> Connection {
    let connector = host()
        .load(patchbay_artifacts::guest("misbehaving"))
        .await
        .unwrap();
    let options = ConnectionOptions {
        limits,
        ..options(&[("base_url", base_url)])
    };
    host().connect(name, connector, options).unwrap()
}

/// A simulator, and a connection to it of its own.
pub(crate) struct Rig<V> {
    pub(crate) sim: Simulator<V>,
    pub(crate) connection: Connection,
}

impl<V: Vendor> Rig<V> {
    /// Connects with the simulator's credentials. `more` go before these and `base_url`.
    pub(crate) async fn at(sim: Simulator<V>, more: &[(&str, &str)]) -> Self {
        let mut options = options(more);
        for (name, value) in sim.credentials() {
            options.settings.entry(name.to_owned()).or_insert(value);
        }
        Self::with(sim, options).await
    }

    /// Connects without credentials but those of `settings`, which go before `base_url`.
    pub(crate) async fn connect(sim: Simulator<V>, settings: &[(&str, &str)]) -> Self {
        Self::with(sim, options(settings)).await
    }

    /// Connects with these options, and with the simulator's `base_url` where they have none.
    pub(crate) async fn with(sim: Simulator<V>, mut options: ConnectionOptions) -> Self {
        let base_url = sim.base_url();
        options.settings.entry("base_url".to_owned()).or_insert(base_url);
        let connector = host().load(patchbay_artifacts::connector(V::ID)).await.unwrap();
        // A port is used once at a time, so the name is this test's own.
        let name = format!("{}-{}", connector.manifest().id, sim.address().port());
        let connection = host().connect(&name, connector, options).unwrap();
        Self { sim, connection }
    }

    /// Another connection to the same simulator.
    pub(crate) fn beside(&self, name: &str, settings: &[(&str, &str)]) -> Result<Connection, Error> {
        let mut options = options(settings);
        options
            .settings
            .entry("base_url".to_owned())
            .or_insert_with(|| self.sim.base_url());
        let name = format!("{}-{name}", self.connection.name());
        host().connect(&name, self.connection.connector().clone(), options)
    }

    pub(crate) async fn invoke(&self, operation: &str, input: Value) -> Result<Value, Error> {
        self.connection.invoke(operation, &input).await
    }

    /// What so many calls at the same time give.
    pub(crate) async fn at_once(
        &self,
        calls: usize,
        operation: &'static str,
        input: &Value,
    ) -> Vec<Result<Value, Error>> {
        let tasks: Vec<_> = (0..calls)
            .map(|_| {
                let (connection, input) = (self.connection.clone(), input.clone());
                tokio::spawn(async move { connection.invoke(operation, &input).await })
            })
            .collect();
        let mut results = Vec::new();
        for task in tasks {
            results.push(task.await.unwrap());
        }
        results
    }

    /// Asserts that no request so far broke a rule of the vendor's.
    pub(crate) fn assert_well_behaved(&self) {
        assert_eq!(self.sim.violations(), Vec::<String>::new());
    }
    /// What an operation gives when the vendor answers like this.
    pub(crate) async fn answered(&self, operation: &str, input: Value, answer: &str) -> Result<Value, Error> {
        let answer = Fault::raw_json(answer.to_owned());
        self.sim.fault(On::operation(operation), answer, Times::Next(1));
        self.invoke(operation, input).await
    }

    /// Asserts that with this fault an operation gives an answer that is malformed, and isn't tried again.
    pub(crate) async fn assert_malformed(&self, operation: &str, input: &Value, fault: Fault) {
        let name = format!("{operation}: {fault:?}");
        self.sim.fault(On::operation(operation), fault, Times::Next(1));
        let before = self.sim.count(operation);
        let error = self.invoke(operation, input.clone()).await.unwrap_err();
        assert_eq!(
            (error.kind, error.http_status),
            (Kind::MalformedResponse, Some(200)),
            "{name}: {error:?}"
        );
        assert_eq!(error.request_sent, Some(true), "{name}");
        let tries = self.sim.count(operation) - before;
        assert_eq!(tries, 1, "{name}: it isn't tried again");
    }
}
