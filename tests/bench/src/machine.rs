//! Where it was measured, and what.

use std::process::Command;

/// Processors, kernel and commit in a line.
pub(crate) fn describe() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let information = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = information
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let model = model.map_or(std::env::consts::ARCH, |(_, model)| model.trim());
    let kernel = said("uname", &["-sr"]);
    let folder = env!("CARGO_MANIFEST_DIR");
    let commit = said(
        "git",
        &[
            "-C",
            folder,
            "describe",
            "--always",
            "--dirty",
            "--abbrev=9",
            "--exclude=*",
        ],
    );
    let build = if cfg!(debug_assertions) {
        ", not optimised"
    } else {
        ""
    };
    format!("{cores} cores of {model}, {kernel}, commit {commit}{build}")
}

/// What a program prints, or that it is unknown.
fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.ok().filter(|output| output.status.success());
    let text = text.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.unwrap_or_else(|| "unknown".to_owned())
}
