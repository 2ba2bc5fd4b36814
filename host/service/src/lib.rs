//! Patchbay's service: a host's connections, to be called over HTTP, with metrics and traces.
//!
//! | module | what it does |
//! | --- | --- |
//! | `app` | [`Service`]: what the routes share, and all of them together |
//! | `options` | how it is set up, and every limit with its default |
//! | `api` | the routes, one module for each group |
//! | `problem` | failures as `application/problem+json` |
//! | `body` | whole bodies of requests, within the limits |
//! | `call_ids` | an id for each request, in the log and in the response |
//! | `guard` | what is refused by its head |
//! | `access` | who may call: tokens, and no web page |
//! | `tokens` | bearer tokens, kept as digests |
//! | `draining` | what is under way when the service stops |
//! | `server` | [`Server`]: listening, accepting, shutting down |
//! | `client` | one client's network connection |
//! | `activity` | what is under way on it |
//! | `tls` | certificate and key |
//! | `log` | a line for each call |
//! | `metrics` | what Prometheus reads |
//! | `telemetry` | traces for an OpenTelemetry collector |
//!
//! A new group of routes is a module in `api` with a function `routes`, merged in `api::routes`. Whatever
//! changes something takes part in draining with `Service::begin`.

mod access;
mod activity;
mod api;
mod app;
mod body;
mod call_ids;
mod client;
mod draining;
mod guard;
mod log;
mod metrics;
mod options;
mod problem;
mod server;
mod telemetry;
mod tls;
mod tokens;

pub use app::Service;
pub use log::CallLogger;
pub use metrics::{MEDIA_TYPE, Metrics};
pub use options::{ServiceLimits, ServiceOptions};
pub use server::Server;
pub use telemetry::Telemetry;
pub use tls::TlsFiles;
pub use tokens::{InvalidToken, Tokens};
