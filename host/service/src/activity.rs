//! What is under way on one connection, and so whether its client keeps the service waiting.
//!
//! A client does where it has no request under way: it may have sent nothing, half a head, or nothing after
//! a response. And it does where it doesn't take a response: it was handed a part and asks for no more.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use parking_lot::Mutex;
use tokio::time::Instant;

/// The most bytes of a response that are handed over at once.
const PART: usize = 64 << 10;

/// The requests of one connection.
#[derive(Debug, Clone)]
pub(super) struct Activity {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    next: u64,
    /// Requests under way, with the time since when a part of their response waits to be taken.
    under_way: HashMap<u64, Option<Instant>>,
    /// When the last of them ended.
    quiet_since: Instant,
}

impl Default for Activity {
    fn default() -> Self {
        Self {
            inner: Arc::new(Mutex::new(Inner {
                next: 0,
                under_way: HashMap::new(),
                quiet_since: Instant::now(),
            })),
        }
    }
}

impl Activity {
    /// A request has arrived.
    pub(super) fn begin(&self) -> Exchange {
        let mut inner = self.inner.lock();
        let number = inner.next;
        inner.next += 1;
        inner.under_way.insert(number, None);
        Exchange {
            activity: self.clone(),
            number,
        }
    }

    /// Waits until the client has kept the service waiting for `time`.
    pub(super) async fn waited(&self, time: Duration) {
        self.since(time, Inner::waits_since).await;
    }

    /// Waits until no request has been under way for `time`.
    pub(super) async fn quiet(&self, time: Duration) {
        self.since(time, Inner::quiet_since).await;
    }

    async fn since(&self, time: Duration, since: impl Fn(&Inner) -> Option<Instant>) {
        loop {
            let now = Instant::now();
            let since = since(&self.inner.lock());
            // Where that isn't so now, it can't have been so for longer when this is looked at again.
            let until = since.unwrap_or(now) + time;
            if until <= now {
                return;
            }
            tokio::time::sleep_until(until).await;
        }
    }
}

impl Inner {
    fn quiet_since(&self) -> Option<Instant> {
        self.under_way.is_empty().then_some(self.quiet_since)
    }

    fn waits_since(&self) -> Option<Instant> {
        self.quiet_since()
            .or_else(|| self.under_way.values().flatten().min().copied())
    }
}

/// One request, until its response has been handed over.
#[derive(Debug)]
pub(super) struct Exchange {
    activity: Activity,
    number: u64,
}

impl Exchange {
    /// The body of its response.
    pub(super) fn respond(self, body: Body) -> Parts {
        Parts {
            body,
            rest: Bytes::new(),
            exchange: self,
        }
    }

    fn handed(&self, since: Option<Instant>) {
        self.activity.inner.lock().under_way.insert(self.number, since);
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let mut inner = self.activity.inner.lock();
        inner.under_way.remove(&self.number);
        inner.quiet_since = Instant::now();
    }
}

/// A body that is handed over in parts. Where the client doesn't take them, the next isn't asked for.
#[derive(Debug)]
pub(super) struct Parts {
    body: Body,
    rest: Bytes,
    exchange: Exchange,
}

impl HttpBody for Parts {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let parts = self.get_mut();
        parts.exchange.handed(None);
        if parts.rest.is_empty() {
            match Pin::new(&mut parts.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => parts.rest = data,
                    Err(frame) => return Poll::Ready(Some(Ok(frame))),
                },
                other => return other,
            }
        }
        let part = parts.rest.split_to(parts.rest.len().min(PART));
        parts.exchange.handed(Some(Instant::now()));
        Poll::Ready(Some(Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.len() as u64;
        let body = self.body.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(body.lower() + rest);
        if let Some(upper) = body.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}
