//! A vendor as a process of its own.

use std::collections::BTreeMap;

use patchbay::ConnectionOptions;
use patchbay_simulators::isearch_rpa::{ACCESS_KEY, SECRET_KEY, Simulator};
use serde_json::Value;

use crate::Failed;
use crate::process::{self, Process};

/// A running vendor.
pub(crate) struct Vendor {
    _process: Process,
    /// Scheme, host and port.
    pub(crate) base_url: String,
}

impl Vendor {
    /// Starts the light vendor.
    pub(crate) async fn light() -> Result<Self, Failed> {
        Self::start("light").await
    }

    /// Starts the strict simulator.
    pub(crate) async fn strict() -> Result<Self, Failed> {
        Self::start("strict").await
    }

    async fn start(part: &str) -> Result<Self, Failed> {
        let (process, base_url) = Process::part(&[part]).await?;
        Ok(Self {
            _process: process,
            base_url,
        })
    }

    /// The settings of a connection to it.
    pub(crate) fn settings(&self) -> BTreeMap<String, String> {
        settings(&self.base_url)
    }

    /// Makes sure that no request broke a rule, and returns how many logins there were.
    pub(crate) async fn check(&self) -> Result<u64, Failed> {
        let url = format!("{}/__simulator/state", self.base_url);
        let client = reqwest::Client::builder().no_proxy().build()?;
        let state: Value = serde_json::from_slice(&client.get(url).send().await?.bytes().await?)?;
        let counters = &state["counters"];
        let violations = counters["violations"]
            .as_array()
            .ok_or("the vendor doesn't say what it saw")?;
        if let Some(first) = violations.first() {
            return Err(format!(
                "{} requests broke a rule of the vendor, the first one: {first}",
                violations.len()
            )
            .into());
        }
        Ok(counters["logins"].as_u64().unwrap_or_default())
    }
}

/// The settings of a connection to a vendor.
fn settings(base_url: &str) -> BTreeMap<String, String> {
    [
        ("base_url", base_url),
        ("access_key", ACCESS_KEY),
        ("secret_key", SECRET_KEY),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

/// A connection to a vendor.
pub(crate) fn options(base_url: &str) -> ConnectionOptions {
    ConnectionOptions {
        settings: settings(base_url),
        ..ConnectionOptions::default()
    }
}

/// Serves the strict simulator until standard input ends. Prints its address.
pub(crate) fn serve_strict() -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let simulator = Simulator::builder().keep_requests(10).start().await?;
        process::ready(&simulator.base_url());
        process::no_longer_needed().await;
        Ok(())
    })
}
