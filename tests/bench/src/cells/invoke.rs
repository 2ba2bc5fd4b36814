//! A command that ends after one call: `patchbay invoke` beside `curl`, from start to end.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::Failed;
use crate::native::{self, Native};
use crate::plan::Plan;
use crate::robots::Robots;
use crate::row::{Aim, Row};
use crate::serve;
use crate::turns::median;
use crate::vendor::Vendor;

const GROUP: &str = "command line";

/// Measures both in turns. `patchbay` logs in first, each time; `curl` is given a token and sends one request.
pub(super) async fn measure(plan: &Plan) -> Result<Vec<Row>, Failed> {
    let robots = Robots::Medium;
    let vendor = Vendor::light().await?;
    let folder = tempfile::tempdir()?;
    let mut patchbay = Command::new(&plan.host);
    patchbay
        .arg("--connectors")
        .arg(serve::connectors(folder.path())?);
    patchbay.args([
        "invoke",
        "isearch-rpa",
        "robot.list",
        "--input",
        &robots.input().to_string(),
    ]);
    for (name, value) in vendor.settings() {
        patchbay.arg("-c").arg(format!("{name}={value}"));
    }
    patchbay
        .env("PATCHBAY_CACHE", folder.path().join("cache"))
        .env_remove("RUST_LOG");
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--fail", "--noproxy", "*"]);
    let native = Native::login(&vendor.base_url).await?;
    for (name, value) in native.headers(robots)? {
        curl.arg("--header").arg(format!("{name}: {value}"));
    }
    curl.arg(format!("{}{}", vendor.base_url, robots.path()));

    // Where it isn't installed, there is nothing to compare with.
    let mut curl = Command::new("curl")
        .arg("--version")
        .output()
        .is_ok()
        .then_some(curl);

    // Not counted: the connector is compiled.
    let (cold, _) = run(&mut patchbay)?;
    let (mut own, mut other) = (Vec::new(), Vec::new());
    for _ in 0..plan.repetitions {
        let (time, output) = run(&mut patchbay)?;
        own.push(millis(time));
        let mut right = robots.is(&serde_json::from_slice(&output)?, true);
        if let Some(curl) = &mut curl {
            let (time, output) = run(curl)?;
            other.push(millis(time));
            right &= robots.is(&native::payload(&output)?, false);
        }
        if !right {
            return Err("a wrong answer".into());
        }
    }
    vendor.check().await?;
    let (own, other) = (median(own), curl.is_some().then(|| median(other)));
    let warm = row("`invoke`, compile cache warm", own, other);
    let warm = warm.aim(other.map(|_| Aim::most(3.0)));
    Ok(vec![
        warm,
        row("`invoke`, compile cache empty", millis(cold), other),
    ])
}

/// The time of a command beside that of `curl`, in milliseconds.
fn row(what: &str, own: f64, other: Option<f64>) -> Row {
    match other {
        Some(other) => Row::figure(GROUP, what, own / other, "×")
            .beside("wall time of `curl`")
            .with(format!("{own:.1} ms"), format!("{other:.1} ms")),
        None => Row::figure(GROUP, what, own, "ms"),
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// How long a command takes, and what it prints.
fn run(command: &mut Command) -> Result<(Duration, Vec<u8>), Failed> {
    let begun = Instant::now();
    let output = command.output();
    let time = begun.elapsed();
    let program = command.get_program().to_string_lossy();
    let output = output.map_err(|error| format!("{program} can't be run: {error}"))?;
    if output.status.success() {
        Ok((time, output.stdout))
    } else {
        let message = String::from_utf8_lossy(&output.stderr);
        Err(format!("{program} ended with {}: {message}", output.status).into())
    }
}
