//! What a failure says of what the vendor received, held against what the vendor says; and how large failures are.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use patchbay::{Call, Connection, ConnectionOptions, Connector, Error, Kind, Limits, SwapOptions};
use patchbay_simulators::isearch_rpa::Simulator;
use patchbay_simulators::jingkun_workflow;
use patchbay_simulators::{Fault, On, Recorded, Times};
use serde_json::json;

use crate::support::{host, misbehaving, options, run};

/// How many writes are made under fire at least, and how many at the same time.
const WRITES: usize = 400;
const AT_ONCE: usize = 12;
/// How often the vendor is given faults meanwhile, at least: enough for each of them to meet writes of each deadline.
const ROUNDS: usize = 30;

/// Everything that a vendor can do with a write, in turn.
fn faults() -> Vec<Fault> {
    let slow = |milliseconds| Fault::Slow {
        delay: Duration::from_millis(milliseconds),
    };
    vec![
        Fault::status(500),
        Fault::status(502),
        Fault::unavailable(0),
        Fault::status(504),
        Fault::throttled(0),
        Fault::throttled(9_223_372_036_854_775_807),
        Fault::status(401),
        Fault::DropBefore,
        Fault::DropAfter,
        Fault::Truncate,
        Fault::NotJson,
        Fault::Empty,
        Fault::envelope(5001, "系统繁忙"),
        slow(150),
        slow(5_000),
    ]
}

/// What the vendor received of a write, by the name that is in it.
fn received(requests: &[Recorded], name: &str) -> usize {
    let quoted = format!("\"{name}\"");
    let named = |request: &&Recorded| String::from_utf8_lossy(&request.body).contains(&quoted);
    requests.iter().filter(named).count()
}

/// One write: a deadline that is sometimes too short, and what became of it.
async fn write(connection: &Connection, index: usize) -> (String, Result<(), Error>) {
    let name = format!("fire-{index}");
    let input = json!({ "queueName": name, "queueMaxItems": 10, "failTryTimes": 1 });
    let milliseconds = [1, 5, 40, 400, 2_000][index % 5];
    let call = Call {
        deadline: Some(Duration::from_millis(milliseconds)),
        ..Call::new("queue.create", &input)
    };
    let outcome = connection.call(call).await;
    if let Err(error) = &outcome.result {
        assert_eq!(error.request_sent, Some(outcome.record.request_sent), "{error:?}");
    }
    (name, outcome.result.map(drop))
}

/// Holds what became of each write against what the vendor received. Returns how often each kind of failure came, with
/// what it said.
fn held_against<'a>(
    outcomes: &'a [(String, Result<(), Error>)],
    requests: &[Recorded],
) -> BTreeMap<(&'a str, bool), usize> {
    let mut kinds = BTreeMap::new();
    for (name, outcome) in outcomes {
        let received = received(requests, name);
        let Err(error) = outcome else {
            assert!(received >= 1, "{name}");
            continue;
        };
        let Some(sent) = error.request_sent else {
            panic!("{name}: it is a question in each of these failures: {error:?}");
        };
        assert!(
            sent || received == 0,
            "{name} was received {received} times: {error:?}"
        );
        *kinds.entry((error.kind.as_str(), sent)).or_default() += 1;
    }
    kinds
}

