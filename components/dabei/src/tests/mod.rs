//! Unit tests, with a script in the place of the network.

mod authentication;
mod encoding;
mod envelope;
mod examples;
mod manifest;
mod refusals;
mod requests;

mod support;
