//! The configuration, and the folder of connectors, changed under a service that runs.

use std::time::{Duration, Instant};

use patchbay_simulators::isearch_rpa::Simulator;
use serde_json::{Value, json};

use super::rig::{odd, page, rpa};
use crate::support::{Answer, Served, Setup, run};

/// Writes the configuration anew.
fn configure(served: &Served, serve: &str, connections: &str) {
    let text =
        format!("connectors = \"connectors\"\n[serve]\nlisten = \"127.0.0.1:0\"\n{serve}\n{connections}");
    served.setup().write("patchbay.toml", &text);
}

async fn names(served: &Served) -> Vec<String> {
    let list = served.get("/v1/connections").await.body;
    let list = list["connections"].as_array().unwrap();
    list.iter()
        .map(|connection| connection["name"].as_str().unwrap().to_owned())
        .collect()
}

fn changes(added: &[&str], changed: &[&str], removed: &[&str], restart: &[&str]) -> Value {
    json!({ "added": added, "changed": changed, "removed": removed, "tokens": false, "restart": restart })
}

#[test]
fn connections_are_added_changed_and_removed_in_one_step() {
    run(async {
        let (one, two) = (
            Simulator::start().await.unwrap(),
            Simulator::start().await.unwrap(),
        );
        let of = |name: &str, sim: &Simulator| rpa(&sim.base_url(), "").replace("rpa]", &format!("{name}]"));
        let kept = of("kept", &one);
        let start = format!("{kept}{}{}", of("moved", &one), odd(""));
        let served = Setup::new("", &start).start();
        for name in ["kept", "moved"] {
            assert_eq!(served.invoke(name, "robot.list", &page()).await.status, 200);
        }
        let logins = one.logins();
        configure(
            &served,
            "",
            &format!("{kept}{}{}", of("moved", &two), of("new", &two)),
        );
        let answer = served.post("/v1/reload").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.body, changes(&["new"], &["moved"], &["odd"], &[]));
        assert_eq!(names(&served).await, ["kept", "moved", "new"]);
        for name in ["kept", "moved", "new"] {
            assert_eq!(
                served.invoke(name, "robot.list", &page()).await.status,
                200,
                "{name}"
            );
        }
        assert_eq!(one.logins(), logins, "what hasn't changed keeps its session");
        assert!(two.count("robot.list") >= 2);
        let gone = served.invoke("odd", "well", &json!({})).await;
        assert_eq!((gone.status, gone.kind()), (404, "unknown-connection"));
        assert_eq!(served.post("/v1/reload").await.body, changes(&[], &[], &[], &[]));
        let metrics = served.get("/metrics").await.body;
        let idle = "patchbay_instances{connection=\"moved\",state=\"idle\"}";
        assert_eq!(metrics.as_str().unwrap().matches(idle).count(), 1, "{metrics}");
    });
}

