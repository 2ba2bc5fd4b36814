//! `patchbay serve`, as a process.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use reqwest::Client;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::Mutex;

use crate::Plan;
use crate::vendors::Vendors;

/// The token of callers.
const TOKEN: &str = "token-of-the-load";

/// What a call gave.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) version: Option<String>,
    pub(crate) call_id: Option<String>,
    pub(crate) body: Value,
}

/// A running service.
pub(crate) struct Service {
    child: Mutex<Child>,
    process: u32,
    address: String,
    client: Client,
    folder: tempfile::TempDir,
}

impl Service {
    pub(crate) async fn start(plan: &Plan, vendors: &Vendors) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let folder = tempfile::tempdir()?;
        let connectors = folder.path().join("connectors");
        std::fs::create_dir(&connectors)?;
        for (id, path) in patchbay_artifacts::connectors() {
            std::fs::copy(path, connectors.join(format!("{id}.wasm")))?;
        }
        let guest = patchbay_artifacts::guest("misbehaving");
        std::fs::copy(guest, connectors.join("misbehaving.wasm"))?;
        let configuration = format!(
            "connectors = \"connectors\"\n\n[serve]\nlisten = \"127.0.0.1:0\"\nstate = \"state\"\ntokens = [\"{TOKEN}\"]\n{}",
            vendors.configuration()
        );
        let file = folder.path().join("patchbay.toml");
        std::fs::write(&file, configuration)?;
        let mut child = Command::new(&plan.host)
            .arg("--config")
            .arg(&file)
            .arg("serve")
            .env("RUST_LOG", "off")
            .env("RUST_BACKTRACE", "0")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let out = child.stdout.take().ok_or("no standard output")?;
        let line = BufReader::new(out).lines().next_line().await?;
        let line: Value = serde_json::from_str(&line.ok_or("the service ended before it listened")?)?;
        let address = line["listening"].as_str().ok_or("no address")?.to_owned();
        Ok(Self {
            process: child.id().ok_or("the service has ended")?,
            child: Mutex::new(child),
            address,
            client: Client::builder().no_proxy().build()?,
            folder,
        })
    }

    /// The file of the connector that is swapped.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("connectors/isearch-rpa.wasm")
    }

    pub(crate) async fn invoke(
        &self,
        connection: &str,
        operation: &str,
        input: &Value,
        deadline: Option<&str>,
    ) -> Result<Answer, reqwest::Error> {
        let url = format!(
            "{}/v1/connections/{connection}/operations/{operation}",
            self.address
        );
        let mut request = self.client.post(url).bearer_auth(TOKEN).json(input);
        if let Some(deadline) = deadline {
            request = request.header("x-deadline", deadline);
        }
        let response = request.send().await?;
        let header = |name: &str| {
            let value = response.headers().get(name)?;
            Some(value.to_str().ok()?.to_owned())
        };
        let (version, call_id) = (header("x-connector-version"), header("x-call-id"));
        Ok(Answer {
            status: response.status().as_u16(),
            version,
            call_id,
            body: serde_json::from_slice(&response.bytes().await?).unwrap_or_default(),
        })
    }

    pub(crate) async fn get(&self, path: &str) -> Result<String, reqwest::Error> {
        let url = format!("{}{path}", self.address);
        self.client.get(url).bearer_auth(TOKEN).send().await?.text().await
    }

    pub(crate) async fn post(&self, path: &str) -> Result<(u16, Value), reqwest::Error> {
        let url = format!("{}{path}", self.address);
        let response = self.client.post(url).bearer_auth(TOKEN).send().await?;
        let status = response.status().as_u16();
        Ok((
            status,
            serde_json::from_slice(&response.bytes().await?).unwrap_or_default(),
        ))
    }

    /// The connector that is swapped, as the service describes it.
    pub(crate) async fn connector(&self) -> Result<Value, Box<dyn Error + Send + Sync>> {
        let status: Value = serde_json::from_str(&self.get("/v1/connectors").await?)?;
        let mut connectors = status["connectors"]
            .as_array()
            .cloned()
            .unwrap_or_default()
            .into_iter();
        let found = connectors.find(|connector| connector["id"] == "isearch-rpa");
        Ok(found.ok_or("the connector isn't there")?)
    }

    /// Resident memory of the process, in bytes (proc(5)).
    pub(crate) fn resident_memory(&self) -> Option<u64> {
        let status =
            std::fs::read_to_string(Path::new("/proc").join(self.process.to_string()).join("status"));
        let status = status.ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kilobytes * 1024)
    }

    /// Asks it to end (SIGTERM), and gives its exit code.
    pub(crate) async fn end(&self) -> Result<Option<i32>, Box<dyn Error + Send + Sync>> {
        let asked = Command::new("kill")
            .arg(self.process.to_string())
            .status()
            .await?;
        if !asked.success() {
            return Err("the service can't be asked to end".into());
        }
        let mut child = self.child.lock().await;
        let ended = tokio::time::timeout(Duration::from_mins(1), child.wait()).await;
        Ok(ended.map_err(|_| "the service doesn't end")??.code())
    }
}
