//! The body of a request, as the guest writes it.
//!
//! It is gathered, and handed over whole when the guest has finished it. So writing never waits, and nothing has to
//! run beside the guest to take what it writes.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Frame};
use parking_lot::Mutex;
use tokio::sync::oneshot;
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError};
use wasmtime_wasi_http::Error as HttpError;

use super::body;
use crate::memory::Held;
use crate::trace::CallTrace;

/// The largest request body, in bytes: the largest file, with what a form adds.
pub(super) const MAX_REQUEST: usize = 32 << 20;
/// The most that a guest writes at once, in bytes.
const CHUNK: usize = 64 << 10;

/// What a guest's handle to the body of a request stands for.
pub(super) struct OutgoingBody {
    written: Arc<Mutex<Written>>,
    /// Whether the guest has taken the stream that it writes to.
    taken: bool,
    whole: oneshot::Sender<Result<Bytes, HttpError>>,
}

/// What was written.
struct Written {
    bytes: BytesMut,
    held: Held,
    /// Why there can't be more of it.
    failed: Option<HttpError>,
    trace: Option<Arc<CallTrace>>,
}

/// The body of a request that waits for the guest to finish it: one piece, or a failure.
struct Awaited(Option<oneshot::Receiver<Result<Bytes, HttpError>>>);

/// The stream that the guest writes to.
struct Stream(Arc<Mutex<Written>>);

impl OutgoingBody {
    /// A body that counts as `held`, and the same as its request has it.
    pub(super) fn new(
        held: Held,
        trace: Option<Arc<CallTrace>>,
    ) -> (Self, impl Body<Data = Bytes, Error = HttpError> + Send + 'static) {
        let (whole, awaited) = oneshot::channel();
        let written = Written {
            bytes: BytesMut::new(),
            held,
            failed: None,
            trace,
        };
        let body = Self {
            written: Arc::new(Mutex::new(written)),
            taken: false,
            whole,
        };
        (body, Awaited(Some(awaited)))
    }

    /// The stream to write to, once.
    pub(super) fn stream(&mut self) -> Option<Box<dyn OutputStream>> {
        let first = !std::mem::replace(&mut self.taken, true);
        first.then(|| Box::new(Stream(self.written.clone())) as Box<dyn OutputStream>)
    }

    /// Hands the body over: it is whole.
    pub(super) fn finish(self) {
        let mut written = self.written.lock();
        let whole = match written.failed.take() {
            Some(error) => Err(error),
            None => written.take(),
        };
        // Where the request isn't sent, nothing waits for it.
        let _ = self.whole.send(whole);
    }
}

impl Written {
    fn take(&mut self) -> Result<Bytes, HttpError> {
        let held = self.held.take();
        let bytes = std::mem::take(&mut self.bytes).freeze();
        body::counted(bytes, held).map_err(|exceeded| HttpError::InternalError(Some(exceeded.to_string())))
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), HttpError> {
        if self.bytes.len() + bytes.len() > MAX_REQUEST {
            return Err(HttpError::HttpRequestBodySize(Some(MAX_REQUEST as u64)));
        }
        self.bytes.extend_from_slice(bytes);
        self.held.resize(self.bytes.capacity()).map_err(|exceeded| {
            if let Some(trace) = &self.trace {
                trace.limit_exceeded(exceeded.advice());
            }
            HttpError::InternalError(Some(exceeded.to_string()))
        })
    }
}

impl OutputStream for Stream {
    fn write(&mut self, bytes: Bytes) -> Result<(), StreamError> {
        let mut written = self.0.lock();
        if written.failed.is_some() {
            return Err(StreamError::Closed);
        }
        written.write(&bytes).map_err(|error| {
            let reported = io::Error::other(error.to_string());
            written.failed = Some(error);
            StreamError::LastOperationFailed(reported.into())
        })
    }

    fn flush(&mut self) -> Result<(), StreamError> {
        Ok(())
    }

    fn check_write(&mut self) -> Result<usize, StreamError> {
        match self.0.lock().failed {
            Some(_) => Err(StreamError::Closed),
            None => Ok(CHUNK),
        }
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Stream {
    async fn ready(&mut self) {}
}

impl Body for Awaited {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        let Some(awaited) = &mut self.0 else {
            return Poll::Ready(None);
        };
        // The guest may drop a body that it hasn't finished.
        let whole = ready!(Pin::new(awaited).poll(context)).unwrap_or(Err(HttpError::HttpProtocolError));
        self.0 = None;
        Poll::Ready(Some(whole.map(Frame::data)))
    }
}
