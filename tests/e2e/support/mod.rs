//! What the tests share.

mod case;
mod command;
mod rig;

pub(crate) use case::{Case, case};
pub(crate) use command::{Ran, patchbay, patchbay_in};
pub(crate) use rig::{Rig, cache, host, options, run};
