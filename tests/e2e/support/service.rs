//! `patchbay serve`, as a process with a configuration of its own.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Ran, cache, patchbay, program};

/// Far longer than anything takes: ends a test that hangs.
const PATIENCE: Duration = Duration::from_mins(1);

/// A folder with a configuration, and connectors where it says.
pub(crate) struct Setup {
    folder: tempfile::TempDir,
}

impl Setup {
    /// `serve` are the lines under `[serve]`; port 0 is listened on unless they say otherwise.
    /// `connections` follow as they are.
    pub(crate) fn new(serve: &str, connections: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let connectors = folder.path().join("connectors");
        std::fs::create_dir(&connectors).unwrap();
        for (id, file) in [
            ("isearch-rpa", patchbay_artifacts::connector("isearch-rpa")),
            ("misbehaving", patchbay_artifacts::guest("misbehaving")),
        ] {
            std::fs::copy(file, connectors.join(format!("{id}.wasm"))).unwrap();
        }
        let listen = if serve.contains("listen") {
            ""
        } else {
            "listen = \"127.0.0.1:0\"\n"
        };
        let text = format!("connectors = \"connectors\"\n[serve]\n{listen}{serve}\n{connections}");
        let setup = Self { folder };
        setup.write("patchbay.toml", &text);
        setup
    }

    /// Writes a file beside the configuration.
    pub(crate) fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What `serve` says when it doesn't start.
    pub(crate) fn refused(&self) -> Ran {
        patchbay(&["--config", self.path("patchbay.toml").to_str().unwrap(), "serve"])
    }

    /// Starts it, and waits until it listens.
    pub(crate) fn start(self) -> Served {
        self.start_with(|_| {})
    }

    /// The same, in another environment.
    pub(crate) fn start_with(self, prepare: impl FnOnce(&mut Command)) -> Served {
        let mut command = Command::new(program());
        command
            .args([
                "--config".as_ref(),
                self.path("patchbay.toml").as_os_str(),
                "serve".as_ref(),
            ])
            .env("PATCHBAY_CACHE", cache())
            .env("RUST_BACKTRACE", "0")
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        prepare(&mut command);
        let mut child = command.spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        collect(child.stderr.take().unwrap(), log.clone());
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let listening: Value =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line:?}: {}", log.lock().unwrap()));
        Served {
            url: listening["listening"].as_str().unwrap().to_owned(),
            setup: self,
            child,
            stdout,
            log,
            client: reqwest::Client::builder().timeout(PATIENCE).build().unwrap(),
        }
    }
}

fn collect(mut from: impl Read + Send + 'static, into: Arc<Mutex<String>>) {
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            into.lock()
                .unwrap()
                .push_str(&String::from_utf8_lossy(&buffer[..read]));
        }
    });
}

/// A service that runs. It is killed when it is dropped.
pub(crate) struct Served {
    pub(crate) url: String,
    pub(crate) client: reqwest::Client,
    /// The files live as long as the service.
    setup: Setup,
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
    log: Arc<Mutex<String>>,
}

/// A response, whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Self {
            status,
            headers,
            body,
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn kind(&self) -> &str {
        self.body["kind"].as_str().unwrap_or_default()
    }
}

impl Served {
    pub(crate) fn address(&self) -> SocketAddr {
        self.url.rsplit_once('/').unwrap().1.parse().unwrap()
    }

    /// Its configuration and connectors.
    pub(crate) fn setup(&self) -> &Setup {
        &self.setup
    }

    pub(crate) async fn post(&self, path: &str) -> Answer {
        self.send(self.client.post(format!("{}{path}", self.url))).await
    }

    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        Answer::read(request.send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.client.get(format!("{}{path}", self.url))).await
    }

    pub(crate) fn call(&self, connection: &str, operation: &str, input: &Value) -> reqwest::RequestBuilder {
        let url = format!("{}/v1/connections/{connection}/operations/{operation}", self.url);
        self.client.post(url).json(input)
    }

    pub(crate) async fn invoke(&self, connection: &str, operation: &str, input: &Value) -> Answer {
        self.send(self.call(connection, operation, input)).await
    }

    /// Everything that it has said on standard error.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits until it has said this.
    pub(crate) fn said(&self, words: &str) {
        let until = Instant::now() + PATIENCE;
        while !self.log().contains(words) {
            assert!(Instant::now() < until, "{words:?} isn't in {}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The most memory that it has ever used, in bytes.
    pub(crate) fn peak_memory(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .unwrap();
        let kilobytes: usize = peak.trim().strip_suffix(" kB").unwrap().parse().unwrap();
        kilobytes << 10
    }

    /// Sends it a signal: `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Waits until it has ended by itself. Gives its exit code, and what else it has written to standard
    /// output.
    pub(crate) fn ended(&mut self) -> (Option<i32>, String) {
        let until = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < until, "it doesn't end: {}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        };
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        (status.code(), rest)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
