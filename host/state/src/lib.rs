//! State that survives a restart or is shared between hosts: sessions in a folder, sessions in Redis.
//!
//! ```no_run
//! use std::path::Path;
//!
//! use patchbay_state::StateLocation;
//!
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let location = StateLocation::parse("state", Path::new("/var/lib/patchbay"))?;
//! let sessions = location.open(&[])?;
//! # drop(sessions);
//! # Ok(())
//! # }
//! ```
//!
//! [`StateLocation::open`] returns a [`SessionBackend`](patchbay::sessions::SessionBackend), which a host gets
//! with its options. Records in memory come first in either case, so a backend that can't be reached costs
//! logins, never calls.

mod error;
mod folder;
mod location;
mod redis;

pub use error::InvalidState;
pub use location::StateLocation;
pub use redis::RedisAddress;
