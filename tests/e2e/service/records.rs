//! What happened: the record of one call in plain words, and the metrics of all.

use patchbay_simulators::{Fault, On, Times};
use serde_json::{Value, json};

use super::rig::{odd, page, served};
use crate::support::{Answer, Served, Setup, patchbay, run};

async fn record(served: &Served, answer: &Answer) -> Value {
    let id = answer.header("x-call-id").unwrap();
    let record = served.get(&format!("/v1/calls/{id}")).await;
    assert_eq!(record.status, 200, "{record:?}");
    assert_eq!(record.body["id"], id);
    record.body
}

fn explanation(record: &Value) -> &str {
    record["explanation"].as_str().unwrap()
}

#[test]
fn a_call_that_went_well_is_explained() {
    run(async {
        let (sim, served) = served("").await;
        sim.fault(On::operation("robot.list"), Fault::unavailable(0), Times::Next(1));
        let answer = served.invoke("rpa", "robot.list", &page()).await;
        let record = record(&served, &answer).await;
        assert_eq!(record["outcome"], "success");
        assert_eq!(
            (&record["connector"], &record["version"], &record["effect"]),
            (&json!("isearch-rpa"), &json!("0.1.0"), &json!("read"))
        );
        assert_eq!(
            (&record["fresh_instance"], &record["wrote_session"]),
            (&json!(true), &json!(true))
        );
        let [login, first, second] = record["requests"].as_array().unwrap().as_slice() else {
            panic!("{record:#}");
        };
        assert_eq!(
            login["target"],
            format!("{}/oapi/v1/token", sim.base_url()),
            "no query, which has the password"
        );
        assert_eq!((&first["status"], &first["attempt"]), (&json!(503), &json!(1)));
        assert!(first["again_after_ms"].as_f64().unwrap() >= 50.0, "{first}");
        assert_eq!((&second["status"], &second["attempt"]), (&json!(200), &json!(2)));
        let part = |name: &str| record[name].as_f64().unwrap();
        let parts = part("waiting_ms") + part("guest_ms") + part("vendor_ms");
        assert!(parts > 0.0 && parts <= part("total_ms") * 1.05, "{record:#}");
        assert!(
            part("waiting_ms") >= first["again_after_ms"].as_f64().unwrap(),
            "{record:#}"
        );
        let words = explanation(&record);
        for expected in [
            "served by isearch-rpa 0.1.0, in an instance made for it; the operation changes nothing",
            "it succeeded",
            "session: the call logged in or renewed the session",
            "HTTP 503",
            "; the call was repeated after",
            ", attempt 2: HTTP 200",
            "policy: nothing was denied; the connection may reach http://127.0.0.1:",
        ] {
            assert!(words.contains(expected), "{expected:?} in {words}");
        }
    });
}

#[test]
fn a_write_that_is_not_repeated_says_why() {
    run(async {
        let (sim, served) = served("").await;
        served.invoke("rpa", "robot.list", &page()).await;
        sim.fault(On::operation("job.create"), Fault::DropAfter, Times::Next(1));
        let answer = served.invoke("rpa", "job.create", &json!({ "id": 74 })).await;
        assert_eq!((answer.status, answer.kind()), (502, "unreachable"));
        let record = record(&served, &answer).await;
        assert_eq!(record["requests"].as_array().unwrap().len(), 1);
        let words = explanation(&record);
        for expected in [
            "the operation is repeated only where nothing was sent",
            "it failed: vendor unreachable (unreachable)",
            "the vendor may have received the request",
            "the call was not repeated: the operation is a write, and the vendor may have received it",
        ] {
            assert!(words.contains(expected), "{expected:?} in {words}");
        }
    });
}

#[test]
fn a_request_is_said_to_be_repeated_or_not_but_never_both() {
    run(async {
        let (sim, served) = served("").await;
        // Each attempt waits until the failure of the login isn't shared any more, and logs in.
        sim.fault(
            On::operation("token.create"),
            Fault::DropAfter,
            Times::UntilCleared,
        );
        let answer = served.invoke("rpa", "robot.list", &page()).await;
        assert_eq!(answer.kind(), "unreachable", "{answer:?}");
        let record = record(&served, &answer).await;
        let [first, second, last] = record["requests"].as_array().unwrap().as_slice() else {
            panic!("{record:#}");
        };
        for login in [first, second] {
            assert!(login["again_after_ms"].is_number(), "{record:#}");
            assert!(login["not_again"].is_null(), "{record:#}");
        }
        assert!(last["again_after_ms"].is_null(), "{record:#}");
        assert!(last["not_again"].is_string(), "{record:#}");
        assert_eq!(record["attempts"], 3, "{record:#}");
        let words = explanation(&record);
        assert_eq!(words.matches("the call was repeated after").count(), 2, "{words}");
        assert_eq!(words.matches("the call was not repeated").count(), 1, "{words}");
    });
}

