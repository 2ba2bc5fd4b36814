//! The address of a Redis server.

use std::fmt;
use std::str::FromStr;

use url::Url;

use crate::error::InvalidState;

/// The URL of a Redis server with its credentials, which neither [`Display`](fmt::Display) nor
/// [`Debug`](fmt::Debug) shows.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisAddress(Url);

impl RedisAddress {
    /// The URL with the credentials, for the client only.
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
            InvalidState::new(format!(
                "isn't a usable URL of Redis: {why}; give it as redis://user:password@host:6379/0, with special characters in user name and password percent-encoded"
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

    #[test]
    fn credentials_are_scrubbed_as_written_and_as_meant() {
        let address: RedisAddress = "redis://joe-user:p%40ss-w0rd@cache.example.com".parse().unwrap();
        assert_eq!(
            address.scrub("no p@ss-w0rd, no p%40ss-w0rd, no joe-user"),
            "no ***, no ***, no ***"
        );
    }
}
