//! The configuration file, `patchbay.toml`.

#[cfg(test)]
mod any_text_tests;
#[expect(
    clippy::module_inception,
    reason = "the configuration is what this module is about"
)]
mod config;
mod interpolate;
mod reader;
mod serve;

pub use config::{Config, ConnectionConfig};
pub(crate) use interpolate::{interpolate, read_secret};
pub use serve::Serve;
