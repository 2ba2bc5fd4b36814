//! The unified work order centre (统一工单中心): processes, their tasks, and work orders.
//!
//! Authentication and envelope are in [`client`], the operations in [`endpoints`].

pub mod client;
pub mod codes;
pub mod endpoints;

#[cfg(test)]
mod tests;

use patchbay_sdk::codes::VendorCode;
use patchbay_sdk::{Call, Connector, Failure, Host, Operation, Payload, Setting, settings};

pub use client::WorkOrder;
use endpoints::{action, process, task, workorder};

impl Connector for WorkOrder {
    const ID: &'static str = "workorder";
    const VENDOR: &'static str = "Unified work order centre (统一工单中心)";
    const SUMMARY: &'static str = "Work orders, the processes that they run through, and their tasks";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const DOCUMENT: &'static str = "统一工单中心 API";
    const SETTINGS: &'static [Setting] = &[
        settings::BASE_URL,
        client::REQUEST_TYPE,
        client::APP_ID,
        client::SERVER_ID,
        client::SECRET_KEY,
        client::ACCESS_TOKEN,
        client::AUTHORIZATION,
        settings::PATH_OVERRIDES,
        settings::REVEAL_SECRETS,
    ];
    const OPERATIONS: &'static [&'static [Operation<Self>]] = &[
        process::OPERATIONS,
        workorder::OPERATIONS,
        task::OPERATIONS,
        action::OPERATIONS,
    ];
    const CODES: &'static [VendorCode] = codes::CODES;

    fn open(host: Host) -> Result<Self, Failure> {
        Self::new(host)
    }

    fn host(&self) -> &Host {
        self.host()
    }

    fn call(&self, call: &Call) -> Result<Payload, Failure> {
        self.send(call)
    }
}

patchbay_sdk::export!(WorkOrder);
