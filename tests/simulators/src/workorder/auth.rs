//! The headers of every request, and who is behind the token in them.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::headers::{single, unexpected};
use crate::lock;
use crate::strict::Call;
use crate::vendor::Refusal;

/// What calls: it decides which headers there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestType {
    /// A page: `appID`, `secretKey`, `accessToken`, `Authorization`.
    App,
    /// A back end: `serverID`, `secretKey`, `accessToken`.
    Service,
}

impl RequestType {
    /// The headers beside `requestType` that it must have, and those that it must not have.
    const fn headers(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::App => (
                &["appID", "secretKey", "accessToken", "Authorization"],
                &["serverID"],
            ),
            Self::Service => (
                &["serverID", "secretKey", "accessToken"],
                &["appID", "Authorization"],
            ),
        }
    }
}

/// Whom a token is for.
#[derive(Debug, Clone)]
pub(super) struct Holder {
    user: String,
    expired: bool,
}

/// What a simulator demands.
#[derive(Debug, Default)]
pub(super) struct Access {
    pub(super) app: (String, String),
    pub(super) service: (String, String),
    /// The one type it takes, where it does not take both.
    pub(super) only: Option<RequestType>,
    /// The value of the header, where it is not the access token.
    pub(super) authorization: Option<String>,
    pub(super) tokens: Mutex<BTreeMap<Vec<u8>, Holder>>,
}

impl Access {
    pub(super) fn grant(&self, token: &str, user: &str) {
        let holder = Holder {
            user: user.to_owned(),
            expired: false,
        };
        lock(&self.tokens).insert(token.as_bytes().to_vec(), holder);
    }

    pub(super) fn expire(&self) {
        for holder in lock(&self.tokens).values_mut() {
            holder.expired = true;
        }
    }

    pub(super) fn revoke(&self) {
        lock(&self.tokens).clear();
    }

    /// Checks the headers; the user's id comes back.
    pub(super) fn check(&self, call: &Call) -> Result<String, Refusal> {
        const KNOWN: [&str; 6] = [
            "requesttype",
            "appid",
            "serverid",
            "secretkey",
            "accesstoken",
            "authorization",
        ];
        let id = call.operation.id;
        let breach = |text: String| Err(Refusal::Breach(format!("{id}: {text}")));
        if let Some(name) = unexpected(&call.headers, |name| KNOWN.contains(&name)) {
            return breach(format!("header {name}: not documented"));
        }
        let (request_type, name) = match single(call, "requestType")? {
            Some(b"app") => (RequestType::App, "app"),
            Some(b"service") => (RequestType::Service, "service"),
            Some(_) => return breach("header requestType: neither app nor service".into()),
            None => return breach("no header requestType".into()),
        };
        let (required, forbidden) = request_type.headers();
        for header in required {
            if single(call, header)?.is_none() {
                return breach(format!("no header {header}, required with requestType {name}"));
            }
        }
        for header in forbidden {
            if single(call, header)?.is_some() {
                return breach(format!("header {header}: not documented with requestType {name}"));
            }
        }
        if self.only.is_some_and(|only| only != request_type) {
            return Err(Refusal::vendor(4000, "调用方式错误"));
        }
        self.check_values(call, request_type)
    }

    fn check_values(&self, call: &Call, request_type: RequestType) -> Result<String, Refusal> {
        let ((id, secret), header) = match request_type {
            RequestType::App => (&self.app, "appID"),
            RequestType::Service => (&self.service, "serverID"),
        };
        let known = single(call, header)? == Some(id.as_bytes());
        if !known || single(call, "secretKey")? != Some(secret.as_bytes()) {
            return Err(Refusal::vendor(4001, "没有权限"));
        }
        let refused = |why: &str| Refusal::Credentials {
            why: format!("{}: {why}", call.operation.id),
            breach: false,
        };
        let token = single(call, "accessToken")?.unwrap_or_default();
        let expected = self
            .authorization
            .as_ref()
            .map_or(token, |value| value.as_bytes());
        if request_type == RequestType::App && single(call, "Authorization")? != Some(expected) {
            return Err(refused("the header Authorization is wrong"));
        }
        match lock(&self.tokens).get(token) {
            Some(holder) if !holder.expired => Ok(holder.user.clone()),
            Some(_) => Err(refused("the access token has expired")),
            None => Err(refused("the access token is unknown")),
        }
    }
}
