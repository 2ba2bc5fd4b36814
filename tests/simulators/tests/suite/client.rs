//! A client that signs as the document says, written apart from the simulator's own check.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use patchbay_simulators::isearch_rpa::Simulator;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::http::{Answered, Failure, Http};

pub(crate) fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

pub(crate) fn now() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap().as_millis().to_string()
}

pub(crate) fn sign(parameters: &str, token: &str, timestamp: &str) -> String {
    let source = format!("{parameters}&token={token}&timestamp={timestamp}");
    let mut mac = Hmac::<Sha256>::new_from_slice(token.as_bytes()).unwrap();
    mac.update(encode(&source).as_bytes());
    let digest = Bytes::copy_from_slice(&mac.finalize().into_bytes());
    STANDARD.encode(format!("{digest:x}"))
}

pub(crate) fn query(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    pairs.join("&")
}

/// The signed source of a GET or of a multipart form.
pub(crate) fn sorted(pairs: &[(&str, &str)]) -> String {
    let mut pairs = pairs.to_vec();
    pairs.sort_unstable();
    let pairs: Vec<String> = pairs.iter().map(|(k, v)| format!("{k}={v}")).collect();
    pairs.join("&")
}

pub(crate) struct Client {
    pub(crate) sim: Simulator,
    pub(crate) token: String,
    pub(crate) refresh: String,
    http: Http,
}

impl Client {
    pub(crate) async fn new(sim: Simulator) -> Self {
        let mut client = Self {
            sim,
            token: String::new(),
            refresh: String::new(),
            http: Http::new(),
        };
        client.login().await;
        client
    }

    pub(crate) async fn start() -> Self {
        Self::new(Simulator::builder().start().await.unwrap()).await
    }

    pub(crate) async fn login(&mut self) {
        let keys = [
            ("accessKey", self.sim.access_key().to_owned()),
            ("secretKey", self.sim.secret_key().to_owned()),
        ];
        let keys = keys.each_ref().map(|(k, v)| (*k, v.as_str()));
        let path = format!("/oapi/v1/token?{}", query(&keys));
        let answer = self.raw("GET", &path, &[], "").await.unwrap().json();
        assert_eq!(answer["code"], 0, "{answer}");
        self.token = answer["result"]["access_token"].as_str().unwrap().into();
        self.refresh = answer["result"]["refresh_token"].as_str().unwrap().into();
    }

    pub(crate) async fn raw(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Answered, Failure> {
        let headers = headers.iter().copied();
        self.http
            .exchange(&self.sim, (method, target), headers, body)
            .await
    }

    /// Sends signed bytes: what is signed is given.
    pub(crate) async fn signed(
        &self,
        method: &str,
        target: &str,
        source: &str,
        content_type: Option<&str>,
        body: impl Into<Bytes>,
    ) -> Result<Answered, Failure> {
        let timestamp = now();
        let signature = sign(source, &self.token, &timestamp);
        let mut headers = vec![
            ("accesstoken", self.token.as_str()),
            ("timestamp", &timestamp),
            ("signature", &signature),
        ];
        headers.extend(content_type.map(|kind| ("content-type", kind)));
        self.raw(method, target, &headers, body).await
    }

    pub(crate) async fn try_get(&self, path: &str, pairs: &[(&str, &str)]) -> Result<Answered, Failure> {
        let target = format!("{path}?{}", query(pairs));
        self.signed("GET", &target, &sorted(pairs), None, "").await
    }

    pub(crate) async fn get(&self, path: &str, pairs: &[(&str, &str)]) -> Value {
        self.try_get(path, pairs).await.unwrap().json()
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: Value) -> Value {
        let body = body.to_string();
        let json = Some("application/json");
        let answer = self.signed(method, path, &body.clone(), json, body).await;
        answer.unwrap().json()
    }

    /// The page of the robots.
    pub(crate) async fn robots(&self) -> Result<Answered, Failure> {
        self.try_get("/oapi/v1/robot", &[("page", "1"), ("size", "10")])
            .await
    }

    pub(crate) async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let path = format!("/__simulator/{path}");
        self.raw(method, &path, &[], body).await.unwrap().json()
    }

    pub(crate) async fn upload(&self, name: &str, content: &[u8], fields: &[(&str, &str)]) -> Value {
        let name = name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        let mut body = Vec::new();
        for (field, value) in fields {
            body.extend(
                format!("--b0und\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n")
                    .bytes(),
            );
        }
        body.extend(
            format!("--b0und\r\nContent-Disposition: form-data; name=\"uploadFile\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n")
                .bytes(),
        );
        body.extend(content);
        body.extend(b"\r\n--b0und--\r\n");
        let kind = Some("multipart/form-data; boundary=b0und");
        let answer = self
            .signed("POST", "/oapi/v1/share/file", &sorted(fields), kind, body)
            .await;
        answer.unwrap().json()
    }
}

pub(crate) fn done() -> Value {
    json!({"code": 0, "msg": "操作成功"})
}
