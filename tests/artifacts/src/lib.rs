//! The components, built, and where they are.
//!
//! The build script builds every connector in `components/`, and the misbehaving guests in
//! `tests/guests/`, so that a test that runs finds them up to date.

use std::path::{Path, PathBuf};

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

/// The file of a guest that misbehaves.
///
/// # Panics
///
/// Where there is no such guest.
#[must_use]
pub fn guest(name: &str) -> PathBuf {
    find(GUESTS, name)
}

fn find(all: &[(&str, &str)], name: &str) -> PathBuf {
    let found = all.iter().find(|(candidate, _)| *candidate == name);
    found.map_or_else(
        || panic!("there is no component {name:?}"),
        |(_, path)| PathBuf::from(path),
    )
}
