//! Redis shares sessions, and the login, between hosts.

use std::time::Duration;

use patchbay::{Host, HostOptions, Kind};
use patchbay_simulators::isearch_rpa::Simulator;

use super::rig::{Configured, Pair, connect, host, location, page, slow_login};
use crate::support::{RedisServer, free_port, run};

/// Two hosts that share a Redis; `None` where there is none to be had.
async fn start(secret_key: &str) -> Option<(RedisServer, Pair)> {
    let redis = RedisServer::start(&[])?;
    let pair = Pair::start(&redis.url(), secret_key).await;
    Some((redis, pair))
}

#[test]
fn two_hosts_log_in_once() {
    run(async {
        let Some((redis, pair)) = start("patchbay-secret").await else {
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
        let late = host(&redis.url());
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
        let pair = Pair::with(&redis.url(), sim, "patchbay-secret").await;
        pair.storm_succeeds().await;
        tokio::time::sleep(Duration::from_millis(6600)).await;
        pair.storm_succeeds().await;
        assert_eq!((pair.sim.logins(), pair.sim.refreshes()), (1, 1));
    });
}

#[test]
fn a_failed_login_is_shared_too() {
    run(async {
        let Some((_redis, pair)) = start("wrong-password").await else {
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
        let Some((redis, pair)) = start("patchbay-secret").await else {
            return;
        };
        slow_login(&pair.sim, 60);
        let connection = pair.connections[0].clone();
        let call = tokio::spawn(async move { connection.invoke("robot.list", &page()).await });
        while pair.sim.count("token.create") == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(redis.command(&["KEYS", "*"]).contains("patchbay:lock:rpa:"));
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
        pair.hosts[0].settle().await;
        let keys = redis.command(&["KEYS", "*"]);
        assert!(!keys.contains("patchbay:lock"), "{keys}");
        let other = &pair.connections[1];
        other.invoke("robot.list", &page()).await.unwrap();
        assert_eq!(pair.sim.count("token.create"), 2);
    });
}

#[test]
fn a_slow_login_is_waited_for() {
    run(async {
        let Some((_redis, pair)) = start("patchbay-secret").await else {
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
        let Some((mut redis, pair)) = start("patchbay-secret").await else {
            return;
        };
        pair.storm_succeeds().await;
        redis.kill();
        pair.storm_succeeds().await;
        assert_eq!(pair.sim.logins(), 1, "a warm session needs no Redis");
        pair.sim.revoke_all();
        pair.storm_succeeds().await;
        let logins = pair.sim.logins();
        assert!((2..=3).contains(&logins), "at most one for each host: {logins}");

        let port = redis.port();
        redis = RedisServer::start_at(port, &[]).unwrap();
        // It is tried again after a pause.
        tokio::time::sleep(Duration::from_millis(2100)).await;
        for round in 1..3 {
            pair.sim.revoke_all();
            pair.storm_succeeds().await;
            assert_eq!(pair.sim.logins(), logins + round, "shared again");
        }
        // It takes requests, and answers none.
        redis.signal("STOP");
        pair.sim.revoke_all();
        let logins = pair.sim.logins();
        pair.storm_succeeds().await;
        redis.signal("CONT");
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
