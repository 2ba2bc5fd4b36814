//! Calls: what goes in and comes out, each failure with its status, an id for each.

use std::collections::HashSet;
use std::time::Duration;

use patchbay::{CallId, Kind};
use patchbay_simulators::{Fault, On, Times};
use serde_json::{Value, json};

use super::rig::{Raw, odd, page, rpa, served};
use crate::support::{Answer, Setup, run};

/// What every problem has.
fn assert_problem(answer: &Answer, kind: Kind, status: u16) {
    assert_eq!(
        (answer.kind(), answer.status),
        (kind.as_str(), status),
        "{answer:?}"
    );
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let body = &answer.body;
    assert_eq!(body["status"], status);
    assert_eq!(body["type"], format!("urn:patchbay:{}", kind.as_str()));
    assert_eq!(body["title"], kind.headline());
    assert_eq!(body["detail"], body["message"]);
    assert!(!body["detail"].as_str().unwrap().is_empty());
}

#[test]
fn what_there_is_is_listed_and_described() {
    run(async {
        let sim_url = "http://127.0.0.1:1";
        let more = "allow = [\"https://files.example.com\"]\ndeadline = \"20s\"\n\
                    limits = { memory = \"64MiB\", concurrency = 8, queue = 2, response = \"1MiB\" }";
        let served = Setup::new("", &(rpa(sim_url, more) + &odd(""))).start();
        let list = served.get("/v1/connections").await;
        assert_eq!(list.status, 200);
        assert_eq!(list.header("content-type"), Some("application/json"));
        let [one, two] = list.body["connections"].as_array().unwrap().as_slice() else {
            panic!("{list:?}");
        };
        assert_eq!(
            (&one["name"], &one["connector"]),
            (&json!("odd"), &json!("misbehaving"))
        );
        assert_eq!(
            (&two["name"], &two["connector"]),
            (&json!("rpa"), &json!("isearch-rpa"))
        );
        assert!(
            two["operations"]
                .as_array()
                .unwrap()
                .contains(&json!("robot.list")),
            "{two}"
        );

        let described = served.get("/v1/connections/rpa").await.body;
        assert_eq!(
            (&described["name"], &described["id"]),
            (&json!("rpa"), &json!("isearch-rpa"))
        );
        assert_eq!(described["deadline_ms"], 20_000);
        let limits = json!({ "memory": 64 << 20, "concurrency": 8, "queue": 2, "response": 1 << 20 });
        assert_eq!(described["limits"], limits);
        assert_eq!(
            described["origins"],
            json!([sim_url, "https://files.example.com"])
        );
        let operations = described["operations"].as_array().unwrap();
        let operation = operations
            .iter()
            .find(|operation| operation["id"] == "robot.list")
            .unwrap();
        assert_eq!(operation["input_schema"]["type"], "object");
        assert!(!described.to_string().contains("patchbay-secret"));
    });
}

#[test]
fn a_call_gives_the_output() {
    run(async {
        let (sim, served) = served("").await;
        let answer = served.invoke("rpa", "robot.list", &page()).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some("application/json"))
        );
        assert_eq!(
            answer.body["items"].as_array().map(Vec::len),
            Some(1),
            "{answer:?}"
        );
        // No body is an input without parameters; a path is decoded.
        let url = format!("{}/v1/connections/%6Fdd/operations/wel%6C", served.url);
        let answer = served.send(served.client.post(url)).await;
        assert_eq!(
            (answer.status, &answer.body["calls"]),
            (200, &json!(1)),
            "{answer:?}"
        );
        assert_eq!(sim.violations(), Vec::<String>::new());
        served.said("the call succeeded");
    });
}

