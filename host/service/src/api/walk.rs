//! Lists walked page by page, an item a line, as the client takes them.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use hyper::body::{Body as HttpBody, Frame};
use patchbay::manifest::Effect;
use patchbay::{CallId, Connection, Error, Kind, Pages, compact};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tracing::Instrument;

use super::answer::versioned;
use crate::app::Service;
use crate::body::Input;
use crate::budget::{BodyBudget, Reserved};
use crate::draining::UnderWay;
use crate::problem::Problem;

/// A JSON text on each line.
const MEDIA_TYPE: &str = "application/x-ndjson";

/// What is walked.
pub(super) struct Walk {
    pub(super) connection: Connection,
    pub(super) operation: String,
    pub(super) input: Input,
    /// How long each page may take.
    pub(super) deadline: Duration,
    /// The call of the first page.
    pub(super) id: CallId,
}

/// A part of the response.
enum Part {
    /// The lines of a page.
    Page {
        lines: Bytes,
        version: String,
    },
    /// The walk has come to its end, after so many items.
    End {
        items: u64,
        version: String,
    },
    Failed(Box<Failed>),
}

/// How a walk failed.
struct Failed {
    error: Error,
    /// The call of the page that failed.
    call: CallId,
    version: String,
}

/// Walks a list. The response begins with the first page, or is the problem with it.
pub(super) async fn walk(service: &Service, under_way: UnderWay, walk: Walk) -> Result<Response, Problem> {
    let Walk {
        connection,
        operation,
        input,
        deadline,
        id,
    } = walk;
    let pages = connection.pages(&operation, &*input.text)?;
    let pages = pages.within(deadline).beginning_with(id);
    let reads = {
        let connector = connection.connector();
        let described = connector.catalog().operation(&operation)?;
        described.effect == Effect::Read
    };
    // The next page is asked for when the client has taken the one before.
    let (parts, mut taken) = mpsc::channel(1);
    let task = Task {
        pages,
        name: (connection.name().to_owned(), operation),
        reads,
        bodies: service.bodies().clone(),
        parts,
    };
    let walking = async move {
        task.run(under_way, id).await;
        // It takes its bytes until here.
        drop(input);
    };
    tokio::spawn(walking.in_current_span());
    match taken.recv().await {
        None => Err(Problem::panicked_in_call(
            service.host().call(id).is_some_and(|record| record.request_sent),
        )),
        Some(Part::Failed(failed)) => Ok(versioned(
            Problem::from(failed.error).into_response(),
            &failed.version,
        )),
        Some(first) => {
            let version = match &first {
                Part::Page { version, .. } | Part::End { version, .. } => version.clone(),
                Part::Failed(failed) => failed.version.clone(),
            };
            let body = Body::new(Lines {
                next: Some(first),
                taken,
                ended: false,
            });
            Ok(versioned(
                ([(CONTENT_TYPE, MEDIA_TYPE)], body).into_response(),
                &version,
            ))
        }
    }
}

/// A walk under way: a task of its own, so that a client that goes away doesn't cut a page that isn't a read.
struct Task {
    pages: Pages,
    /// Connection and operation.
    name: (String, String),
    reads: bool,
    bodies: BodyBudget,
    parts: mpsc::Sender<Part>,
}

impl Task {
    async fn run(mut self, under_way: UnderWay, first: CallId) {
        let walked = under_way.carry(self.pages()).await;
        let last = match walked {
            Ok(true) => Part::End {
                items: self.pages.given(),
                version: self.version(),
            },
            Ok(false) => return,
            Err(error) => {
                let (connection, operation) = &self.name;
                // Pages were asked for, so that the vendor has received requests; the first may say more itself.
                let sent =
                    self.pages.given() > 0 || self.pages.record().is_some_and(|record| record.request_sent);
                let error = match error.kind {
                    Kind::Unavailable => error.sent(sent).at(connection, operation),
                    _ => error,
                };
                Part::Failed(Box::new(Failed {
                    error,
                    call: self.pages.call().unwrap_or(first),
                    version: self.version(),
                }))
            }
        };
        // Where the client has gone, there is no more to say.
        let _ = self.parts.send(last).await;
    }

    /// Sends page after page. Returns whether there was a client for all of them.
    async fn pages(&mut self) -> Result<bool, Error> {
        loop {
            let Ok(permit) = self.parts.clone().reserve_owned().await else {
                return Ok(false);
            };
            let page = tokio::select! {
                page = self.pages.next_text() => page?,
                () = self.parts.closed(), if self.reads => return Ok(false),
            };
            let Some(items) = page else { return Ok(true) };
            let lines = self.lines(&items);
            permit.send(Part::Page {
                lines,
                version: self.version(),
            });
        }
    }

    fn lines(&self, items: &[Box<RawValue>]) -> Bytes {
        let mut text = String::new();
        for item in items {
            text.push_str("{\"item\":");
            text.push_str(&compact(item));
            text.push_str("}\n");
        }
        let counted = self.bodies.count(text.len());
        // It counts until the client has taken it.
        Bytes::from_owner(Counted {
            text,
            _counted: counted,
        })
    }

    fn version(&self) -> String {
        self.pages
            .record()
            .map(|record| record.version.clone())
            .unwrap_or_default()
    }
}

/// A text that counts among the bodies.
struct Counted {
    text: String,
    _counted: Reserved,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

/// The lines of a walk, as they come. A body without its last line breaks off.
struct Lines {
    next: Option<Part>,
    taken: mpsc::Receiver<Part>,
    ended: bool,
}

impl HttpBody for Lines {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let lines = self.get_mut();
        if lines.ended {
            return Poll::Ready(None);
        }
        let part = match lines.next.take() {
            Some(part) => Some(part),
            None => match lines.taken.poll_recv(context) {
                Poll::Ready(part) => part,
                Poll::Pending => return Poll::Pending,
            },
        };
        lines.ended = !matches!(part, Some(Part::Page { .. }));
        let last = |line: Value| Ok(Frame::data(Bytes::from(format!("{line}\n"))));
        Poll::Ready(Some(match part {
            Some(Part::Page { lines, .. }) => Ok(Frame::data(lines)),
            Some(Part::End { items, .. }) => last(json!({ "end": { "items": items } })),
            Some(Part::Failed(failed)) => {
                let mut line = failed.error.to_json();
                line["call"] = failed.call.to_string().into();
                last(line)
            }
            None => Err(io::Error::other("the walk ended with a panic")),
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }
}
