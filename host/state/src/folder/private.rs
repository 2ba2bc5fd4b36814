//! Folders and files that only their owner may read.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

use patchbay::Error;

/// Creates the folder where it is missing, and makes it readable by its owner only.
pub(super) fn folder(path: &Path) -> Result<(), Error> {
    let unusable = |error: io::Error| {
        Error::usage(format!(
            "the state folder {} can't be used: {error}; give a folder that this user may write to",
            path.display()
        ))
    };
    create(path).map_err(unusable)?;
    let metadata = fs::metadata(path).map_err(unusable)?;
    if is_public(&metadata) {
        return Err(Error::usage(format!(
            "the state folder {} is shared by all users of this machine; give a folder of its own inside it",
            path.display()
        )));
    }
    restrict(path, &metadata, 0o700).map_err(unusable)
}

/// Opens a file to read and write, creates it where it is missing, and makes it readable by its owner only.
pub(super) fn file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    restrict(path, &file.metadata()?, 0o600)?;
    Ok(file)
}

/// Creates the folder where it is missing, readable by its owner only.
pub(super) fn create(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Removes a file, which another process may have removed already.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Whether all users keep files in it, as in `/tmp`, whose permissions aren't ours to change.
#[cfg(unix)]
fn is_public(metadata: &fs::Metadata) -> bool {
    const STICKY: u32 = 0o1000;
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & STICKY != 0
}

#[cfg(not(unix))]
fn is_public(_: &fs::Metadata) -> bool {
    false
}

#[cfg(unix)]
fn restrict(path: &Path, metadata: &fs::Metadata, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    const OTHERS: u32 = 0o077;
    if metadata.permissions().mode() & OTHERS == 0 {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
    tracing::warn!(path = %path.display(), "other users could read it; its permissions now exclude them");
    Ok(())
}

/// Other systems have other permissions, which files inherit from the folders that they are created in.
#[cfg(not(unix))]
fn restrict(_: &Path, _: &fs::Metadata, _: u32) -> io::Result<()> {
    Ok(())
}
