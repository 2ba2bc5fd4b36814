//! Calls of a guest that returns at once: what the host itself costs.

use std::time::{Duration, Instant};

use patchbay::{Connection, ConnectionOptions, Host, HostOptions};
use serde_json::json;

use crate::Failed;
use crate::plan::Plan;
use crate::process;
use crate::row::Row;
use crate::turns::median;

/// Measures a call of an instance that has been called before, and the first one of a new instance.
pub(super) async fn measure(plan: &Plan) -> Result<Vec<Row>, Failed> {
    let host = Host::new(&HostOptions::usual())?;
    let connector = host.load(patchbay_artifacts::guest("misbehaving")).await?;
    let connect = || {
        // It sends nothing.
        let settings = [("base_url".to_owned(), "http://127.0.0.1:9".to_owned())].into();
        let options = ConnectionOptions {
            settings,
            ..ConnectionOptions::default()
        };
        host.connect("bench", connector.clone(), options)
    };

    let connection = connect()?;
    call(&connection).await?;
    let (used, begun) = (process::own_cpu(), Instant::now());
    let mut warm = Vec::new();
    while begun.elapsed() < plan.turn * 2 {
        warm.push(call(&connection).await?.0);
    }
    let used = process::own_cpu()
        .zip(used)
        .map(|(now, before)| now.saturating_sub(before));
    let used = used
        .zip(u32::try_from(warm.len()).ok())
        .map(|(used, calls)| micros(used / calls));

    let mut fresh = Vec::new();
    for _ in 0..plan.repetitions * 10 {
        let connection = connect()?;
        let (time, calls) = call(&connection).await?;
        if calls != 1 {
            return Err("a new connection has an instance that was called before".into());
        }
        fresh.push(time);
    }
    let [warm, fresh] = [warm, fresh].map(|times| median(times.into_iter().map(micros).collect()));
    let cpu = used.map_or_else(String::new, |cpu| format!("{cpu:.1} µs of CPU"));
    Ok(vec![
        Row::figure("guest", "warm call without I/O", warm, "µs").with(cpu, String::new()),
        Row::figure("guest", "first call of a new instance", fresh, "µs")
            .beside("warm call")
            .with(format!("{fresh:.1} µs"), format!("{warm:.1} µs")),
    ])
}

/// How long a call takes, and how often its instance has been called, this time included.
async fn call(connection: &Connection) -> Result<(Duration, u64), Failed> {
    let (input, begun) = (json!({}), Instant::now());
    let output = connection.invoke("well", &input).await?;
    let time = begun.elapsed();
    let calls = output["calls"].as_u64().ok_or("a wrong answer")?;
    Ok((time, calls))
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
