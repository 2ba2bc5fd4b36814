//! i-Search (艺赛旗) iS-RPA: the open API of its management server, document "RPA OAPI 外部接口说明" V1.0
//! of 2020-08-17.
//!
//! Authentication, signature and envelope are in [`client`] and [`sign`], the operations in
//! [`endpoints`].

pub mod client;
pub mod codes;
pub mod endpoints;
pub mod sign;

pub use client::IsearchRpa;

patchbay_sdk::export!(IsearchRpa);
