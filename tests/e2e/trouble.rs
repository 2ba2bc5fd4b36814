//! Trouble of every sort at once, and the calls beside it; what a deadline ends, and how thoroughly.

use std::time::Duration;

use patchbay::{Call, CallId, Connection, Kind, Limits};
use patchbay_simulators::isearch_rpa::Simulator;
use patchbay_simulators::{Fault, On, Times};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use crate::support::{Rig, host, misbehaving, run};

/// Far longer than anything takes: ends a test that hangs.
const PATIENCE: Duration = Duration::from_mins(1);

/// A vendor that takes what it is sent and never answers.
async fn silent() -> (String, tokio::task::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let received = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut all = Vec::new();
        // Ends when the host closes the connection.
        stream.read_to_end(&mut all).await.unwrap_or_default();
        all
    });
    (url, received)
}

#[test]
fn a_deadline_also_ends_the_request_at_the_vendor() {
    run(async {
        let (url, received) = silent().await;
        let connection = misbehaving("trouble-silent", &url, Limits::default()).await;
        let deadline = Duration::from_millis(300);
        let visit = json!({ "url": url });
        let error = connection
            .invoke_within("visit", &visit, deadline)
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind, error.request_sent),
            (Kind::Timeout, Some(true)),
            "{error:?}"
        );
        let received = tokio::time::timeout(PATIENCE, received).await.unwrap().unwrap();
        assert!(received.starts_with(b"GET / HTTP/1.1\r\n"));
    });
}

#[test]
fn a_request_that_the_deadline_cut_is_in_the_record() {
    run(async {
        let (url, _received) = silent().await;
        let connection = misbehaving("trouble-cut", &url, Limits::default()).await;
        let visit = json!({ "url": url });
        let call = Call {
            deadline: Some(Duration::from_millis(300)),
            ..Call::new("visit", &visit)
        };
        let outcome = connection.call(call).await;
        assert_eq!(outcome.result.unwrap_err().kind, Kind::Timeout);
        let record = &outcome.record;
        assert_eq!((record.requests.len(), record.requests[0].elapsed), (1, None));
        assert_eq!(record.statuses.get(&None), Some(&1), "{record:?}");
        assert!(
            record.request_sent && record.vendor >= Duration::from_millis(200),
            "{record:?}"
        );
    });
}

#[test]
fn a_caller_that_goes_away_ends_the_call_and_leaves_a_record() {
    run(async {
        let (url, received) = silent().await;
        let connection = misbehaving("trouble-gone", &url, Limits::default()).await;
        let (id, visit) = (CallId::new(), json!({ "url": url }));
        let call = Call {
            id,
            operation: "visit",
            input: &visit,
            deadline: None,
        };
        let gone = tokio::time::timeout(Duration::from_millis(300), connection.call(call)).await;
        assert!(gone.is_err());
        tokio::time::timeout(PATIENCE, received).await.unwrap().unwrap();
        let record = host().call(id).unwrap();
        assert!(record.abandoned && record.outcome() == "abandoned");
        let words = record.explain();
        assert!(words.contains("abandoned: the caller went away"), "{words}");
        assert!(words.contains("no answer yet when the call ended"), "{words}");
        let well = connection.invoke("well", &json!({})).await.unwrap();
        assert_eq!(
            well["calls"], 1,
            "the instance that was given up serves no other call"
        );
    });
}

#[test]
fn waiting_for_a_turn_is_part_of_the_deadline() {
    run(async {
        let limits = Limits {
            concurrency: 1,
            ..Limits::default()
        };
        let connection = misbehaving("trouble-turn", "http://127.0.0.1:1", limits).await;
        let first = connection.clone();
        let first = tokio::spawn(async move { first.invoke_within("spin", &json!({}), PATIENCE).await });
        tokio::time::sleep(Duration::from_millis(50)).await;
        let (id, nothing) = (CallId::new(), json!({}));
        let call = Call {
            id,
            operation: "well",
            input: &nothing,
            deadline: Some(Duration::from_millis(200)),
        };
        let error = connection.call(call).await.result.unwrap_err();
        assert_eq!(
            (error.kind, error.request_sent),
            (Kind::Timeout, Some(false)),
            "{error:?}"
        );
        let record = host().call(id).unwrap();
        assert!(
            record.waiting >= Duration::from_millis(200) && record.guest.is_zero(),
            "{record:?}"
        );
        first.abort();
    });
}

/// All of it goes on while the good calls are made: nothing of it may have ended before they have.
#[test]
fn calls_beside_trouble_of_every_sort_go_on() {
    run(async {
        let good = Rig::isearch().await;
        let drips = Rig::isearch().await;
        let page = json!({ "page": 1, "size": 10 });
        drips.invoke("robot.list", page.clone()).await.unwrap();
        let drip = Fault::Drip {
            interval: Duration::from_secs(1),
        };
        drips
            .sim
            .fault(On::operation("robot.list"), drip, Times::UntilCleared);
        let hangs = Simulator::builder().latency(PATIENCE).start().await.unwrap();
        let narrow = Limits {
            concurrency: 1,
            queue: 4,
            ..Limits::default()
        };
        let nothing = json!({});
        let visit = json!({ "url": hangs.base_url() });
        let troubles: [(Connection, &str, &Value); 4] = [
            (
                misbehaving("trouble-spins", "http://127.0.0.1:1", Limits::default()).await,
                "spin",
                &nothing,
            ),
            (
                misbehaving("trouble-hangs", &hangs.base_url(), Limits::default()).await,
                "visit",
                &visit,
            ),
            (
                misbehaving("trouble-queues", &hangs.base_url(), narrow).await,
                "visit",
                &visit,
            ),
            (drips.connection.clone(), "robot.list", &page),
        ];
        let mut under_way = Vec::new();
        for (connection, operation, input) in &troubles {
            for _ in 0..5 {
                let (connection, operation, input) = (connection.clone(), *operation, (*input).clone());
                under_way.push(tokio::spawn(async move {
                    connection.invoke_within(operation, &input, PATIENCE).await
                }));
            }
        }
        let broken = misbehaving("trouble-breaks", "http://127.0.0.1:1", Limits::default()).await;
        for operation in ["trap", "bomb", "overflow"].into_iter().cycle().take(30) {
            let kind = broken.invoke(operation, &nothing).await.unwrap_err().kind;
            assert!(matches!(kind, Kind::Trapped | Kind::LimitExceeded), "{kind:?}");
            good.invoke("robot.list", page.clone()).await.unwrap();
            broken.invoke("well", &nothing).await.unwrap();
        }
        assert!(under_way.iter().all(|task| !task.is_finished()));
        // The queue is full, which is its own failure and nobody else's.
        let (queue, ..) = &troubles[2];
        let error = queue.invoke("visit", &visit).await.unwrap_err();
        assert_eq!(
            (error.kind, error.request_sent),
            (Kind::LimitExceeded, Some(false)),
            "{error:?}"
        );
        under_way.iter().for_each(tokio::task::JoinHandle::abort);
        good.assert_well_behaved();
    });
}
