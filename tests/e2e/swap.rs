//! Connectors replaced under traffic: by hand, and by themselves when they fail.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use patchbay::{
    Call, CallId, Connection, ConnectionOptions, Connector, Deployment, Kind, Limits, SwapOptions,
};
use patchbay_simulators::isearch_rpa::{IsearchRpa, Simulator};
use patchbay_simulators::{Fault, On, Times};
use serde_json::json;

use crate::support::{host, options, run};

/// iS-RPA in two versions.
async fn versions() -> [Arc<Connector>; 2] {
    let old = host().load(patchbay_artifacts::connector("isearch-rpa"));
    let new = host().load(patchbay_artifacts::guest("isearch-rpa-next"));
    [old.await.unwrap(), new.await.unwrap()]
}

/// A connector that misbehaves, in two versions: the second one needs a secret `region`.
async fn misbehaving() -> [Arc<Connector>; 2] {
    let old = host().load(patchbay_artifacts::guest("misbehaving"));
    let new = host().load(patchbay_artifacts::guest("misbehaving-next"));
    [old.await.unwrap(), new.await.unwrap()]
}

struct Rig {
    sim: patchbay_simulators::Simulator<IsearchRpa>,
    deployment: Arc<Deployment>,
    connection: Connection,
    versions: [Arc<Connector>; 2],
}

async fn rig(name: &str, swaps: SwapOptions) -> Rig {
    let sim = Simulator::start().await.unwrap();
    let versions = versions().await;
    let deployment = host().deploy(versions[0].clone(), swaps);
    let connection = connect(&sim, &deployment, name, Limits::default());
    Rig {
        sim,
        deployment,
        connection,
        versions,
    }
}

fn connect(
    sim: &patchbay_simulators::Simulator<IsearchRpa>,
    deployment: &Arc<Deployment>,
    name: &str,
    limits: Limits,
) -> Connection {
    let base_url = sim.base_url();
    let settings = [
        ("base_url", base_url.as_str()),
        ("access_key", sim.access_key()),
        ("secret_key", sim.secret_key()),
    ];
    let options = ConnectionOptions {
        limits,
        ..options(&settings)
    };
    host().connect_to(name, deployment, options).unwrap()
}

async fn version(connection: &Connection) -> String {
    let input = json!({ "page": 1, "size": 1 });
    let call = Call {
        id: CallId::new(),
        operation: "robot.list",
        input: &input,
        deadline: None,
    };
    let outcome = connection.call(call).await;
    outcome.result.unwrap();
    outcome.record.version.clone()
}

#[test]
fn new_calls_go_to_the_new_version_and_the_session_stays() {
    run(async {
        let rig = rig("swap-session", SwapOptions::default()).await;
        assert_eq!(version(&rig.connection).await, "0.1.0");
        let swapped = rig.deployment.swap(rig.versions[1].clone()).unwrap();
        assert_eq!((swapped.from.as_str(), swapped.to.as_str()), ("0.1.0", "0.2.0"));
        assert_eq!(version(&rig.connection).await, "0.2.0");
        rig.deployment.roll_back().unwrap();
        assert_eq!(version(&rig.connection).await, "0.1.0");
        assert_eq!(rig.deployment.roll_back().unwrap_err().kind, Kind::Usage);
        assert_eq!(rig.sim.logins(), 1);
        let agents: Vec<_> = rig
            .sim
            .requests_of("robot.list")
            .iter()
            .map(|request| request.header("user-agent").unwrap().to_owned())
            .collect();
        assert_eq!(
            agents,
            ["0.1.0", "0.2.0", "0.1.0"].map(|version| format!("patchbay-isearch-rpa/{version}"))
        );
    });
}

#[test]
fn a_call_ends_on_the_version_it_began_on() {
    run(async {
        let rig = rig("swap-in-flight", SwapOptions::default()).await;
        version(&rig.connection).await;
        rig.sim.set_latency(Duration::from_millis(400));
        let connection = rig.connection.clone();
        let under_way = tokio::spawn(async move { version(&connection).await });
        tokio::time::sleep(Duration::from_millis(100)).await;
        rig.deployment.swap(rig.versions[1].clone()).unwrap();
        let after = version(&rig.connection).await;
        assert_eq!(
            (under_way.await.unwrap().as_str(), after.as_str()),
            ("0.1.0", "0.2.0")
        );
        // The old version's instance isn't kept.
        assert_eq!(rig.connection.status().idle_instances, 1);
    });
}

