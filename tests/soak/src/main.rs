//! A service under mixed load for some minutes, while its connectors are swapped.
//!
//! `cargo soak [MINUTES] [CALLERS] [MILLISECONDS BETWEEN SWAPS]`

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use patchbay_soak::{Plan, run};

#[tokio::main]
async fn main() -> ExitCode {
    match soak().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("patchbay-soak: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn soak() -> Result<bool, Box<dyn Error + Send + Sync>> {
    let mut arguments = std::env::args().skip(1);
    let minutes: f64 = arguments.next().map_or(Ok(10.0), |text| text.parse())?;
    let callers: usize = arguments.next().map_or(Ok(12), |text| text.parse())?;
    let rest: u64 = arguments.next().map_or(Ok(700), |text| text.parse())?;
    let plan = Plan {
        host: patchbay_artifacts::release_host()?,
        duration: Duration::from_secs_f64(minutes * 60.0),
        callers,
        swap_every: Duration::from_millis(rest),
        latency: Duration::from_millis(20),
        mixed: true,
    };
    println!(
        "{minutes} minutes, {callers} callers on the connection whose connector is swapped, and some on others"
    );
    let report = run(&plan).await?;
    println!("{report}");
    Ok(report.broken().is_empty())
}
