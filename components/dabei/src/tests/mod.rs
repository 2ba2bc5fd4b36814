//! Unit tests, with a script in the place of the network.

mod authentication;
mod encoding;
mod envelope;
mod manifest;
mod requests;

mod support;
