//! What a connector can do wrong, and that it harms nobody.

use std::time::{Duration, Instant};

use patchbay::{ConnectionOptions, Kind, Limits};
use patchbay_simulators::isearch_rpa::Simulator;
use serde_json::{Value, json};

use crate::support::{host, misbehaving, options, run};

#[test]
fn a_guest_that_never_ends_is_ended_at_the_deadline() {
    run(async {
        let connection = misbehaving("spins", "http://127.0.0.1:1", Limits::default()).await;
        let spinning: Vec<_> = (0..8)
            .map(|_| {
                let connection = connection.clone();
                tokio::spawn(async move {
                    connection
                        .invoke_within("spin", &json!({}), Duration::from_millis(700))
                        .await
                })
            })
            .collect();
        // Meanwhile others are served, although more guests spin than there are threads.
        let started = Instant::now();
        connection.invoke("well", &json!({})).await.unwrap();
        assert!(
            spinning.iter().any(|task| !task.is_finished()),
            "it took {:?}",
            started.elapsed()
        );
        for task in spinning {
            let error = task.await.unwrap().unwrap_err();
            assert_eq!(
                (error.kind, error.request_sent),
                (Kind::Timeout, Some(false)),
                "{error:?}"
            );
        }
    });
}

#[test]
fn a_guest_that_takes_all_memory_is_stopped_at_its_limit() {
    run(async {
        let limits = Limits {
            memory: 16 << 20,
            ..Limits::default()
        };
        let connection = misbehaving("bombs", "http://127.0.0.1:1", limits).await;
        let error = connection.invoke("bomb", &json!({})).await.unwrap_err();
        assert_eq!(error.kind, Kind::LimitExceeded, "{error:?}");
        assert!(error.message.contains("limits.memory"), "{error:?}");
        connection.invoke("well", &json!({})).await.unwrap();
    });
}

#[test]
fn a_trap_says_what_happened_and_poisons_nothing() {
    run(async {
        let connection = misbehaving("traps", "http://127.0.0.1:1", Limits::default()).await;
        for (operation, words) in [("trap", "as told"), ("overflow", "trap")] {
            let error = connection.invoke(operation, &json!({})).await.unwrap_err();
            assert_eq!(error.kind, Kind::Trapped, "{error:?}");
            assert!(error.message.contains(words), "{error:?}");
            let well = connection.invoke("well", &json!({})).await.unwrap();
            assert_eq!(well["calls"], 1, "the instance that trapped serves no other call");
        }
        assert_eq!(
            connection.invoke("well", &json!({})).await.unwrap()["calls"],
            2,
            "a good one is used again"
        );
    });
}

#[test]
fn an_origin_that_is_not_granted_is_out_of_reach() {
    run(async {
        let granted = Simulator::start().await.unwrap();
        let foreign = Simulator::start().await.unwrap();
        let connection = misbehaving("visits", &granted.base_url(), Limits::default()).await;
        let visit = |url: String| {
            let connection = connection.clone();
            async move { connection.invoke("visit", &json!({ "url": url })).await }
        };
        visit(format!("{}/anything", granted.base_url())).await.unwrap();
        let port = granted.address().port();
        for url in [
            foreign.base_url(),
            format!("http://localhost:{port}/"),
            format!("https://127.0.0.1:{port}/"),
            format!("http://127.0.0.1:{port}@{}/", foreign.address()),
            "http://169.254.169.254/latest/meta-data".to_owned(),
        ] {
            let error = visit(url.clone()).await.unwrap_err();
            assert_eq!(
                (error.kind, error.request_sent),
                (Kind::Denied, Some(false)),
                "{url}: {error:?}"
            );
            assert!(error.message.contains("allow = ["), "{error:?}");
        }
        assert_eq!(foreign.requests().len(), 0, "nothing arrived");
    });
}

#[test]
fn what_is_granted_besides_can_be_reached() {
    run(async {
        let other = Simulator::start().await.unwrap();
        let connector = host()
            .load(patchbay_artifacts::guest("misbehaving"))
            .await
            .unwrap();
        let options = ConnectionOptions {
            allow: vec![other.base_url().parse().unwrap()],
            ..options(&[("base_url", "http://127.0.0.1:1")])
        };
        let connection = host().connect("granted", connector, options).unwrap();
        let answer = connection
            .invoke("visit", &json!({ "url": other.base_url() }))
            .await
            .unwrap();
        assert_eq!(answer["status"], 404);
    });
}