#[test]
fn each_failure_has_its_kind_and_status() {
    run(async {
        let (sim, served) = served("").await;
        let faults = [
            (Fault::envelope(5001, "系统繁忙"), Kind::Rejected, 502),
            (Fault::status(401), Kind::Unauthorized, 502),
            (Fault::throttled(7), Kind::Throttled, 429),
            (Fault::DropBefore, Kind::Unreachable, 502),
            (Fault::NotJson, Kind::MalformedResponse, 502),
            (
                Fault::Slow {
                    delay: Duration::from_secs(30),
                },
                Kind::Timeout,
                504,
            ),
        ];
        for (fault, kind, status) in faults {
            let name = format!("{fault:?}");
            sim.fault(On::operation("robot.list"), fault, Times::UntilCleared);
            let call = served
                .call("rpa", "robot.list", &page())
                .header("x-deadline", "2s");
            let answer = served.send(call).await;
            sim.clear_faults();
            assert_problem(&answer, kind, status);
            assert_eq!(
                (&answer.body["connection"], &answer.body["operation"]),
                (&json!("rpa"), &json!("robot.list")),
                "{name}"
            );
            match kind {
                Kind::Rejected => {
                    assert_eq!(
                        (&answer.body["code"], &answer.body["message"]),
                        (&json!("5001"), &json!("系统繁忙"))
                    );
                }
                Kind::Throttled => {
                    assert_eq!(answer.header("retry-after"), Some("7"));
                    assert_eq!(answer.body["retry_after_ms"], 7000);
                }
                Kind::Unauthorized => {}
                _ => assert_eq!(answer.body["request_sent"], true, "{name}"),
            }
        }
        let invalid = served
            .invoke("rpa", "robot.list", &json!({ "page": "one", "size": 1 }))
            .await;
        assert_problem(&invalid, Kind::InvalidInput, 422);
        assert_eq!(invalid.body["violations"][0]["path"], "/page", "{invalid:?}");
        let body = served.call("rpa", "robot.list", &Value::Null).body("{\"page\":");
        assert_problem(&served.send(body).await, Kind::InvalidInput, 422);
        let foreign = json!({ "url": "http://198.51.100.1/" });
        let odd = [
            ("visit", foreign, Kind::Denied, 403),
            ("trap", json!({}), Kind::Trapped, 500),
            ("bomb", json!({}), Kind::LimitExceeded, 500),
            ("well", json!({}), Kind::Usage, 200),
            ("wel", json!({}), Kind::UnknownOperation, 404),
        ];
        for (operation, input, kind, status) in odd {
            let answer = served.invoke("odd", operation, &input).await;
            if status == 200 {
                assert_eq!(answer.status, 200, "what failed before harms nothing");
            } else {
                assert_problem(&answer, kind, status);
            }
        }
        assert_problem(
            &served.invoke("rpb", "robot.list", &page()).await,
            Kind::UnknownConnection,
            404,
        );
        assert_problem(
            &served.get("/v1/connections/rpb").await,
            Kind::UnknownConnection,
            404,
        );
    });
}

#[test]
fn a_rate_that_is_spent_says_when_to_come_back() {
    run(async {
        let served = Setup::new("", &odd("rate = \"1/h\"")).start();
        assert_eq!(served.invoke("odd", "well", &json!({})).await.status, 200);
        let answer = served.invoke("odd", "well", &json!({})).await;
        assert_problem(&answer, Kind::Throttled, 429);
        let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        let exact = answer.body["retry_after_ms"].as_u64().unwrap();
        assert_eq!(seconds, exact.div_ceil(1000), "rounded up");
    });
}

#[test]
fn what_http_gets_wrong_is_a_problem_too() {
    run(async {
        let (_sim, served) = served("").await;
        let path = "/v1/connections/odd/operations/well";
        for unknown in [
            "/",
            "/v1",
            "/v1/connections/",
            "/v2/connections",
            "/v1/connections/odd/operations/",
        ] {
            assert_problem(&served.get(unknown).await, Kind::Usage, 404);
        }
        let wrong = served.get(path).await;
        assert_problem(&wrong, Kind::Usage, 405);
        assert_eq!(wrong.header("allow"), Some("POST"));
        let wrong = served
            .send(served.client.delete(format!("{}/v1/connections", served.url)))
            .await;
        assert_problem(&wrong, Kind::Usage, 405);
        assert_eq!(wrong.header("allow"), Some("GET,HEAD"));
        assert_problem(&served.get("/v1/connections/%FF").await, Kind::Usage, 400);
        let soon = served
            .call("odd", "well", &json!({}))
            .header("x-deadline", "soon");
        assert_problem(&served.send(soon).await, Kind::Usage, 400);
    });
}

