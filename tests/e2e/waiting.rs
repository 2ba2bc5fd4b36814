//! What a call says that waited for the login of another until its deadline.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use patchbay::sessions::{Answer, Claim, RecordKey, SessionBackend, SharedLock, Stored};
use patchbay::{Call, Connection, Host, HostOptions, Kind};
use patchbay_simulators::isearch_rpa::Simulator;
use serde_json::json;

use crate::support::{cache, options, run};

/// Another host logs in, and never ends.
#[derive(Debug)]
struct Taken;

impl SessionBackend for Taken {
    fn set(self: Arc<Self>, _: RecordKey<'_>, _: &[u8], _: u64) -> Answer<Stored> {
        Box::pin(ready(Stored::Yes))
    }

    fn delete(self: Arc<Self>, _: RecordKey<'_>, _: &[u8], _: u64) -> Answer<Option<Box<dyn SharedLock>>> {
        Box::pin(ready(None))
    }

    fn claim(self: Arc<Self>, _: RecordKey<'_>, _: u64) -> Answer<Claim> {
        Box::pin(ready(Claim::Taken))
    }
}

async fn connection(sim: &Simulator, backend: Option<Arc<dyn SessionBackend>>) -> Connection {
    let host = HostOptions {
        cache: Some(cache().clone()),
        sessions: backend,
        ..HostOptions::default()
    };
    let host = Host::new(&host).unwrap();
    let connector = host
        .load(patchbay_artifacts::connector("isearch-rpa"))
        .await
        .unwrap();
    let base_url = sim.base_url();
    let settings = [
        ("base_url", base_url.as_str()),
        ("access_key", sim.access_key()),
        ("secret_key", sim.secret_key()),
    ];
    host.connect("rpa", connector, options(&settings)).unwrap()
}

async fn message(connection: &Connection, deadline: Duration) -> String {
    let input = json!({ "page": 1, "size": 1 });
    let call = Call {
        deadline: Some(deadline),
        ..Call::new("robot.list", &input)
    };
    let outcome = connection.call(call).await;
    let error = outcome.result.unwrap_err();
    let record = outcome.record;
    assert!(
        record.waiting > deadline / 2 && record.guest < deadline / 2,
        "the deadline cut a wait, not the guest: {record:?}"
    );
    assert_eq!(
        (error.kind, error.request_sent),
        (Kind::Timeout, Some(false)),
        "{error:?}"
    );
    error.message
}

#[test]
fn a_login_of_another_host_that_does_not_end_is_named() {
    run(async {
        let sim = Simulator::start().await.unwrap();
        let connection = connection(&sim, Some(Arc::new(Taken))).await;
        let message = message(&connection, Duration::from_millis(400)).await;
        assert!(
            message.contains("waited for another host that shares the sessions to log in"),
            "{message}"
        );
    });
}

#[test]
fn a_login_of_another_call_that_does_not_end_is_named() {
    run(async {
        let sim = Simulator::start().await.unwrap();
        sim.set_latency(Duration::from_secs(3));
        let connection = connection(&sim, None).await;
        let first = tokio::spawn({
            let connection = connection.clone();
            async move {
                connection
                    .invoke("robot.list", &json!({ "page": 1, "size": 1 }))
                    .await
            }
        });
        while sim.requests().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let message = message(&connection, Duration::from_millis(400)).await;
        assert!(
            message.contains("waited for another call of the connection to log in"),
            "{message}"
        );
        first.await.unwrap().unwrap();
        let own = connection
            .invoke_within(
                "robot.list",
                &json!({ "page": 1, "size": 1 }),
                Duration::from_millis(300),
            )
            .await
            .unwrap_err();
        assert_eq!(
            own.message, "the deadline of 300ms passed",
            "it waited for the vendor"
        );
    });
}
