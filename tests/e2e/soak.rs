//! The proof of the hot swap: steady calls through hundreds of swaps, and nothing is lost, doubled or mixed up.

use std::time::Duration;

use patchbay_soak::{Plan, run};

use crate::support::{program, run as on_runtime};

/// How long it runs, where it is to be longer than usual: a number of seconds.
const SECONDS: &str = "PATCHBAY_SOAK_SECONDS";

#[test]
fn nothing_is_lost_through_hundreds_of_swaps() {
    let seconds = std::env::var(SECONDS).map_or(30, |text| text.parse().unwrap());
    let plan = Plan {
        host: program().to_owned(),
        duration: Duration::from_secs(seconds),
        callers: 8,
        swap_every: Duration::ZERO,
        latency: Duration::from_millis(30),
        mixed: false,
    };
    let report = on_runtime(run(&plan)).unwrap();
    println!("{report}");
    assert_eq!(report.broken(), Vec::<String>::new(), "{report}");
    assert!(report.swaps.total() >= 100, "{report}");
}
