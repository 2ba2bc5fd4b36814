//! The id of a call: in the response, the log, traces and records.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use uuid::Uuid;

/// The id of one call: a UUID of version 7, so that ids sort by the time they were given.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallId(Uuid);

impl CallId {
    /// A new id.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "no two are equal, so none is the default"
    )]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl fmt::Debug for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for CallId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A text isn't the id of a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} isn't the id of a call; it stands in the header x-call-id of every response")]
pub struct InvalidCallId(String);

impl FromStr for CallId {
    type Err = InvalidCallId;

    fn from_str(text: &str) -> Result<Self, InvalidCallId> {
        let id = Uuid::try_parse(text.trim()).map_err(|_| InvalidCallId(text.to_owned()))?;
        Ok(Self(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_is_written() {
        let id = CallId::new();
        assert_eq!(id.to_string().parse::<CallId>(), Ok(id));
        assert_ne!(id, CallId::new());
        assert!("call-1".parse::<CallId>().is_err());
    }
}
