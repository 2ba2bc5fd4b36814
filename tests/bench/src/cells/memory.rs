//! What idle connections hold.

use crate::Failed;
use crate::plan::Plan;
use crate::process::{self, Process};
use crate::robots::Robots;
use crate::row::{Aim, Row};
use crate::vendor::Vendor;
use crate::way::Kind;

use super::library::Library;

/// Measures the resident memory of a process with one connection and of another one with many.
pub(super) async fn measure(plan: &Plan) -> Result<Vec<Row>, Failed> {
    if !cfg!(target_os = "linux") {
        eprintln!("memory: only Linux says what a process holds (proc(5))");
        return Ok(Vec::new());
    }
    let vendor = Vendor::light().await?;
    let mut rows = Vec::new();
    let sorts = [
        ("additional connection, called once and idle", &["--called"][..]),
        ("additional connection, not called yet", &[]),
    ];
    for (what, flags) in sorts {
        let one = held(&vendor, 1, flags).await?;
        let many = held(&vendor, plan.connections, flags).await?;
        let kilobytes = (many - one) / 1024.0 / additional(plan.connections);
        let whole = |bytes: f64| format!("{:.1} MiB", bytes / f64::from(1 << 20));
        rows.push(
            Row::figure("memory", what, kilobytes, "KiB")
                .beside(&format!("{} connections and 1", plan.connections))
                .with(whole(many), whole(one))
                .aim(Some(Aim::most(256.0))),
        );
    }
    vendor.check().await?;
    Ok(rows)
}

/// The resident memory of a process with so many connections, in bytes.
async fn held(vendor: &Vendor, count: usize, flags: &[&str]) -> Result<f64, Failed> {
    let count = count.to_string();
    let arguments = [&["hold", &vendor.base_url, &count], flags].concat();
    let (process, _) = Process::part(&arguments).await?;
    let bytes = process
        .resident_memory()
        .ok_or("the process that holds connections has ended")?;
    #[expect(clippy::cast_precision_loss, reason = "memory is far below 2^52 bytes")]
    let bytes = bytes as f64;
    Ok(bytes)
}

fn additional(count: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "connections are far fewer than 2^52")]
    let additional = (count - 1) as f64;
    additional
}

/// Holds so many connections until standard input ends. Prints a line once they are there, and where asked to, called.
pub(crate) fn hold(base_url: &str, count: usize, called: bool) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let library = Library::start().await?;
        let connections = library.connect_many(count, base_url)?;
        if called {
            for connection in &connections {
                Kind::text(connection.clone()).of(Robots::Medium).prove().await?;
            }
        }
        process::ready("held");
        process::no_longer_needed().await;
        Ok(())
    })
}
