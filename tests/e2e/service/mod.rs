//! `patchbay serve`, as a process.

mod access;
mod calls;
mod connectors;
mod draining;
mod http2;
mod limits;
mod records;
mod rig;
mod start;
mod tls;
