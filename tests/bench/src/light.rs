//! A vendor that costs next to nothing: it answers the login and `robot.list` of iS-RPA from prepared bytes.
//!
//! It checks that a request asks for what it has and carries a token, a timestamp and a signature; whether the signature
//! is right is the strict simulator's business. `GET /__simulator/state` says what it saw, as there.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use patchbay_simulators::isearch_rpa::{ACCESS_KEY, SECRET_KEY};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::Failed;
use crate::process;
use crate::robots::Robots;

/// The one token that it gives.
const TOKEN: &str = "5f1c1d7e-4c39-4d2b-9a51-0e7a6f3b8c24";
/// The largest head of a request, in bytes.
const MAX_HEAD: usize = 16 << 10;
/// How many broken rules it keeps.
const MAX_VIOLATIONS: usize = 100;

/// Prepared responses, and what was seen.
struct Light {
    /// By path and query.
    responses: BTreeMap<String, Vec<u8>>,
    logins: AtomicU64,
    violations: Mutex<Vec<String>>,
}

/// An answer.
struct Answered<'a> {
    response: Cow<'a, [u8]>,
    /// How many bytes the request took.
    length: usize,
}

/// Serves it until standard input ends. Prints its address.
pub(crate) fn serve() -> Result<(), Failed> {
    // One thread, as the simulator has.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        process::ready(&format!("http://{}", listener.local_addr()?));
        let light = Arc::new(Light::new());
        tokio::select! {
            failed = accept(&listener, light) => Ok(failed?),
            () = process::no_longer_needed() => Ok(()),
        }
    })
}

async fn accept(listener: &TcpListener, light: Arc<Light>) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let light = light.clone();
        // A client that leaves ends its connection, which is no failure.
        tokio::spawn(async move { light.serve(stream).await });
    }
}

impl Light {
    fn new() -> Self {
        let page = |robots: Robots| {
            let envelope = json!({ "code": 0, "msg": "操作成功", "result": robots.page(false) });
            (robots.path(), response("200 OK", &envelope))
        };
        Self {
            responses: Robots::LIGHT.into_iter().map(page).collect(),
            logins: AtomicU64::new(0),
            violations: Mutex::default(),
        }
    }

    /// Answers the requests of a connection, one after the other.
    async fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        let mut received = Vec::with_capacity(MAX_HEAD);
        loop {
            let Answered { response, length } = match self.answer(&received) {
                Ok(Some(answered)) => answered,
                Ok(None) => {
                    if stream.read_buf(&mut received).await? == 0 {
                        return Ok(());
                    }
                    continue;
                }
                Err(broken) => {
                    self.violated(&broken);
                    let refusal = json!({ "code": 9400, "msg": broken });
                    return stream.write_all(&response("400 Bad Request", &refusal)).await;
                }
            };
            stream.write_all(&response).await?;
            received.drain(..length);
        }
    }

    /// The answer to the request at the start of `received`. `None`: it isn't whole yet.
    fn answer(&self, received: &[u8]) -> Result<Option<Answered<'_>>, String> {
        let mut headers = [httparse::EMPTY_HEADER; 32];
        let mut request = httparse::Request::new(&mut headers);
        let parsed = request
            .parse(received)
            .map_err(|error| format!("the request isn't HTTP: {error}"))?;
        let httparse::Status::Complete(length) = parsed else {
            return if received.len() < MAX_HEAD {
                Ok(None)
            } else {
                Err("the request's head is too long".to_owned())
            };
        };
        let (method, path) = (
            request.method.unwrap_or_default(),
            request.path.unwrap_or_default(),
        );
        if method != "GET" {
            return Err(format!("{method} {path}: only GET is answered"));
        }
        let header = |name: &str| {
            let header = request
                .headers
                .iter()
                .find(|header| header.name.eq_ignore_ascii_case(name));
            header.map_or(&[][..], |header| header.value)
        };
        if let Some(response) = self.responses.get(path) {
            if header("accesstoken") != TOKEN.as_bytes() {
                return Err(format!(
                    "{path}: the header accesstoken isn't the token that was given"
                ));
            }
            if header("timestamp").len() != 13 || header("signature").is_empty() {
                return Err(format!("{path}: the request isn't signed"));
            }
            return Ok(Some(Answered {
                response: response.into(),
                length,
            }));
        }
        let answer = match path.split_once('?') {
            Some(("/oapi/v1/token", query)) => self.login(query)?,
            _ if path == "/__simulator/state" => self.state(),
            _ => return Err(format!("{path}: there is no such path")),
        };
        Ok(Some(Answered {
            response: response("200 OK", &answer).into(),
            length,
        }))
    }

    fn login(&self, query: &str) -> Result<Value, String> {
        let has = |pair: &str| query.split('&').any(|found| found == pair);
        if !has(&format!("accessKey={ACCESS_KEY}")) || !has(&format!("secretKey={SECRET_KEY}")) {
            return Err("the login doesn't have the account's keys".to_owned());
        }
        self.logins.fetch_add(1, Ordering::Relaxed);
        let result = json!({
            "access_token": TOKEN,
            "token_type": "bearer",
            "refresh_token": "e0a2b6a4-2d6e-4b53-8f43-9d1f6f8b7a10",
            "expires_in": 1_799_999,
            "scope": "server",
        });
        Ok(json!({ "code": 0, "msg": "操作成功", "result": result }))
    }

    fn state(&self) -> Value {
        let violations = self.violations.lock().unwrap_or_else(PoisonError::into_inner);
        let logins = self.logins.load(Ordering::Relaxed);
        json!({ "counters": { "logins": logins, "violations": *violations } })
    }

    fn violated(&self, rule: &str) {
        let mut violations = self.violations.lock().unwrap_or_else(PoisonError::into_inner);
        if violations.len() < MAX_VIOLATIONS {
            violations.push(rule.to_owned());
        }
    }
}

fn response(status: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json;charset=UTF-8\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}
