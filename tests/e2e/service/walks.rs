//! Lists walked over HTTP: an item a line, as they come.

use std::time::Duration;

use patchbay_simulators::isearch_rpa::Simulator;
use patchbay_simulators::{Fault, On, Times};
use serde_json::{Value, json};

use super::rig::{odd, rpa, served};
use crate::support::{Answer, Served, Setup, run};

fn ask(served: &Served, operation: &str, input: &Value) -> reqwest::RequestBuilder {
    let url = format!(
        "{}/v1/connections/rpa/operations/{operation}?all=true",
        served.url
    );
    served.client.post(url).json(input)
}

/// The lines of a walk.
async fn walk(served: &Served, input: &Value) -> Vec<Value> {
    let response = ask(served, "robot.list", input).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/x-ndjson");
    assert_eq!(response.headers()["x-connector-version"], "0.1.0");
    let text = response.text().await.unwrap();
    assert!(text.ends_with('\n'), "{text:?}");
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The vendor answers with this page.
fn fix(sim: &Simulator, total: u64, items: &Value, times: Times) {
    let body = json!({ "code": 0, "msg": "", "result": { "total": total, "items": items } }).to_string();
    sim.fault(On::operation("robot.list"), Fault::raw_json(body), times);
}

#[test]
fn every_item_is_a_line_and_the_last_line_says_that_it_is_the_end() {
    run(async {
        let (sim, served) = served("").await;
        for (input, requests) in [(json!({ "size": 10 }), 3), (json!({}), 1)] {
            sim.clear_requests();
            let lines = walk(&served, &input).await;
            assert_eq!(lines.len(), 26);
            assert_eq!(lines[24]["item"]["id"].to_string(), "9007199254740993");
            assert_eq!(lines[25], json!({ "end": { "items": 25 } }));
            assert_eq!(sim.requests_of("robot.list").len(), requests);
        }
        let none = walk(&served, &json!({ "tx": "no robot is called so" })).await;
        assert_eq!(none, [json!({ "end": { "items": 0 } })]);
    });
}

#[test]
fn a_failure_of_the_first_page_is_a_problem_and_a_later_one_the_last_line() {
    run(async {
        let (sim, served) = served("").await;
        sim.fault(On::operation("robot.list"), Fault::status(500), Times::Next(1));
        let answer = Answer::read(ask(&served, "robot.list", &json!({})).send().await.unwrap()).await;
        assert_eq!((answer.status, answer.kind()), (502, "rejected"), "{answer:?}");
        assert_eq!(answer.header("x-connector-version"), Some("0.1.0"));

        fix(
            &sim,
            25,
            &json!([{ "id": 1 }, { "error": "an item" }]),
            Times::Next(1),
        );
        sim.fault(On::operation("robot.list"), Fault::status(500), Times::Next(1));
        let lines = walk(&served, &json!({ "size": 2 })).await;
        let [first, second, last] = &lines[..] else {
            panic!("{lines:?}");
        };
        assert_eq!(
            (first, second),
            (
                &json!({ "item": { "id": 1 } }),
                &json!({ "item": { "error": "an item" } })
            )
        );
        let error = &last["error"];
        assert_eq!(
            (&error["kind"], &error["http_status"]),
            (&json!("rejected"), &json!(500)),
            "{last}"
        );
        assert_eq!(
            (&error["connection"], &error["operation"]),
            (&json!("rpa"), &json!("robot.list"))
        );
        // It can be explained.
        let call = last["call"].as_str().unwrap();
        let record = served.get(&format!("/v1/calls/{call}")).await;
        assert_eq!(record.body["outcome"], "rejected", "{record:?}");
    });
}

#[test]
fn what_cannot_be_walked_is_refused_before_anything_is_sent() {
    run(async {
        let (sim, served) = served("").await;
        for (operation, input, status, kind) in [
            ("robot.get", json!({ "id": "101" }), 400, "usage"),
            ("robot.lst", json!({}), 404, "unknown-operation"),
            ("robot.list", json!({ "size": "x" }), 422, "invalid-input"),
            ("robot.list", json!([]), 422, "invalid-input"),
        ] {
            let answer = Answer::read(ask(&served, operation, &input).send().await.unwrap()).await;
            assert_eq!((answer.status, answer.kind()), (status, kind), "{answer:?}");
            assert_eq!(answer.body["operation"], operation);
        }
        for query in ["all=yes", "all=true&all=true", "al=true"] {
            let path = format!("/v1/connections/rpa/operations/robot.list?{query}");
            let answer = served.post(&path).await;
            assert_eq!(
                (answer.status, answer.kind()),
                (400, "usage"),
                "{query}: {answer:?}"
            );
        }
        assert_eq!(sim.requests().len(), 0);
    });
}

#[test]
fn pages_are_asked_for_as_the_client_takes_them() {
    run(async {
        let sim = Simulator::start().await.unwrap();
        let connections = rpa(&sim.base_url(), "limits = { response = \"4MiB\" }") + &odd("");
        let served = Setup::new("", &connections).start();
        // Each page is another, and there is no end.
        let pages = 400;
        for number in 0..pages {
            let item = json!([{ "id": number, "text": "x".repeat(256 << 10) }]);
            fix(&sim, 1_000_000, &item, Times::Next(1));
        }
        let mut response = ask(&served, "robot.list", &json!({ "size": 1 }))
            .send()
            .await
            .unwrap();
        assert!(response.chunk().await.unwrap().is_some());
        // The client takes no more. What is between it and the service fills up.
        let mut asked = 0;
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let now = sim.count("robot.list");
            if now == asked {
                break;
            }
            asked = now;
        }
        assert!(asked < pages, "all pages were asked for, and none was waited for");
        assert!(served.peak_memory() < 600 << 20);
        // It goes away, and the walk ends.
        drop(response);
        tokio::time::sleep(Duration::from_millis(500)).await;
        let asked = sim.count("robot.list");
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(sim.count("robot.list"), asked);
    });
}

#[test]
fn a_walk_ends_with_the_service_and_says_so() {
    run(async {
        let (sim, mut served) = served("drain = \"1s\"").await;
        fix(&sim, 25, &json!([{ "id": 1 }]), Times::Next(1));
        let delay = Duration::from_mins(1);
        sim.fault(
            On::operation("robot.list"),
            Fault::Slow { delay },
            Times::UntilCleared,
        );
        let response = ask(&served, "robot.list", &json!({ "size": 1 }))
            .send()
            .await
            .unwrap();
        served.signal("TERM");
        let text = response.text().await.unwrap();
        let lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let [item, last] = &lines[..] else {
            panic!("{lines:?}");
        };
        assert_eq!(item, &json!({ "item": { "id": 1 } }));
        let error = &last["error"];
        assert_eq!(
            (&error["kind"], &error["request_sent"]),
            (&json!("unavailable"), &json!(true)),
            "{last}"
        );
        assert_eq!(served.ended().0, Some(0));
    });
}

#[test]
fn a_deadline_is_that_of_each_page() {
    run(async {
        let (sim, served) = served("").await;
        fix(&sim, 25, &json!([{ "id": 1 }]), Times::Next(1));
        let delay = Duration::from_mins(1);
        sim.fault(
            On::operation("robot.list"),
            Fault::Slow { delay },
            Times::UntilCleared,
        );
        let asked = ask(&served, "robot.list", &json!({ "size": 1 })).header("x-deadline", "700ms");
        let text = asked.send().await.unwrap().text().await.unwrap();
        let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!(last["error"]["kind"], "timeout", "{text}");
    });
}
