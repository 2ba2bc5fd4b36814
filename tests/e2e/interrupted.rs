//! A command that is interrupted, or whose output isn't read to its end.

use std::process::{Command, Output, Stdio};
use std::time::Duration;

use patchbay_simulators::isearch_rpa::Simulator;
use serde_json::Value;

use crate::support::{cache, program, run, with_connectors};

fn invoke(sim: &Simulator, more: &[&str]) -> Command {
    let folder = patchbay_artifacts::connector("isearch-rpa");
    let mut command = Command::new(program());
    command
        .arg("--connectors")
        .arg(folder.parent().unwrap())
        .args([
            "invoke",
            "isearch-rpa",
            "-c",
            &format!("base_url={}", sim.base_url()),
        ])
        .args(["-c", "access_key=patchbay", "-c", "secret_key=patchbay-secret"])
        .args(more)
        .env("PATCHBAY_CACHE", cache())
        .env("RUST_BACKTRACE", "0")
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Interrupts a call once the vendor has received this operation.
async fn interrupted(sim: &Simulator, signal: &str, operation: &str, more: &[&str]) -> (Output, Value) {
    let child = invoke(sim, more).spawn().unwrap();
    while sim.count(operation) == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let kill = format!("kill -{signal} {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap())
        .await
        .unwrap();
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    let last = text.lines().last().unwrap_or_default();
    let error: Value = serde_json::from_str(last).unwrap_or_else(|error| panic!("{error} in {text}"));
    (output, error["error"].clone())
}

#[test]
fn an_interrupted_write_says_that_it_was_sent() {
    run(async {
        for signal in ["INT", "TERM"] {
            let sim = Simulator::start().await.unwrap();
            sim.set_latency(Duration::from_secs(2));
            let write = ["job.create", "--input", r#"{"id":74}"#];
            let (output, error) = interrupted(&sim, signal, "job.create", &write).await;
            assert_eq!(
                (output.status.code(), output.stdout.as_slice()),
                (Some(130), &b""[..])
            );
            assert_eq!(error["kind"], "interrupted");
            assert_eq!(error["request_sent"], true, "{error}");
            assert_eq!(
                (&error["connection"], &error["operation"]),
                (&"isearch-rpa".into(), &"job.create".into())
            );
            let message = error["message"].as_str().unwrap();
            assert!(message.contains("look there before calling again"), "{message}");
        }
    });
}

#[test]
fn an_interrupted_walk_ends_between_pages_too() {
    run(async {
        let sim = Simulator::start().await.unwrap();
        sim.set_latency(Duration::from_millis(300));
        let walk = ["robot.list", "--all", "--input", r#"{"size":1}"#];
        let (output, error) = interrupted(&sim, "INT", "robot.list", &walk).await;
        assert_eq!(output.status.code(), Some(130));
        assert_eq!(
            (&error["kind"], &error["request_sent"]),
            (&"interrupted".into(), &true.into())
        );
        assert!(sim.count("robot.list") < 5, "{} pages", sim.count("robot.list"));
    });
}

#[test]
fn a_reader_that_has_enough_ends_the_walk() {
    run(async {
        let sim = Simulator::start().await.unwrap();
        let mut child = invoke(&sim, &["robot.list", "--all", "--input", r#"{"size":1}"#])
            .spawn()
            .unwrap();
        let head = Command::new("head")
            .arg("-1")
            .stdin(child.stdout.take().unwrap())
            .output();
        let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap())
            .await
            .unwrap();
        assert!(head.unwrap().stdout.starts_with(b"{"));
        assert_eq!(
            (output.status.code(), output.stderr.as_slice()),
            (Some(0), &b""[..])
        );
        let pages = sim.count("robot.list");
        assert!(pages <= 5, "{pages} of 25 pages were asked for");
    });
}

#[test]
fn what_may_be_a_secret_is_not_quoted() {
    let secret = "hunter2-hunter2";
    for arguments in [
        vec!["invoke", "isearch-rpa", "robot.list", "-c", secret],
        vec!["invoke", "isearch-rpa", "robot.list", "-chunter2-hunter2"],
        vec!["invoke", "isearch-rpa", "robot.list", "-c", "=hunter2-hunter2"],
        vec!["callback", "isearch-rpa", "--body", "{}", "-c", secret],
        vec!["callback", "isearch-rpa", "--body", "{}", "--header", secret],
    ] {
        for json in [true, false] {
            let mut all = arguments.clone();
            if json {
                all.push("--json");
            }
            let ran = with_connectors(&all);
            assert_eq!(ran.code, 2, "{ran:?}");
            assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
        }
    }
}
