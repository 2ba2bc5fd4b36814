//! The library, as an embedder uses it.

use std::sync::Arc;

use patchbay::{Connection, Connector, Host, HostOptions};

use crate::Failed;
use crate::vendor::{self, Vendor};

/// A host with the connector.
pub(super) struct Library {
    pub(super) host: Host,
    connector: Arc<Connector>,
}

impl Library {
    pub(super) async fn start() -> Result<Self, Failed> {
        let host = Host::new(&HostOptions::usual())?;
        let connector = host.load(patchbay_artifacts::connector("isearch-rpa")).await?;
        Ok(Self { host, connector })
    }

    /// A connection to a vendor.
    pub(super) fn connect(&self, name: &str, base_url: &str) -> Result<Connection, Failed> {
        Ok(self
            .host
            .connect(name, self.connector.clone(), vendor::options(base_url))?)
    }

    /// As many connections as that.
    pub(super) fn connect_many(&self, count: usize, base_url: &str) -> Result<Vec<Connection>, Failed> {
        (0..count)
            .map(|number| self.connect(&format!("bench-{number}"), base_url))
            .collect()
    }
}

/// A host with a connection to a vendor.
pub(super) async fn connection(vendor: &Vendor) -> Result<Connection, Failed> {
    Library::start().await?.connect("bench", &vendor.base_url)
}
