//! What a host offers to guests. Each capability is one value in a file or folder of its own: it names its
//! interfaces, adds itself to a linker, and begins and ends with a call.

#[expect(clippy::module_inception, reason = "the trait is what this module is about")]
mod capability;
mod config;
pub(crate) mod http;
mod list;
mod printed;
pub(crate) mod sessions;
mod wasi;

pub(crate) use capability::{CallScope, Capability, Grant, Lend, Lent, Offer};
pub(crate) use list::Capabilities;
