//! Bodies that a well-behaved server would not send.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use http_body_util::Full;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Body, Frame};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::sleep;

/// Any body.
pub(crate) type AnyBody = UnsyncBoxBody<Bytes, io::Error>;

/// A body fed by a task; an error in it closes the connection.
struct Fed(Receiver<io::Result<Bytes>>);

impl Body for Fed {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let next = self.0.poll_recv(context);
        next.map(|item| item.map(|data| data.map(Frame::data)))
    }
}

fn fed<F>(feed: impl FnOnce(Sender<io::Result<Bytes>>) -> F) -> AnyBody
where
    F: Future<Output = ()> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(feed(sender));
    Fed(receiver).boxed_unsync()
}

/// All of it at once.
pub(crate) fn whole(body: Bytes) -> AnyBody {
    Full::new(body).map_err(|never| match never {}).boxed_unsync()
}

/// A byte at a time.
pub(crate) fn drip(body: Bytes, interval: Duration) -> AnyBody {
    fed(move |sender| async move {
        for at in 0..body.len() {
            sleep(interval).await;
            if sender.send(Ok(body.slice(at..=at))).await.is_err() {
                return;
            }
        }
    })
}

/// The first half, then the end of the connection.
pub(crate) fn truncated(body: Bytes) -> AnyBody {
    fed(move |sender| async move {
        let half = body.slice(..body.len() / 2);
        if sender.send(Ok(half)).await.is_err() {
            return;
        }
        // What is written goes out first.
        sleep(Duration::from_millis(50)).await;
        let gone = io::Error::new(io::ErrorKind::ConnectionAborted, "truncated on request");
        let _ = sender.send(Err(gone)).await;
    })
}

/// A JSON text of this many bytes: head, as many `x` as it takes, tail.
pub(crate) fn flood(head: &'static str, tail: &'static str, bytes: u64) -> AnyBody {
    const PIECE: usize = 64 * 1024;
    fed(move |sender| async move {
        let filler = Bytes::from(vec![b'x'; PIECE]);
        let mut left = bytes.saturating_sub((head.len() + tail.len()) as u64);
        if sender
            .send(Ok(Bytes::from_static(head.as_bytes())))
            .await
            .is_err()
        {
            return;
        }
        while left > 0 {
            let piece = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
            if sender.send(Ok(filler.slice(..piece))).await.is_err() {
                return;
            }
            left -= piece as u64;
        }
        let _ = sender.send(Ok(Bytes::from_static(tail.as_bytes()))).await;
    })
}
