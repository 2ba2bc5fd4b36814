//! Sessions that several hosts share through a Redis server.

mod address;
mod backend;
mod connection;
mod scripts;
#[cfg(test)]
mod tests;

pub use address::RedisAddress;
pub(crate) use backend::RedisSessions;
