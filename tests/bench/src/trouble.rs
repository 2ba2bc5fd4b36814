//! Calls beside trouble: guests that never end, a vendor that never answers, a queue that is full.

use std::error::Error;
use std::time::Duration;

use patchbay::{Connection, ConnectionOptions, Host, HostOptions, Limits};
use patchbay_simulators::isearch_rpa::Simulator;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::{options, rate};

/// How many of each sort there are.
const TROUBLE: usize = 4;

/// The latency of calls alone, and beside each sort of trouble.
pub(crate) async fn beside(
    sim: &Simulator,
    turn: Duration,
    concurrency: usize,
) -> Result<(), Box<dyn Error>> {
    let host = Host::new(&HostOptions::usual())?;
    let connector = host.load(patchbay_artifacts::connector("isearch-rpa")).await?;
    let good = host.connect("good", connector, options(sim))?;
    let silent = TcpListener::bind("127.0.0.1:0").await?;
    let silent_url = format!("http://{}", silent.local_addr()?);
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok(connection) = silent.accept().await {
            kept.push(connection);
        }
    });
    let misbehaving = host.load(patchbay_artifacts::guest("misbehaving")).await?;
    let bad = |name: &str, limits: Limits| {
        let settings = [("base_url".to_owned(), silent_url.clone())].into();
        let options = ConnectionOptions {
            settings,
            limits,
            ..ConnectionOptions::default()
        };
        host.connect(name, misbehaving.clone(), options)
    };
    let narrow = Limits {
        concurrency: 1,
        queue: 1,
        ..Limits::default()
    };
    let visit = json!({ "url": silent_url });
    let sorts = [
        ("alone", None),
        (
            "guests that never end",
            Some((bad("spins", Limits::default())?, "spin", json!({}))),
        ),
        (
            "a vendor that never answers",
            Some((bad("waits", Limits::default())?, "visit", visit.clone())),
        ),
        ("a full queue", Some((bad("queues", narrow)?, "visit", visit))),
        (
            "guests that take all memory",
            Some((bad("bombs", Limits::default())?, "bomb", json!({}))),
        ),
    ];
    let call = || {
        let connection = good.clone();
        async move {
            let page = connection
                .invoke("robot.list", &json!({ "page": 1, "size": 10 }))
                .await?;
            Ok::<_, Box<dyn Error + Send + Sync>>(page["total"] == 25)
        }
    };
    rate(turn / 4, concurrency, &call).await?;
    println!("beside {TROUBLE} calls of each sort, which are repeated as soon as they end:");
    for (sort, trouble) in sorts {
        let mut troubling = JoinSet::new();
        if let Some((connection, operation, input)) = trouble {
            for _ in 0..TROUBLE {
                troubling.spawn(again(connection.clone(), operation, input.clone()));
            }
        }
        let (calls, p50, p99) = rate(turn, concurrency, &call).await?;
        println!("  {sort:28} {calls:7.0}/s  p50 {p50:?}  p99 {p99:?}");
    }
    Ok(())
}

async fn again(connection: Connection, operation: &'static str, input: serde_json::Value) {
    loop {
        let deadline = Duration::from_millis(500);
        // That it fails is the point.
        let failed = connection.invoke_within(operation, &input, deadline).await;
        if failed.is_err_and(|error| error.request_sent == Some(false)) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}
