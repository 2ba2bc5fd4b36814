//! Whole-system tests: built components, through the library and the command line, against simulators.
//!
//! | module | what it proves |
//! | --- | --- |
//! | one a vendor | every operation: request, answer, hostile values; and what is peculiar to the vendor |
//! | [`coverage`] | no connector without a simulator and a suite, no operation without a case |
//! | [`callbacks`] | what vendors call back about, and the reply they get |
//! | [`paging`] | lists walked page by page |
//! | [`faults`] | what a vendor can do wrong, and which failure it becomes |
//! | [`sandbox`] | what a connector can do wrong, and that it harms nobody |
//! | [`hoarding`] | what one call or connection can take of the host |
//! | [`trouble`] | trouble of every sort at once, and the calls beside it |
//! | [`waiting`] | what a call says that waited for the login of another |
//! | [`contract`] | what is refused at load, and in which words |
//! | [`command_line`] | output, error objects, exit codes |
//! | [`files`] | files into inputs and out of outputs, on the command line |
//! | [`search`] | operations found by words |
//! | [`interrupted`] | a command that is interrupted, or whose output isn't read to its end |
//! | [`configuration`] | the configuration file, and its mistakes |
//! | [`service`] | `patchbay serve`: calls, walks, who may call, limits, TLS, shutting down |
//! | [`state`] | sessions that survive a restart, and sessions that hosts share |
//! | [`secrets`] | that no secret and no token leaves the host |
//! | [`sent`] | that a failure says whether the vendor received anything, and that failures are small |
//! | [`swap`] | connectors replaced under traffic |
//! | [`soak`] | hundreds of swaps under traffic, and nothing lost |
//! | [`telemetry`] | what a collector of traces gets |
//! | [`outside`] | messages of vendors and names of files do nothing to logs, terminals and the service |
//! | [`golden`] | the described surface of each connector |

#![allow(
    clippy::unwrap_used,
    clippy::allow_attributes,
    reason = "a test that can't go on should say where"
)]

mod callbacks;
mod command_line;
mod configuration;
mod contract;
mod coverage;
mod dabei;
mod embedding;
mod faults;
mod files;
mod golden;
mod hoarding;
mod interrupted;
mod isearch_rpa;
mod jingkun;
mod outside;
mod paging;
mod sandbox;
mod search;
mod secrets;
mod sent;
mod service;
mod soak;
mod state;
mod support;
mod swap;
mod telemetry;
mod trouble;
mod waiting;
mod workorder;

/// Every connector's suite.
const SUITES: &[support::Suite] = &[
    dabei::SUITE,
    isearch_rpa::SUITE,
    jingkun::PLANS,
    jingkun::WORKFLOWS,
    workorder::SUITE,
];
