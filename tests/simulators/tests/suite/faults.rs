//! Every fault, as a client meets it.

use std::time::{Duration, Instant};

use crate::client::Client;
use http::StatusCode;
use patchbay_simulators::{Fault, On, Times};
use serde_json::{Value, json};

async fn with(fault: Fault) -> Client {
    let client = Client::start().await;
    client
        .sim
        .fault(On::operation("robot.list"), fault, Times::Next(1));
    client
}

/// What comes after the fault is as ever.
async fn recovered(client: &Client) {
    assert_eq!(client.robots().await.unwrap().json()["code"], 0);
    assert!(client.sim.violations().is_empty());
}

#[tokio::test]
async fn statuses() {
    for (fault, status, after) in [
        (Fault::status(401), 401, None),
        (Fault::status(500), 500, None),
        (Fault::unavailable(7), 503, Some("7")),
        (Fault::throttled(2), 429, Some("2")),
    ] {
        let client = with(fault).await;
        let answer = client.robots().await.unwrap();
        assert_eq!(answer.status.as_u16(), status);
        let header = answer.headers.get("retry-after");
        assert_eq!(header.map(|value| value.to_str().unwrap()), after);
        assert!(answer.body.starts_with(b"<!DOCTYPE html>"));
        let record = client.sim.requests_of("robot.list").pop().unwrap();
        assert_eq!(
            (record.status, record.fault.as_deref()),
            (Some(status), Some("status"))
        );
        recovered(&client).await;
    }
}

#[tokio::test]
async fn bodies() {
    let raw = Fault::Raw {
        status: 201,
        content_type: "text/x".into(),
        body: "raw".into(),
    };
    for (fault, body) in [
        (Fault::ExpiredToken, r#"{"code":4007,"msg":"Token 不合法"}"#),
        (
            Fault::envelope(5000, "系统繁忙"),
            r#"{"code":5000,"msg":"系统繁忙"}"#,
        ),
        (Fault::NotJson, "系统维护中, please come back later {"),
        (Fault::NotEnvelope, "[1, 2, 3]"),
        (Fault::Empty, ""),
        (Fault::raw_json("{\"code\": 0"), "{\"code\": 0"),
        (raw, "raw"),
    ] {
        let client = with(fault).await;
        let answer = client.robots().await.unwrap();
        assert!(answer.status.is_success());
        assert_eq!(answer.body, body);
        recovered(&client).await;
    }
}

#[tokio::test]
async fn slow_and_dripping_answers() {
    let client = with(Fault::Slow {
        delay: Duration::from_millis(150),
    })
    .await;
    let start = Instant::now();
    recovered(&client).await;
    assert!(start.elapsed() >= Duration::from_millis(150));

    let interval = Duration::from_millis(2);
    let client = Client::start().await;
    client.sim.fault(
        On::operation("robot.get"),
        Fault::Drip { interval },
        Times::Next(1),
    );
    let start = Instant::now();
    let one = client.get("/oapi/v1/robot/detail", &[("id", "101")]).await;
    assert_eq!(one["result"]["id"], 101);
    assert!(start.elapsed() >= Duration::from_secs(1));

    client.sim.set_latency(Duration::from_millis(50));
    let start = Instant::now();
    recovered(&client).await;
    assert!(start.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn dropped_and_truncated_answers() {
    for fault in [Fault::DropBefore, Fault::Truncate] {
        let client = with(fault).await;
        assert!(client.robots().await.is_err());
        recovered(&client).await;
        assert_eq!(client.sim.connections(), 2);
    }
}

#[tokio::test]
async fn what_is_done_before_a_drop_stays_done() {
    let client = Client::start().await;
    for (fault, alias) in [(Fault::DropBefore, "机器人-01"), (Fault::DropAfter, "new")] {
        client
            .sim
            .fault(On::operation("robot.update"), fault, Times::Next(1));
        let body = json!({"id": "101", "robotAlias": "new"}).to_string();
        let kind = Some("application/json");
        let answer = client
            .signed("PUT", "/oapi/v1/robot", &body.clone(), kind, body)
            .await;
        assert!(answer.is_err());
        assert_eq!(client.sim.requests_of("robot.update").pop().unwrap().status, None);
        let robot = client.get("/oapi/v1/robot/detail", &[("id", "101")]).await;
        assert_eq!(robot["result"]["agentAlias"], alias);
    }
}

#[tokio::test]
async fn floods() {
    for chunked in [false, true] {
        let client = with(Fault::huge(chunked)).await;
        let answer = client.robots().await.unwrap();
        assert_eq!(answer.body.len(), 50_000_000);
        assert_eq!(answer.headers.contains_key("content-length"), !chunked);
        assert!(serde_json::from_slice::<Value>(&answer.body).is_ok());
    }
}

#[tokio::test]
async fn faults_hit_logins_and_last_as_told() {
    let client = Client::start().await;
    let login = "/oapi/v1/token?accessKey=patchbay&secretKey=patchbay-secret";
    let status = async || client.raw("GET", login, &[], "").await.unwrap().status;
    client
        .sim
        .fault(On::operation("token.create"), Fault::status(500), Times::Next(2));
    assert_eq!(client.robots().await.unwrap().status, StatusCode::OK);
    assert_eq!(status().await, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(status().await, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(status().await, StatusCode::OK);
    client
        .sim
        .fault(On::any(), Fault::status(502), Times::UntilCleared);
    for _ in 0..3 {
        assert_eq!(status().await, StatusCode::BAD_GATEWAY);
        assert_eq!(client.robots().await.unwrap().status, StatusCode::BAD_GATEWAY);
    }
    client.sim.clear_faults();
    assert_eq!(status().await, StatusCode::OK);
}

#[tokio::test]
async fn the_control_paths_do_the_same() {
    let client = Client::start().await;
    let fault = json!({"on": "robot.list", "fault": "status", "status": 503, "retryAfter": 3, "times": 1});
    assert_eq!(client.control("POST", "faults", fault).await["done"], true);
    assert_eq!(client.robots().await.unwrap().headers["retry-after"], "3");
    let wrong = client
        .control("POST", "faults", json!({"fault": "nonsense"}))
        .await;
    assert!(wrong["error"].as_str().unwrap().contains("nonsense"));
    let fault = json!({"fault": "empty", "times": "until-cleared"});
    client.control("POST", "faults", fault).await;
    client.control("DELETE", "faults", Value::Null).await;
    recovered(&client).await;
    client.control("POST", "expire-tokens", Value::Null).await;
    assert_eq!(client.robots().await.unwrap().json()["code"], 4007);
    let requests = client.control("GET", "requests", Value::Null).await;
    let last = requests.as_array().unwrap().last().unwrap();
    assert_eq!(last["refused"], "the token has expired");
    let state = client.control("GET", "state", Value::Null).await;
    assert_eq!(state["counters"]["logins"], 1);
    assert_eq!(state["state"]["robots"].as_array().unwrap().len(), 25);
}

#[tokio::test]
async fn it_stops_when_dropped() {
    let Client { sim, .. } = Client::start().await;
    let address = sim.address();
    drop(sim);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
