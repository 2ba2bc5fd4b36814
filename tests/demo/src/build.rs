//! Host and connectors, built and where people look for them.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use crate::terminal;

/// What a build leaves behind.
pub(crate) struct Outputs {
    /// The command line.
    pub(crate) host: PathBuf,
    /// The folder of connectors.
    pub(crate) connectors: PathBuf,
}

/// A path as one types it.
pub(crate) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).display().to_string()
}

/// Links the host. Its crates and the connectors have been built before this program could run.
pub(crate) fn everything() -> Result<Outputs, Box<dyn Error>> {
    terminal::heading("Linking the host");
    let host = patchbay_artifacts::release_host()?;
    let target = host
        .ancestors()
        .nth(2)
        .ok_or("the host isn't in a target folder")?;
    let connectors = target.join("connectors");
    fs::create_dir_all(&connectors)?;
    for (id, built) in patchbay_artifacts::connectors() {
        // Moved into place, so that a service that watches the folder never sees half a file.
        let beside = connectors.join(format!("{id}.new"));
        fs::copy(built, &beside)?;
        fs::rename(beside, connectors.join(format!("{id}.wasm")))?;
    }
    Ok(Outputs { host, connectors })
}
