//! A service under mixed load, while its connectors are swapped.
//!
//! A [`Plan`] is carried out against `patchbay serve` as a process of its own, whose vendors are the
//! simulators in this process. Callers read and write without a pause, a swapper replaces a connector's file
//! by another build of the same connector and back, and now and then does worse: half a file, a rollback. What the callers were
//! told is then compared with what the vendor saw. [`Report::broken`] says in words which promise didn't hold.

mod ledger;
mod report;
mod service;
mod swaps;
mod traffic;
mod vendors;

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub use report::Report;

use ledger::Ledger;
use service::Service;
use vendors::Vendors;

/// What is to be done.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The host's program.
    pub host: PathBuf,
    /// How long.
    pub duration: Duration,
    /// Calls at the same time on the connection whose connector is swapped.
    pub callers: usize,
    /// The rest between two swaps.
    pub swap_every: Duration,
    /// How long the vendor takes for an answer.
    pub latency: Duration,
    /// Whether other vendors, a vendor that falters and a connector that misbehaves have their share.
    pub mixed: bool,
}

/// Carries it out.
///
/// # Errors
///
/// Where the service or a simulator can't be started.
pub async fn run(plan: &Plan) -> Result<Report, Box<dyn Error + Send + Sync>> {
    let vendors = Vendors::start(plan).await?;
    let service = Arc::new(Service::start(plan, &vendors).await?);
    let ledger = Arc::new(Ledger::default());
    let stop = Arc::new(AtomicBool::new(false));

    let mut tasks = tokio::task::JoinSet::new();
    for (number, calls) in traffic::callers(plan).into_iter().enumerate() {
        let (service, ledger, stop) = (service.clone(), ledger.clone(), stop.clone());
        tasks.spawn(async move { traffic::call(&service, &ledger, &stop, number, calls).await });
    }
    let swapping = {
        let (service, ledger, stop, plan) = (service.clone(), ledger.clone(), stop.clone(), plan.clone());
        tokio::spawn(async move { swaps::swap(&service, &ledger, &stop, plan.swap_every).await })
    };
    let started = tokio::time::Instant::now();
    while started.elapsed() < plan.duration && !swapping.is_finished() {
        tokio::time::sleep(Duration::from_millis(250)).await;
        ledger.memory(started.elapsed(), service.resident_memory());
        vendors.falter();
        vendors.collect(&ledger);
    }
    stop.store(true, Ordering::Relaxed);
    let swapped = swapping.await?;
    while let Some(ended) = tasks.join_next().await {
        ended?;
    }
    vendors.collect(&ledger);
    let metrics = service.get("/metrics").await?;
    let ended = service.end().await?;
    Ok(Report::new(
        plan,
        started.elapsed(),
        &ledger,
        &vendors,
        swapped,
        metrics,
        ended,
    ))
}
