//! The components, built, and where they are.
//!
//! The build script builds every connector in `components/`, and with the feature `guests` the misbehaving
//! ones in `tests/guests/`, so that a test that runs finds them up to date.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

include!(concat!(env!("OUT_DIR"), "/artifacts.rs"));

/// Ids and files of all connectors.
pub fn connectors() -> impl Iterator<Item = (&'static str, &'static Path)> {
    CONNECTORS.iter().map(|(id, path)| (*id, Path::new(*path)))
}

/// The file of a connector.
///
/// # Panics
///
/// Where there is no such connector.
#[must_use]
pub fn connector(id: &str) -> PathBuf {
    find(CONNECTORS, id)
}

/// The file of a guest that misbehaves, or that is swapped in.
///
/// # Panics
///
/// Where there is no such guest.
#[cfg(feature = "guests")]
#[must_use]
pub fn guest(name: &str) -> PathBuf {
    find(GUESTS, name)
}

/// Builds the host, optimised, in the target folder that the running program is in, and gives its program.
///
/// # Errors
///
/// Where cargo can't be run or can't build it.
pub fn release_host() -> io::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let target = program
        .ancestors()
        .nth(2)
        .ok_or_else(|| io::Error::other("this program isn't in a target folder"))?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(root)
        .args([
            "build",
            "--release",
            "--locked",
            "--package",
            "patchbay-cli",
            "--bin",
            "patchbay",
        ])
        .arg("--target-dir")
        .arg(target)
        .status()?;
    if status.success() {
        Ok(target.join("release/patchbay"))
    } else {
        Err(io::Error::other(
            "the host can't be built; the messages above say why",
        ))
    }
}

fn find(all: &[(&str, &str)], name: &str) -> PathBuf {
    let found = all.iter().find(|(candidate, _)| *candidate == name);
    found.map_or_else(
        || panic!("there is no component {name:?}"),
        |(_, path)| PathBuf::from(path),
    )
}
