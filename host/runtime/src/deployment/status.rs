//! The status of connectors in service.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Serialize, Serializer};

use crate::trace::timestamp;

/// A connector in service.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct ConnectorStatus {
    /// Its id.
    pub id: String,
    /// Whose API it speaks.
    pub vendor: String,
    /// What it is for.
    pub summary: String,
    /// The version that new calls go to.
    pub version: String,
    /// SHA-256 of its file.
    pub digest: String,
    /// The file that it was loaded from.
    #[serde(serialize_with = "path")]
    pub path: PathBuf,
    /// How many operations it has.
    pub operations: usize,
    /// Since when the version is in service.
    #[serde(serialize_with = "timestamp")]
    pub since: SystemTime,
    /// How many calls have ended on the version.
    pub calls: u64,
    /// How many of them failed in the connector itself.
    pub failures: u64,
    /// The connections that it serves.
    pub connections: Vec<String>,
    /// Versions that were replaced and still have calls.
    pub draining: Vec<DrainingVersion>,
    /// Versions that can be gone back to, the latest first.
    pub earlier: Vec<EarlierVersion>,
    /// What was in service before, the latest last.
    pub history: Vec<PastVersion>,
    /// The files that have the connector.
    #[serde(serialize_with = "paths")]
    pub files: Vec<PathBuf>,
    /// Why the file that the version came from can't be used any more, where it can't.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refusal>,
}

/// A version that was replaced and still has calls.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct DrainingVersion {
    /// Its version.
    pub version: String,
    /// SHA-256 of its file.
    pub digest: String,
    /// How many calls are under way on it.
    pub calls: usize,
}

/// A version that can be gone back to.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct EarlierVersion {
    /// Its version.
    pub version: String,
    /// SHA-256 of its file.
    pub digest: String,
}

/// A version that was in service.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct PastVersion {
    /// Its version.
    pub version: String,
    /// SHA-256 of its file.
    pub digest: String,
    /// Since when it was in service.
    #[serde(serialize_with = "timestamp")]
    pub since: SystemTime,
    /// Until when.
    #[serde(serialize_with = "timestamp")]
    pub until: SystemTime,
    /// `replaced` or `rolled-back`.
    pub ended: &'static str,
    /// Why it was rolled back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Why a file wasn't taken into service.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Refusal {
    /// Everything that keeps it from being used, in words that follow the file's name.
    pub findings: Vec<String>,
    /// When it was looked at.
    #[serde(serialize_with = "timestamp")]
    pub at: SystemTime,
}

/// A file that wasn't taken into service.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct RefusedFile {
    /// The file.
    #[serde(serialize_with = "path")]
    pub path: PathBuf,
    /// Why.
    #[serde(flatten)]
    pub refusal: Refusal,
}

/// Everything in a folder of connectors.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct FolderStatus {
    /// The connectors in service.
    pub connectors: Vec<ConnectorStatus>,
    /// The files that aren't.
    pub refused: Vec<RefusedFile>,
}

/// A path that isn't UTF-8 is shown as nearly as can be.
#[expect(clippy::ptr_arg, reason = "serde gives it so")]
fn path<S: Serializer>(path: &PathBuf, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}

#[expect(clippy::ptr_arg, reason = "serde gives it so")]
fn paths<S: Serializer>(paths: &Vec<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(paths.iter().map(|path| Path::to_string_lossy(path)))
}
