//! Many connections beside one.

use std::sync::atomic::AtomicUsize;

use super::library::Library;
use crate::Failed;
use crate::plan::Plan;
use crate::robots::Robots;
use crate::row::{Aim, Row};
use crate::turns::in_turns;
use crate::vendor::Vendor;
use crate::way::Kind;

/// Calls many connections in turn, beside as many calls of one.
pub(super) async fn measure(plan: &Plan) -> Result<Vec<Row>, Failed> {
    let vendor = Vendor::light().await?;
    let library = Library::start().await?;
    let one = Kind::text(library.connect("one", &vendor.base_url)?).of(Robots::Medium);
    let connections = library.connect_many(plan.connections, &vendor.base_url)?;
    let many = Kind::Text(connections, AtomicUsize::new(0)).of(Robots::Medium);
    // Each has its session and its instance.
    for _ in 0..plan.connections {
        many.prove().await?;
    }
    let measured = in_turns(&[many, one], Plan::SHOWN, plan).await?;
    let logins = vendor.check().await?;
    if usize::try_from(logins)? != plan.connections + 1 {
        return Err(format!("{logins} logins of {} connections", plan.connections + 1).into());
    }
    let compared = [(Plan::SHOWN, &measured[0], &measured[1])];
    let what = format!("{} connections, 7 KB, text, 8 at a time", plan.connections);
    Ok(vec![
        Row::compared("connections", &what, "one connection", &compared).aim(Some(Aim::least(0.9))),
    ])
}
