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
//! under way end on the version they began on, and sessions stay. [`Folder`] does that for a folder of files,
//! and [`service`] serves connections over HTTP.
//!
//! `host/examples/embed.rs` is the example above as a program. A [`Host`] has one engine; [`Connector`]s are loaded
//! into it and never change; a [`Connection`] is an account of a connector, with settings, policy and
//! limits, and is what calls go through. Every failure is an [`Error`] whose [`Kind`] says what to do.

mod bindings;
mod call_id;
pub mod calls;
pub mod catalog;
pub mod cli;
mod component;
pub mod config;
mod connection;
mod deployment;
mod egress;
mod engine;
mod error;
mod folder;
mod inbound;
mod invoke;
mod limits;
pub mod metrics;
mod pace;
mod pages;
mod policy;
mod pool;
mod rate;
mod registry;
mod retry;
mod secrets;
pub mod service;
mod sessions;
mod state;
mod telemetry;
mod trap;
mod version;
mod watch;

pub use call_id::{CallId, InvalidCallId};
pub use component::Connector;
pub use connection::{Connection, ConnectionOptions};
pub use deployment::{Deployment, SwapOptions, Swapped};
pub use error::{Error, Kind, Violation};
pub use folder::Folder;
pub use inbound::{Event, InboundRequest, Receipt, Reply};
pub use invoke::{Call, Outcome};
pub use limits::Limits;
pub use pages::Pages;
pub use policy::{InvalidOrigin, Origin, Policy};
pub use rate::{InvalidRate, Rate};
pub use registry::{Host, HostOptions, Loaded};
pub use sessions::{InvalidState, RedisAddress, StateLocation};
