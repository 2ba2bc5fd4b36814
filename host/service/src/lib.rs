//! Patchbay's service: a host's connections, to be called over HTTP, with metrics and traces.
//!
//! | module | what it does |
//! | --- | --- |
//! | `app` | [`Service`]: what the routes share, and all of them together |
//! | `options` | how it is set up, and every limit with its default |
//! | `api` | the routes, one module for each group |
//! | `problem` | failures as `application/problem+json` |
//! | `body` | bodies of requests, whole and parsed, within the limits |
//! | `budget` | what bodies may take in memory together |
//! | `call_ids` | an id for each request, in the log and in the response |
//! | `guard` | what is refused by its head |
//! | `access` | who may call: tokens, and no web page |
//! | `tokens` | bearer tokens, kept as digests |
//! | `reload` | [`Reloader`]: reading the configuration again |
//! | `draining` | what is under way when the service stops |
//! | `server` | [`Server`]: listening, accepting, shutting down |
//! | `admission` | how many connections there may be, in all and from one address |
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
mod admission;
mod api;
mod app;
mod body;
mod budget;
mod call_ids;
mod client;
mod draining;
mod guard;
mod log;
mod metrics;
mod options;
mod problem;
mod reload;
mod server;
mod telemetry;
mod tls;
mod tokens;

pub use app::Service;
pub use log::CallLogger;
pub use metrics::{MEDIA_TYPE, Metrics};
pub use options::{ServiceLimits, ServiceOptions};
pub use reload::{Changes, Connections, Reconfigured, Reloader, Reloading};
pub use server::Server;
pub use telemetry::Telemetry;
pub use tls::TlsFiles;
pub use tokens::{InvalidToken, Tokens};
