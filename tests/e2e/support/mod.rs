//! What the tests share.

mod case;
mod command;
mod rig;

pub(crate) use case::{Case, case};
pub(crate) use command::{Ran, patchbay, patchbay_in};
pub(crate) use rig::{APPLICATION, Rig, SERVICE, cache, host, options, run};
