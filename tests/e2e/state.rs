//! State: sessions survive a restart in a folder, and Redis shares them, and the login, between hosts.

use std::path::Path;
use std::time::Duration;

use patchbay::{Connection, Error, Host, HostOptions, Kind};
use patchbay_simulators::isearch_rpa::{IsearchRpa, Simulator};
use patchbay_simulators::{Fault, On, Times};
use patchbay_state::StateLocation;
use serde_json::{Value, json};

use crate::support::{Ran, RedisServer, cache, free_port, options, patchbay_in, run};

/// Calls at the same time, over all hosts.
const CALLS: usize = 40;

fn page() -> Value {
    json!({ "page": 1, "size": 1 })
}

/// A host that keeps its sessions there.
fn host(state: &str) -> Host {
    Host::new(&HostOptions {
        cache: Some(cache()),
        sessions: Some(location(state).open(&[]).unwrap()),
        ..HostOptions::default()
    })
    .unwrap()
}

fn location(state: &str) -> StateLocation {
    StateLocation::parse(state, Path::new("")).unwrap()
}

async fn connect(host: &Host, sim: &Simulator, secret_key: &str) -> Connection {
    let path = patchbay_artifacts::connector("isearch-rpa");
    let connector = host.load(path).await.unwrap();
    let base_url = sim.base_url();
    let settings = [
        ("base_url", base_url.as_str()),
        ("access_key", "patchbay"),
        ("secret_key", secret_key),
    ];
    host.connect("rpa", connector, options(&settings)).unwrap()
}

/// Two hosts that share a Redis, each with a connection to the simulator.
struct Pair {
    redis: RedisServer,
    sim: Simulator,
    hosts: [Host; 2],
    connections: [Connection; 2],
}

impl Pair {
    /// `None` where there is no Redis to be had.
    async fn start(secret_key: &str) -> Option<Self> {
        let redis = RedisServer::start(&[])?;
        let sim = Simulator::builder()
            .latency(Duration::from_millis(30))
            .start()
            .await
            .unwrap();
        let hosts = [host(&redis.url()), host(&redis.url())];
        let connections = [
            connect(&hosts[0], &sim, secret_key).await,
            connect(&hosts[1], &sim, secret_key).await,
        ];
        Some(Self {
            redis,
            sim,
            hosts,
            connections,
        })
    }

    /// Calls at the same time, by turns over both hosts.
    async fn storm(&self) -> Vec<Result<Value, Error>> {
        let calls: Vec<_> = (0..CALLS)
            .map(|number| {
                let connection = self.connections[number % 2].clone();
                tokio::spawn(async move { connection.invoke("robot.list", &page()).await })
            })
            .collect();
        let mut results = Vec::new();
        for call in calls {
            results.push(call.await.unwrap());
        }
        results
    }

    async fn storm_succeeds(&self) {
        for result in self.storm().await {
            result.unwrap();
        }
        assert_eq!(self.sim.violations(), Vec::<String>::new());
    }
}

fn slow_login(sim: &patchbay_simulators::Simulator<IsearchRpa>, seconds: u64) {
    let delay = Duration::from_secs(seconds);
    sim.fault(
        On::operation("token.create"),
        Fault::Slow { delay },
        Times::Next(1),
    );
}

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
fn a_folder_that_another_host_uses_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let first = host(folder.path().to_str().unwrap());
    let second = location(folder.path().to_str().unwrap()).open(&[]);
    let Err(error) = second else {
        panic!("two hosts have one folder")
    };
    assert_eq!(error.kind, Kind::Usage);
    assert!(error.message.contains("in use by another process"), "{error}");
    drop(first);
}

#[test]
fn two_hosts_log_in_once() {
    run(async {
        let Some(pair) = Pair::start("patchbay-secret").await else {
            return;
        };
        for host in &pair.hosts {
            host.check_sessions().await.unwrap();
        }
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
        // A host that comes later logs in not at all.
        let late = host(&pair.redis.url());
        let late = connect(&late, &pair.sim, "patchbay-secret").await;
        late.invoke("robot.list", &page()).await.unwrap();
        assert_eq!(pair.sim.logins(), 5);
    });
}

