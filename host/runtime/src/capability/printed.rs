//! What a guest prints.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError};

/// How much of what a guest prints in one call is kept, in bytes: the newest.
const KEPT: usize = 16 << 10;
/// How much a guest may print at once, in bytes.
const AT_ONCE: usize = 64 << 10;

/// The newest of what a guest has printed. Printing never fails. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Printed(Arc<Mutex<VecDeque<u8>>>);

impl Printed {
    /// Forgets everything.
    pub(super) fn clear(&self) {
        self.0.lock().clear();
    }

    /// What is kept.
    pub(super) fn contents(&self) -> Vec<u8> {
        self.0.lock().iter().copied().collect()
    }

    fn print(&self, bytes: &[u8]) {
        let newest = &bytes[bytes.len().saturating_sub(KEPT)..];
        let mut kept = self.0.lock();
        let excess = (kept.len() + newest.len()).saturating_sub(KEPT);
        kept.drain(..excess);
        kept.extend(newest);
    }
}

impl IsTerminal for Printed {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Printed {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Printed {
    async fn ready(&mut self) {}
}

impl OutputStream for Printed {
    fn write(&mut self, bytes: Bytes) -> Result<(), StreamError> {
        self.print(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), StreamError> {
        Ok(())
    }

    fn check_write(&mut self) -> Result<usize, StreamError> {
        Ok(AT_ONCE)
    }
}

impl AsyncWrite for Printed {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.print(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_is_kept() {
        let printed = Printed::default();
        printed.print(&[b'a'; KEPT]);
        printed.print(b"bc");
        let kept = printed.contents();
        assert_eq!((kept.len(), &kept[KEPT - 3..]), (KEPT, &b"abc"[..]));
        printed.print(&vec![b'd'; KEPT + 1]);
        assert_eq!(printed.contents(), [b'd'; KEPT]);
        printed.clear();
        assert_eq!(printed.contents(), b"");
    }
}
