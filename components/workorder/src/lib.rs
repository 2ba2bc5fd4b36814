//! The unified work order centre (统一工单中心): processes, their tasks, and work orders.
//!
//! Authentication and envelope are in [`client`], the operations in [`endpoints`].

pub mod client;
pub mod codes;
pub mod endpoints;

#[cfg(test)]
mod tests;

pub use client::WorkOrder;

patchbay_sdk::export!(WorkOrder);