#[test]
fn two_hosts_renew_once() {
    run(async {
        let Some(redis) = RedisServer::start(&[]) else {
            return;
        };
        // It is renewed after four fifths of this.
        let sim = Simulator::builder()
            .token_lifetime(Duration::from_secs(8))
            .start()
            .await
            .unwrap();
        let hosts = [host(&redis.url()), host(&redis.url())];
        let connections = [
            connect(&hosts[0], &sim, "patchbay-secret").await,
            connect(&hosts[1], &sim, "patchbay-secret").await,
        ];
        let pair = Pair {
            redis,
            sim,
            hosts,
            connections,
        };
        pair.storm_succeeds().await;
        tokio::time::sleep(Duration::from_millis(6600)).await;
        pair.storm_succeeds().await;
        assert_eq!((pair.sim.logins(), pair.sim.refreshes()), (1, 1));
    });
}

#[test]
fn a_failed_login_is_shared_too() {
    run(async {
        let Some(pair) = Pair::start("wrong-password").await else {
            return;
        };
        for result in pair.storm().await {
            let error = result.unwrap_err();
            assert_eq!(error.kind, Kind::Unauthorized);
            assert_eq!(error.message, "用户名或密码错误");
        }
        assert_eq!(pair.sim.logins(), 1, "no storm");
    });
}

#[test]
fn a_call_that_is_given_up_mid_login_frees_the_lock() {
    run(async {
        let Some(pair) = Pair::start("patchbay-secret").await else {
            return;
        };
        slow_login(&pair.sim, 60);
        let connection = pair.connections[0].clone();
        let call = tokio::spawn(async move { connection.invoke("robot.list", &page()).await });
        while pair.sim.count("token.create") == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(pair.redis.command(&["KEYS", "*"]).contains("patchbay:lock:rpa:"));
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
        pair.hosts[0].settle().await;
        let keys = pair.redis.command(&["KEYS", "*"]);
        assert!(!keys.contains("patchbay:lock"), "{keys}");
        let other = &pair.connections[1];
        other.invoke("robot.list", &page()).await.unwrap();
        assert_eq!(pair.sim.count("token.create"), 2);
    });
}

#[test]
fn a_slow_login_is_waited_for() {
    run(async {
        let Some(pair) = Pair::start("patchbay-secret").await else {
            return;
        };
        // Longer than a lock holds that nobody renews.
        slow_login(&pair.sim, 6);
        pair.storm_succeeds().await;
        assert_eq!(pair.sim.count("token.create"), 1);
    });
}

#[test]
fn hosts_go_on_without_redis_and_with_it_again() {
    run(async {
        let Some(mut pair) = Pair::start("patchbay-secret").await else {
            return;
        };
        pair.storm_succeeds().await;
        pair.redis.kill();
        pair.storm_succeeds().await;
        assert_eq!(pair.sim.logins(), 1, "a warm session needs no Redis");
        pair.sim.revoke_all();
        pair.storm_succeeds().await;
        let logins = pair.sim.logins();
        assert!((2..=3).contains(&logins), "at most one for each host: {logins}");

        let port = pair.redis.port();
        pair.redis = RedisServer::start_at(port, &[]).unwrap();
        // It is tried again after a pause.
        tokio::time::sleep(Duration::from_millis(2100)).await;
        for round in 1..3 {
            pair.sim.revoke_all();
            pair.storm_succeeds().await;
            assert_eq!(pair.sim.logins(), logins + round, "shared again");
        }
        // It takes requests, and answers none.
        pair.redis.signal("STOP");
        pair.sim.revoke_all();
        let logins = pair.sim.logins();
        pair.storm_succeeds().await;
        pair.redis.signal("CONT");
        assert!((1..=2).contains(&(pair.sim.logins() - logins)));
    });
}

