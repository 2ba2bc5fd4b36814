//! JingKun (鲸鲲) DPA: the platform's API of plans (预案).
//!
//! The operations are in [`endpoints`], and what the platform calls back about in [`callback`]. Login and
//! envelope are in `jingkun-oauth`.

pub mod callback;
pub mod client;
pub mod endpoints;

#[cfg(test)]
mod tests;

use jingkun_oauth::{callback as inbound, codes, settings as jingkun};
use patchbay_sdk::callbacks::{Callback, InboundRequest, Payload as _, Receipt, Receiver};
use patchbay_sdk::codes::VendorCode;
use patchbay_sdk::{
    Call, Connector, Failure, Host, Operation, Payload, Setting, StoredRecord, session, settings,
};

use callback::PlanRun;
pub use client::JingkunPlan;
use endpoints::{follow, plan, run, schedule};

impl Connector for JingkunPlan {
    const ID: &'static str = "jingkun-plan";
    const VENDOR: &'static str = "JingKun (鲸鲲)";
    const SUMMARY: &'static str =
        "DPA plans: list, schedule and execute them, read the outputs of their runs";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const DOCUMENT: &'static str = "JingKun DPA plan API";
    const SETTINGS: &'static [Setting] = &[
        settings::BASE_URL,
        jingkun::CLIENT_ID,
        jingkun::CLIENT_SECRET,
        jingkun::SCOPE,
        jingkun::USER_ID,
        settings::PATH_OVERRIDES,
        jingkun::STRINGIFY_SCALARS,
    ];
    const OPERATIONS: &'static [&'static [Operation<Self>]] = &[
        plan::OPERATIONS,
        schedule::OPERATIONS,
        run::OPERATIONS,
        follow::OPERATIONS,
    ];
    const CALLBACKS: &'static [Callback] = &[PlanRun::CALLBACK];
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

impl Receiver for JingkunPlan {
    fn receive(_: &Host, request: &InboundRequest) -> Result<Receipt, Failure> {
        Ok(inbound::receive::<PlanRun>(request))
    }
}

patchbay_sdk::export!(JingkunPlan, callbacks);
