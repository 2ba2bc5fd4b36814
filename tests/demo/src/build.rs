//! Host and connectors, built and where people look for them.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

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

/// Builds the host; the connectors have been built before this program could run.
pub(crate) fn everything() -> Result<Outputs, Box<dyn Error>> {
    let program = std::env::current_exe()?;
    let target = program
        .ancestors()
        .nth(2)
        .ok_or("this program isn't in a target folder")?;
    terminal::heading("Building the host (a few minutes the first time)");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(root)
        .args([
            "build",
            "--release",
            "--locked",
            "--package",
            "patchbay",
            "--bin",
            "patchbay",
            "--target-dir",
        ])
        .arg(target)
        .status()?;
    if !status.success() {
        return Err("the host can't be built; the messages above say why".into());
    }
    let connectors = target.join("connectors");
    fs::create_dir_all(&connectors)?;
    for (id, built) in patchbay_artifacts::connectors() {
        // Moved into place, so that a service that watches the folder never sees half a file.
        let beside = connectors.join(format!("{id}.new"));
        fs::copy(built, &beside)?;
        fs::rename(beside, connectors.join(format!("{id}.wasm")))?;
    }
    Ok(Outputs {
        host: target.join("release/patchbay"),
        connectors,
    })
}
