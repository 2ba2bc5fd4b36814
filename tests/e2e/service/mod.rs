//! `patchbay serve`, as a process.

mod access;
mod calls;
mod draining;
mod http2;
mod limits;
mod rig;
mod start;
mod tls;
