//! Processes: how they are started, and what they use.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::Failed;

/// The kernel's unit of CPU time in proc(5), which is the same on all architectures that matter here.
const CLOCK_TICK: Duration = Duration::from_millis(10);

/// A process that ends when it is dropped.
pub(crate) struct Process {
    /// Its standard input stays open as long as this lives.
    _child: Child,
    id: u32,
}

impl Process {
    /// Starts this program as one of its parts, and returns the line that it prints once it is ready.
    pub(crate) async fn part<A: AsRef<OsStr>>(arguments: &[A]) -> Result<(Self, String), Failed> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(arguments);
        Self::start(command).await
    }

    /// Starts a program, and returns the first line that it prints.
    pub(crate) async fn start(mut command: Command) -> Result<(Self, String), Failed> {
        let program = command.as_std().get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("{program} can't be started: {error}"))?;
        let output = child.stdout.take().ok_or("a process has no standard output")?;
        let line = BufReader::new(output).lines().next_line().await?;
        let line = line.ok_or_else(|| format!("{program} ended before it was ready"))?;
        let id = child.id().ok_or("a process has ended")?;
        Ok((Self { _child: child, id }, line))
    }

    /// What it has used so far.
    pub(crate) fn cpu(&self) -> Option<Duration> {
        cpu(&self.id.to_string())
    }

    /// Its resident memory, in bytes.
    pub(crate) fn resident_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kilobytes * 1024)
    }
}

/// What this process has used so far, of all its threads. `None` where the system has no proc(5).
pub(crate) fn own_cpu() -> Option<Duration> {
    cpu("self")
}

fn cpu(process: &str) -> Option<Duration> {
    let stat = std::fs::read_to_string(Path::new("/proc").join(process).join("stat")).ok()?;
    // The second field is the program's name, which may have blanks and brackets in it.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(11).map(str::parse::<u32>);
    let (user, system) = (times.next()?.ok()?, times.next()?.ok()?);
    Some(CLOCK_TICK * (user + system))
}

/// A part of this program says that it is ready.
pub(crate) fn ready(line: &str) {
    let mut output = std::io::stdout().lock();
    // Where the program that started it has gone, its standard input says so, too.
    let _ = writeln!(output, "{line}").and_then(|()| output.flush());
}

/// Waits until the program that started this part closes its standard input, or ends.
pub(crate) async fn no_longer_needed() {
    let mut ignored = Vec::new();
    // An error means the same.
    let _ = tokio::io::stdin().read_to_end(&mut ignored).await;
}