#[test]
fn redis_is_reached_over_tls_that_the_given_certificates_vouch_for() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let write = |name: &str, content: String| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let certificate = write("cert.pem", made.cert.pem());
        let key = write("key.pem", made.signing_key.serialize_pem());
        let port = free_port();
        let tls = port.to_string();
        let server = RedisServer::start(&[
            "--tls-port",
            &tls,
            "--tls-cert-file",
            &certificate,
            "--tls-key-file",
            &key,
            "--tls-auth-clients",
            "no",
        ]);
        let Some(_redis) = server else { return };
        let url = format!("rediss://localhost:{port}");
        let error = host(&url).check_sessions().await.unwrap_err();
        assert!(error.message.contains(&url), "{error}");
        let roots = [made.cert.der().to_vec()];
        let trusting = Host::new(&HostOptions {
            sessions: Some(location(&url).open(&roots).unwrap()),
            ..HostOptions::default()
        });
        trusting.unwrap().check_sessions().await.unwrap();
    });
}

/// A configuration with this state, and calls of it as processes.
struct Configured {
    folder: tempfile::TempDir,
}

impl Configured {
    fn new(sim: &Simulator, state: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let connectors = patchbay_artifacts::connector("isearch-rpa");
        let text = format!(
            "connectors = \"{}\"\n[serve]\nstate = {state:?}\n[connections.rpa]\nconnector = \"isearch-rpa\"\nsettings.base_url = {:?}\nsettings.access_key = \"patchbay\"\nsettings.secret_key = \"patchbay-secret\"\n",
            connectors.parent().unwrap().display(),
            sim.base_url(),
        );
        std::fs::write(folder.path().join("patchbay.toml"), text).unwrap();
        Self { folder }
    }

    fn invoke(&self, more: &[&str]) -> Ran {
        let file = self.folder.path().join("patchbay.toml");
        let call = ["--config", file.to_str().unwrap(), "invoke", "rpa", "robot.list"];
        let input = ["--input", r#"{"page":1,"size":1}"#];
        patchbay_in(&[&call[..], &input[..], more].concat(), |command| {
            command.env("RUST_LOG", "trace");
        })
    }
}

#[test]
fn processes_share_a_session_through_redis() {
    let Some(mut redis) = RedisServer::start(&["--requirepass", "tell-nobody"]) else {
        return;
    };
    let sim = run(Simulator::start()).unwrap();
    let url = format!("redis://:tell-nobody@127.0.0.1:{}", redis.port());
    let configured = Configured::new(&sim, &url);
    let mut runs = Vec::new();
    for _ in 0..2 {
        let ran = configured.invoke(&[]);
        assert_eq!((ran.code, sim.logins()), (0, 1), "{ran:?}");
        runs.push(ran);
    }
    // Other settings are tried, not the session of the ones before.
    let ran = configured.invoke(&["-c", "secret_key=another-one"]);
    assert_eq!((ran.code, sim.logins()), (4, 2), "{ran:?}");
    // A process that fails mid-login leaves no lock behind.
    redis.commands(&["AUTH tell-nobody", "FLUSHALL"]);
    slow_login(&sim, 60);
    let ran = configured.invoke(&["--deadline", "1s"]);
    assert_eq!((ran.code, sim.count("token.create")), (5, 3), "{ran:?}");
    let keys = redis.commands(&["AUTH tell-nobody", "KEYS *"]);
    assert!(keys.contains("*0"), "{keys}");
    assert!(!keys.contains("patchbay:"), "{keys}");
    redis.kill();
    let ran = configured.invoke(&[]);
    assert_eq!((ran.code, sim.count("token.create")), (0, 4), "{ran:?}");
    assert_eq!(
        ran.stderr.matches("redis can't be used").count(),
        1,
        "told, once: {ran:?}"
    );
    assert!(ran.stderr.contains("redis://127.0.0.1"), "{ran:?}");
    runs.push(ran);
    for ran in &runs {
        assert!(!ran.stderr.contains("tell-nobody"), "{ran:?}");
    }
}

#[test]
fn a_short_command_leaves_the_folder_to_the_service() {
    let sim = run(Simulator::start()).unwrap();
    let configured = Configured::new(&sim, "state");
    for logins in 1..3 {
        let ran = configured.invoke(&[]);
        assert_eq!((ran.code, sim.logins()), (0, logins), "{ran:?}");
    }
    assert!(!configured.folder.path().join("state").exists());
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
