//! What the tests share.

mod case;
mod command;
mod echo;
mod redis;
mod rig;
mod service;
mod suite;

pub(crate) use case::{Case, case};
pub(crate) use command::{Ran, invoke_guest, patchbay, patchbay_in, program, with_connectors};
pub(crate) use echo::Echo;
pub(crate) use redis::{RedisServer, free_port};
pub(crate) use rig::{Rig, cache, host, misbehaving, options, run};
pub(crate) use service::{Answer, Served, Setup};
pub(crate) use suite::{HOSTILE, Suite, verify, verify_hostile};
