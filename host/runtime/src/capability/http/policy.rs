//! Where a connection may send requests: the origins of its settings and what the operator adds.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use http::Uri;
use url::Url;

use super::address::Reach;

/// Scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of an absolute `http` or `https` URL; `None` where it isn't one.
    #[must_use]
    pub fn of_url(url: &str) -> Option<Self> {
        Self::of(&Url::parse(url.trim()).ok()?)
    }

    fn of(url: &Url) -> Option<Self> {
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        Some(Self {
            scheme: url.scheme().to_owned(),
            host: url.host_str()?.to_owned(),
            port: url.port_or_known_default()?,
        })
    }

    /// The origin of a request.
    pub(crate) fn of_request(uri: &Uri) -> Option<Self> {
        // One parser decides what a host is, here and in the configuration.
        Self::of_url(&uri.to_string())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let default = if self.scheme == "https" { 443 } else { 80 };
        write!(f, "{}://{}", self.scheme, self.host)?;
        if self.port == default {
            Ok(())
        } else {
            write!(f, ":{}", self.port)
        }
    }
}

/// A text isn't an origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} isn't an origin; give it as https://host or https://host:port, without a path")]
pub struct InvalidOrigin(String);

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        // What stands before an `@` may be a password, and isn't repeated.
        let shown = text
            .rsplit_once('@')
            .map_or_else(|| text.to_owned(), |(_, rest)| format!("***@{rest}"));
        let wrong = || InvalidOrigin(shown.clone());
        let url = Url::parse(text.trim()).map_err(|_| wrong())?;
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !bare {
            return Err(wrong());
        }
        Self::of(&url).ok_or_else(wrong)
    }
}

/// Where a connection may send requests. Nothing else is allowed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    allowed: Vec<Origin>,
    /// The same, as text.
    texts: Arc<[String]>,
    reach: Reach,
}

/// A policy that allows these origins.
impl FromIterator<Origin> for Policy {
    fn from_iter<I: IntoIterator<Item = Origin>>(origins: I) -> Self {
        let mut allowed: Vec<Origin> = origins.into_iter().collect();
        allowed.sort();
        allowed.dedup();
        let texts = allowed.iter().map(Origin::to_string).collect();
        Self {
            allowed,
            texts,
            reach: Reach::Everywhere,
        }
    }
}

impl Policy {
    /// The same policy, where names must resolve to public addresses. An origin whose host is an address stays
    /// allowed.
    #[must_use]
    pub fn public_only(self) -> Self {
        Self {
            reach: Reach::Public,
            ..self
        }
    }

    /// Which addresses names may resolve to.
    pub(super) fn reach(&self) -> Reach {
        self.reach
    }

    /// Whether requests may go to this origin.
    #[must_use]
    pub fn allows(&self, origin: &Origin) -> bool {
        self.allowed.contains(origin)
    }

    /// What may be reached.
    #[must_use]
    pub fn allowed(&self) -> &[Origin] {
        &self.allowed
    }

    /// What may be reached, as text.
    pub(crate) fn texts(&self) -> Arc<[String]> {
        self.texts.clone()
    }

    /// Why a request to `origin` was denied, with the line that would allow it.
    pub(crate) fn denial(&self, connection: &str, origin: &Origin) -> String {
        let allowed = if self.texts.is_empty() {
            "nothing".to_owned()
        } else {
            self.texts.join(", ")
        };
        format!(
            "{connection} may not send requests to {origin}, only to {allowed}; to allow it, put allow = [\"{origin}\"] under [connections.{connection}] in the configuration, or give --allow {origin}"
        )
    }
}

/// Why a request to `target` was denied, whose name resolves to no public address.
pub(super) fn denial_of_private(connection: &str, target: &str) -> String {
    let origin = Origin::of_url(target).map_or_else(|| target.to_owned(), |origin| origin.to_string());
    format!(
        "{connection} may not send requests to {origin}: its name resolves to no public address, and allow_private = false stands under [connections.{connection}] in the configuration; to allow it, set allow_private = true, or write the address itself into the origin"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Origin {
        text.parse().unwrap()
    }

    #[test]
    fn scheme_host_and_port_must_all_agree() {
        let policy = Policy::from_iter([
            origin("https://rpa.example.com"),
            origin("http://files.example.com:8080"),
        ]);
        assert!(policy.allows(&origin("https://RPA.example.com:443")));
        assert!(policy.allows(&origin("http://files.example.com:8080")));
        for other in [
            "http://rpa.example.com",
            "https://rpa.example.com:8443",
            "https://rpa.example.com.evil.example",
            "https://files.example.com:8080",
            "http://files.example.com",
        ] {
            assert!(!policy.allows(&origin(other)), "{other}");
        }
    }

    #[test]
    fn an_origin_has_no_path_and_no_user() {
        for text in [
            "rpa.example.com",
            "https://a/b",
            "https://user@a",
            "https://:geheim@a",
            "ftp://a",
            "https://a?b",
            "",
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_password_is_not_repeated() {
        let error = "https://user:geheim@h@a".parse::<Origin>().unwrap_err();
        assert!(!error.to_string().contains("geheim"), "{error}");
        assert!(error.to_string().contains("***@a"), "{error}");
    }

    #[test]
    fn a_denial_shows_the_line_that_would_allow_it() {
        let policy = Policy::from_iter([origin("https://rpa.example.com")]);
        let denial = policy.denial("rpa", &origin("https://files.example.com"));
        assert!(
            denial.contains(r#"allow = ["https://files.example.com"] under [connections.rpa]"#),
            "{denial}"
        );
        assert!(denial.contains("--allow https://files.example.com"), "{denial}");
    }
}
