//! `patchbay explain`

use std::net::Ipv4Addr;
use std::path::PathBuf;

use http::{Request, StatusCode};
use serde_json::Value;
use wasmtime_wasi_http::Error as HttpError;

use super::args::Global;
use super::output::Output;
use super::target::certificates;
use crate::call_id::CallId;
use crate::config::{Config, Serve};
use crate::egress::HttpClient;
use crate::error::{Error, Kind};
use crate::policy::Origin;

/// Where the token is, where there is no configuration to tell it.
const TOKEN: &str = "PATCHBAY_TOKEN";

/// Asks the service of the configuration, which remembers its latest calls.
pub(super) async fn run(
    global: &Global,
    output: &Output,
    id: CallId,
    service: Option<Origin>,
) -> Result<(), Error> {
    let config = global.config.as_deref().map(Config::load).transpose()?;
    let token = match &global.config {
        Some(file) => Config::first_token(file)?,
        None => std::env::var(TOKEN).ok(),
    };
    let address = match (&service, &config) {
        (Some(origin), _) => origin.to_string(),
        (None, Some(config)) => address(&config.serve),
        (None, None) => {
            return Err(Error::usage(format!(
                "explain asks the running service; give its configuration as --config FILE, or tell where it is with --service, and its token in the variable {TOKEN}"
            )));
        }
    };
    let roots = config.map(|config| config.roots).unwrap_or_default();
    let record = ask(&address, &roots, token, id).await?;
    if output.pretty() {
        output.text(record["explanation"].as_str().unwrap_or_default())
    } else {
        output.json(&record)
    }
}

/// Where a service listens, seen from this machine.
fn address(serve: &Serve) -> String {
    let scheme = if serve.tls.is_some() { "https" } else { "http" };
    let mut listen = serve.listen.unwrap_or(Serve::DEFAULT_LISTEN);
    if listen.ip().is_unspecified() {
        // What listens everywhere is also here.
        listen.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    format!("{scheme}://{listen}")
}

async fn ask(address: &str, files: &[PathBuf], token: Option<String>, id: CallId) -> Result<Value, Error> {
    let mut request = Request::get(format!("{address}/v1/calls/{id}"));
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let mut roots = Vec::new();
    for file in files {
        roots.extend(certificates(file)?);
    }
    let request = request
        .body(http_body_util::Full::default())
        .map_err(|error| Error::usage(format!("serve.tokens: can't be sent: {error}")))?;
    let answer = HttpClient::new(roots.into_iter().map(Into::into).collect())
        .fetch(request)
        .await
        .map_err(|error| {
            let advice = match error {
                HttpError::TlsCertificateError => {
                    "put what its certificate was signed with under tls.roots in the configuration"
                }
                HttpError::TlsProtocolError => {
                    "tell where it is with --service, and whether by http or https"
                }
                _ => "start it with patchbay --config FILE serve, or tell where it is with --service",
            };
            Error::new(
                Kind::Unreachable,
                format!("no service answers at {address}: {error}; {advice}"),
            )
        })?;
    let (status, body) = (answer.status(), answer.into_body());
    let body: Value = serde_json::from_slice(&body).map_err(|_| {
        Error::new(
            Kind::MalformedResponse,
            format!("what answers at {address} isn't this service: HTTP {status}, and no JSON"),
        )
    })?;
    if status.is_success() {
        return Ok(body);
    }
    let said = body["message"].as_str().unwrap_or("no reason given");
    Err(Error::new(
        if status == StatusCode::UNAUTHORIZED {
            Kind::Unauthenticated
        } else {
            Kind::Usage
        },
        said,
    ))
}
