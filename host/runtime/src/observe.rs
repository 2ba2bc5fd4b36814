//! What an embedder can observe: calls that have ended, versions that have changed.

use std::fmt::Debug;
use std::sync::Arc;

use crate::trace::CallRecord;

/// Receives what happens in a host: metrics, exporters and logs are made from it. Methods are called on the
/// path of calls, so they must be quick and must not block.
pub trait Observer: Debug + Send + Sync + 'static {
    /// A call has ended, with whatever result.
    fn call_ended(&self, record: &Arc<CallRecord>) {
        let _ = record;
    }

    /// A new version of a connector was put in service, refused or rolled back.
    fn version_changed(&self, change: &VersionChange) {
        let _ = change;
    }
}

/// What became of a version of a connector.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VersionChange {
    /// Id of the connector.
    pub connector: String,
    /// What happened.
    pub outcome: VersionOutcome,
}

/// What can become of a version of a connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum VersionOutcome {
    /// It is in service.
    Swapped,
    /// It doesn't fit, and the version before stays in service.
    Refused,
    /// An operator went back to the version before.
    RolledBackManually,
    /// The host went back to the version before, because too many calls failed.
    RolledBackAutomatically,
}

impl VersionOutcome {
    /// The outcome as metrics have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Swapped => "swapped",
            Self::Refused => "refused",
            Self::RolledBackManually => "rolled-back",
            Self::RolledBackAutomatically => "rolled-back-by-itself",
        }
    }
}

/// All observers of a host. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Observers(Arc<[Arc<dyn Observer>]>);

impl From<Vec<Arc<dyn Observer>>> for Observers {
    fn from(observers: Vec<Arc<dyn Observer>>) -> Self {
        Self(observers.into())
    }
}

impl Observers {
    pub(crate) fn call_ended(&self, record: &Arc<CallRecord>) {
        for observer in self.0.iter() {
            observer.call_ended(record);
        }
    }

    pub(crate) fn version_changed(&self, connector: &str, outcome: VersionOutcome) {
        let change = VersionChange {
            connector: connector.to_owned(),
            outcome,
        };
        for observer in self.0.iter() {
            observer.version_changed(&change);
        }
    }
}
