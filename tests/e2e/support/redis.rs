//! A Redis server of a test's own. It uses the standard library only: the host's unit tests include it.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running server, which ends with it.
pub(crate) struct RedisServer {
    child: Child,
    folder: PathBuf,
    address: SocketAddr,
}

impl RedisServer {
    /// Starts a server on a free port. `None` where `redis-server` isn't installed: then the test is skipped,
    /// which `PATCHBAY_TEST_REDIS=required` makes a failure.
    pub(crate) fn start(more: &[&str]) -> Option<Self> {
        let found = Command::new("redis-server")
            .arg("--version")
            .stdout(Stdio::null())
            .status();
        if found.is_err() {
            let required = std::env::var_os("PATCHBAY_TEST_REDIS").is_some_and(|value| value == "required");
            assert!(
                !required,
                "redis-server isn't installed, but the tests require it"
            );
            println!("skipped: redis-server isn't installed");
            return None;
        }
        // Another process may take the port before the server has it.
        (0..5)
            .find_map(|_| Self::start_at(free_port(), more))
            .or_else(|| {
                panic!("redis-server doesn't start");
            })
    }

    /// Starts a server on this port. `None` where it ends at once.
    pub(crate) fn start_at(port: u16, more: &[&str]) -> Option<Self> {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let folder = std::env::temp_dir().join(format!("patchbay-redis-{}-{port}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let child = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .args(["--port", &port.to_string()])
            .args(more)
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Self {
            child,
            folder,
            address,
        };
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(20) && server.child.try_wait().unwrap().is_none() {
            if answers(address) {
                return Some(server);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        None
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://{}/0", self.address)
    }

    /// Ends it as a crash would.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Sends it a signal: `STOP` makes it take requests and answer none.
    pub(crate) fn signal(&self, signal: &str) {
        let sent = Command::new("kill")
            .args([&format!("-{signal}"), &self.child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Sends one command, and gives the raw answer.
    pub(crate) fn command(&self, words: &[&str]) -> String {
        exchange(self.address, &[words]).unwrap()
    }

    /// Sends commands whose words have no spaces, and gives the raw answers.
    pub(crate) fn commands(&self, lines: &[&str]) -> String {
        let commands: Vec<Vec<&str>> = lines.iter().map(|line| line.split(' ').collect()).collect();
        let commands: Vec<&[&str]> = commands.iter().map(Vec::as_slice).collect();
        exchange(self.address, &commands).unwrap()
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// An error is an answer as well: it may want a password.
fn answers(address: SocketAddr) -> bool {
    exchange(address, &[&["PING"]]).is_ok_and(|answer| answer.starts_with(['+', '-']))
}

fn exchange(address: SocketAddr, commands: &[&[&str]]) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    // After the last one the server ends the connection, and with it the answer.
    let quit: &[&str] = &["QUIT"];
    let mut request = String::new();
    for words in commands.iter().chain([&quit]) {
        // Writing to a string can't fail.
        let _ = write!(request, "*{}\r\n", words.len());
        for word in *words {
            let _ = write!(request, "${}\r\n{word}\r\n", word.len());
        }
    }
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
