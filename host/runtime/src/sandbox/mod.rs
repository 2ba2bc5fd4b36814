//! Where guests run: the engine, the store of each instance, its limits, and its share of the processors.

mod engine;
mod limits;
mod pool;
mod scheduler;
mod state;
mod trap;

pub(crate) use engine::Engine;
pub use limits::{InvalidDeadline, Limits};
pub(crate) use pool::{Pool, Pooled};
pub(crate) use state::{State, store};
pub(crate) use trap::{failure, printed, record};
