//! What a client may use, and that nobody can keep the service waiting.

use std::fmt::Write as _;

use serde_json::json;

use super::rig::{Raw, served};
use crate::support::{Answer, run};

const WELL: &str = "POST /v1/connections/odd/operations/well HTTP/1.1\r\nhost: localhost\r\n";

#[test]
fn a_body_that_is_too_large_is_refused_before_and_while_it_is_read() {
    run(async {
        let (_sim, served) = served("limits = { body = \"1KiB\" }").await;
        let fits = served
            .call("odd", "well", &json!({}))
            .body(format!("{{}}{}", " ".repeat(1022)));
        assert_eq!(served.send(fits).await.status, 200);
        // Announced: refused by its head.
        let mut raw = Raw::connect(&served).await;
        raw.write(&format!(
            "{WELL}content-length: 1025\r\nexpect: 100-continue\r\n\r\n"
        ))
        .await;
        let answer = raw.read_to_end().await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        // Not announced: counted.
        let mut raw = Raw::connect(&served).await;
        raw.write(&format!(
            "{WELL}transfer-encoding: chunked\r\n\r\n401\r\n{}\r\n",
            " ".repeat(1025)
        ))
        .await;
        let answer = raw.read_to_end().await;
        for words in [
            "HTTP/1.1 413",
            "x-call-id",
            "more than 1024 bytes",
            "\"kind\":\"usage\"",
        ] {
            assert!(answer.contains(words), "{words:?} in {answer}");
        }
    });
}

#[test]
fn a_head_that_is_too_large_is_refused() {
    run(async {
        let (_sim, served) = served("limits = { headers = \"2KiB\" }").await;
        let with = |size: usize| {
            served
                .client
                .get(format!("{}/healthz", served.url))
                .header("x-large", "x".repeat(size))
        };
        assert_eq!(served.send(with(1500)).await.status, 200);
        let answer = served.send(with(2048)).await;
        assert_eq!((answer.status, answer.kind()), (431, "usage"), "{answer:?}");
        assert!(
            answer.body["detail"]
                .as_str()
                .unwrap()
                .contains("more than 2048 bytes"),
            "{answer:?}"
        );
        let long = served.get(&format!("/{}", "x".repeat(2048))).await;
        assert_eq!(long.status, 431, "the target counts");
        // What is far larger isn't even taken.
        let response = with(100_000).send().await.unwrap();
        assert_eq!(Answer::read(response).await.status, 431);
    });
}

#[test]
fn a_client_that_keeps_the_service_waiting_is_cut() {
    run(async {
        let (_sim, served) = served("limits = { request = \"500ms\" }").await;
        for slow in ["", "PRI * HT", "GET /healthz HTTP/1.1\r\nhost: loc"] {
            let mut raw = Raw::connect(&served).await;
            raw.write(slow).await;
            assert_eq!(raw.read_to_end().await, "", "{slow:?}");
        }
        // A byte now and then doesn't help.
        let mut raw = Raw::connect(&served).await;
        raw.write("GET /healthz HTTP/1.1\r\nx-slow: ").await;
        let mut sent = 0;
        while raw.try_write("x").await.is_ok() {
            sent += 1;
            assert!(sent < 600, "it goes on and on");
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        let mut raw = Raw::connect(&served).await;
        raw.write(&format!("{WELL}content-length: 1000\r\n\r\n{{")).await;
        let answer = raw.read_to_end().await;
        for words in ["HTTP/1.1 408", "x-call-id", "within 500ms", "\"kind\":\"usage\""] {
            assert!(answer.contains(words), "{words:?} in {answer}");
        }
        assert_eq!(served.get("/healthz").await.status, 200, "others are served");
    });
}

#[test]
fn a_connection_is_kept_for_a_while() {
    run(async {
        let (_sim, served) = served("limits = { request = \"500ms\" }").await;
        let mut raw = Raw::connect(&served).await;
        for _ in 0..2 {
            raw.write("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
                .await;
            let answer = raw.read_until("\"ok\"").await;
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
        assert_eq!(raw.read_to_end().await, "", "and closed when it is idle");
        // A call that takes longer isn't idle.
        let mut raw = Raw::connect(&served).await;
        let spin = WELL.replace("well", "spin");
        raw.write(&format!("{spin}x-deadline: 1500ms\r\n\r\n")).await;
        let answer = raw.read_until("deadline of").await;
        assert!(answer.starts_with("HTTP/1.1 504"), "{answer}");
    });
}

#[test]
fn a_client_that_does_not_read_is_cut() {
    run(async {
        let (_sim, served) = served("limits = { request = \"500ms\" }").await;
        let whole = served.get("/v1/connections/rpa").await.body.to_string().len();
        let count = (48 << 20) / whole;
        let mut requests = String::new();
        for _ in 0..count {
            requests.push_str("GET /v1/connections/rpa HTTP/1.1\r\nhost: localhost\r\n\r\n");
        }
        let _ = write!(requests, "GET /nowhere HTTP/1.1\r\nhost: localhost\r\n\r\n");
        let mut raw = Raw::connect(&served).await;
        // It may be cut while it writes.
        let _ = raw.try_write(&requests).await;
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        let answer = raw.read_to_end().await;
        assert!(answer.contains("HTTP/1.1 200"), "it was served");
        assert!(!answer.contains("there is nothing at"), "but not to its end");
    });
}
