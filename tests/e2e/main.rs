//! Whole-system tests: built components, through the library and the command line, against simulators.
//!
//! | module | what it proves |
//! | --- | --- |
//! | [`operations`] | every operation of every connector: request, answer, hostile values, coverage |
//! | [`isearch_rpa`] | what is peculiar to iS-RPA: signing, sessions, files, secrets |
//! | [`dabei`] | what is peculiar to Dabei: credentials of two sorts, free fields, JSON in strings, revoking |
//! | [`workorder`] | what is peculiar to the work order centre: headers by request type, refusals, a task's way |
//! | [`faults`] | what a vendor can do wrong, and which failure it becomes |
//! | [`sandbox`] | what a connector can do wrong, and that it harms nobody |
//! | [`contract`] | what is refused at load, and in which words |
//! | [`command_line`] | output, error objects, exit codes |
//! | [`configuration`] | the configuration file, and its mistakes |
//! | [`secrets`] | that no secret and no token leaves the host |
//! | [`golden`] | the described surface of each connector |

#![allow(
    clippy::unwrap_used,
    clippy::allow_attributes,
    reason = "a test that can't go on should say where"
)]

mod command_line;
mod configuration;
mod contract;
mod dabei;
mod embedding;
mod faults;
mod golden;
mod isearch_rpa;
mod operations;
mod sandbox;
mod secrets;
mod support;
mod workorder;
