//! Records as files: one each, so that a change of one is whole or hasn't happened, whatever ends the process.
//!
//! `sessions/<digest of the connection>/<digest of the key>.record` holds the SHA-256 of what follows it, the length
//! of the key (four bytes, the lowest first), the key and the value. A `.lock` beside it is the lock on it.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use patchbay::sessions::{MAX_RECORDS, RecordKey};
use sha2::{Digest, Sha256};

use super::private;

/// Digest and length of the key.
const HEAD: usize = 32 + 4;
/// What a record takes at least, in bytes: a block of the file system.
const BLOCK: u64 = 4 << 10;
/// The largest file that is read, in bytes.
const LARGEST: u64 = 2 * MAX_RECORDS as u64;
/// After this time, a file that was written beside a record is one of a process that was ended.
const ABANDONED: Duration = Duration::from_mins(10);
const RECORD: &str = "record";

/// Where a record is.
#[derive(Debug, Clone)]
pub(super) struct Place {
    folder: PathBuf,
    name: String,
    key: String,
}

impl Place {
    /// The place of a record, below the folder of all sessions.
    pub(super) fn new(sessions: &Path, record: RecordKey<'_>) -> Self {
        Self {
            folder: folder_of(sessions, record.connection),
            name: name(record.key),
            key: record.key.to_owned(),
        }
    }

    /// The file that is locked by who may write the record.
    pub(super) fn lock(&self) -> PathBuf {
        self.folder.join(format!("{}.lock", self.name))
    }

    fn file(&self) -> PathBuf {
        self.folder.join(format!("{}.{RECORD}", self.name))
    }

    /// Makes the folder of the connection's records.
    pub(super) fn prepare(&self) -> io::Result<()> {
        private::create(&self.folder)
    }

    /// Reads the record. A damaged one is removed, which costs a login.
    pub(super) fn read(&self) -> io::Result<Option<Vec<u8>>> {
        let path = self.file();
        let Some(content) = contents(&path)? else {
            return Ok(None);
        };
        if let Some((key, value)) = parse(&content)
            && key == self.key
        {
            return Ok(Some(value.to_vec()));
        }
        tracing::warn!(
            "{} is damaged and was removed; the session in it is lost, which costs a login",
            path.display()
        );
        private::remove(&path)?;
        Ok(None)
    }

    /// Writes the record, unless all of the connection would take too much together. Returns whether it was written.
    pub(super) fn write(&self, value: &[u8]) -> io::Result<bool> {
        self.prepare()?;
        let path = self.file();
        if self.others()? + size((HEAD + self.key.len() + value.len()) as u64) > MAX_RECORDS as u64 {
            return Ok(false);
        }
        let length = u32::try_from(self.key.len()).map_err(io::Error::other)?;
        let mut content = vec![0; 32];
        content.extend(length.to_le_bytes());
        content.extend(self.key.as_bytes());
        content.extend(value);
        let digest = Sha256::digest(&content[32..]);
        content[..32].copy_from_slice(&digest);
        // Readable by its owner only, and gone again where this fails.
        let mut beside = tempfile::NamedTempFile::new_in(&self.folder)?;
        beside.write_all(&content)?;
        beside.as_file().sync_all()?;
        beside.persist(path).map_err(|error| error.error)?;
        Ok(true)
    }

    /// Removes the record.
    pub(super) fn remove(&self) -> io::Result<()> {
        private::remove(&self.file())
    }

    /// What the other records of the connection take, in bytes.
    fn others(&self) -> io::Result<u64> {
        let own = self.file();
        let mut sum = 0;
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            // Another process may have removed it meanwhile.
            let Ok(metadata) = entry.metadata() else { continue };
            let path = entry.path();
            match path.extension().and_then(|extension| extension.to_str()) {
                Some(RECORD) if path != own => {
                    sum += size(metadata.len());
                }
                Some(_) => {}
                None => {
                    let since = metadata.modified()?.elapsed().unwrap_or_default();
                    if since > ABANDONED {
                        let _ = private::remove(&path);
                    }
                }
            }
        }
        Ok(sum)
    }
}

/// The keys of a connection's records.
pub(super) fn keys(sessions: &Path, connection: &str) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder_of(sessions, connection)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut keys = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == RECORD)
            && let Some(content) = contents(&path)?
            && let Some((key, _)) = parse(&content)
        {
            keys.push(key.to_owned());
        }
    }
    Ok(keys)
}

/// What a file takes.
fn size(length: u64) -> u64 {
    length.next_multiple_of(BLOCK)
}

/// The content of a file, where there is one.
fn contents(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let mut content = Vec::new();
    file.take(LARGEST).read_to_end(&mut content)?;
    Ok(Some(content))
}

/// Key and value of a record that isn't damaged.
fn parse(content: &[u8]) -> Option<(&str, &[u8])> {
    let (digest, rest) = content.split_first_chunk::<32>()?;
    if Sha256::digest(rest).as_slice() != digest {
        return None;
    }
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (key, value) = rest.split_at_checked(length)?;
    Some((std::str::from_utf8(key).ok()?, value))
}

fn folder_of(sessions: &Path, connection: &str) -> PathBuf {
    sessions.join(name(connection))
}

/// A name for a file: those that people and connectors choose may be too long, or mean something in a path.
fn name(text: &str) -> String {
    let digest = Sha256::digest(text);
    URL_SAFE_NO_PAD.encode(&digest[..24])
}
