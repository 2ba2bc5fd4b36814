//! Warm calls: the library and `serve`, beside programs that do the same without Patchbay.

use std::sync::Arc;

use super::library;
use crate::Failed;
use crate::native::Native;
use crate::plan::Plan;
use crate::process::Process;
use crate::robots::Robots;
use crate::row::{Aim, Row};
use crate::serve::Serve;
use crate::turns::{Measured, in_turns};
use crate::vendor::Vendor;
use crate::way::{Kind, Way};

const PARSES: &str = "native client that parses";
const TEXT: &str = "library, text";
const VALUE: &str = "library, `Value`";

/// Ways by name, which are compared with each other.
type Ways = Vec<(&'static str, Arc<Way>)>;

/// What is compared with what, and the aim.
type Pair = (&'static str, &'static str, Option<Aim>);

/// Over the light vendor.
pub(super) async fn light(plan: &Plan, robots: Robots) -> Result<Vec<Row>, Failed> {
    let vendor = Vendor::light().await?;
    let native = Native::login(&vendor.base_url).await?;
    let connection = library::connection(&vendor).await?;
    let serve = Serve::start(&plan.host, &vendor.base_url).await?;
    let (service, service_url) = Process::part(&["service", &vendor.base_url]).await?;
    let bytes = "native client that leaves bytes alone";
    let axum = "axum service with reqwest";
    let served = Kind::service(&serve.url, serve.process.clone(), true)?;
    let ways = vec![
        (PARSES, Kind::NativeParsed(native.clone()).of(robots)),
        (TEXT, Kind::text(connection.clone()).of(robots)),
        (VALUE, Kind::Value(connection).of(robots)),
        (bytes, Kind::NativeBytes(native).of(robots)),
        ("`serve`", served.of(robots)),
        (
            axum,
            Kind::service(&service_url, Arc::new(service), false)?.of(robots),
        ),
    ];
    let (group, text, value, served) = match robots {
        Robots::Small => ("200 B", Some(Aim::least(0.5).at(8)), None, None),
        Robots::Large => ("200 KB", Some(Aim::least(2.0)), None, None),
        Robots::Medium | Robots::Simulated => (
            "7 KB",
            Some(Aim::least(1.0)),
            Some(Aim::least(0.7)),
            Some(Aim::least(0.85)),
        ),
    };
    let pairs = vec![
        (TEXT, PARSES, text),
        (VALUE, PARSES, value),
        (TEXT, bytes, None),
        ("`serve`", axum, served),
    ];
    let rows = compare(plan, group, &ways, pairs).await?;
    vendor.check().await?;
    Ok(rows)
}

/// Over the strict simulator, which takes longer than a client does.
pub(super) async fn strict(plan: &Plan) -> Result<Vec<Row>, Failed> {
    let vendor = Vendor::strict().await?;
    let native = Native::login(&vendor.base_url).await?;
    let connection = library::connection(&vendor).await?;
    let robots = Robots::Simulated;
    let ways = vec![
        (PARSES, Kind::NativeParsed(native).of(robots)),
        (TEXT, Kind::text(connection.clone()).of(robots)),
        (VALUE, Kind::Value(connection).of(robots)),
    ];
    let pairs = vec![(VALUE, PARSES, Some(Aim::least(0.9))), (TEXT, PARSES, None)];
    let rows = compare(plan, "strict simulator, 7 KB", &ways, pairs).await?;
    vendor.check().await?;
    Ok(rows)
}

/// A row for each pair.
async fn compare(
    plan: &Plan,
    group: &'static str,
    ways: &Ways,
    pairs: Vec<Pair>,
) -> Result<Vec<Row>, Failed> {
    let called: Vec<Arc<Way>> = ways.iter().map(|(_, way)| way.clone()).collect();
    let mut measured: Vec<(usize, Vec<Measured>)> = Vec::new();
    for &at_a_time in &plan.at_a_time {
        measured.push((at_a_time, in_turns(&called, at_a_time, plan).await?));
    }
    let number = |name: &str| {
        let number = ways.iter().position(|(way, _)| *way == name);
        number.ok_or_else(|| format!("{name} isn't measured"))
    };
    let row = |(what, beside, aim): Pair| {
        let (own, other) = (number(what)?, number(beside)?);
        let both: Vec<_> = measured
            .iter()
            .map(|(at_a_time, all)| (*at_a_time, &all[own], &all[other]))
            .collect();
        Ok(Row::compared(group, what, beside, &both).aim(aim))
    };
    pairs.into_iter().map(row).collect()
}
