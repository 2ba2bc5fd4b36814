//! `patchbay serve`, as a process.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use patchbay_simulators::isearch_rpa::{ACCESS_KEY, SECRET_KEY};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::Failed;
use crate::process::Process;

/// A running service with the connection `rpa`. It logs as it does by default.
pub(crate) struct Serve {
    pub(crate) process: Arc<Process>,
    /// Scheme, host and port.
    pub(crate) url: String,
    folder: TempDir,
}

impl Serve {
    /// Starts it.
    pub(crate) async fn start(host: &Path, base_url: &str) -> Result<Self, Failed> {
        Self::start_with(Command::new(host), base_url).await
    }

    /// Starts it with a compile cache of its own, which is empty.
    pub(crate) async fn start_cold(host: &Path, base_url: &str, cache: &Path) -> Result<Self, Failed> {
        let mut command = Command::new(host);
        command.env("PATCHBAY_CACHE", cache);
        Self::start_with(command, base_url).await
    }

    async fn start_with(mut command: Command, base_url: &str) -> Result<Self, Failed> {
        let folder = tempfile::tempdir()?;
        connectors(folder.path())?;
        let configuration = format!(
            "connectors = \"connectors\"\n\n[serve]\nlisten = \"127.0.0.1:0\"\n\n[connections.rpa]\nconnector = \"isearch-rpa\"\n\
             settings.base_url = \"{base_url}\"\nsettings.access_key = \"{ACCESS_KEY}\"\nsettings.secret_key = \"{SECRET_KEY}\"\n"
        );
        let file = folder.path().join("patchbay.toml");
        std::fs::write(&file, configuration)?;
        command
            .arg("--config")
            .arg(file)
            .arg("serve")
            .env_remove("RUST_LOG")
            .stderr(std::process::Stdio::null());
        let (process, line) = Process::start(command).await?;
        let line: Value = serde_json::from_str(&line)?;
        let url = line["listening"]
            .as_str()
            .ok_or("the service doesn't say where it listens")?;
        Ok(Self {
            process: Arc::new(process),
            url: url.to_owned(),
            folder,
        })
    }

    /// Puts another file in the place of the connector's.
    pub(crate) fn replace(&self, build: &Path) -> Result<(), Failed> {
        let file = file(self.folder.path());
        let beside = file.with_extension("new");
        std::fs::copy(build, &beside)?;
        std::fs::rename(beside, file)?;
        Ok(())
    }
}

/// Makes a folder `connectors` with the connector in it, and returns it.
pub(crate) fn connectors(folder: &Path) -> Result<PathBuf, Failed> {
    let connectors = folder.join("connectors");
    std::fs::create_dir(&connectors)?;
    std::fs::copy(patchbay_artifacts::connector("isearch-rpa"), file(folder))?;
    Ok(connectors)
}

fn file(folder: &Path) -> PathBuf {
    folder.join("connectors/isearch-rpa.wasm")
}
