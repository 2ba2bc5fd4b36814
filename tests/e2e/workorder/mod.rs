//! The work order centre: headers by type of caller, refusals, work that goes from person to person.

mod answers;
mod credentials;
mod operations;
mod rig;
mod work;

pub(crate) use operations::SUITE;