#[test]
fn a_call_under_way_ends_on_what_it_began_with() {
    run(async {
        let sim = Simulator::start().await.unwrap();
        let mut served = Setup::new("", &(rpa(&sim.base_url(), "") + &odd(""))).start();
        assert_eq!(served.invoke("rpa", "robot.list", &page()).await.status, 200);
        sim.set_latency(Duration::from_secs(1));
        let call = tokio::spawn(served.call("rpa", "job.create", &json!({ "id": 74 })).send());
        while sim.count("job.create") == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        configure(&served, "", &odd(""));
        served.signal("HUP");
        served.said("the configuration was reloaded");
        assert_eq!(names(&served).await, ["odd"]);
        let answer = Answer::read(call.await.unwrap().unwrap()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(sim.count("job.create"), 1);
        served.signal("TERM");
        assert_eq!(served.ended().0, Some(0), "SIGHUP didn't end it");
    });
}

#[test]
fn a_mistake_changes_nothing() {
    run(async {
        let sim = Simulator::start().await.unwrap();
        let rpa = rpa(&sim.base_url(), "");
        let served = Setup::new("", &rpa).start();
        for (connections, status, words) in [
            (
                format!("{}settings.no = 1\n{rpa}", odd("")),
                500,
                "patchbay.toml:9: connections.odd.settings.no",
            ),
            (
                format!("{rpa}deadline = \"soon\"\n"),
                400,
                "patchbay.toml:11: connections.rpa.deadline",
            ),
            (
                odd("").replace("misbehaving", "missing"),
                400,
                "patchbay.toml:6: connections.odd.connector: there is no connector \"missing\"",
            ),
            ("[connections".to_owned(), 400, "patchbay.toml:5"),
        ] {
            configure(&served, "", &connections);
            let answer = served.post("/v1/reload").await;
            assert_eq!(answer.status, status, "{answer:?}");
            let message = answer.body["message"].as_str().unwrap();
            assert!(message.contains(words), "{words} in {message}");
            served.said(words);
            assert_eq!(names(&served).await, ["rpa"]);
            assert_eq!(served.invoke("rpa", "robot.list", &page()).await.status, 200);
        }
    });
}

#[test]
fn tokens_are_exchanged_and_what_needs_a_restart_is_named() {
    run(async {
        let served = Setup::new("tokens = [\"old-token\"]", &odd("")).start();
        let post = |token| {
            served
                .client
                .post(format!("{}/v1/reload", served.url))
                .bearer_auth(token)
        };
        assert_eq!(served.send(post("new-token")).await.status, 401);
        configure(
            &served,
            "tokens = [\"new-token\"]\ndrain = \"5s\"\nlimits = { request = \"5s\" }",
            &odd(""),
        );
        let answer = served.send(post("old-token")).await;
        let mut expected = changes(&[], &[], &[], &["serve.limits", "serve.drain"]);
        expected["tokens"] = true.into();
        assert_eq!((answer.status, answer.body), (200, expected));
        served.said("only after a restart");
        assert_eq!(served.send(post("old-token")).await.status, 401);
        assert_eq!(served.send(post("new-token")).await.status, 200);
    });
}

#[test]
fn tokens_can_not_be_removed_where_others_can_call() {
    run(async {
        let served = Setup::new("listen = \"0.0.0.0:0\"\ntokens = [\"token\"]", &odd("")).start();
        configure(&served, "", &odd(""));
        let url = format!("http://127.0.0.1:{}/v1/reload", served.address().port());
        let answer = served.send(served.client.post(url).bearer_auth("token")).await;
        assert_eq!((answer.status, answer.kind()), (400, "usage"), "{answer:?}");
        let message = answer.body["message"].as_str().unwrap();
        assert!(message.contains("there are no tokens"), "{message}");
    });
}

#[test]
fn a_folder_that_is_made_again_is_noticed_at_once() {
    run(async {
        let served = Setup::new("", &odd("")).start();
        let folder = served.setup().path("connectors");
        for _ in 0..2 {
            std::fs::remove_dir_all(&folder).unwrap();
            tokio::time::sleep(Duration::from_millis(500)).await;
            std::fs::create_dir(&folder).unwrap();
            // The folder itself has been noticed: this is about what comes into it.
            tokio::time::sleep(Duration::from_millis(500)).await;
            let from = patchbay_artifacts::guest("misbehaving-next");
            std::fs::copy(from, folder.join("misbehaving.wasm")).unwrap();
            let begun = Instant::now();
            loop {
                let list = served.get("/v1/connectors").await.body.to_string();
                // It needs a setting, so that it is refused: which shows that it was looked at.
                if list.contains("region") {
                    break;
                }
                let elapsed = begun.elapsed();
                assert!(elapsed < Duration::from_secs(5), "{list}\n{}", served.log());
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            std::fs::remove_file(folder.join("misbehaving.wasm")).unwrap();
            let begun = Instant::now();
            while served
                .get("/v1/connectors")
                .await
                .body
                .to_string()
                .contains("region")
            {
                assert!(begun.elapsed() < Duration::from_secs(5), "{}", served.log());
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    });
}