#[test]
fn a_trap_is_told_with_the_functions_it_was_in() {
    run(async {
        let (_sim, served) = served("").await;
        let answer = served.invoke("odd", "trap", &json!({})).await;
        let record = record(&served, &answer).await;
        let words = explanation(&record);
        assert!(
            words.contains("printed: ") && words.contains("as told"),
            "{words}"
        );
        let frames = record["trap"]["frames"].as_array().unwrap();
        let named = |name: &str| {
            frames.iter().any(|frame| {
                frame["function"]
                    .as_str()
                    .is_some_and(|function| function.contains(name))
            })
        };
        assert!(named("misbehaving::") && named("panic"), "{words}");
        assert!(words.contains("  at ") && words.contains("(offset 0x"), "{words}");
    });
}

#[test]
fn a_denial_is_told_with_the_line_that_would_change_it() {
    run(async {
        let (_sim, served) = served("").await;
        let answer = served
            .invoke("odd", "visit", &json!({ "url": "http://files.example.com/x" }))
            .await;
        assert_eq!((answer.status, answer.kind()), (403, "denied"));
        let record = record(&served, &answer).await;
        let words = explanation(&record);
        assert!(words.contains("policy: denied: "), "{words}");
        assert!(
            words.contains("allow = [\"http://files.example.com\"] under [connections.odd]"),
            "{words}"
        );
        assert!(words.contains("vendor: no request was made"), "{words}");
    });
}

#[test]
fn the_command_line_asks_the_service() {
    run(async {
        let served = Setup::new("tokens = [\"token-of-a-caller\"]", &odd("")).start();
        let call = served
            .call("odd", "well", &json!({}))
            .bearer_auth("token-of-a-caller");
        let answer = served.send(call).await;
        let id = answer.header("x-call-id").unwrap().to_owned();
        let config = served.setup().path("patchbay.toml");
        let explain = |id: &str| {
            let arguments = [
                "--config",
                config.to_str().unwrap(),
                "explain",
                id,
                "--service",
                &served.url,
            ];
            patchbay(&arguments)
        };
        let ran = explain(&id);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(ran.json()["id"], id);
        assert!(
            ran.json()["explanation"]
                .as_str()
                .unwrap()
                .contains("it succeeded")
        );
        let unknown = explain(&patchbay::CallId::new().to_string());
        assert_eq!(
            (unknown.code, unknown.error()["kind"].as_str()),
            (2, Some("usage"))
        );
        assert!(
            unknown.error()["message"]
                .as_str()
                .unwrap()
                .contains("there is no record"),
            "{unknown:?}"
        );
        let nonsense = explain("call-1");
        assert_eq!(nonsense.code, 2);
        assert!(
            nonsense.error()["message"]
                .as_str()
                .unwrap()
                .contains("x-call-id"),
            "{nonsense:?}"
        );
        let arguments = [
            "--config",
            config.to_str().unwrap(),
            "explain",
            &id,
            "--service",
            "http://127.0.0.1:1",
        ];
        let nobody = patchbay(&arguments);
        assert_eq!(
            (nobody.code, nobody.error()["kind"].as_str()),
            (5, Some("unreachable"))
        );
    });
}

#[test]
fn a_call_of_the_command_line_explains_itself() {
    let guests = patchbay_artifacts::guest("misbehaving");
    let ran = patchbay(&[
        "--connectors",
        guests.parent().unwrap().to_str().unwrap(),
        "invoke",
        "misbehaving",
        "well",
        "-c",
        "base_url=http://127.0.0.1:1",
        "--explain",
    ]);
    assert_eq!((ran.code, ran.json()), (0, json!({ "calls": 1 })));
    assert!(ran.stderr.contains("served by misbehaving 0.1.0"), "{ran:?}");
}