#[test]
fn a_call_that_waited_begins_on_the_new_version() {
    run(async {
        let rig = rig("swap-waiting", SwapOptions::default()).await;
        let limits = Limits {
            concurrency: 1,
            ..Limits::default()
        };
        let narrow = connect(&rig.sim, &rig.deployment, "swap-waiting-narrow", limits);
        version(&narrow).await;
        rig.sim.set_latency(Duration::from_millis(400));
        let calls: Vec<_> = (0..2)
            .map(|_| {
                let narrow = narrow.clone();
                tokio::spawn(async move { version(&narrow).await })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(100)).await;
        rig.deployment.swap(rig.versions[1].clone()).unwrap();
        let mut versions = Vec::new();
        for call in calls {
            versions.push(call.await.unwrap());
        }
        versions.sort();
        assert_eq!(versions, ["0.1.0", "0.2.0"]);
    });
}

#[test]
fn what_does_not_end_in_its_time_to_drain_is_ended() {
    run(async {
        let swaps = SwapOptions {
            drain: Duration::from_millis(200),
            ..SwapOptions::default()
        };
        let rig = rig("swap-drain", swaps).await;
        version(&rig.connection).await;
        rig.sim.fault(
            On::operation("job.create"),
            Fault::Slow {
                delay: Duration::from_secs(5),
            },
            Times::Next(1),
        );
        let connection = rig.connection.clone();
        let under_way =
            tokio::spawn(async move { connection.invoke("job.create", &json!({ "id": 74 })).await });
        tokio::time::sleep(Duration::from_millis(100)).await;
        rig.deployment.swap(rig.versions[1].clone()).unwrap();
        let error = under_way.await.unwrap().unwrap_err();
        assert_eq!(
            (error.kind, error.request_sent),
            (Kind::Timeout, Some(true)),
            "{error:?}"
        );
        assert!(error.message.contains("serve.drain"), "{error:?}");
        assert_eq!(version(&rig.connection).await, "0.2.0");
    });
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    run(async {
        let rig = rig("swap-refused", SwapOptions::default()).await;
        let other = host().load(patchbay_artifacts::connector("dabei")).await.unwrap();
        let error = rig.deployment.swap(other).unwrap_err();
        assert_eq!(error.kind, Kind::Incompatible);
        assert!(
            error.message.contains("can't replace \"isearch-rpa\""),
            "{error:?}"
        );
        assert_eq!(version(&rig.connection).await, "0.1.0");
    });
}

#[test]
fn a_version_that_needs_more_than_a_connection_has_is_refused() {
    run(async {
        let [old, new] = misbehaving().await;
        let deployment = host().deploy(old.clone(), SwapOptions::default());
        let settings = [("base_url", "http://127.0.0.1:1")];
        let connection = host()
            .connect_to("swap-poor", &deployment, options(&settings))
            .unwrap();
        let error = deployment.swap(new.clone()).unwrap_err();
        assert_eq!(error.kind, Kind::InvalidSettings);
        assert!(
            error.message.contains(
                "version 0.2.0 doesn't fit the connection swap-poor: the setting \"region\" is missing"
            ),
            "{error:?}"
        );
        connection.invoke("well", &json!({})).await.unwrap();
        drop(connection);
        deployment.swap(new).unwrap();
        // What was a secret stays one.
        let error = deployment.swap(old).unwrap_err();
        assert_eq!(error.kind, Kind::Incompatible);
        assert!(
            error.message.contains("\"region\" as plain, which is secret"),
            "{error:?}"
        );
    });
}

#[test]
fn a_version_that_fails_by_itself_is_rolled_back_and_marked() {
    run(async {
        let [old, new] = misbehaving().await;
        let deployment = host().deploy(old, SwapOptions::default());
        let settings = [
            ("base_url", "http://127.0.0.1:1"),
            ("region", "north"),
            ("token", "tell-nobody"),
        ];
        let connection = host()
            .connect_to("swap-fails", &deployment, options(&settings))
            .unwrap();
        let version = || deployment.connector().manifest().version.clone();
        // The version that was there from the start has nothing to go back to.
        for _ in 0..5 {
            connection.invoke("trap", &json!({})).await.unwrap_err();
        }
        deployment.swap(new.clone()).unwrap();
        // Failures of the vendor and of the network say nothing about the version.
        for _ in 0..5 {
            let visit = json!({ "url": "http://127.0.0.1:1/" });
            assert_eq!(
                connection.invoke("visit", &visit).await.unwrap_err().kind,
                Kind::Unreachable
            );
        }
        assert_eq!(version(), "0.2.0");
        for operation in ["trap", "bomb", "print"] {
            assert_eq!(version(), "0.2.0");
            connection.invoke(operation, &json!({})).await.unwrap_err();
        }
        assert_eq!(version(), "0.1.0");
        let status = deployment.status();
        let past = status.history.last().unwrap();
        assert_eq!((past.version.as_str(), past.ended), ("0.2.0", "rolled-back"));
        let reason = past.reason.as_deref().unwrap();
        assert!(reason.contains("the token is ***"), "{reason}");
        assert!(
            reason.starts_with("3 of 8 calls failed in the connector itself within"),
            "{reason}"
        );
        connection.invoke("well", &json!({})).await.unwrap();
    });
}

#[test]
fn a_version_that_spins_is_rolled_back_too() {
    run(async {
        let [old, new] = misbehaving().await;
        let deployment = host().deploy(old, SwapOptions::default());
        let settings = [("base_url", "http://127.0.0.1:1"), ("region", "north")];
        let limits = Limits {
            deadline: Duration::from_millis(400),
            ..Limits::default()
        };
        let options = ConnectionOptions {
            limits,
            ..options(&settings)
        };
        let connection = host().connect_to("swap-spins", &deployment, options).unwrap();
        deployment.swap(new).unwrap();
        // A caller who gives it less time than the connection has says nothing about the version.
        for _ in 0..5 {
            let deadline = Duration::from_millis(100);
            let spun = connection.invoke_within("spin", &json!({}), deadline).await;
            assert_eq!(spun.unwrap_err().kind, Kind::Timeout);
        }
        assert_eq!(deployment.connector().manifest().version, "0.2.0");
        for _ in 0..3 {
            let spun = connection.invoke("spin", &json!({})).await;
            assert_eq!(spun.unwrap_err().kind, Kind::Timeout);
        }
        assert_eq!(deployment.connector().manifest().version, "0.1.0");
    });
}

#[test]
fn an_answer_that_is_too_large_for_any_version_is_not_held_against_one() {
    run(async {
        let rig = rig("swap-large", SwapOptions::default()).await;
        let limits = Limits {
            memory: 8 << 20,
            ..Limits::default()
        };
        let connection = connect(&rig.sim, &rig.deployment, "swap-large-narrow", limits);
        rig.deployment.swap(rig.versions[1].clone()).unwrap();
        version(&connection).await;
        // More than the memory has room for as text; a parsed answer would take many times as much.
        let items = vec![r#"{"a":1}"#; 1_500_000].join(",");
        let large = Fault::Raw {
            status: 200,
            content_type: "application/json".into(),
            body: format!(r#"{{"code":0,"msg":"ok","result":{{"total":1,"items":[{items}]}}}}"#).into(),
        };
        rig.sim
            .fault(On::operation("robot.list"), large, Times::UntilCleared);
        for _ in 0..4 {
            let page = json!({ "page": 1, "size": 1 });
            let error = connection.invoke("robot.list", &page).await.unwrap_err();
            assert_eq!(error.kind, Kind::LimitExceeded, "{error:?}");
        }
        assert_eq!(rig.deployment.connector().manifest().version, "0.2.0");
    });
}

/// A component with another digest, which does the same.
async fn again(build: &Path, mark: u8, folder: &Path) -> Arc<Connector> {
    let mut bytes = std::fs::read(build).unwrap();
    // A custom section: id 0, its size, the length of its name, its name.
    bytes.extend([0, 2, 1, mark]);
    let path = folder.join(format!("again-{mark}.wasm"));
    std::fs::write(&path, bytes).unwrap();
    host().load(path).await.unwrap()
}

#[test]
fn two_bad_versions_in_a_row_are_both_rolled_back() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let [old, new] = misbehaving().await;
        let newer = again(
            &patchbay_artifacts::guest("misbehaving-next"),
            b'x',
            folder.path(),
        )
        .await;
        let deployment = host().deploy(old.clone(), SwapOptions::default());
        let settings = [("base_url", "http://127.0.0.1:1"), ("region", "north")];
        let connection = host()
            .connect_to("swap-twice", &deployment, options(&settings))
            .unwrap();
        deployment.swap(new.clone()).unwrap();
        deployment.swap(newer.clone()).unwrap();
        for expected in [&newer, &new] {
            assert_eq!(deployment.connector().digest(), expected.digest());
            for _ in 0..3 {
                connection.invoke("trap", &json!({})).await.unwrap_err();
            }
        }
        assert_eq!(deployment.connector().digest(), old.digest());
    });
}

#[test]
fn a_folder_with_one_file_takes_a_new_one_under_another_name() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let first = folder.path().join("isearch-rpa.wasm");
        std::fs::copy(patchbay_artifacts::connector("isearch-rpa"), &first).unwrap();
        let opened = host().deploy_folder(folder.path(), SwapOptions::default());
        let opened = opened.await.unwrap();
        let deployment = opened.deployment("isearch-rpa").unwrap();
        let settings = [
            ("base_url", "http://127.0.0.1:1"),
            ("access_key", "a"),
            ("secret_key", "b"),
        ];
        let _used = host()
            .connect_to("swap-renamed", &deployment, options(&settings))
            .unwrap();
        std::fs::remove_file(first).unwrap();
        let second = folder.path().join("isearch-rpa-0.2.0.wasm");
        std::fs::copy(patchbay_artifacts::guest("isearch-rpa-next"), second).unwrap();
        opened.look().await;
        assert_eq!(
            deployment.connector().manifest().version,
            "0.2.0",
            "{:?}",
            opened.status()
        );
    });
}
