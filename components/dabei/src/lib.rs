//! Dabei (搭贝): the open API of the low-code platform: applications, forms, records, approvals,
//! organisations and users, and single sign-on.
//!
//! Authentication and envelope are in [`client`], the operations in [`endpoints`].

pub mod client;
pub mod endpoints;

#[cfg(test)]
mod tests;

use patchbay_sdk::{Call, Connector, Failure, Host, Operation, Payload, Setting, settings};

pub use client::Dabei;
use endpoints::{app, form, oauth, org, record, task, user};

impl Connector for Dabei {
    const ID: &'static str = "dabei";
    const VENDOR: &'static str = "Dabei (搭贝)";
    const SUMMARY: &'static str =
        "Low-code platform: applications, forms, records, approvals, organisations, users, single sign-on";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const DOCUMENT: &'static str = "Dabei low-code platform open API";
    const SETTINGS: &'static [Setting] = &[
        settings::BASE_URL,
        client::AUTH_HEADERS,
        client::AUTH_QUERY,
        client::CLIENT_ID,
        client::CLIENT_SECRET,
        client::OAUTH_BASE_URL,
        settings::PATH_OVERRIDES,
    ];
    const OPERATIONS: &'static [&'static [Operation<Self>]] = &[
        oauth::OPERATIONS,
        app::OPERATIONS,
        form::OPERATIONS,
        record::OPERATIONS,
        task::OPERATIONS,
        org::OPERATIONS,
        user::OPERATIONS,
    ];

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

patchbay_sdk::export!(Dabei);
