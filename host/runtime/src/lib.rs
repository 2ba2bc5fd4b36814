//! Patchbay's host: loads connectors, which are sandboxed WebAssembly components that speak to vendor
//! APIs, and calls them.
//!
//! ```no_run
//! use patchbay::{ConnectionOptions, Host, HostOptions};
//! use serde_json::json;
//!
//! # async fn example() -> Result<(), patchbay::Error> {
//! let host = Host::new(&HostOptions::usual())?;
//! let connector = host.load("connectors/vendor.wasm").await?;
//! let connection = host.connect(
//!     "vendor",
//!     connector,
//!     ConnectionOptions {
//!         settings: [("base_url".to_owned(), "https://vendor.example.com".to_owned())].into(),
//!         ..ConnectionOptions::default()
//!     },
//! )?;
//! let page = connection.invoke("robot.list", &json!({ "page": 1, "size": 10 })).await?;
//! println!("{page}");
//! # Ok(())
//! # }
//! ```
//!
//! A connector that is put in service by [`Host::deploy`] can be replaced under its connections: calls that are
//! under way end on the version they began on, and sessions stay. [`Host::deploy_folder`] does that for a folder of
//! files, and the feature `watch` has it follow the folder's changes.
//!
//! `examples/embed.rs` is the example above as a program. A [`Host`] has one engine; [`Connector`]s are loaded
//! into it and never change; a [`Connection`] is an account of a connector, with settings, policy and
//! limits, and is what calls go through. Every failure is an [`Error`] whose [`Kind`] says what to do.
//!
//! The crate knows no server, no store and no exporter. [`sessions::SessionBackend`] makes sessions survive a
//! restart or shares them between hosts, and an [`Observer`] receives what metrics and traces are made from.
//!
//! # Features
//!
//! - `watch`: `watch` follows a folder of connectors.
//! - `parallel-compilation`: a component is compiled on all processors.

mod call;
mod capability;
mod connection;
mod connector;
mod deployment;
mod error;
mod host;
mod inbound;
mod json;
pub mod manifest;
mod memory;
mod observe;
mod pointer;
mod printable;
mod rate;
mod sandbox;
mod secrets;
mod spacing;
mod text;
mod trace;

pub use call::{Call, Input, Outcome, Pages};
pub use capability::http::{InvalidOrigin, Origin, Policy};
pub use connection::{Connection, ConnectionOptions, ConnectionStatus};
pub use connector::{
    Catalog, CodeMatch, Connector, Field, InvalidQuery, InvalidSetting, Matched, OperationMatch, Place,
    Query, SearchResults, search, suggest,
};
pub use deployment::{
    ConnectorStatus, Deployment, DrainingVersion, EarlierVersion, Folder, FolderStatus, PastVersion, Refusal,
    RefusedFile, SwapOptions, Swapped,
};
#[cfg(feature = "watch")]
pub use deployment::{Watch, watch};
pub use error::{Error, Kind, Violation};
pub use host::{Host, HostOptions, Loaded};
pub use inbound::{Event, InboundRequest, Receipt, Reply};
pub use json::JsonShape;
pub use observe::{Observer, VersionChange, VersionOutcome};
pub use pointer::put;
pub use printable::{printable, printable_json};
pub use rate::{InvalidRate, Rate};
pub use sandbox::{InvalidDeadline, Limits};
pub use secrets::{scrub, scrub_of};
pub use spacing::{compact, pretty};
pub use trace::{CallId, CallKind, CallRecord, Frame, InvalidCallId, TrapRecord, VendorRequest};

/// The host's HTTP client, for what an embedder's own requests need: TLS roots, connections that are kept.
pub mod http {
    pub use wasmtime_wasi_http::Error as HttpError;

    pub use crate::capability::http::HttpClient;
}

/// Sessions, and where they are kept besides memory.
pub mod sessions {
    pub use crate::capability::sessions::{
        Answer, Claim, MAX_RECORDS, Namespace, RecordKey, SessionBackend, SessionStore, SessionView,
        SharedLock, Stored,
    };
}
