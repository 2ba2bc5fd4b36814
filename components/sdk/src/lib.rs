#![doc = include_str!("../README.md")]

// The derives name this crate by its name, inside of it as well.
extern crate self as patchbay_sdk;

pub mod answer;
pub mod callbacks;
pub mod check;
pub mod codes;
pub mod encode;
pub mod endpoint;
pub mod envelope;
#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub mod export;
pub mod failure;
pub mod host;
pub mod mask;
mod members;
#[cfg(target_family = "wasm")]
mod memory;
pub mod operations;
pub mod params;
pub mod pattern;
pub mod payload;
pub mod polling;
pub mod schema;
pub mod session;
pub mod settings;
pub mod shape;
#[cfg(not(target_family = "wasm"))]
pub mod testing;
#[cfg(test)]
mod tests;
pub mod transport;
#[cfg(target_family = "wasm")]
mod waki;

pub use endpoint::{
    Advance, Annotations, Answer, Cursor, Declaration, Documentation, Effect, Encoding, Endpoint, Method,
    Nothing, Page, Pages, Route, Rows,
};
pub use envelope::Envelope;
pub use failure::{Failure, Interruption, Refusal, Violation};
pub use host::Host;
pub use mask::Secrets;
pub use operations::{Call, Connector, Handler, Operation, StoredRecord};
pub use params::Params;
pub use payload::Payload;
pub use settings::{Setting, SettingKind, Settings};
pub use shape::Schema;
pub use transport::{Request, Response};

/// Makes a component of a [`Connector`]: the one line that a connector needs besides itself. Outside of
/// WebAssembly it is nothing.
#[cfg(not(target_family = "wasm"))]
#[macro_export]
macro_rules! export {
    ($connector:ty $(, callbacks)?) => {};
}