/// For every write that fails, the vendor's own record of what it received is held against the failure.
#[test]
fn under_fire_every_failure_says_what_the_vendor_received() {
    run(async {
        let sim = Simulator::start().await.unwrap();
        let base_url = sim.base_url();
        let old = host()
            .load(patchbay_artifacts::connector("isearch-rpa"))
            .await
            .unwrap();
        let new = host()
            .load(patchbay_artifacts::guest("isearch-rpa-next"))
            .await
            .unwrap();
        let swaps = SwapOptions {
            drain: Duration::from_millis(60),
            ..SwapOptions::default()
        };
        let deployment = host().deploy(old.clone(), swaps);
        let settings = [
            ("base_url", base_url.as_str()),
            ("access_key", sim.access_key()),
            ("secret_key", sim.secret_key()),
        ];
        let options = ConnectionOptions {
            limits: Limits {
                concurrency: 6,
                queue: 4,
                ..Limits::default()
            },
            ..options(&settings)
        };
        let connection = host().connect_to("under-fire", &deployment, options).unwrap();
        connection
            .invoke("robot.list", &json!({ "page": 1, "size": 1 }))
            .await
            .unwrap();

        let next = Arc::new(AtomicUsize::new(0));
        let ended = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                let (connection, next, ended) = (connection.clone(), next.clone(), ended.clone());
                tokio::spawn(async move {
                    let mut written = Vec::new();
                    loop {
                        if ended.load(Ordering::Relaxed) {
                            return written;
                        }
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let outcome = write(&connection, index).await;
                        let full = matches!(&outcome.1, Err(error) if error.kind == Kind::LimitExceeded);
                        written.push(outcome);
                        if full {
                            tokio::time::sleep(Duration::from_millis(100)).await;
                        }
                    }
                })
            })
            .collect();
        // Meanwhile the vendor fails in every way, and versions are swapped.
        let mut faults = faults().into_iter().cycle();
        let mut versions = [new, old].into_iter().cycle();
        let mut rounds = 0;
        while rounds < ROUNDS || next.load(Ordering::Relaxed) < WRITES {
            rounds += 1;
            for fault in faults.by_ref().take(8) {
                sim.fault(On::operation("queue.create"), fault, Times::Next(1));
            }
            if let Some(version) = versions.next() {
                deployment.swap(version).unwrap();
            }
            tokio::time::sleep(Duration::from_millis(80)).await;
        }
        ended.store(true, Ordering::Relaxed);
        let mut outcomes = Vec::new();
        for writer in writers {
            outcomes.extend(writer.await.unwrap());
        }
        // What was cut may still arrive.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let kinds = held_against(&outcomes, &sim.requests_of("queue.create"));
        for kind in [
            ("rejected", true),
            ("throttled", true),
            ("unreachable", true),
            ("timeout", true),
            ("timeout", false),
            ("malformed-response", true),
            ("limit-exceeded", false),
        ] {
            assert!(kinds.contains_key(&kind), "{kind:?} didn't occur: {kinds:?}");
        }
        println!(
            "{} of {} writes failed: {kinds:?}",
            kinds.values().sum::<usize>(),
            outcomes.len()
        );
    });
}

/// However a call ends after a request, and whatever the connector says of it.
#[test]
fn a_request_is_not_forgotten_whatever_follows_it() {
    run(async {
        let sim = Simulator::start().await.unwrap();
        let url = sim.base_url();
        let limits = Limits {
            deadline: Duration::from_millis(700),
            ..Limits::default()
        };
        let connection = misbehaving("sends-and-ends", &url, limits).await;
        for (end, kind) in [
            ("trap", Kind::Trapped),
            ("spin", Kind::Timeout),
            ("invalid-input", Kind::InvalidInput),
            ("unknown-operation", Kind::UnknownOperation),
            ("unreachable", Kind::Unreachable),
            ("http://127.0.0.1:1/", Kind::Denied),
        ] {
            sim.clear_requests();
            let input = json!({ "url": format!("{url}/x"), "end": end });
            let error = connection.invoke("send", &input).await.unwrap_err();
            assert_eq!(
                (error.kind, error.request_sent),
                (kind, Some(true)),
                "{end}: {error:?}"
            );
            assert_eq!(sim.requests().len(), 1, "{end}");
        }
        let denied = json!({ "url": "http://127.0.0.1:1/", "end": "trap" });
        let error = connection.invoke("send", &denied).await.unwrap_err();
        assert_eq!(
            (error.kind, error.request_sent),
            (Kind::Denied, Some(false)),
            "{error:?}"
        );
        let error = connection.invoke("send", &json!({})).await.unwrap_err();
        assert_eq!(
            (error.kind, error.request_sent),
            (Kind::InvalidInput, None),
            "{error:?}"
        );
    });
}

/// The same component with another digest.
async fn again(build: &std::path::Path) -> Arc<Connector> {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = std::fs::read(build).unwrap();
    // A custom section: id 0, its size, the length of its name, its name.
    bytes.extend([0, 2, 1, b'x']);
    let path = folder.path().join("again.wasm");
    std::fs::write(&path, bytes).unwrap();
    host().load(path).await.unwrap()
}

