//! Where state is kept that must survive a restart or be shared.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use url::Url;

/// Where state is kept: what `serve.state` of the configuration says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateLocation {
    /// A folder. It belongs to one running host.
    Folder(PathBuf),
    /// A Redis server, which several hosts share.
    Redis(RedisAddress),
}

impl StateLocation {
    /// Reads a folder, which is relative to `folder`, or a URL of Redis.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, InvalidState> {
        match text.split_once("://") {
            Some(("redis" | "rediss", _)) => text.parse().map(Self::Redis),
            Some((scheme, _)) => Err(InvalidState(format!(
                "{scheme:?} isn't a kind of state; give a folder, or a URL that begins with redis:// or rediss://"
            ))),
            None if text.is_empty() => Err(InvalidState(
                "is empty; give a folder, or a URL that begins with redis:// or rediss://".to_owned(),
            )),
            None => Ok(Self::Folder(folder.join(text))),
        }
    }
}

/// Without the credentials of a URL.
impl fmt::Display for StateLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => folder.display().fmt(f),
            Self::Redis(address) => address.fmt(f),
        }
    }
}

/// A text isn't a place where state can be kept. The message never repeats a URL: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidState(String);

/// The URL of a Redis server, with the credentials. They are neither displayed nor printed for debugging.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisAddress(Url);

impl RedisAddress {
    /// The URL with everything in it. For the client only.
    pub(super) fn secret_url(&self) -> &Url {
        &self.0
    }

    /// The text, with user name and password replaced by `***`.
    pub(super) fn scrub(&self, text: &str) -> String {
        let decode = |text: &str| {
            let form = format!("k={}", text.replace('+', "%2B"));
            let mut pairs = url::form_urlencoded::parse(form.as_bytes());
            pairs.next().map(|(_, value)| value.into_owned())
        };
        let secrets = [self.0.password().unwrap_or_default(), self.0.username()];
        let mut scrubbed = text.to_owned();
        for secret in secrets.into_iter().filter(|secret| !secret.is_empty()) {
            for form in [Some(secret.to_owned()), decode(secret)].into_iter().flatten() {
                scrubbed = scrubbed.replace(&form, "***");
            }
        }
        scrubbed
    }
}

impl FromStr for RedisAddress {
    type Err = InvalidState;

    fn from_str(text: &str) -> Result<Self, InvalidState> {
        let invalid = |why: &str| {
            InvalidState(format!(
                "isn't a usable URL of Redis: {why}; give it as redis://user:password@host:6379/0, with what is special in user name and password percent-encoded"
            ))
        };
        let url = Url::parse(text).map_err(|error| invalid(&error.to_string()))?;
        if !matches!(url.scheme(), "redis" | "rediss") {
            return Err(invalid("it begins neither with redis:// nor with rediss://"));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(invalid("it names no host"));
        }
        let database = url.path().trim_matches('/');
        if !database.is_empty() && database.parse::<u32>().is_err() {
            return Err(invalid("its path isn't the number of a database"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(invalid(
                "it has more than a host, a port and the number of a database",
            ));
        }
        Ok(Self(url))
    }
}

impl fmt::Display for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, host) = (self.0.scheme(), self.0.host_str().unwrap_or_default());
        write!(f, "{scheme}://{host}:{}", self.0.port().unwrap_or(6379))?;
        match self.0.path().trim_matches('/') {
            "" => Ok(()),
            database => write!(f, "/{database}"),
        }
    }
}

impl fmt::Debug for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisAddress({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<StateLocation, InvalidState> {
        StateLocation::parse(text, Path::new("/etc/patchbay"))
    }

    #[test]
    fn a_folder_is_relative_to_the_configuration() {
        assert_eq!(
            parse("state"),
            Ok(StateLocation::Folder("/etc/patchbay/state".into()))
        );
        assert_eq!(
            parse("/var/lib/p"),
            Ok(StateLocation::Folder("/var/lib/p".into()))
        );
    }

    #[test]
    fn credentials_are_never_shown() {
        let state = parse("redis://joe-user:p%40ss-w0rd@cache.example.com:7000/3").unwrap();
        assert_eq!(state.to_string(), "redis://cache.example.com:7000/3");
        assert_eq!(
            format!("{state:?}"),
            "Redis(RedisAddress(redis://cache.example.com:7000/3))"
        );
        let StateLocation::Redis(address) = state else {
            panic!("it is Redis")
        };
        assert_eq!(
            address.scrub("no p@ss-w0rd, no p%40ss-w0rd, no joe-user"),
            "no ***, no ***, no ***"
        );
        for wrong in [
            "redis://:p%40ss-w0rd@",
            "redis://:p@ss-w0rd@host:x",
            "redis://:p@ss-w0rd@host/first",
            "redis://:p@ss-w0rd@host/0#insecure",
            "redis://:p@ss-w0rd@host/0?x=1",
            "postgres://:p@ss-w0rd@host",
            "",
        ] {
            let error = parse(wrong).unwrap_err();
            let said = format!("{error} {error:?}");
            assert!(!said.contains("ss-w0rd"), "{said}");
            assert!(said.contains("redis://"), "what to do: {said}");
        }
    }
}
