//! What a hostile connector or vendor makes the host hold. Each attack has a process of its own, whose peak of
//! memory and whose file descriptors are shown, with how the call ended.
//!
//! `cargo attack` runs all, `cargo attack NAME` one.

mod vendor;

use std::collections::BTreeMap;
use std::error::Error;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use patchbay::{Connection, ConnectionOptions, Host, HostOptions, Limits};
use serde_json::{Value, json};

/// What the connection under attack may use, in bytes.
const MEMORY: usize = 32 << 20;

type Outcome = Result<String, Box<dyn Error>>;

/// The attacks of the guest: what it hoards, how many, how large.
const HOARDS: [(&str, u32, u32); 7] = [
    ("memory", 1000, 1 << 20),
    ("fields", 40_000, 56_000),
    ("unsent", 2000, 1 << 20),
    ("open", 240, 8 << 20),
    ("responses", 200, 12 << 20),
    ("keys", 200, 8 << 20),
    ("settings", 200, 8 << 20),
];

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next(), arguments.next()) {
        (Some(flag), Some(name)) if flag == "--here" => match here(&name) {
            Ok(report) => {
                println!("{report}");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        },
        (name, _) => all(name.as_deref()),
    }
}

/// Runs the attacks, each in a process of its own.
fn all(only: Option<&str>) -> ExitCode {
    let hoards = HOARDS.iter().map(|(name, ..)| *name);
    let names = hoards.chain(["descriptors", "interim", "instances"]);
    let mut failed = false;
    for name in names.filter(|name| only.is_none_or(|only| only == *name)) {
        let program = std::env::current_exe();
        let run = program.and_then(|program| Command::new(program).args(["--here", name]).output());
        match run {
            Ok(output) if output.status.success() => {
                println!(
                    "{name:<12} {}",
                    String::from_utf8_lossy(&output.stdout).trim_end()
                );
            }
            Ok(output) => {
                failed = true;
                println!(
                    "{name:<12} FAILED: {}",
                    String::from_utf8_lossy(&output.stderr).trim_end()
                );
            }
            Err(error) => {
                failed = true;
                println!("{name:<12} FAILED: {error}");
            }
        }
    }
    if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

#[tokio::main]
async fn here(name: &str) -> Outcome {
    match HOARDS.iter().find(|(hoard, ..)| *hoard == name) {
        Some((what, count, bytes)) => hoard(what, *count, *bytes).await,
        None if name == "descriptors" => descriptors().await,
        None if name == "interim" => interim().await,
        None if name == "instances" => instances().await,
        None => Err(format!("there is no attack {name:?}").into()),
    }
}

/// One call makes the host hold things; then what the process takes.
async fn hoard(what: &str, count: u32, bytes: u32) -> Outcome {
    let vendor = if what == "responses" {
        vendor::answering()?
    } else {
        vendor::silent()?
    };
    let limits = Limits {
        memory: MEMORY,
        deadline: Duration::from_secs(20),
        ..Limits::default()
    };
    let connection = connect(&host()?, "attacker", &vendor, limits).await?;
    connection.invoke("well", &json!({})).await?;
    let before = process("VmHWM")?;
    let input = json!({ "what": what, "count": count, "bytes": bytes, "authority": vendor });
    let ended = connection.invoke("hoard", &input).await;
    let (peak, now) = (process("VmHWM")?, process("VmRSS")?);
    Ok(format!(
        "{:>5} MiB at its peak, {:>5} MiB afterwards, {before} MiB before; {}",
        peak,
        now,
        words(&ended)
    ))
}

/// One call opens as many requests as it can, while another connection is used.
async fn descriptors() -> Outcome {
    let (silent, answering) = (vendor::silent()?, vendor::answering()?);
    let host = host()?;
    let limits = Limits {
        deadline: Duration::from_secs(5),
        ..Limits::default()
    };
    let attacker = connect(&host, "attacker", &silent, limits).await?;
    let other = connect(&host, "other", &answering, limits).await?;
    let input = json!({ "what": "open", "count": 1500, "bytes": 1, "authority": silent });
    let attack = tokio::spawn(async move { attacker.invoke("hoard", &input).await });
    let mut most = 0;
    let mut refused = 0;
    while !attack.is_finished() {
        most = most.max(std::fs::read_dir("/proc/self/fd")?.count());
        let visit = json!({ "url": format!("http://{answering}/1") });
        refused += usize::from(other.invoke("visit", &visit).await.is_err());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(format!(
        "{most} descriptors at most, {refused} calls of another connection failed; {}",
        words(&attack.await?)
    ))
}

/// Eight vendors send interim responses without end, while another connection is used.
async fn interim() -> Outcome {
    let (endless, answering) = (vendor::interim()?, vendor::answering()?);
    let host = host()?;
    let limits = Limits {
        deadline: Duration::from_secs(10),
        ..Limits::default()
    };
    let attacker = connect(&host, "attacker", &endless, limits).await?;
    let other = connect(&host, "other", &answering, limits).await?;
    let visit = json!({ "url": format!("http://{answering}/1") });
    other.invoke("visit", &visit).await?;
    let begun = Instant::now();
    let attacks: Vec<_> = (0..8)
        .map(|_| {
            let (attacker, visit) = (attacker.clone(), json!({ "url": format!("http://{endless}/") }));
            tokio::spawn(async move { attacker.invoke("visit", &visit).await })
        })
        .collect();
    let mut latencies = Vec::new();
    while begun.elapsed() < Duration::from_secs(5) {
        let begun = Instant::now();
        other.invoke("visit", &visit).await?;
        latencies.push(begun.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    latencies.sort();
    let mut ended = None;
    for attack in attacks {
        ended = Some(attack.await?);
    }
    let median = latencies[latencies.len() / 2];
    let words = ended.map_or_else(String::new, |ended| words(&ended));
    Ok(format!(
        "another connection's calls took {median:?} in the median; {words}"
    ))
}

/// Sixteen connections have a burst of 64 calls each; then one more connection is used.
async fn instances() -> Outcome {
    let answering = vendor::answering()?;
    let host = host()?;
    for number in 0..16 {
        let connection = connect(&host, &format!("burst-{number}"), &answering, Limits::default()).await?;
        let calls: Vec<_> = (0..64)
            .map(|_| {
                let connection = connection.clone();
                let visit = json!({ "url": format!("http://{answering}/slow") });
                tokio::spawn(async move { connection.invoke("visit", &visit).await })
            })
            .collect();
        for call in calls {
            call.await??;
        }
        std::mem::forget(connection);
    }
    let idle: usize = host
        .status()
        .iter()
        .map(|connection| connection.idle_instances)
        .sum();
    let one_more = connect(&host, "one-more", &answering, Limits::default()).await?;
    let ended = one_more.invoke("well", &json!({})).await;
    Ok(format!(
        "{idle} instances idle, {} MiB; one more connection's call {}",
        process("VmRSS")?,
        words(&ended)
    ))
}

fn host() -> Result<Host, Box<dyn Error>> {
    let options = HostOptions {
        cache: Some(std::env::temp_dir().join("patchbay-attack")),
        ..HostOptions::default()
    };
    Ok(Host::new(&options)?)
}

async fn connect(
    host: &Host,
    name: &str,
    vendor: &str,
    limits: Limits,
) -> Result<Connection, Box<dyn Error>> {
    let connector = host.load(patchbay_artifacts::guest("misbehaving")).await?;
    let options = ConnectionOptions {
        settings: BTreeMap::from([("base_url".to_owned(), format!("http://{vendor}"))]),
        limits,
        ..ConnectionOptions::default()
    };
    Ok(host.connect(name, connector, options)?)
}

fn words(ended: &Result<Value, patchbay::Error>) -> String {
    match ended {
        Ok(output) => format!("succeeded: {output}"),
        Err(error) => format!("{}: {error}", error.kind.as_str()),
    }
}

/// A size of this process, in MiB.
fn process(size: &str) -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(size)?.strip_prefix(':'));
    let kilobytes: u64 = line
        .and_then(|line| line.split_whitespace().next())
        .unwrap_or("0")
        .parse()?;
    Ok(kilobytes >> 10)
}
