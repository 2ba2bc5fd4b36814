//! What a vendor's simulator implements, and what it answers with.

use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::Value;

use crate::operation::Operation;
use crate::strict::Call;

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers, save those of the framing.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// How long the vendor works on it before it sends anything.
    pub delay: Duration,
}

impl Answer {
    /// An answer with a body of some type.
    #[must_use]
    pub fn new(status: StatusCode, content_type: &str, body: impl Into<Bytes>) -> Self {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_str(content_type) {
            headers.insert(CONTENT_TYPE, value);
        }
        Self {
            status,
            headers,
            body: body.into(),
            delay: Duration::ZERO,
        }
    }

    /// The same, after a while.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// A JSON answer.
    #[must_use]
    pub fn json(status: StatusCode, body: &Value) -> Self {
        Self::new(status, "application/json;charset=UTF-8", body.to_string())
    }

    /// A page for people, as gateways send it.
    #[must_use]
    pub fn html(status: StatusCode) -> Self {
        let text = format!("<!DOCTYPE html><html><body><h1>{status}</h1></body></html>");
        Self::new(status, "text/html;charset=UTF-8", text)
    }
}

/// Why a request is not done.
#[derive(Debug, Clone)]
pub enum Refusal {
    /// It breaks a rule of the document.
    Breach(String),
    /// Its credentials do not hold.
    Credentials {
        /// Why.
        why: String,
        /// Whether that is a mistake of the client, such as a wrong signature, and not just time.
        breach: bool,
    },
    /// It is well formed, and the vendor says no.
    Vendor {
        /// The vendor's code.
        code: i64,
        /// The vendor's words.
        message: String,
    },
}

impl Refusal {
    /// The vendor says no.
    #[must_use]
    pub fn vendor(code: i64, message: impl Into<String>) -> Self {
        Self::Vendor {
            code,
            message: message.into(),
        }
    }
}

/// A vendor: what it documents, and what it does.
pub trait Vendor: Send + Sync + Sized + 'static {
    /// The id of the connector that speaks to it.
    const ID: &'static str;

    /// What people call it.
    const NAME: &'static str;

    /// What its simulator can be set to: the options of its program, with their defaults.
    type Setup: clap::Args + Send;

    /// A vendor with the seed data.
    fn new(setup: Self::Setup) -> Self;

    /// The settings of a connection that it lets in.
    fn credentials(&self) -> Vec<(&'static str, String)>;

    /// Further settings of a connection that is to reach all its operations. `base_url` is the simulator's.
    fn more_settings(&self, base_url: &str) -> Vec<(&'static str, String)> {
        let _ = base_url;
        Vec::new()
    }

    /// Every operation it documents.
    fn operations(&self) -> &'static [Operation];

    /// Checks the credentials of a request that kept the rules.
    fn authorize(&self, call: &Call) -> Result<(), Refusal>;

    /// Does what the request asks.
    fn handle(&self, call: &Call) -> Result<Answer, Refusal>;

    /// How it says no.
    fn refuse(&self, refusal: &Refusal) -> Answer;

    /// What comes before and after the text of a huge success.
    fn flood(&self) -> (&'static str, &'static str) {
        ("{\"code\":0,\"msg\":\"\",\"result\":\"", "\"}")
    }

    /// Ends every access token; what renews them stays good.
    fn expire_tokens(&self);

    /// Ends every token of any sort.
    fn revoke_all(&self);

    /// JSON that none of its operations may answer with.
    fn not_envelope(&self) -> &'static str {
        "[1, 2, 3]"
    }

    /// Whether a query parameter carries credentials. It is then left to [`Vendor::authorize`], on
    /// operations that do not document it.
    fn is_credential(&self, query: &str) -> bool {
        let _ = query;
        false
    }

    /// What it holds, for people to look at. No secrets of the session.
    fn state(&self) -> Value;
}
