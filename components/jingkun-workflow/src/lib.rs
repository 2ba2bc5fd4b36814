//! JingKun (鲸鲲) DPA: the platform's API of workflows.
//!
//! The operations are in [`endpoints`], where a workflow is executed in [`target`], and what the platform
//! calls back about in [`callback`]. Login and envelope are in `jingkun-oauth`.

pub mod callback;
pub mod client;
pub mod endpoints;
pub mod target;

#[cfg(test)]
mod tests;

use jingkun_oauth::{callback as inbound, codes, settings as jingkun};
use patchbay_sdk::callbacks::{Callback, InboundRequest, Payload as _, Receipt, Receiver};
use patchbay_sdk::codes::VendorCode;
use patchbay_sdk::{
    Call, Connector, Failure, Host, Operation, Payload, Setting, StoredRecord, session, settings,
};

use callback::WorkflowRun;
pub use client::JingkunWorkflow;
use endpoints::{execute, follow, run, workflow};

impl Connector for JingkunWorkflow {
    const ID: &'static str = "jingkun-workflow";
    const VENDOR: &'static str = "JingKun (鲸鲲)";
    const SUMMARY: &'static str =
        "DPA workflows: list and execute them, follow their runs, read their outputs";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const DOCUMENT: &'static str = "JingKun DPA workflow API";
    const SETTINGS: &'static [Setting] = &[
        settings::BASE_URL,
        jingkun::CLIENT_ID,
        jingkun::CLIENT_SECRET,
        jingkun::SCOPE,
        jingkun::USER_ID,
        target::EXECUTE_URLS,
        settings::PATH_OVERRIDES,
        jingkun::STRINGIFY_SCALARS,
    ];
    const OPERATIONS: &'static [&'static [Operation<Self>]] = &[
        workflow::OPERATIONS,
        run::OPERATIONS,
        execute::OPERATIONS,
        follow::OPERATIONS,
    ];
    const CALLBACKS: &'static [Callback] = &[WorkflowRun::CALLBACK];
    const CODES: &'static [VendorCode] = codes::CODES;
    const STORED_RECORDS: &'static [StoredRecord] = session::RECORDS;

    fn open(host: Host) -> Result<Self, Failure> {
        Self::new(host)
    }

    fn host(&self) -> &Host {
        self.client().host()
    }

    fn call(&self, call: &Call) -> Result<Payload, Failure> {
        self.client().call(call)
    }
}

impl Receiver for JingkunWorkflow {
    fn receive(_: &Host, request: &InboundRequest) -> Result<Receipt, Failure> {
        Ok(inbound::receive::<WorkflowRun>(request))
    }
}

patchbay_sdk::export!(JingkunWorkflow, callbacks);
