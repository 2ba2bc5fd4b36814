//! What a program would do without Patchbay: log in once, then sign and send each request with reqwest.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use sha2::Sha256;

const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// A client with its token.
pub(crate) struct Native {
    client: reqwest::Client,
    base_url: String,
    token: String,
}

impl Native {
    pub(crate) async fn login(base_url: &str, access_key: &str, secret_key: &str) -> Result<Self, Failed> {
        let client = reqwest::Client::new();
        let url = format!("{base_url}/oapi/v1/token?accessKey={access_key}&secretKey={secret_key}");
        let answer: Value = serde_json::from_slice(&client.get(url).send().await?.bytes().await?)?;
        let token = answer["result"]["access_token"]
            .as_str()
            .ok_or("no token")?
            .to_owned();
        let base_url = base_url.to_owned();
        Ok(Self {
            client,
            base_url,
            token,
        })
    }

    /// The first ten robots.
    pub(crate) async fn robots(&self) -> Result<Value, Failed> {
        let timestamp = SystemTime::now()
            .duration_since(UNIX_EPOCH)?
            .as_millis()
            .to_string();
        let source = format!("page=1&size=10&token={}&timestamp={timestamp}", self.token);
        let mut mac = Hmac::<Sha256>::new_from_slice(self.token.as_bytes())?;
        mac.update(utf8_percent_encode(&source, ESCAPED).to_string().as_bytes());
        let mut digest = String::new();
        for byte in mac.finalize().into_bytes() {
            write!(digest, "{byte:02x}")?;
        }
        let request = self
            .client
            .get(format!("{}/oapi/v1/robot?page=1&size=10", self.base_url))
            .header("accesstoken", &self.token)
            .header("timestamp", timestamp)
            .header("signature", STANDARD.encode(digest));
        let mut answer: Value = serde_json::from_slice(&request.send().await?.bytes().await?)?;
        Ok(answer["result"].take())
    }
}
