//! What one call or one connection can take of the host, and that there is a limit to it.

use std::time::{Duration, Instant};

use patchbay::{Connection, ConnectionOptions, Error, Host, HostOptions, Kind, Limits};
use patchbay_simulators::isearch_rpa::Simulator;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{cache, host, misbehaving, options, run};

const MIB: usize = 1 << 20;

/// A vendor that does this with each connection. Returns its host and port.
async fn vendor<F>(serve: fn(TcpStream) -> F) -> String
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    address
}

/// Reads, and never responds.
async fn silent(mut stream: TcpStream) {
    let mut read = vec![0; 64 << 10];
    while stream.read(&mut read).await.is_ok_and(|read| read > 0) {}
}

/// Responds with 4 MiB, to one request a connection.
async fn large(mut stream: TcpStream) {
    let _ = stream.read(&mut [0; 4096]).await;
    let head = format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        4 * MIB
    );
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(&vec![b'x'; 4 * MIB]).await;
    // The end of the request's body, and then of the connection.
    while stream.read(&mut [0; 64]).await.is_ok_and(|read| read > 0) {}
}

/// Responds with interim responses, without end.
async fn endless(mut stream: TcpStream) {
    let _ = stream.read(&mut [0; 4096]).await;
    let many = "HTTP/1.1 102 Processing\r\n\r\n".repeat(100);
    while stream.write_all(many.as_bytes()).await.is_ok() {}
}

async fn limited(name: &str, vendor: &str, memory: usize) -> Connection {
    let limits = Limits {
        memory,
        ..Limits::default()
    };
    misbehaving(name, &format!("http://{vendor}"), limits).await
}

async fn hoard(
    connection: &Connection,
    what: &str,
    count: u32,
    bytes: usize,
    vendor: &str,
) -> Result<Value, Error> {
    let input = json!({ "what": what, "count": count, "bytes": bytes, "authority": vendor });
    connection.invoke("hoard", &input).await
}

async fn calls(connection: &Connection) -> Value {
    connection.invoke("well", &json!({})).await.unwrap()["calls"].clone()
}

#[test]
fn whatever_the_host_holds_for_an_instance_counts_against_its_memory() {
    run(async {
        let (silent, large) = (vendor(silent).await, vendor(large).await);
        for (what, bytes, vendor) in [
            ("memory", MIB, &silent),
            ("fields", 56_000, &silent),
            ("unsent", MIB, &silent),
            ("open", 2 * MIB, &silent),
            ("responses", 0, &large),
        ] {
            let connection = limited(&format!("hoards-{what}"), vendor, 8 * MIB).await;
            let error = hoard(&connection, what, 1000, bytes, vendor).await.unwrap_err();
            assert_eq!(error.kind, Kind::LimitExceeded, "{what}: {error:?}");
            assert!(error.message.contains("limits.memory"), "{what}: {error:?}");
            assert_eq!(calls(&connection).await, 1, "{what}: others aren't harmed");
        }
    });
}

#[test]
fn a_response_that_an_instance_has_no_room_for_names_the_limit() {
    run(async {
        let vendor = vendor(large).await;
        let connection = limited("no-room", &vendor, 5 * MIB).await;
        let visit = json!({ "url": format!("http://{vendor}/") });
        let error = connection.invoke("visit", &visit).await.unwrap_err();
        assert_eq!(
            (error.kind, error.request_sent),
            (Kind::LimitExceeded, Some(true)),
            "{error:?}"
        );
        assert!(error.message.contains("limits.memory"), "{error:?}");
    });
}

#[test]
fn what_a_call_leaves_behind_ends_with_it() {
    run(async {
        let (silent, large) = (vendor(silent).await, vendor(large).await);
        for (what, vendor) in [
            ("fields", &silent),
            ("unsent", &silent),
            ("open", &silent),
            ("responses", &large),
        ] {
            let connection = limited(&format!("leaves-{what}"), vendor, 32 * MIB).await;
            assert_eq!(calls(&connection).await, 1);
            assert_eq!(calls(&connection).await, 2);
            hoard(&connection, what, 1, 1, vendor).await.unwrap();
            assert_eq!(connection.status().idle_instances, 0, "{what}");
        }
    });
}

/// Responds to each request with nothing.
async fn empty(mut stream: TcpStream) {
    let mut read = vec![0; 4096];
    while stream.read(&mut read).await.is_ok_and(|read| read > 0) {
        let _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            .await;
    }
}

#[test]
fn an_instance_keeps_no_handle_of_the_requests_that_it_has_sent() {
    run(async {
        let vendor = vendor(empty).await;
        let connection = limited("sends", &vendor, 64 * MIB).await;
        let visit = json!({ "url": format!("http://{vendor}/") });
        // More than an instance may have handles.
        for _ in 0..4200 {
            connection.invoke("visit", &visit).await.unwrap();
        }
    });
}

#[test]
fn a_call_has_a_number_of_requests_open_and_no_more() {
    run(async {
        let vendor = vendor(silent).await;
        let connection = limited("opens", &vendor, 64 * MIB).await;
        hoard(&connection, "open", 64, 1, &vendor).await.unwrap();
        let error = hoard(&connection, "open", 65, 1, &vendor).await.unwrap_err();
        assert_eq!(error.kind, Kind::LimitExceeded, "{error:?}");
        assert!(error.message.contains("64 requests open"), "{error:?}");
    });
}

