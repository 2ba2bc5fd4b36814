//! What a program does without Patchbay: log in once, then sign and send each request with reqwest.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use patchbay_simulators::isearch_rpa::{ACCESS_KEY, SECRET_KEY};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use sha2::Sha256;

use crate::Failed;
use crate::robots::Robots;

const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// A client with its token. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Native {
    client: reqwest::Client,
    base_url: String,
    token: String,
}

impl Native {
    pub(crate) async fn login(base_url: &str) -> Result<Self, Failed> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let url = format!("{base_url}/oapi/v1/token?accessKey={ACCESS_KEY}&secretKey={SECRET_KEY}");
        let answer: Value = serde_json::from_slice(&client.get(url).send().await?.bytes().await?)?;
        let token = answer["result"]["access_token"]
            .as_str()
            .ok_or("the login gives no token")?
            .to_owned();
        let base_url = base_url.to_owned();
        Ok(Self {
            client,
            base_url,
            token,
        })
    }

    /// The answer's bytes, with the envelope.
    pub(crate) async fn bytes(&self, robots: Robots) -> Result<Bytes, Failed> {
        let mut request = self.client.get(format!("{}{}", self.base_url, robots.path()));
        for (name, value) in self.headers(robots)? {
            request = request.header(name, value);
        }
        let response = request.send().await?.error_for_status()?;
        Ok(response.bytes().await?)
    }

    /// The payload, parsed.
    pub(crate) async fn parsed(&self, robots: Robots) -> Result<Value, Failed> {
        payload(&self.bytes(robots).await?)
    }

    /// The headers of a signed request.
    pub(crate) fn headers(&self, robots: Robots) -> Result<[(&'static str, String); 3], Failed> {
        let timestamp = SystemTime::now()
            .duration_since(UNIX_EPOCH)?
            .as_millis()
            .to_string();
        let source = format!("{}&token={}&timestamp={timestamp}", robots.query(), self.token);
        let mut mac = Hmac::<Sha256>::new_from_slice(self.token.as_bytes())?;
        mac.update(utf8_percent_encode(&source, ESCAPED).to_string().as_bytes());
        let mut digest = String::new();
        for byte in mac.finalize().into_bytes() {
            write!(digest, "{byte:02x}")?;
        }
        Ok([
            ("accesstoken", self.token.clone()),
            ("timestamp", timestamp),
            ("signature", STANDARD.encode(digest)),
        ])
    }
}

/// Opens the envelope.
pub(crate) fn payload(answer: &[u8]) -> Result<Value, Failed> {
    let mut envelope: Value = serde_json::from_slice(answer)?;
    if envelope["code"] != 0 {
        return Err(format!("the vendor said no: {}", envelope["msg"]).into());
    }
    Ok(envelope["result"].take())
}