#[test]
fn everything_is_counted() {
    run(async {
        let (sim, served) = served("").await;
        sim.fault(On::operation("robot.list"), Fault::unavailable(0), Times::Next(1));
        for _ in 0..3 {
            served.invoke("rpa", "robot.list", &page()).await;
        }
        served.invoke("rpa", "robot.list", &json!({})).await;
        served.invoke("rpa", "robot.lst", &json!({})).await;
        served.invoke("odd", "trap", &json!({})).await;
        let metrics = served.get("/metrics").await;
        assert_eq!(metrics.header("content-type"), Some(patchbay_service::MEDIA_TYPE));
        let text = metrics.body.as_str().unwrap();
        for line in [
            "patchbay_calls_total{connection=\"rpa\",operation=\"robot.list\",outcome=\"success\"} 3",
            "patchbay_calls_total{connection=\"rpa\",operation=\"robot.list\",outcome=\"invalid-input\"} 1",
            "patchbay_calls_total{connection=\"rpa\",operation=\"unknown\",outcome=\"unknown-operation\"} 1",
            "patchbay_calls_total{connection=\"odd\",operation=\"trap\",outcome=\"trapped\"} 1",
            "patchbay_call_seconds_count{connection=\"rpa\",part=\"vendor\"} 5",
            "patchbay_call_seconds_count{connection=\"rpa\",part=\"guest\"} 5",
            "patchbay_call_seconds_count{connection=\"rpa\",part=\"waiting\"} 5",
            "patchbay_vendor_requests_total{connection=\"rpa\",status=\"503\"} 1",
            "patchbay_vendor_requests_total{connection=\"rpa\",status=\"200\"} 4",
            "patchbay_vendor_retries_total{connection=\"rpa\"} 1",
            "patchbay_logins_total{connection=\"rpa\"} 1",
            "patchbay_instances{connection=\"rpa\",state=\"idle\"} 1",
            "patchbay_instances{connection=\"rpa\",state=\"busy\"} 0",
            "patchbay_calls_waiting{connection=\"rpa\"} 0",
            "patchbay_connector{connector=\"isearch-rpa\",version=\"0.1.0\",digest=\"",
            "# EOF",
        ] {
            assert!(text.contains(line), "{line:?} in {text}");
        }
        let memory = text
            .lines()
            .find_map(|line| line.strip_prefix("patchbay_resident_memory_bytes "));
        assert!(memory.unwrap().parse::<u64>().unwrap() > 1 << 20);
    });
}

#[test]
fn what_comes_half_is_told_as_such() {
    run(async {
        let more = "limits = { response = \"64KiB\" }\ndeadline = \"700ms\"";
        let sim = patchbay_simulators::isearch_rpa::Simulator::start()
            .await
            .unwrap();
        let served = Setup::new("", &super::rig::rpa(&sim.base_url(), more)).start();
        let drip = Fault::Drip {
            interval: std::time::Duration::from_secs(1),
        };
        for (fault, kind, words) in [
            (
                drip,
                "timeout",
                "HTTP 200, and its body was still coming when the call ended",
            ),
            (
                Fault::Huge {
                    bytes: 100_000,
                    chunked: false,
                },
                "malformed-response",
                "HTTP 200, but no whole answer after",
            ),
            (
                Fault::Huge {
                    bytes: 100_000,
                    chunked: true,
                },
                "malformed-response",
                "its body has more than the 65536 bytes of limits.response",
            ),
            (Fault::status(500), "rejected", ": HTTP 500 with"),
        ] {
            sim.clear_faults();
            sim.fault(On::operation("robot.list"), fault, Times::UntilCleared);
            let answer = served.invoke("rpa", "robot.list", &page()).await;
            assert_eq!(answer.kind(), kind, "{answer:?}");
            let record = record(&served, &answer).await;
            assert!(
                explanation(&record).contains(words),
                "{words:?} in {}",
                explanation(&record)
            );
        }
        // What is refused before it has a turn has not waited for one.
        let answer = served.invoke("rpa", "robot.list", &json!({})).await;
        assert_eq!(record(&served, &answer).await["waiting_ms"], 0.0);
    });
}

#[test]
fn many_may_read_the_metrics_at_once() {
    run(async {
        let (_sim, served) = served("").await;
        let mut reads = tokio::task::JoinSet::new();
        for _ in 0..64 {
            reads.spawn(served.client.get(format!("{}/metrics", served.url)).send());
        }
        for read in reads.join_all().await {
            let text = read.unwrap().text().await.unwrap();
            assert!(
                text.contains("patchbay_connector{connector=\"isearch-rpa\""),
                "{text}"
            );
        }
    });
}
