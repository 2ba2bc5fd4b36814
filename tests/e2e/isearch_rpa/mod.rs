//! iS-RPA: signing, sessions, files, parameters that need each other, secrets, waiting for jobs.

mod jobs;
mod operations;
mod rig;
mod sessions;
mod values;

pub(crate) use operations::SUITE;
