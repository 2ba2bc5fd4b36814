//! More connections than there may be.

use std::time::{Duration, Instant};

use super::rig::{Raw, served};
use crate::support::{Served, run};

const READ: &str = "GET /v1/connections HTTP/1.1\r\nhost: localhost\r\n\r\n";

async fn health(served: &Served) -> String {
    let mut raw = Raw::connect(served).await;
    raw.write("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await;
    raw.read_until("}").await
}

#[test]
fn probes_are_answered_however_many_connections_there_are() {
    run(async {
        let (_sim, served) = served("limits = { connections = 32, request = \"10s\" }").await;
        let begun = Instant::now();
        let mut silent = Vec::new();
        for _ in 0..300 {
            silent.push(Raw::connect(&served).await);
        }
        for path in ["healthz", "readyz"] {
            let mut raw = Raw::connect(&served).await;
            raw.write(&format!("GET /{path} HTTP/1.1\r\nhost: localhost\r\n\r\n"))
                .await;
            let answer = raw.read_to_end().await;
            assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
        }
        let elapsed = begun.elapsed();
        assert!(elapsed < Duration::from_millis(1500), "{elapsed:?}");
        let mut other = Raw::connect(&served).await;
        other.write(READ).await;
        let answer = other.read_to_end().await;
        for words in [
            "HTTP/1.1 503",
            "retry-after: 1",
            "x-call-id",
            "\"kind\":\"unavailable\"",
            "has 32 connections",
            "raise connections in limits under [serve]",
        ] {
            assert!(answer.contains(words), "{words:?} in {answer}");
        }
        // Who sends nothing is cut soon, and makes room.
        for silent in silent {
            assert_eq!(silent.read_to_end().await, "");
        }
        assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
        assert_eq!(served.get("/v1/connections").await.status, 200);
    });
}

/// Also where what it has sent is a head that doesn't end.
#[test]
fn a_connection_that_is_given_up_makes_room() {
    run(async {
        let (_sim, served) = served("limits = { connections = 1, request = \"1m\" }").await;
        let mut first = Raw::connect(&served).await;
        first.write("GET /v1/connections HTTP/1.1\r\n").await;
        let mut second = Raw::connect(&served).await;
        second.write(READ).await;
        let answer = second.read_to_end().await;
        assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
        assert!(health(&served).await.starts_with("HTTP/1.1 200"));
        drop(first);
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(served.get("/v1/connections").await.status, 200);
    });
}

#[test]
fn one_address_has_so_many_connections_and_no_more() {
    run(async {
        let (_sim, served) = served("limits = { per_peer = 2 }").await;
        let mut held = Vec::new();
        for _ in 0..2 {
            let mut raw = Raw::connect(&served).await;
            raw.write(READ).await;
            raw.read_until("\"odd\"").await;
            held.push(raw);
        }
        let mut third = Raw::connect(&served).await;
        third.write(READ).await;
        let answer = third.read_to_end().await;
        for words in [
            "HTTP/1.1 503",
            "2 connections from your address",
            "raise per_peer",
        ] {
            assert!(answer.contains(words), "{words:?} in {answer}");
        }
        assert!(health(&served).await.starts_with("HTTP/1.1 200"));
        held.pop();
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(served.get("/v1/connections").await.status, 200);
    });
}
