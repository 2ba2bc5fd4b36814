//! The longest time without an answer, while connectors are swapped and while they aren't.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::task::JoinSet;

use crate::Failed;
use crate::plan::Plan;
use crate::robots::Robots;
use crate::row::Row;
use crate::serve::Serve;
use crate::vendor::Vendor;
use crate::way::{Kind, Way};

/// The rest before and after a swap.
const REST: Duration = Duration::from_millis(100);

/// Measures calls of `serve` without a swap, through one whose connector must be compiled, and through those whose
/// connectors are in the compile cache.
pub(super) async fn measure(plan: &Plan) -> Result<Vec<Row>, Failed> {
    let vendor = Vendor::light().await?;
    let cache = tempfile::tempdir()?;
    let serve = Serve::start_cold(&plan.host, &vendor.base_url, cache.path()).await?;
    let way = Kind::service(&serve.url, serve.process.clone(), true)?.of(Robots::Medium);
    way.prove().await?;
    let builds = [
        patchbay_artifacts::guest("isearch-rpa-next"),
        patchbay_artifacts::connector("isearch-rpa"),
    ];
    let mut builds = builds.iter().cycle();
    let mut swap = || reload(&serve, builds.next().cloned());

    let compiled = pauses(&way, swap()).await?;
    let (mut without, mut cached) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..plan.repetitions {
        let through = pauses(&way, swap()).await?;
        cached = cached.max(through.longest);
        let rest = async {
            tokio::time::sleep(through.time).await;
            Ok(())
        };
        without = without.max(pauses(&way, rest).await?.longest);
    }
    let logins = vendor.check().await?;
    if logins != 1 {
        return Err(format!("the swaps caused {} logins more", logins - 1).into());
    }
    let row = |what: &str, pause: Duration| {
        Row::figure("swap", what, millis(pause), "ms")
            .beside("the longest one without a swap")
            .with(
                format!("{:.1} ms", millis(pause)),
                format!("{:.1} ms", millis(without)),
            )
    };
    let swaps = format!(
        "longest pause of `serve`, {} swaps, compile cache warm",
        plan.repetitions
    );
    Ok(vec![
        row(&swaps, cached),
        row(
            "longest pause of `serve`, one swap that compiles",
            compiled.longest,
        ),
    ])
}

/// Replaces the connector's file and has it loaded.
async fn reload(serve: &Serve, build: Option<PathBuf>) -> Result<(), Failed> {
    serve.replace(&build.ok_or("there is no other build")?)?;
    let url = format!("{}/v1/connectors/isearch-rpa/reload", serve.url);
    let client = reqwest::Client::builder().no_proxy().build()?;
    let response = client.post(url).send().await?;
    let status = response.status();
    let answer: Value = serde_json::from_slice(&response.bytes().await?)?;
    if status.is_success() && answer["from"] != answer["to"] {
        Ok(())
    } else {
        Err(format!("the reload answered {status} {answer}").into())
    }
}

/// How calls went meanwhile.
struct Pauses {
    /// The longest time between two calls that ended one after the other.
    longest: Duration,
    /// How long it took, without the rest before and after.
    time: Duration,
}

/// Calls while something happens, and a little before and after it.
async fn pauses(way: &Arc<Way>, happens: impl Future<Output = Result<(), Failed>>) -> Result<Pauses, Failed> {
    let over = Arc::new(AtomicBool::new(false));
    let started = Instant::now();
    let mut callers = JoinSet::new();
    for _ in 0..Plan::SHOWN {
        let (way, over) = (way.clone(), over.clone());
        callers.spawn(async move {
            let mut ends = Vec::new();
            while !over.load(Ordering::Relaxed) {
                way.call().await?;
                ends.push(started.elapsed());
            }
            Ok::<_, Failed>(ends)
        });
    }
    tokio::time::sleep(REST).await;
    let begun = Instant::now();
    let happened = happens.await;
    let time = begun.elapsed();
    tokio::time::sleep(REST).await;
    over.store(true, Ordering::Relaxed);
    let mut ends = Vec::new();
    while let Some(caller) = callers.join_next().await {
        ends.extend(caller??);
    }
    happened?;
    ends.sort_unstable();
    let pauses = ends.windows(2).map(|pair| pair[1].saturating_sub(pair[0]));
    let longest = pauses.max().ok_or("no call ended")?;
    Ok(Pauses { longest, time })
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
