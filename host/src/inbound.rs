//! Inbound callbacks: a vendor's request in as data, events and a reply out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use crate::bindings::inbound as contract;
use crate::component::{self, Connector};
use crate::connection::Shared;
use crate::egress::Egress;
use crate::error::{Error, Kind};
use crate::limits::Limits;
use crate::policy::Policy;
use crate::state::State;

/// Interpreting a request is a computation: it needs no more.
const DEADLINE: Duration = Duration::from_secs(10);

/// An HTTP request that a vendor has sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InboundRequest {
    /// Upper case: `POST`.
    pub method: String,
    /// The query string as received, without `?`.
    pub query: String,
    /// Names in lower case, in the order received.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Something that happened at a vendor.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// One of the manifest's callbacks.
    pub kind: String,
    /// The vendor's id of what it happened to.
    pub subject: String,
    /// The state it is in now, in the vendor's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Equal for repetitions of one event, different for different events of a connection.
    pub key: String,
    /// What the vendor sent.
    pub payload: Value,
}

/// The HTTP response that the vendor expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Header fields.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What a request means, and how it must be answered once its events are safe.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// Empty where the request isn't one of the vendor's callbacks.
    pub events: Vec<Event>,
    /// The reply.
    pub reply: Reply,
}

/// Lets a connector interpret a request: in an instance of its own, without settings, sessions and network.
pub(crate) async fn receive(
    shared: &Arc<Shared>,
    connector: &Connector,
    request: InboundRequest,
) -> Result<Receipt, Error> {
    let id = &connector.manifest().id;
    let Some(callbacks) = connector.callbacks() else {
        return Err(Error::usage(format!(
            "{id} takes no callbacks: its vendor doesn't call back"
        )));
    };
    let egress = Egress::new(
        shared.http.clone(),
        id.as_str().into(),
        Arc::new(Policy::default()),
        0,
    );
    let state = State::new(
        Arc::new(BTreeMap::new()),
        egress,
        Limits::default().memory,
        shared.engine.turns.clone(),
    );
    let mut store = component::store(&shared.engine, state);
    let request = contract::InboundRequest {
        method: request.method,
        query: request.query,
        headers: request.headers,
        body: request.body,
    };
    let _running = shared.engine.running();
    let received = tokio::time::timeout(DEADLINE, async {
        let exports = callbacks.instantiate_async(&mut store).await?;
        exports.receive(&mut store, &request).await
    });
    match received.await {
        Err(_) => Err(Error::new(
            Kind::Timeout,
            format!(
                "{id} takes longer than {} s to interpret a callback",
                DEADLINE.as_secs()
            ),
        )),
        Ok(Err(error)) => Err(Error::new(
            Kind::Trapped,
            format!("{id} fails when it interprets a callback: {}", error.root_cause()),
        )),
        Ok(Ok(Err(failure))) => Err(failure.into()),
        Ok(Ok(Ok(receipt))) => Receipt::try_from(receipt),
    }
}

impl TryFrom<contract::Receipt> for Receipt {
    type Error = Error;

    fn try_from(receipt: contract::Receipt) -> Result<Self, Error> {
        let events = receipt.events.into_iter().map(|event| {
            Ok(Event {
                payload: serde_json::from_str(&event.payload).map_err(|error| {
                    Error::new(
                        Kind::Trapped,
                        format!(
                            "the payload of the event {:?} isn't JSON, which breaks the contract: {error}",
                            event.key
                        ),
                    )
                })?,
                kind: event.kind,
                subject: event.subject,
                status: event.status,
                key: event.key,
            })
        });
        Ok(Self {
            events: events.collect::<Result<_, Error>>()?,
            reply: Reply {
                status: receipt.reply.status,
                headers: receipt.reply.headers,
                body: receipt.reply.body,
            },
        })
    }
}
