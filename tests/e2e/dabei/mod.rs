//! Dabei: credentials of two sorts, free fields, JSON in strings, a path that the document lacks.

mod answers;
mod credentials;
mod operations;
mod paths;
mod records;
mod rig;

pub(crate) use operations::SUITE;
