//! Shutting down.

use std::time::Duration;

use serde_json::json;

use super::rig::{Raw, page, served};
use crate::support::{Answer, run};

#[test]
fn calls_under_way_end_while_new_ones_are_refused() {
    run(async {
        let (sim, mut served) = served("").await;
        assert_eq!(served.invoke("rpa", "robot.list", &page()).await.status, 200);
        sim.set_latency(Duration::from_millis(1500));
        let call = tokio::spawn(served.call("rpa", "job.create", &json!({ "id": 74 })).send());
        while sim.count("job.create") == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        served.signal("TERM");
        served.said("shutting down when the calls under way have ended");
        let refused = served.invoke("rpa", "robot.list", &page()).await;
        assert_eq!(
            (refused.status, refused.kind()),
            (503, "unavailable"),
            "{refused:?}"
        );
        assert_eq!(refused.body["request_sent"], false);
        let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=30).contains(&seconds), "{refused:?}");
        let ready = served.get("/readyz").await;
        assert_eq!((ready.status, ready.kind()), (503, "unavailable"), "{ready:?}");
        for answer in [&refused, &ready] {
            assert!(answer.header("x-call-id").is_some());
        }
        assert_eq!(served.get("/healthz").await.status, 200);
        assert_eq!(
            served.get("/v1/connections").await.status,
            200,
            "what changes nothing is answered"
        );
        let answer = Answer::read(call.await.unwrap().unwrap()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(served.ended().0, Some(0));
        assert_eq!(sim.count("job.create"), 1);
        assert!(!served.log().contains("WARN"), "{}", served.log());
    });
}

/// Neither one that is idle nor one with half a request.
#[test]
fn no_connection_holds_up_the_end() {
    run(async {
        let (_sim, mut served) = served("drain = \"10m\"\nlimits = { request = \"10m\" }").await;
        let _silent = Raw::connect(&served).await;
        let mut idle = Raw::connect(&served).await;
        idle.write("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
            .await;
        idle.read_until("\"ok\"").await;
        let mut half = Raw::connect(&served).await;
        half.write("GET /healthz HTTP/1.1\r\nhost: loc").await;
        served.signal("TERM");
        assert_eq!(served.ended().0, Some(0));
        assert_eq!(idle.read_to_end().await, "");
        assert!(!served.log().contains("WARN"), "{}", served.log());
    });
}

#[test]
fn what_has_not_ended_in_time_is_cut() {
    run(async {
        let (sim, mut served) = served("drain = \"500ms\"").await;
        sim.set_latency(Duration::from_mins(1));
        let spins = tokio::spawn(served.call("odd", "spin", &json!({})).send());
        let waits = tokio::spawn(served.call("rpa", "robot.list", &page()).send());
        tokio::time::sleep(Duration::from_millis(500)).await;
        served.signal("TERM");
        for (call, sent) in [(spins, false), (waits, true)] {
            let answer = Answer::read(call.await.unwrap().unwrap()).await;
            assert_eq!((answer.status, answer.kind()), (503, "unavailable"), "{answer:?}");
            assert_eq!(answer.body["request_sent"], sent, "{answer:?}");
        }
        assert_eq!(served.ended().0, Some(0));
        assert!(
            served.log().contains("calls that haven't ended are cut calls=2"),
            "{}",
            served.log()
        );
    });
}

#[test]
fn a_second_signal_ends_it_at_once() {
    run(async {
        let (_sim, mut served) = served("drain = \"10m\"").await;
        let call = tokio::spawn(
            served
                .call("odd", "spin", &json!({}))
                .header("x-deadline", "25s")
                .send(),
        );
        tokio::time::sleep(Duration::from_millis(500)).await;
        served.signal("TERM");
        served.said("shutting down");
        assert!(!call.is_finished());
        served.signal("INT");
        assert_eq!(served.ended().0, Some(0));
        assert!(
            !served.log().contains("the call failed"),
            "the call's deadline wasn't waited for"
        );
        assert!(served.log().contains("are cut"), "{}", served.log());
        drop(call);
    });
}
