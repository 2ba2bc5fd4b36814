//! What the tests share.

mod case;
mod command;
mod echo;
mod jingkun;
mod redis;
mod rig;
mod service;

pub(crate) use case::{Case, case};
pub(crate) use command::{Ran, patchbay, patchbay_in, program, with_connectors};
pub(crate) use echo::Echo;
pub(crate) use jingkun::Document;
pub(crate) use redis::{RedisServer, free_port};
pub(crate) use rig::{APPLICATION, Rig, SERVICE, cache, host, misbehaving, options, run};
pub(crate) use service::{Answer, Served, Setup};
