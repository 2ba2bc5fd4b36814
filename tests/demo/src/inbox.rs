//! Where a simulator calls back: one request, handed to the connector, and the connector's reply.

use std::error::Error;
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How long a callback may take to come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A listener on loopback.
pub(crate) struct Inbox {
    listener: TcpListener,
}

/// A callback that has come, and waits for its reply.
pub(crate) struct Letter {
    stream: TcpStream,
    /// The body, as received.
    pub(crate) body: String,
}

impl Inbox {
    pub(crate) async fn open() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        Ok(Self { listener })
    }

    pub(crate) fn url(&self) -> std::io::Result<String> {
        Ok(format!("http://{}/callback", self.listener.local_addr()?))
    }

    /// The next request.
    pub(crate) async fn receive(&self) -> Result<Letter, Box<dyn Error>> {
        let accepted = tokio::time::timeout(PATIENCE, self.listener.accept()).await;
        let (mut stream, _) = accepted.map_err(|_| "no callback came")??;
        let mut received = Vec::new();
        loop {
            if let Some(body) = body(&received) {
                return Ok(Letter { stream, body });
            }
            if stream.read_buf(&mut received).await? == 0 {
                return Err("the callback broke off".into());
            }
        }
    }
}

impl Letter {
    /// Sends the reply that the connector gave.
    pub(crate) async fn reply(mut self, reply: &Value) -> Result<(), Box<dyn Error>> {
        let body = reply["body"].as_str().unwrap_or_default();
        let mut head = format!("HTTP/1.1 {} \r\n", reply["status"]);
        for header in reply["headers"].as_array().into_iter().flatten() {
            let (name, value) = (
                header[0].as_str().unwrap_or_default(),
                header[1].as_str().unwrap_or_default(),
            );
            write!(head, "{name}: {value}\r\n")?;
        }
        write!(
            head,
            "content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )?;
        self.stream.write_all(head.as_bytes()).await?;
        self.stream.shutdown().await?;
        Ok(())
    }
}

/// The body, once all of it is there.
fn body(received: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(received);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().ok())?
    })?;
    (body.len() >= length).then(|| body.to_owned())
}