/// A workflow is executed and followed; then the vendor goes away, and the call is cut by a swap or by its deadline.
#[test]
fn a_run_that_was_started_is_not_reported_as_never_sent() {
    run(async {
        let build = patchbay_artifacts::connector("jingkun-workflow");
        let old = host().load(&build).await.unwrap();
        let new = again(&build).await;
        for cut_by_swap in [true, false] {
            let sim = jingkun_workflow::Simulator::builder()
                .run_step(Duration::from_mins(1))
                .start()
                .await
                .unwrap();
            let mut options = options(&[("base_url", &sim.base_url())]);
            options
                .settings
                .insert("execute_urls".to_owned(), sim.execute_urls().to_string());
            for (name, value) in sim.credentials() {
                options.settings.insert(name.to_owned(), value);
            }
            let swaps = SwapOptions {
                drain: Duration::from_millis(200),
                ..SwapOptions::default()
            };
            let deployment = host().deploy(old.clone(), swaps);
            let name = format!("started-{}", sim.address().port());
            let connection = host().connect_to(&name, &deployment, options).unwrap();
            let input = json!({ "processModelId": "md20240002" });
            let under_way = tokio::spawn({
                let connection = connection.clone();
                async move {
                    let call = Call::new("workflow.run", &input);
                    connection.call(call).await
                }
            });
            while sim.requests_of("workflow.execute").is_empty() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            // From here on connections are refused.
            drop(sim);
            tokio::time::sleep(Duration::from_millis(700)).await;
            if cut_by_swap {
                deployment.swap(new.clone()).unwrap();
            }
            let outcome = under_way.await.unwrap();
            assert!(outcome.record.request_sent);
            match outcome.result {
                Err(error) => {
                    assert!(cut_by_swap, "{error:?}");
                    assert_eq!(
                        (error.kind, error.request_sent),
                        (Kind::Timeout, Some(true)),
                        "{error:?}"
                    );
                }
                // After five failures in a row the connector gives what it knows.
                Ok(output) => {
                    assert!(!cut_by_swap, "{output}");
                    assert!(
                        output["instanceId"].is_string() && output["pollError"].is_string(),
                        "{output}"
                    );
                }
            }
        }
    });
}

fn size(error: &Error) -> usize {
    error.to_json().to_string().len()
}

/// What a connector says of a failure is kept and answered cut.
#[test]
fn failures_are_small_whatever_the_connector_says() {
    run(async {
        let connection = misbehaving("says-much", "http://127.0.0.1:1", Limits::default()).await;
        for violations in [0, 1, 500] {
            let bytes = if violations == 500 { 20_000 } else { 8 << 20 };
            let input = json!({ "bytes": bytes, "violations": violations, "retry_after_ms": u64::MAX });
            let call = Call::new("fail", &input);
            let outcome = connection.call(call).await;
            let error = outcome.result.unwrap_err();
            assert!(size(&error) < 64 << 10, "{} bytes", size(&error));
            let record = host().call(call.id).unwrap();
            assert_eq!(record.error.as_ref(), Some(&error));
            if violations == 0 {
                assert_eq!(error.kind, Kind::Throttled);
                assert!(
                    error.message.ends_with("… (8,388,608 bytes in all)"),
                    "{}",
                    error.message.len()
                );
                assert_eq!(error.retry_after_ms, Some(24 * 60 * 60 * 1000));
            }
            if violations == 500 {
                assert_eq!(error.violations.len(), 21);
                assert_eq!(error.violations[20].message, "480 more violations aren't shown");
            }
        }
    });
}

/// A deadline that no clock can hold is the longest one.
#[test]
fn times_that_are_out_of_reach_are_bounded() {
    run(async {
        let limits = Limits {
            deadline: Duration::MAX,
            ..Limits::default()
        };
        let connection = misbehaving("waits-for-ever", "http://127.0.0.1:1", limits).await;
        connection.invoke("well", &json!({})).await.unwrap();
        let input = json!({});
        let call = Call {
            deadline: Some(Duration::MAX),
            ..Call::new("well", &input)
        };
        let outcome = connection.call(call).await;
        outcome.result.unwrap();
        assert_eq!(outcome.record.deadline, Limits::MAX_DEADLINE);
    });
}
