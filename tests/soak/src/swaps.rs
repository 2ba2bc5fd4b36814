//! The one who swaps.

use std::error::Error;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::ledger::Ledger;
use crate::service::Service;

/// How long a swap may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// What was swapped.
#[derive(Debug, Default, Clone)]
pub struct Swaps {
    /// By a changed file.
    pub by_file: u64,
    /// By a reload.
    pub by_reload: u64,
    /// Rollbacks.
    pub rollbacks: u64,
    /// Files that were refused, as they should be.
    pub refused: u64,
    /// What went wrong.
    pub failed: Option<String>,
}

impl Swaps {
    /// All changes of version.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.by_file + self.by_reload + self.rollbacks
    }
}

/// Swaps until it is told to stop, or something goes wrong.
pub(crate) async fn swap(service: &Service, ledger: &Ledger, stop: &AtomicBool, rest: Duration) -> Swaps {
    let builds = [
        ("0.1.0", patchbay_artifacts::connector("isearch-rpa")),
        ("0.2.0", patchbay_artifacts::guest("isearch-rpa-next")),
    ];
    let mut swaps = Swaps::default();
    for round in 1_usize.. {
        tokio::time::sleep(rest).await;
        if stop.load(Ordering::Relaxed) || !ledger.told().unexplained.is_empty() {
            break;
        }
        let (version, build) = &builds[round % 2];
        let done = match round % 10 {
            4 => half_a_file(service, build, builds[(round + 1) % 2].0, &mut swaps).await,
            7 => there_and_back(service, build, version, &mut swaps).await,
            number => whole_file(service, build, version, number % 3 == 0, &mut swaps).await,
        };
        if let Err(error) = done {
            swaps.failed = Some(format!("round {round}, to {version}: {error}"));
            break;
        }
    }
    swaps
}

type Done = Result<(), Box<dyn Error + Send + Sync>>;

/// A new file is moved into place, and noticed, or the service is told to reload it.
async fn whole_file(service: &Service, build: &Path, version: &str, reload: bool, swaps: &mut Swaps) -> Done {
    place(service, build)?;
    if reload {
        let (status, answer) = service.post("/v1/connectors/isearch-rpa/reload").await?;
        if status != 200 || answer["to"] != version {
            return Err(format!("the reload answered {status} {answer}").into());
        }
        swaps.by_reload += 1;
    } else {
        swaps.by_file += 1;
    }
    until(service, version).await
}

/// Half a file is written in place: it is refused, and nothing changes. Then comes the other half.
async fn half_a_file(service: &Service, build: &Path, current: &str, swaps: &mut Swaps) -> Done {
    let bytes = std::fs::read(build)?;
    std::fs::write(service.file(), &bytes[..bytes.len() / 2])?;
    let begun = Instant::now();
    loop {
        let connector = service.connector().await?;
        if connector["version"] != current {
            return Err(format!("half a file changed the version: {connector}").into());
        }
        if connector["refused"].is_object() {
            break;
        }
        if begun.elapsed() > PATIENCE {
            return Err("half a file isn't told of".into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (status, answer) = service.post("/v1/connectors/isearch-rpa/reload").await?;
    if answer["kind"] != "incompatible" {
        return Err(format!("the reload of half a file answered {status} {answer}").into());
    }
    swaps.refused += 1;
    std::fs::write(service.file(), bytes)?;
    swaps.by_file += 1;
    let version = if current == "0.1.0" { "0.2.0" } else { "0.1.0" };
    until(service, version).await
}

/// A swap, back by rollback, and once more.
async fn there_and_back(service: &Service, build: &Path, version: &str, swaps: &mut Swaps) -> Done {
    whole_file(service, build, version, true, swaps).await?;
    let (status, answer) = service.post("/v1/connectors/isearch-rpa/rollback").await?;
    if status != 200 || answer["from"] != version || answer["to"] == version {
        return Err(format!("the rollback answered {status} {answer}").into());
    }
    swaps.rollbacks += 1;
    whole_file(service, build, version, true, swaps).await
}

fn place(service: &Service, build: &Path) -> Done {
    let beside = service.file().with_extension("new");
    std::fs::copy(build, &beside)?;
    std::fs::rename(beside, service.file())?;
    Ok(())
}

async fn until(service: &Service, version: &str) -> Done {
    let begun = Instant::now();
    while service.connector().await?["version"] != version {
        if begun.elapsed() > PATIENCE {
            return Err(format!(
                "version {version} doesn't come into service: {}",
                service.connector().await?
            )
            .into());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