#[test]
fn keys_that_are_too_long_are_refused() {
    run(async {
        let connection = limited("keys", "127.0.0.1:1", 32 * MIB).await;
        // The guest goes on after each refusal.
        hoard(&connection, "keys", 20, 8 * MIB, "").await.unwrap();
        hoard(&connection, "settings", 20, 8 * MIB, "").await.unwrap();
        assert!(connection.status().idle_instances <= 1);
    });
}

#[test]
fn printing_never_fails_and_each_call_has_its_own() {
    run(async {
        let connection = limited("prints", "127.0.0.1:1", 32 * MIB).await;
        let print = async |text: &str, times: u32, panics: bool| {
            let input = json!({ "text": text, "times": times, "panics": panics });
            connection.invoke("chatter", &input).await
        };
        for call in 1..=400 {
            let printed = print(&"earlier ".repeat(12), 1, false).await.unwrap();
            assert_eq!(printed["calls"], call, "the instance is kept");
        }
        print(&"x".repeat(1000), 1000, false).await.unwrap();
        let error = print("this call's own", 1, true).await.unwrap_err();
        assert_eq!(error.kind, Kind::Trapped, "{error:?}");
        for word in ["this call's own", "as told"] {
            assert!(error.message.contains(word), "{word}: {error:?}");
        }
        assert!(!error.message.contains("earlier"), "{error:?}");
        // The message of the panic comes last, and is what is kept.
        let error = print(&"x".repeat(1000), 1000, true).await.unwrap_err();
        assert!(error.message.len() < 20_000, "{} bytes", error.message.len());
    });
}

/// Connections in a host that has room for four instances.
async fn crowded(vendor: &str) -> (Host, Connection, Connection) {
    let host = Host::new(&HostOptions {
        cache: Some(cache()),
        instances: Some(4),
        ..HostOptions::default()
    })
    .unwrap();
    let connector = host.load(patchbay_artifacts::guest("misbehaving")).await.unwrap();
    let connect = |name: &str| {
        host.connect(name, connector.clone(), options(&[("base_url", vendor)]))
            .unwrap()
    };
    let (one, other) = (connect("one"), connect("other"));
    (host, one, other)
}

#[test]
fn idle_instances_give_way_to_other_connections() {
    run(async {
        let sim = Simulator::builder()
            .latency(Duration::from_millis(500))
            .start()
            .await
            .unwrap();
        let (host, one, other) = crowded(&sim.base_url()).await;
        let burst = |calls: usize| {
            let tasks = (0..calls).map(|_| {
                let (one, url) = (one.clone(), sim.base_url());
                tokio::spawn(async move { one.invoke("visit", &json!({ "url": url })).await })
            });
            tasks.collect::<Vec<_>>()
        };
        for call in burst(4) {
            call.await.unwrap().unwrap();
        }
        assert_eq!(one.status().idle_instances, 4);
        assert_eq!(calls(&other).await, 1);
        assert_eq!(
            (one.status().idle_instances, other.status().idle_instances),
            (3, 1)
        );
        // A component that is loaded needs an instance too.
        for call in burst(3) {
            call.await.unwrap().unwrap();
        }
        host.load(patchbay_artifacts::guest("misbehaving")).await.unwrap();
        // What is at work is never taken away.
        let busy = burst(4);
        tokio::time::sleep(Duration::from_millis(250)).await;
        let error = other.invoke("well", &json!({})).await.unwrap_err();
        assert_eq!(error.kind, Kind::LimitExceeded, "{error:?}");
        assert!(error.message.contains("all 4 instances"), "{error:?}");
        for call in busy {
            call.await.unwrap().unwrap();
        }
    });
}

#[test]
fn a_vendor_that_never_comes_to_its_response_is_given_up() {
    run(async {
        let vendor = vendor(endless).await;
        let connection = limited("interim", &vendor, 32 * MIB).await;
        let begun = Instant::now();
        let visit = json!({ "url": format!("http://{vendor}/") });
        let error = connection.invoke("visit", &visit).await.unwrap_err();
        assert_eq!(
            (error.kind, error.request_sent),
            (Kind::Unreachable, Some(true)),
            "{error:?}"
        );
        assert!(error.message.contains("interim responses"), "{error:?}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    });
}

#[test]
fn names_of_private_addresses_are_out_of_reach_where_the_operator_says_so() {
    run(async {
        let sim = Simulator::start().await.unwrap();
        let port = sim.address().port();
        let connector = host()
            .load(patchbay_artifacts::guest("misbehaving"))
            .await
            .unwrap();
        let connect = |name: &str, base_url: &str, allow_private| {
            let options = ConnectionOptions {
                allow_private,
                ..options(&[("base_url", base_url)])
            };
            host().connect(name, connector.clone(), options).unwrap()
        };
        let (by_name, by_address) = (
            format!("http://localhost:{port}"),
            format!("http://127.0.0.1:{port}"),
        );
        let visit = async |connection: &Connection, url: &str| {
            connection.invoke("visit", &json!({ "url": url })).await
        };
        // This leaves a connection behind, which the next one must not get.
        visit(&connect("anywhere", &by_name, true), &by_name)
            .await
            .unwrap();
        let error = visit(&connect("public-only", &by_name, false), &by_name)
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind, error.request_sent),
            (Kind::Denied, Some(false)),
            "{error:?}"
        );
        for words in [&by_name, "allow_private", "[connections.public-only]"] {
            assert!(error.message.contains(words), "{error:?}");
        }
        visit(&connect("literal", &by_address, false), &by_address)
            .await
            .unwrap();
    });
}
