//! What bodies take in memory.

use std::time::Duration;

use serde_json::json;

use super::rig::{Raw, served};
use crate::support::run;

/// An input of so many bytes, that takes a hundred times as many when it is parsed.
fn zeros(bytes: usize) -> String {
    format!("{{\"zeros\":[{}0]}}", "0,".repeat(bytes / 2))
}

#[test]
fn what_a_body_takes_when_it_is_parsed_is_bounded() {
    run(async {
        let (_sim, served) = served("").await;
        let before = served.peak_memory();
        let call = |bytes| served.call("odd", "well", &json!({})).body(zeros(bytes));
        // As large as a body may be, several at the same time.
        let many = [(); 4].map(|()| tokio::spawn(call(11 << 20).send()));
        for answer in many {
            let answer = crate::support::Answer::read(answer.await.unwrap().unwrap()).await;
            let message = answer.body["message"].as_str().unwrap();
            match answer.status {
                413 => assert!(message.contains("values, which take up to"), "{message}"),
                503 => assert!(message.contains("raise bodies"), "{message}"),
                status => panic!("{status}: {message}"),
            }
        }
        let peak = served.peak_memory() - before;
        assert!(peak < 256 << 20, "{} MiB", peak >> 20);
        // What fits is parsed, and breaks the schema.
        assert_eq!(served.send(call(1 << 20)).await.status, 422);
        assert_eq!(served.invoke("odd", "well", &json!({})).await.status, 200);
    });
}

#[test]
fn a_body_that_finds_no_room_is_refused_until_there_is() {
    run(async {
        let (_sim, served) = served("limits = { bodies = \"64KiB\" }").await;
        let head = "POST /v1/connections/odd/operations/well HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000\r\n\r\n";
        let mut slow = Raw::connect(&served).await;
        slow.write(&format!("{head}{}", " ".repeat(40 << 10))).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        let refused = served.invoke("odd", "well", &json!({})).await;
        assert_eq!(
            (refused.status, refused.kind()),
            (503, "unavailable"),
            "{refused:?}"
        );
        assert_eq!(refused.header("retry-after"), Some("1"));
        assert_eq!(refused.body["request_sent"], false);
        assert_eq!(refused.body["connection"], "odd");
        let message = refused.body["message"].as_str().unwrap();
        assert!(
            message.contains("raise bodies in limits under [serve]"),
            "{message}"
        );
        drop(slow);
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(served.invoke("odd", "well", &json!({})).await.status, 200);
    });
}
