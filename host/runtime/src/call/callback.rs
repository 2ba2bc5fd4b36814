//! A call of a connector with what its vendor has sent.

use std::sync::Arc;

use tokio::time::Instant;

use super::account::Account;
use super::carry::{Carried, Task};
use super::operation::Outcome;
use crate::connector::{Connector, Instance};
use crate::error::Error;
use crate::inbound::{InboundRequest, Receipt};
use crate::manifest::Effect;
use crate::sandbox::Limits;
use crate::trace::{CallId, CallKind, CallTrace, Subject};

/// What stands where an operation's id does.
const CALLBACK: &str = "callback";

/// Lets the connector interpret a request. Nothing is sent.
pub(crate) async fn receive(account: &Arc<Account>, id: CallId, request: InboundRequest) -> Outcome<Receipt> {
    let deadline = account.limits.deadline.min(Limits::MAX_DEADLINE);
    let subject = Subject {
        kind: CallKind::Callback,
        connection: &account.name,
        operation: CALLBACK,
    };
    // It may reach nothing.
    let trace = CallTrace::new(id, subject, deadline, Arc::default());
    let task = Inbound { request };
    let (result, record) = Carried::new(account, trace, deadline).run(&task, CALLBACK).await;
    Outcome { result, record }
}

struct Inbound {
    request: InboundRequest,
}

impl Task for Inbound {
    type Raw = Receipt;
    type Output = Receipt;

    const MAY_SEND: bool = false;

    fn effect(&self, _: &Connector) -> Option<Effect> {
        Some(Effect::Read)
    }

    async fn check(&self, connector: &Connector, _: Instant) -> Result<(), Error> {
        let id = &connector.manifest().id;
        if connector.takes_callbacks() {
            Ok(())
        } else {
            Err(Error::usage(format!(
                "{id} takes no callbacks: its vendor doesn't call back"
            )))
        }
    }

    async fn call(&self, instance: &mut Instance) -> wasmtime::Result<Result<Receipt, Error>> {
        let Instance { store, exports, .. } = instance;
        exports.receive(store, self.request.clone()).await
    }

    /// The reply goes to the vendor as it is: it may have to repeat what the vendor sent.
    fn finish(&self, account: &Account, mut receipt: Receipt) -> Result<Receipt, String> {
        for event in &mut receipt.events {
            account.secrets.scrub_event(event);
        }
        Ok(receipt)
    }
}
