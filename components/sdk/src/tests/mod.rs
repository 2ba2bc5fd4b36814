//! Tests that are too long to stand in their modules.

mod answer;
mod check;
mod claims;
mod encode;
mod encode_properties;
mod envelope;
mod json;
mod mask;
mod multipart;
mod operations;
mod polling;
mod schema;
mod session;
mod session_failures;
mod session_races;
mod settings;
mod support;
mod vendor;
