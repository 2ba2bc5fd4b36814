//! The routes, a module for each group.

mod answer;
mod connections;
mod connectors;
mod operations;
mod probes;
mod records;
mod reload;
mod routes;
mod search;
mod walk;

pub(super) use probes::PROBES;
pub(super) use routes::{crowded_routes, routes};
