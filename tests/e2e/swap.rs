//! Connectors replaced under traffic: by hand, and by themselves when they fail.

use std::sync::Arc;
use std::time::Duration;

use patchbay::{Call, CallId, Connection, Connector, Deployment, Kind, SwapOptions};
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
    let settings = [
        ("base_url", sim.base_url()),
        ("access_key", sim.access_key().to_owned()),
        ("secret_key", sim.secret_key().to_owned()),
    ];
    let settings: Vec<_> = settings
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let connection = host().connect_to(name, &deployment, options(&settings)).unwrap();
    Rig {
        sim,
        deployment,
        connection,
        versions,
    }
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
        assert!(error.message.contains("\"region\" isn't secret"), "{error:?}");
    });
}

#[test]
fn a_version_that_fails_by_itself_is_rolled_back_and_marked() {
    run(async {
        let [old, new] = misbehaving().await;
        let deployment = host().deploy(old, SwapOptions::default());
        let settings = [("base_url", "http://127.0.0.1:1"), ("region", "north")];
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
        for operation in ["trap", "bomb", "overflow"] {
            assert_eq!(version(), "0.2.0");
            connection.invoke(operation, &json!({})).await.unwrap_err();
        }
        assert_eq!(version(), "0.1.0");
        let status = deployment.status();
        let past = status["history"].as_array().unwrap().last().unwrap();
        assert_eq!(
            (&past["version"], &past["ended"]),
            (&json!("0.2.0"), &json!("rolled-back"))
        );
        let reason = past["reason"].as_str().unwrap();
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
        let connection = host()
            .connect_to("swap-spins", &deployment, options(&settings))
            .unwrap();
        deployment.swap(new).unwrap();
        for _ in 0..3 {
            let deadline = Duration::from_millis(300);
            let spun = connection.invoke_within("spin", &json!({}), deadline).await;
            assert_eq!(spun.unwrap_err().kind, Kind::Timeout);
        }
        assert_eq!(deployment.connector().manifest().version, "0.1.0");
    });
}
