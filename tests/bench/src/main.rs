//! Warm calls per second through the host, beside a native client (reqwest) that signs and sends the same
//! request to the same simulator, in turns, in one run.
//!
//! Then the latency of the same calls beside connectors and vendors that don't behave.
//!
//! `cargo bench-calls [SECONDS] [CONCURRENCY]`

mod native;
mod trouble;

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use patchbay::{ConnectionOptions, Host, HostOptions};
use patchbay_simulators::isearch_rpa::Simulator;
use serde_json::json;

use native::Native;

/// How often each side has its turn.
const TURNS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let seconds: f64 = arguments.next().map_or(Ok(2.0), |text| text.parse())?;
    let concurrency: usize = arguments.next().map_or(Ok(8), |text| text.parse())?;
    // The simulator has threads of its own, so that both sides compete with it alike.
    let vendor = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let sim = vendor.block_on(Simulator::builder().keep_requests(10).start())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let turn = Duration::from_secs_f64(seconds);
    runtime.block_on(async {
        compare(&sim, turn, concurrency).await?;
        trouble::beside(&sim, turn, concurrency).await
    })
}

/// A connection to the simulator.
fn options(sim: &Simulator) -> ConnectionOptions {
    ConnectionOptions {
        settings: sim
            .settings()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        ..ConnectionOptions::default()
    }
}

async fn compare(sim: &Simulator, turn: Duration, concurrency: usize) -> Result<(), Box<dyn Error>> {
    let host = Host::new(&HostOptions::usual())?;
    let connector = host.load(patchbay_artifacts::connector("isearch-rpa")).await?;
    let connection = host.connect("bench", connector, options(sim))?;
    let native = Native::login(&sim.base_url(), sim.access_key(), sim.secret_key()).await;
    let native = Arc::new(native.map_err(|error| error.to_string())?);

    let through_host = || {
        let connection = connection.clone();
        async move {
            let page = connection
                .invoke("robot.list", &json!({ "page": 1, "size": 10 }))
                .await?;
            Ok::<_, Box<dyn Error + Send + Sync>>(page["total"] == 25)
        }
    };
    let natively = || {
        let native = native.clone();
        async move { Ok::<_, Box<dyn Error + Send + Sync>>(native.robots().await?["total"] == 25) }
    };
    // Not counted: instances, connections and sessions come into being.
    rate(turn / 4, concurrency, &through_host).await?;
    rate(turn / 4, concurrency, &natively).await?;

    println!("{concurrency} at a time, {TURNS} turns of {turn:?} each; robot.list, 10 robots a page");
    let mut ratios = Vec::new();
    for number in 1..=TURNS {
        let (host, host_p50, host_p99) = rate(turn, concurrency, &through_host).await?;
        let (reqwest, reqwest_p50, reqwest_p99) = rate(turn, concurrency, &natively).await?;
        let ratio = host / reqwest;
        println!(
            "turn {number}: host {host:7.0}/s (p50 {host_p50:?}, p99 {host_p99:?})  native {reqwest:7.0}/s (p50 {reqwest_p50:?}, p99 {reqwest_p99:?})  ratio {ratio:.2}"
        );
        ratios.push(ratio);
    }
    ratios.sort_by(f64::total_cmp);
    println!(
        "median ratio of calls per second, host to native: {:.2}",
        ratios[TURNS / 2]
    );
    println!(
        "logins {}, connections {}, rules broken {}",
        sim.logins(),
        sim.connections(),
        sim.violations().len()
    );
    Ok(())
}

/// Calls per second over a turn, with the median and the 99th percentile of their latency.
async fn rate<F>(
    turn: Duration,
    concurrency: usize,
    call: &impl Fn() -> F,
) -> Result<(f64, Duration, Duration), Box<dyn Error>>
where
    F: Future<Output = Result<bool, Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    let calls = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let mut latencies: Vec<Duration> = Vec::new();
    while started.elapsed() < turn {
        // In batches, because the closure can't be sent to the tasks.
        let batch: Vec<_> = (0..concurrency * 16).map(|_| call()).collect();
        let mut waiting = batch.into_iter();
        let mut running = tokio::task::JoinSet::new();
        let spawn = |running: &mut tokio::task::JoinSet<_>, call: F| {
            running.spawn(async move {
                let begun = Instant::now();
                call.await.map(|right| (right, begun.elapsed()))
            });
        };
        for call in waiting.by_ref().take(concurrency) {
            spawn(&mut running, call);
        }
        while let Some(done) = running.join_next().await {
            let (right, latency) = done?.map_err(|error| error.to_string())?;
            if !right {
                return Err("a wrong answer".into());
            }
            calls.fetch_add(1, Ordering::Relaxed);
            latencies.push(latency);
            if let Some(call) = waiting.next() {
                spawn(&mut running, call);
            }
        }
    }
    latencies.sort();
    let at = |percent: usize| {
        latencies
            .get(latencies.len() * percent / 100)
            .copied()
            .unwrap_or_default()
    };
    #[expect(clippy::cast_precision_loss, reason = "a count of calls is far below 2^52")]
    let per_second = calls.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64();
    Ok((per_second, at(50), at(99)))
}
