//! The running service, which some commands ask.

use std::net::Ipv4Addr;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use patchbay::http::{HttpClient, HttpError};
use patchbay::{Error, Kind, Origin};
use serde_json::Value;

use super::args::Global;
use super::target::certificates;
use crate::config::{Config, Serve};

/// Where the token is, where there is no configuration that has it.
const TOKEN: &str = "PATCHBAY_TOKEN";
/// The largest answer that is read, in bytes.
const MAX_ANSWER: usize = 4 << 20;

/// The running service.
pub(super) struct Remote {
    address: String,
    token: Option<String>,
    client: HttpClient,
}

impl Remote {
    /// The service of the configuration, or the one at `service`.
    pub(super) fn open(global: &Global, service: Option<&Origin>) -> Result<Self, Error> {
        let config = global.config.as_deref().map(Config::load).transpose()?;
        let token = match &global.config {
            Some(file) => Config::first_token(file)?,
            None => std::env::var(TOKEN).ok(),
        };
        let address = match (service, &config) {
            (Some(origin), _) => origin.to_string(),
            (None, Some(config)) => address(&config.serve),
            (None, None) => {
                return Err(Error::usage(format!(
                    "this command asks the running service; give its configuration as --config FILE, or its address as --service ORIGIN and its token in the variable {TOKEN}"
                )));
            }
        };
        let mut roots = Vec::new();
        for file in config.iter().flat_map(|config| &config.roots) {
            roots.extend(certificates(file)?);
        }
        Ok(Self {
            address,
            token,
            client: HttpClient::new(&roots),
        })
    }

    /// What the service answers at a path.
    pub(super) async fn get(&self, path: &str) -> Result<Value, Error> {
        let mut request = Request::get(format!("{}{path}", self.address));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request
            .body(Full::<Bytes>::default())
            .map_err(|error| Error::usage(format!("serve.tokens: can't be sent: {error}")))?;
        let (head, body) = self
            .client
            .send(request)
            .await
            .map_err(|error| self.unreachable(&error))?
            .into_parts();
        let foreign = |what: &str| {
            Error::new(
                Kind::MalformedResponse,
                format!(
                    "what answers at {} isn't this service: HTTP {}, and {what}",
                    self.address, head.status
                ),
            )
        };
        let body = Limited::new(body, MAX_ANSWER).collect().await;
        let body = body.map_err(|_| foreign("no whole answer"))?.to_bytes();
        let body: Value = serde_json::from_slice(&body).map_err(|_| foreign("no JSON"))?;
        if head.status.is_success() {
            return Ok(body);
        }
        let kind = match head.status {
            StatusCode::UNAUTHORIZED => Kind::Unauthenticated,
            _ => Kind::Usage,
        };
        Err(Error::new(
            kind,
            body["message"].as_str().unwrap_or("no reason given"),
        ))
    }

    fn unreachable(&self, error: &HttpError) -> Error {
        let advice = match error {
            HttpError::TlsCertificateError => {
                "put what its certificate was signed with under tls.roots in the configuration"
            }
            HttpError::TlsProtocolError => "give its address with --service, with http or https",
            _ => "start it with patchbay --config FILE serve, or give its address with --service",
        };
        Error::new(
            Kind::Unreachable,
            format!("no service answers at {}: {error}; {advice}", self.address),
        )
    }
}

/// Where a service listens, seen from this machine.
fn address(serve: &Serve) -> String {
    let scheme = if serve.tls.is_some() { "https" } else { "http" };
    let mut listen = serve.address();
    if listen.ip().is_unspecified() {
        // What listens everywhere is also here.
        listen.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    format!("{scheme}://{listen}")
}
