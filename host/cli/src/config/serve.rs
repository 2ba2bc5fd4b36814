//! The table `[serve]`.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use patchbay::{Error, Limits};
use patchbay_service::{InvalidToken, Metrics, Reloader, ServiceLimits, ServiceOptions, TlsFiles, Tokens};
use patchbay_state::StateLocation;
use toml::de::DeValue;

use super::config::Config;
use super::reader::{Reader, Table, join};

/// How the service is set up.
#[derive(Debug)]
pub struct Serve {
    /// Where it listens. `None`: [`Serve::DEFAULT_LISTEN`].
    pub listen: Option<SocketAddr>,
    /// Where what must survive a restart is kept. The service and the commands that call share the sessions in it, and
    /// so save logins.
    pub state: Option<StateLocation>,
    /// Bearer tokens of callers.
    pub tokens: Tokens,
    /// Certificate and key. `None`: plain HTTP.
    pub tls: Option<TlsFiles>,
    /// What a client may use.
    pub limits: ServiceLimits,
    /// How long calls under way may take once the service stops.
    pub drain: Duration,
}

impl Serve {
    /// Where the service listens where the configuration doesn't say.
    pub const DEFAULT_LISTEN: SocketAddr =
        SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 7878);

    /// Where the service listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.listen.unwrap_or(Self::DEFAULT_LISTEN)
    }

    /// What the service itself needs of it, with what counts the host's calls and what reads the configuration again.
    #[must_use]
    pub fn options(&self, metrics: Metrics, reloader: Arc<dyn Reloader>) -> ServiceOptions {
        ServiceOptions {
            tokens: self.tokens.clone(),
            limits: self.limits,
            drain: self.drain,
            metrics,
            reloader: Some(reloader),
        }
    }
}

impl Default for Serve {
    fn default() -> Self {
        let ServiceOptions {
            tokens,
            limits,
            drain,
            ..
        } = ServiceOptions::default();
        Self {
            listen: None,
            state: None,
            tokens,
            tls: None,
            limits,
            drain,
        }
    }
}

impl Config {
    /// The first of the tokens in a file, for a command that calls the service. [`Serve`] keeps digests only.
    pub(crate) fn first_token(file: &Path) -> Result<Option<String>, Error> {
        let text = Self::read(file)?;
        let reader = Reader { file, text: &text };
        let root = reader.parse()?;
        let tokens = root
            .get_ref()
            .get("serve")
            .and_then(|serve| serve.get_ref().as_table()?.get("tokens"));
        let Some(tokens) = tokens else {
            return Ok(None);
        };
        let line = reader.line(tokens.span().start);
        let tokens = reader.strings(tokens.get_ref(), line, "serve.tokens")?;
        Ok(tokens.into_iter().next())
    }
}

impl Reader<'_> {
    pub(super) fn serve(&self, table: &Table<'_>) -> Result<Serve, Error> {
        let mut serve = Serve::default();
        let known = ["listen", "state", "tokens", "tls", "limits", "drain"];
        for (key, line, value) in self.entries(table, "serve", &known)? {
            let at = join("serve", key);
            match key {
                "listen" => {
                    let text = self.string(value, line, &at)?;
                    let address = text.parse().map_err(|_| {
                        self.error(
                            line,
                            &at,
                            format!("{text:?} isn't an address; give it as 127.0.0.1:7878"),
                        )
                    })?;
                    serve.listen = Some(address);
                }
                "state" => serve.state = Some(self.state(value, line, &at)?),
                "tokens" => {
                    let tokens = self.strings(value, line, &at)?;
                    serve.tokens =
                        Tokens::new(tokens).map_err(|error: InvalidToken| self.error(line, &at, error))?;
                }
                "tls" => serve.tls = Some(self.service_tls(self.table(value, line, &at)?, line, &at)?),
                "drain" => serve.drain = self.time(value, line, &at)?,
                _ => self.service_limits(self.table(value, line, &at)?, &at, &mut serve.limits)?,
            }
        }
        Ok(serve)
    }

    fn service_tls(&self, table: &Table<'_>, line: usize, at: &str) -> Result<TlsFiles, Error> {
        let mut certificate = None;
        let mut key_file = None;
        for (key, line, value) in self.entries(table, at, &["certificate", "key"])? {
            let file = self.relative(&self.string(value, line, &join(at, key))?);
            match key {
                "certificate" => certificate = Some(file),
                _ => key_file = Some(file),
            }
        }
        let missing = |key: &str| self.error(line, &join(at, key), "is missing; give a file (PEM)");
        Ok(TlsFiles {
            certificate: certificate.ok_or_else(|| missing("certificate"))?,
            key: key_file.ok_or_else(|| missing("key"))?,
        })
    }

    fn service_limits(&self, table: &Table<'_>, at: &str, limits: &mut ServiceLimits) -> Result<(), Error> {
        let known = ["body", "bodies", "headers", "request", "connections", "per_peer"];
        for (key, line, value) in self.entries(table, at, &known)? {
            let at = join(at, key);
            match key {
                "body" => limits.body = self.size(value, line, &at, Limits::MAX_MEMORY)?,
                "headers" => limits.headers = self.size(value, line, &at, ServiceLimits::MAX_HEADERS)?,
                "request" => limits.request = self.time(value, line, &at)?,
                "bodies" => limits.bodies = self.size(value, line, &at, ServiceLimits::MAX_BODIES)?,
                "connections" => {
                    limits.connections = self.count(value, line, &at, 1, ServiceLimits::MAX_CONNECTIONS)?;
                }
                _ => {
                    limits.per_peer =
                        Some(self.count(value, line, &at, 1, ServiceLimits::MAX_CONNECTIONS)?);
                }
            }
        }
        Ok(())
    }

    fn time(&self, value: &DeValue<'_>, line: usize, at: &str) -> Result<Duration, Error> {
        let text = self.string(value, line, at)?;
        Limits::parse_deadline(&text).map_err(|error| self.error(line, at, error))
    }
}