#[test]
fn a_deadline_in_the_request_shortens_and_never_lengthens() {
    run(async {
        let served = Setup::new("", &odd("deadline = \"1s\"")).start();
        for (given, words) in [("300ms", "300ms"), ("1h", "1s")] {
            let call = served.call("odd", "spin", &json!({})).header("x-deadline", given);
            let answer = served.send(call).await;
            assert_problem(&answer, Kind::Timeout, 504);
            let detail = answer.body["detail"].as_str().unwrap();
            assert!(
                detail.contains(&format!("deadline of {words} passed")),
                "{detail}"
            );
        }
    });
}

#[test]
fn every_response_has_an_id_of_its_own_which_is_in_the_log() {
    run(async {
        let (_sim, served) = served("limits = { body = \"1KiB\", headers = \"1KiB\" }").await;
        let large = json!({ "x": "x".repeat(2000) });
        let answers = [
            served.invoke("odd", "well", &json!({})).await,
            served.invoke("odd", "trap", &json!({})).await,
            served.invoke("odd", "well", &large).await,
            served
                .send(served.client.get(&served.url).header("x-large", "x".repeat(2000)))
                .await,
            served
                .send(served.client.get(&served.url).header("host", "evil.example"))
                .await,
            served.get("/healthz").await,
            served.get("/nowhere").await,
            served.get("/v1/connections/odd/operations/well").await,
        ];
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, [200, 500, 413, 431, 403, 200, 404, 405]);
        let ids: HashSet<CallId> = answers
            .iter()
            .map(|answer| answer.header("x-call-id").unwrap().parse().unwrap())
            .collect();
        assert_eq!(ids.len(), answers.len(), "no two are equal");
        served.said("the call failed");
        let log = served.log();
        for (answer, words) in answers.iter().zip(["the call succeeded", "the call failed"]) {
            let id = answer.header("x-call-id").unwrap();
            assert!(
                log.lines().any(|line| line.contains(id) && line.contains(words)),
                "{id}: {log}"
            );
        }
    });
}

#[test]
fn many_calls_at_once_keep_their_answers_apart() {
    run(async {
        let (sim, served) = served("").await;
        sim.set_latency(Duration::from_millis(100));
        let calls: Vec<_> = (0..50)
            .map(|number| {
                let known = number % 2 == 0;
                let id = if known { "101" } else { "nobody" };
                let call = served.call("rpa", "robot.get", &json!({ "id": id }));
                (known, tokio::spawn(call.send()))
            })
            .collect();
        for (known, call) in calls {
            let answer = Answer::read(call.await.unwrap().unwrap()).await;
            assert_eq!(answer.status == 200, known, "{answer:?}");
        }
        assert_eq!(sim.logins(), 1);
    });
}

#[test]
fn a_client_that_goes_away_does_not_cut_a_write() {
    run(async {
        let (sim, served) = served("").await;
        assert_eq!(served.invoke("rpa", "robot.list", &page()).await.status, 200);
        sim.set_latency(Duration::from_millis(1500));
        let body = json!({ "id": 74 }).to_string();
        let mut raw = Raw::connect(&served).await;
        raw.write(&format!(
            "POST /v1/connections/rpa/operations/job.create HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ))
        .await;
        while sim.count("job.create") == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        drop(raw);
        // The answer comes later, and is taken.
        served.said("operation=\"job.create\"");
        let line = served.log();
        let line = line.lines().find(|line| line.contains("job.create")).unwrap();
        assert!(line.contains("the call succeeded"), "{line}");
        assert_eq!(sim.count("job.create"), 1);
        assert_eq!(sim.requests_of("job.create")[0].status, Some(200));
    });
}
