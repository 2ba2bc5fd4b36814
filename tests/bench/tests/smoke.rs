//! Every part of the benches works: right answers, no broken rules, and a table and a chart that are written.

use std::process::Command;

#[test]
fn every_part_works_and_writes_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let (table, chart) = (folder.path().join("README.md"), folder.path().join("calls.svg"));
    std::fs::write(
        &table,
        "before\n<!-- bench-calls -->\nold\n<!-- /bench-calls -->\nafter\n",
    )
    .unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_patchbay-bench"))
        .args(["--smoke", "--host", env!("CARGO_BIN_EXE_patchbay-smoke")])
        .arg("--markdown")
        .arg(&table)
        .arg("--svg")
        .arg(&chart)
        .env("RUST_BACKTRACE", "0")
        .output()
        .unwrap();
    let (text, messages) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{text}\n{messages}");

    let markdown = std::fs::read_to_string(&table).unwrap();
    assert!(
        markdown.starts_with("before\n<!-- bench-calls -->\nMeasured on "),
        "{markdown}"
    );
    assert!(
        markdown.ends_with("|\n<!-- /bench-calls -->\nafter\n"),
        "{markdown}"
    );
    let rows = [
        "200 B: library, text",
        "7 KB: serve",
        "200 KB: library, Value",
        "strict simulator, 7 KB: library, Value",
        "command line: invoke, compile cache warm",
        "guest: warm call without I/O",
        "guest: first call of a new instance",
        "connections: 20 connections",
        "swap: longest pause",
        "trouble: calls beside guests that never end",
    ];
    // Other systems don't say what a process holds.
    let held = cfg!(target_os = "linux").then_some("memory: additional connection");
    for row in rows.into_iter().chain(held) {
        assert!(text.contains(row), "{row} in {text}");
        assert!(markdown.replace('`', "").contains(row), "{row} in {markdown}");
    }
    let chart = std::fs::read_to_string(&chart).unwrap();
    assert!(
        chart.starts_with("<svg ") && chart.ends_with("</svg>\n"),
        "{chart}"
    );
}

#[test]
fn what_it_cant_measure_is_refused() {
    for arguments in [["--only", "everything"], ["--seconds", "0"], ["--rounds", "0"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_patchbay-bench"))
            .args(arguments)
            .output()
            .unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        let messages = String::from_utf8_lossy(&output.stderr);
        assert!(messages.contains(arguments[0]), "{messages}");
    }
}
