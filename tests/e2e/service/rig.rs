//! Connections to a simulator, and raw requests.

use std::time::Duration;

use patchbay_simulators::isearch_rpa;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Served, Setup};

/// The connection `rpa` to a simulator, with more lines of its configuration.
pub(super) fn rpa(base_url: &str, more: &str) -> String {
    format!(
        "[connections.rpa]\nconnector = \"isearch-rpa\"\nsettings.base_url = \"{base_url}\"\n\
         settings.access_key = \"patchbay\"\nsettings.secret_key = \"patchbay-secret\"\n{more}\n"
    )
}

/// The connection `odd`, of a connector that misbehaves when asked to.
pub(super) fn odd(more: &str) -> String {
    format!(
        "[connections.odd]\nconnector = \"misbehaving\"\nsettings.base_url = \"http://127.0.0.1:1\"\n{more}\n"
    )
}

/// A simulator, and a service with the connection `rpa` to it and `odd`.
pub(super) async fn served(serve: &str) -> (isearch_rpa::Simulator, Served) {
    let sim = isearch_rpa::Simulator::start().await.unwrap();
    let connections = rpa(&sim.base_url(), "") + &odd("");
    (sim, Setup::new(serve, &connections).start())
}

/// The input of `robot.list`.
pub(super) fn page() -> Value {
    json!({ "page": 1, "size": 1 })
}

/// Far longer than anything takes: ends a test that hangs.
const PATIENCE: Duration = Duration::from_mins(1);

/// A connection on which every byte is the test's own.
pub(super) struct Raw(TcpStream);

impl Raw {
    pub(super) async fn connect(served: &Served) -> Self {
        Self(TcpStream::connect(served.address()).await.unwrap())
    }

    pub(super) async fn write(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// The same, where the service may have closed the connection.
    pub(super) async fn try_write(&mut self, text: &str) -> std::io::Result<()> {
        let written = tokio::time::timeout(PATIENCE, self.0.write_all(text.as_bytes())).await;
        written.unwrap_or_else(|_| panic!("the service neither reads nor closes the connection"))
    }

    /// Reads until this has come.
    pub(super) async fn read_until(&mut self, words: &str) -> String {
        let mut all = Vec::new();
        let read = async {
            while !String::from_utf8_lossy(&all).contains(words) {
                let mut part = [0; 4096];
                let count = self.0.read(&mut part).await.unwrap();
                assert_ne!(count, 0, "closed after {}", String::from_utf8_lossy(&all));
                all.extend_from_slice(&part[..count]);
            }
        };
        tokio::time::timeout(PATIENCE, read).await.unwrap();
        String::from_utf8_lossy(&all).into_owned()
    }

    /// Reads until the service closes the connection, or breaks it.
    pub(super) async fn read_to_end(mut self) -> String {
        let mut all = Vec::new();
        let read = tokio::time::timeout(PATIENCE, self.0.read_to_end(&mut all)).await;
        assert!(read.is_ok(), "the service doesn't close the connection");
        String::from_utf8_lossy(&all).into_owned()
    }
}
