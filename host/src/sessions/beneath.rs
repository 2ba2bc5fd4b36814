//! What lies beneath the sessions in memory.

use std::sync::Arc;

use super::folder::FolderSessions;
use super::location::StateLocation;
use super::redis::RedisSessions;
use crate::error::Error;

/// What is told of every change. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) enum Beneath {
    /// Sessions end with the host.
    #[default]
    Nothing,
    /// Sessions survive a restart.
    Folder(Arc<FolderSessions>),
    /// Sessions and the login lock are shared between hosts.
    Redis(Arc<RedisSessions>),
}

impl Beneath {
    pub(super) fn open(state: &StateLocation, roots: &[Vec<u8>]) -> Result<Self, Error> {
        Ok(match state {
            StateLocation::Folder(folder) => Self::Folder(Arc::new(FolderSessions::open(folder)?)),
            StateLocation::Redis(address) => Self::Redis(Arc::new(RedisSessions::new(address, roots)?)),
        })
    }

    /// A folder was checked when it was opened.
    pub(super) async fn check(&self) -> Result<(), Error> {
        match self {
            Self::Redis(redis) => redis.check().await,
            Self::Nothing | Self::Folder(_) => Ok(()),
        }
    }

    pub(super) async fn settle(&self) {
        if let Self::Redis(redis) = self {
            redis.settle().await;
        }
    }
}
