//! Where state is kept that must survive a restart or be shared.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use patchbay::Error;
use patchbay::sessions::SessionBackend;

use crate::error::InvalidState;
use crate::folder::FolderSessions;
use crate::redis::{RedisAddress, RedisSessions};

/// Where state is kept, as `serve.state` in the configuration says it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StateLocation {
    /// A folder, which the hosts of one machine share.
    Folder(PathBuf),
    /// A Redis server, which several hosts share.
    Redis(RedisAddress),
}

impl StateLocation {
    /// Reads the path of a folder, which is relative to `folder`, or the URL of a Redis server.
    ///
    /// # Errors
    ///
    /// The text is empty, or a URL that isn't one of Redis.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, InvalidState> {
        match text.split_once("://") {
            Some(("redis" | "rediss", _)) => text.parse().map(Self::Redis),
            Some((scheme, _)) => Err(InvalidState::new(format!(
                "{scheme:?} isn't a kind of state; give a folder, or a URL that begins with redis:// or rediss://"
            ))),
            None if text.is_empty() => Err(InvalidState::new(
                "is empty; give a folder, or a URL that begins with redis:// or rediss://",
            )),
            None => Ok(Self::Folder(folder.join(text))),
        }
    }

    /// Opens the sessions that are kept here.
    ///
    /// A folder is created where it is missing, which blocks. A Redis server is connected to by the first call that
    /// needs it; [`SessionBackend::check`] says whether it answers. `roots` are certificates (DER) to trust besides the
    /// platform's, for `rediss://`.
    ///
    /// # Errors
    ///
    /// [`Kind::Usage`](patchbay::Kind::Usage): the folder can't be written to; the URL or a certificate isn't one that
    /// the Redis client accepts.
    pub fn open(&self, roots: &[Vec<u8>]) -> Result<Arc<dyn SessionBackend>, Error> {
        Ok(match self {
            Self::Folder(folder) => Arc::new(FolderSessions::open(folder)?),
            Self::Redis(address) => Arc::new(RedisSessions::new(address, roots)?),
        })
    }
}

/// Leaves out the credentials of a URL.
impl fmt::Display for StateLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => folder.display().fmt(f),
            Self::Redis(address) => address.fmt(f),
        }
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
