//! The secrets of all connections of this process, for what belongs to no one connection: log lines and
//! traces.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::settings::Inner;

static LIVING: Mutex<Vec<Weak<Inner>>> = Mutex::new(Vec::new());

/// Remembers a connection's secrets for as long as they live.
pub(super) fn add(secrets: &Arc<Inner>) {
    let mut living = LIVING.lock();
    living.retain(|secrets| secrets.strong_count() > 0);
    living.push(Arc::downgrade(secrets));
}

/// The text, with every secret of every connection replaced by `***`.
///
/// It waits for no lock that a caller can hold while it logs: tokens are those that were known when a request
/// was last sent or a call last ended.
pub fn scrub(text: &str) -> Cow<'_, str> {
    let living: Vec<Arc<Inner>> = LIVING.lock().iter().filter_map(Weak::upgrade).collect();
    let mut scrubbed = Cow::Borrowed(text);
    for secrets in living {
        if let Cow::Owned(clean) = secrets.finder().replace_text(&scrubbed) {
            scrubbed = Cow::Owned(clean);
        }
    }
    scrubbed
}

/// A writer of whole log lines that replaces every secret of every connection by `***`.
#[derive(Debug)]
pub struct Scrubbing<W>(pub W);

impl<W: Write> Write for Scrubbing<W> {
    /// `bytes` are one event or more: a secret that is torn in two can't be found.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .write_all(scrub(&String::from_utf8_lossy(bytes)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
