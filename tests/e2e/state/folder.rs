//! A folder keeps sessions over a restart, and processes share it, and the login.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use patchbay_simulators::isearch_rpa::Simulator;

use super::rig::{Configured, Pair, connect, host, page, slow_login};
use crate::support::{Setup, cache, patchbay, program, run};

#[test]
fn sessions_survive_a_restart() {
    run(async {
        let sim = Simulator::start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let state = state.to_str().unwrap();
        for restart in 0..3 {
            let host = host(state);
            host.check_sessions().await.unwrap();
            let connection = connect(&host, &sim, "patchbay-secret").await;
            connection.invoke("robot.list", &page()).await.unwrap();
            assert_eq!(sim.logins(), 1, "after {restart} restarts");
        }
        // A session that ended meanwhile is replaced, and what replaces it is kept.
        sim.revoke_all();
        for restart in 0..2 {
            let host = host(state);
            let connection = connect(&host, &sim, "patchbay-secret").await;
            connection.invoke("robot.list", &page()).await.unwrap();
            assert_eq!(sim.logins(), 2, "after {restart} more");
        }
    });
}

#[test]
fn two_hosts_share_a_folder_and_log_in_once() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let pair = Pair::start(folder.path().to_str().unwrap(), "patchbay-secret").await;
        pair.storm_succeeds().await;
        assert_eq!(pair.sim.logins(), 1, "cold");
        for round in 2..5 {
            pair.sim.revoke_all();
            pair.storm_succeeds().await;
            assert_eq!(pair.sim.logins(), round, "refused");
        }
        // One host after the other: the second is refused, and finds what the first has got.
        pair.sim.revoke_all();
        for connection in &pair.connections {
            connection.invoke("robot.list", &page()).await.unwrap();
            assert_eq!(pair.sim.logins(), 5);
        }
    });
}

#[test]
fn two_hosts_renew_once() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        // It is renewed after four fifths of this.
        let sim = Simulator::builder().token_lifetime(Duration::from_secs(8));
        let sim = sim.start().await.unwrap();
        let pair = Pair::with(folder.path().to_str().unwrap(), sim, "patchbay-secret").await;
        pair.storm_succeeds().await;
        tokio::time::sleep(Duration::from_millis(6600)).await;
        pair.storm_succeeds().await;
        assert_eq!((pair.sim.logins(), pair.sim.refreshes()), (1, 1));
    });
}

#[test]
fn a_shell_loop_logs_in_once() {
    let sim = run(Simulator::start()).unwrap();
    let configured = Configured::new(&sim, "state");
    for _ in 0..20 {
        let ran = configured.invoke(&[]);
        assert_eq!((ran.code, sim.logins()), (0, 1), "{ran:?}");
    }
    // A session that ended meanwhile is replaced once.
    sim.revoke_all();
    for _ in 0..2 {
        let ran = configured.invoke(&[]);
        assert_eq!((ran.code, sim.logins()), (0, 2), "{ran:?}");
    }
    // Other settings are tried, not the session of the ones before.
    let ran = configured.invoke(&["-c", "secret_key=another-one"]);
    assert_eq!((ran.code, sim.logins()), (4, 3), "{ran:?}");
}

#[test]
fn processes_side_by_side_log_in_once() {
    let sim = Simulator::builder().latency(Duration::from_millis(100));
    let sim = run(sim.start()).unwrap();
    let configured = Configured::new(&sim, "state");
    for logins in 1..3 {
        std::thread::scope(|scope| {
            let runs: Vec<_> = (0..10).map(|_| scope.spawn(|| configured.invoke(&[]))).collect();
            for ran in runs {
                let ran = ran.join().unwrap();
                assert_eq!(ran.code, 0, "{ran:?}");
            }
        });
        assert_eq!(sim.logins(), logins);
        sim.revoke_all();
    }
}

