//! Calls beside trouble: guests that never end, a vendor that never answers, a queue that is full.

use std::sync::Arc;
use std::time::Duration;

use patchbay::{Connection, ConnectionOptions, Limits};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::library::Library;
use crate::Failed;
use crate::plan::Plan;
use crate::robots::Robots;
use crate::row::Row;
use crate::turns::{Turn, turn};
use crate::vendor::Vendor;
use crate::way::{Kind, Way};

/// How many calls of each sort there are. They are repeated as soon as they end.
const TROUBLE: usize = 4;

/// Measures calls alone, and beside each sort of trouble.
pub(super) async fn measure(plan: &Plan) -> Result<Vec<Row>, Failed> {
    let vendor = Vendor::light().await?;
    let library = Library::start().await?;
    let good = Kind::text(library.connect("good", &vendor.base_url)?).of(Robots::Medium);
    let silent = TcpListener::bind("127.0.0.1:0").await?;
    let silent_url = format!("http://{}", silent.local_addr()?);
    let vendor_that_is_silent = tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok(connection) = silent.accept().await {
            kept.push(connection);
        }
    });
    let misbehaving = library
        .host
        .load(patchbay_artifacts::guest("misbehaving"))
        .await?;
    let bad = |name: &str, limits: Limits| {
        let settings = [("base_url".to_owned(), silent_url.clone())].into();
        let options = ConnectionOptions {
            settings,
            limits,
            ..ConnectionOptions::default()
        };
        library.host.connect(name, misbehaving.clone(), options)
    };
    let narrow = Limits {
        concurrency: 1,
        queue: 1,
        ..Limits::default()
    };
    let visit = json!({ "url": silent_url });
    let sorts = [
        (
            "guests that never end",
            bad("spins", Limits::default())?,
            "spin",
            json!({}),
        ),
        (
            "a vendor that never answers",
            bad("waits", Limits::default())?,
            "visit",
            visit.clone(),
        ),
        ("a full queue", bad("queues", narrow)?, "visit", visit),
        (
            "guests that take all memory",
            bad("bombs", Limits::default())?,
            "bomb",
            json!({}),
        ),
    ];

    let time = plan.turn * 2;
    turn(&good, Plan::SHOWN, time / 4).await?;
    let alone = turn(&good, Plan::SHOWN, time).await?;
    let mut rows = Vec::new();
    for (sort, connection, operation, input) in sorts {
        let beside = troubled(&good, time, &connection, operation, &input).await?;
        let row = Row::figure(
            "trouble",
            &format!("calls beside {sort}"),
            beside.rate / alone.rate,
            "×",
        );
        rows.push(
            row.beside("the same calls alone")
                .with(described(&beside), described(&alone)),
        );
    }
    vendor_that_is_silent.abort();
    vendor.check().await?;
    Ok(rows)
}

/// Calls beside other calls.
async fn troubled(
    good: &Arc<Way>,
    time: Duration,
    connection: &Connection,
    operation: &'static str,
    input: &Value,
) -> Result<Turn, Failed> {
    // They end with this.
    let mut troubling = JoinSet::new();
    for _ in 0..TROUBLE {
        troubling.spawn(again(connection.clone(), operation, input.clone()));
    }
    turn(good, Plan::SHOWN, time).await
}

async fn again(connection: Connection, operation: &'static str, input: Value) {
    loop {
        let deadline = Duration::from_millis(500);
        // That it fails is the point.
        let failed = connection.invoke_within(operation, &input, deadline).await;
        if failed.is_err_and(|error| error.request_sent == Some(false)) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

fn described(turn: &Turn) -> String {
    let [half, most] = [50, 99].map(|percent| turn.within(percent).as_secs_f64() * 1e3);
    format!("{:.0}/s, p50 {half:.1} ms, p99 {most:.1} ms", turn.rate)
}
