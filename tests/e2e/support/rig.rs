//! A connection to a simulator.

use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use patchbay::{Connection, ConnectionOptions, Error, Host, HostOptions, Limits};
use patchbay_simulators::Simulator;
use patchbay_simulators::dabei::{self, Dabei};
use patchbay_simulators::isearch_rpa::{self, IsearchRpa};
use patchbay_simulators::vendor::Vendor;
use patchbay_simulators::workorder::{self, WorkOrder};
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
    /// Connects to a simulator that runs. `settings` go before `base_url`.
    pub(crate) async fn connect(connector: &str, sim: Simulator<V>, settings: &[(&str, &str)]) -> Self {
        let base_url = sim.base_url();
        let mut options = options(settings);
        options.settings.entry("base_url".to_owned()).or_insert(base_url);
        Self::with(connector, sim, options).await
    }

    pub(crate) async fn with(connector: &str, sim: Simulator<V>, options: ConnectionOptions) -> Self {
        let connector = host()
            .load(patchbay_artifacts::connector(connector))
            .await
            .unwrap();
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

    /// Asserts that no request so far broke a rule of the vendor's.
    pub(crate) fn assert_well_behaved(&self) {
        assert_eq!(self.sim.violations(), Vec::<String>::new());
    }
}

impl Rig<IsearchRpa> {
    pub(crate) async fn isearch() -> Self {
        let sim = isearch_rpa::Simulator::builder()
            .job_step(Duration::from_millis(20))
            .start()
            .await
            .unwrap();
        Self::isearch_at(sim, &[]).await
    }

    pub(crate) async fn isearch_at(sim: Simulator<IsearchRpa>, more: &[(&str, &str)]) -> Self {
        let mut settings = vec![("access_key", "patchbay"), ("secret_key", "patchbay-secret")];
        settings.extend_from_slice(more);
        Self::connect("isearch-rpa", sim, &settings).await
    }
}

impl Rig<Dabei> {
    /// Authenticated by header fields, with the client's credentials for single sign-on, and a path for
    /// `task.revoke`.
    pub(crate) async fn dabei() -> Self {
        let sim = dabei::Simulator::builder()
            .auth_headers([("x-api-key", "key-of-the-tenant"), ("x-tenant", "tenant-7")]);
        let headers = r#"{"x-api-key":"key-of-the-tenant","x-tenant":"tenant-7"}"#;
        let paths = format!(r#"{{"task.revoke":"{}"}}"#, dabei::REVOKE_PATH);
        let settings = [("auth_headers", headers), ("path_overrides", &paths)];
        Self::dabei_at(sim.start().await.unwrap(), &settings).await
    }

    pub(crate) async fn dabei_at(sim: Simulator<Dabei>, more: &[(&str, &str)]) -> Self {
        let mut settings = vec![
            ("client_id", dabei::CLIENT_ID),
            ("client_secret", dabei::CLIENT_SECRET),
        ];
        settings.extend_from_slice(more);
        Self::connect("dabei", sim, &settings).await
    }
}

/// A back-end service of the work order centre, acting for [`workorder::USER`].
pub(crate) const SERVICE: [(&str, &str); 4] = [
    ("request_type", "service"),
    ("server_id", workorder::SERVER_ID),
    ("secret_key", workorder::SERVER_SECRET),
    ("access_token", workorder::ACCESS_TOKEN),
];

/// A front-end application of the work order centre, acting for the same user.
pub(crate) const APPLICATION: [(&str, &str); 4] = [
    ("request_type", "app"),
    ("app_id", workorder::APP_ID),
    ("secret_key", workorder::APP_SECRET),
    ("access_token", workorder::ACCESS_TOKEN),
];

impl Rig<WorkOrder> {
    /// As [`SERVICE`].
    pub(crate) async fn workorder() -> Self {
        Self::workorder_as(&SERVICE, &[]).await
    }

    /// As [`SERVICE`] or [`APPLICATION`], with more settings.
    pub(crate) async fn workorder_as(who: &[(&str, &str)], more: &[(&str, &str)]) -> Self {
        let sim = workorder::Simulator::start().await.unwrap();
        Self::connect("workorder", sim, &[who, more].concat()).await
    }
}
