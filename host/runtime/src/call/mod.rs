//! The way of one call: its account, its turn, the guest, what is repeated, and the record that it leaves.

mod account;
mod callback;
mod carry;
mod explain;
mod input;
mod log;
mod operation;
mod pages;
mod retry;

pub(crate) use account::{Account, Shared};
pub(crate) use callback::receive;
pub use input::Input;
pub(crate) use log::CallLog;
pub use operation::{Call, Outcome};
pub(crate) use operation::{invoke, invoke_text};
pub use pages::Pages;