#[test]
fn there_are_no_files_and_no_environment() {
    run(async {
        let connection = misbehaving("looks", "http://127.0.0.1:1", Limits::default()).await;
        let seen = connection.invoke("files", &json!({})).await.unwrap();
        assert_eq!(
            seen,
            json!({ "files": Value::Null, "written": false, "variables": 0 })
        );
    });
}

#[test]
fn more_calls_than_may_wait_are_refused() {
    run(async {
        let limits = Limits {
            concurrency: 1,
            queue: 1,
            ..Limits::default()
        };
        let connection = misbehaving("queues", "http://127.0.0.1:1", limits).await;
        let call = |deadline| {
            let connection = connection.clone();
            tokio::spawn(async move { connection.invoke_within("spin", &json!({}), deadline).await })
        };
        let running = call(Duration::from_millis(1500));
        tokio::time::sleep(Duration::from_millis(300)).await;
        let waiting = call(Duration::from_millis(400));
        tokio::time::sleep(Duration::from_millis(100)).await;
        let refused = call(Duration::from_millis(400)).await.unwrap().unwrap_err();
        assert_eq!(refused.kind, Kind::LimitExceeded, "{refused:?}");
        assert!(refused.message.contains("limits.concurrency"), "{refused:?}");
        let waited = waiting.await.unwrap().unwrap_err();
        assert_eq!(
            (waited.kind, waited.request_sent),
            (Kind::Timeout, Some(false)),
            "{waited:?}"
        );
        assert_eq!(running.await.unwrap().unwrap_err().kind, Kind::Timeout);
        connection.invoke("well", &json!({})).await.unwrap();
    });
}

#[test]
fn a_spent_rate_budget_sends_nothing() {
    run(async {
        let connector = host()
            .load(patchbay_artifacts::guest("misbehaving"))
            .await
            .unwrap();
        let options = ConnectionOptions {
            rate: Some("2/h".parse().unwrap()),
            ..options(&[("base_url", "http://127.0.0.1:1")])
        };
        let connection = host().connect("rated", connector, options).unwrap();
        for _ in 0..2 {
            connection.invoke("well", &json!({})).await.unwrap();
        }
        let error = connection.invoke("well", &json!({})).await.unwrap_err();
        assert_eq!(
            (error.kind, error.request_sent),
            (Kind::Throttled, Some(false)),
            "{error:?}"
        );
        assert!(error.retry_after_ms.is_some_and(|wait| wait > 1000), "{error:?}");
    });
}

#[test]
fn hundreds_of_calls_are_under_way_at_once() {
    run(async {
        let sim = Simulator::builder()
            .latency(Duration::from_millis(500))
            .start()
            .await
            .unwrap();
        let limits = Limits {
            concurrency: 400,
            ..Limits::default()
        };
        let connection = misbehaving("hundreds", &sim.base_url(), limits).await;
        let calls: Vec<_> = (0..400)
            .map(|_| {
                let (connection, url) = (connection.clone(), sim.base_url());
                tokio::spawn(async move { connection.invoke("visit", &json!({ "url": url })).await })
            })
            .collect();
        for call in calls {
            assert_eq!(call.await.unwrap().unwrap()["status"], 404);
        }
    });
}

/// The first attempt reaches a vendor that dies of it; the second finds nobody.
#[test]
fn what_an_earlier_attempt_sent_is_not_forgotten() {
    run(async {
        let vendor = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", vendor.local_addr().unwrap());
        let dies = tokio::spawn(async move {
            let (stream, _) = vendor.accept().await.unwrap();
            // Readiness alone may be a false alarm: the request itself must have come.
            let mut request = [0; 1024];
            while stream.try_read(&mut request).is_err() {
                stream.readable().await.unwrap();
            }
        });
        let connection = misbehaving("forgets", &url, Limits::default()).await;
        let error = connection
            .invoke("visit", &json!({ "url": url }))
            .await
            .unwrap_err();
        dies.await.unwrap();
        assert_eq!(
            (error.kind, error.request_sent),
            (Kind::Unreachable, Some(true)),
            "{error:?}"
        );
    });
}
