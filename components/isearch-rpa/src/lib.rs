//! i-Search (艺赛旗) iS-RPA: the open API of its management server, document "RPA OAPI 外部接口说明" V1.0
//! of 2020-08-17.
//!
//! Authentication, signature and envelope are in [`client`] and [`sign`], the operations in
//! [`endpoints`].

pub mod client;
pub mod codes;
pub mod endpoints;
pub mod sign;

#[cfg(test)]
mod tests;

use patchbay_sdk::codes::VendorCode;
use patchbay_sdk::{
    Call, Connector, Failure, Host, Operation, Payload, Setting, StoredRecord, session, settings,
};

pub use client::IsearchRpa;
use endpoints::{
    asset, file, job, org, process, queue, queue_item, robot, role, schedule, studio, user, wait,
};

impl Connector for IsearchRpa {
    const ID: &'static str = "isearch-rpa";
    const VENDOR: &'static str = "i-Search (艺赛旗)";
    const SUMMARY: &'static str = "iS-RPA: robots, processes, jobs, variables, queues and shared files";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const DOCUMENT: &'static str = "RPA OAPI 外部接口说明 V1.0";
    const SETTINGS: &'static [Setting] = &[
        settings::BASE_URL,
        client::ACCESS_KEY,
        client::SECRET_KEY,
        client::CLOCK_SKEW_MS,
        client::FORM_BODIES,
        settings::PATH_OVERRIDES,
        settings::REVEAL_SECRETS,
    ];
    const OPERATIONS: &'static [&'static [Operation<Self>]] = &[
        user::OPERATIONS,
        role::OPERATIONS,
        org::OPERATIONS,
        robot::OPERATIONS,
        studio::OPERATIONS,
        process::OPERATIONS,
        schedule::OPERATIONS,
        job::OPERATIONS,
        wait::OPERATIONS,
        asset::OPERATIONS,
        queue_item::OPERATIONS,
        queue::OPERATIONS,
        file::OPERATIONS,
    ];
    const CODES: &'static [VendorCode] = codes::CODES;
    const STORED_RECORDS: &'static [StoredRecord] = session::RECORDS;

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

patchbay_sdk::export!(IsearchRpa);
