//! `patchbay serve`, as a process.

mod access;
mod bodies;
mod calls;
mod connectors;
mod crowd;
mod draining;
mod fuzz;
mod http2;
mod limits;
mod records;
mod reload;
mod rig;
mod start;
mod tls;
mod walks;