#[test]
fn a_running_service_and_processes_beside_it_log_in_once() {
    run(async {
        let sim = Simulator::start().await.unwrap();
        let connection = format!(
            "[connections.rpa]\nconnector = \"isearch-rpa\"\nsettings.base_url = {:?}\nsettings.access_key = \"patchbay\"\nsettings.secret_key = \"patchbay-secret\"\n",
            sim.base_url()
        );
        let service = Setup::new("state = \"state\"", &connection).start();
        let config = service.setup().path("patchbay.toml");
        let beside = || {
            let call = [
                "--config",
                config.to_str().unwrap(),
                "invoke",
                "rpa",
                "robot.list",
            ];
            let input = ["--input", r#"{"page":1,"size":1}"#];
            tokio::task::block_in_place(|| patchbay(&[&call[..], &input[..]].concat()))
        };
        let serve = async || service.invoke("rpa", "robot.list", &page()).await.status;
        assert_eq!((beside().code, serve().await, sim.logins()), (0, 200, 1));
        sim.revoke_all();
        assert_eq!((serve().await, beside().code, sim.logins()), (200, 0, 2));
        sim.revoke_all();
        assert_eq!((beside().code, serve().await, sim.logins()), (0, 200, 3));
        // Who is killed in the middle keeps no other from it.
        sim.revoke_all();
        slow_login(&sim, 60);
        let before = sim.count("token.create");
        let mut killed = start(&config);
        while sim.count("token.create") == before {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let input = page();
        let waiting = service.invoke("rpa", "robot.list", &input);
        let killing = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            assert_eq!(sim.count("token.create"), before + 1, "the service waits for it");
            killed.kill().unwrap();
            killed.wait().unwrap();
        };
        let (answer, ()) = tokio::join!(waiting, killing);
        assert_eq!((answer.status, sim.count("token.create")), (200, before + 2));
    });
}

/// `invoke` as a process that is to be killed.
fn start(config: &Path) -> std::process::Child {
    Command::new(program())
        .args([
            "--config",
            config.to_str().unwrap(),
            "invoke",
            "rpa",
            "robot.list",
        ])
        .args(["--input", r#"{"page":1,"size":1}"#])
        .env("PATCHBAY_CACHE", cache())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect()
}

#[test]
fn whenever_a_process_is_killed_the_folder_stays_usable() {
    let sim = run(Simulator::start()).unwrap();
    let configured = Configured::new(&sim, "state");
    let config = configured.folder.path().join("patchbay.toml");
    let begun = std::time::Instant::now();
    assert_eq!(configured.invoke(&[]).code, 0);
    let whole = begun.elapsed();
    for round in 0..30 {
        sim.revoke_all();
        let mut process = start(&config);
        std::thread::sleep(whole * round / 30);
        process.kill().unwrap();
        process.wait().unwrap();
    }
    let ran = configured.invoke(&[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(!ran.stderr.contains("damaged"), "{ran:?}");
    let logins = sim.logins();
    assert_eq!((configured.invoke(&[]).code, sim.logins()), (0, logins));
    let files = files(&configured.folder.path().join("state"));
    assert!(files.len() < 20, "what was left behind is bounded: {files:?}");
}

#[test]
fn a_folder_that_cannot_be_used_costs_a_login_and_not_the_call() {
    let sim = run(Simulator::start()).unwrap();
    let configured = Configured::new(&sim, "state");
    std::fs::write(configured.folder.path().join("state"), "").unwrap();
    for logins in 1..3 {
        let ran = configured.invoke(&[]);
        assert_eq!((ran.code, sim.logins()), (0, logins), "{ran:?}");
        let told = ran.stderr.matches("logs in by itself: the state").count();
        assert_eq!(told, 1, "{ran:?}");
    }
}

#[test]
fn a_state_that_is_none_is_told_with_its_line() {
    let sim = run(Simulator::start()).unwrap();
    for state in ["postgres://:tell-nobody@host", "redis://:tell-nobody@host/x"] {
        let ran = Configured::new(&sim, state).invoke(&[]);
        assert_eq!(ran.code, 2, "{ran:?}");
        let message = ran.error()["message"].as_str().unwrap().to_owned();
        assert!(message.contains("patchbay.toml:3: serve.state: "), "{message}");
        assert!(!ran.stderr.contains("tell-nobody"), "{ran:?}");
    }
}
