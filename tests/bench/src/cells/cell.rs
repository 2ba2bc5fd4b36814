//! The list of what is measured.

use std::pin::Pin;

use super::{calls, connections, guest, invoke, memory, swap, trouble};
use crate::Failed;
use crate::plan::Plan;
use crate::robots::Robots;
use crate::row::Row;

type Measuring<'a> = Pin<Box<dyn Future<Output = Result<Vec<Row>, Failed>> + 'a>>;

/// Something that is measured by itself.
pub(crate) struct Cell {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// Whether it runs the host's program.
    pub(crate) needs_host: bool,
    pub(crate) measure: fn(&Plan) -> Measuring<'_>,
}

impl Cell {
    /// All of them, in the order of the table.
    pub(crate) const ALL: &[Self] = &[
        Self {
            name: "200B",
            about: "calls of the light vendor, 200 bytes",
            needs_host: true,
            measure: |plan| Box::pin(calls::light(plan, Robots::Small)),
        },
        Self {
            name: "7KB",
            about: "calls of the light vendor, 7 KB",
            needs_host: true,
            measure: |plan| Box::pin(calls::light(plan, Robots::Medium)),
        },
        Self {
            name: "200KB",
            about: "calls of the light vendor, 200 KB",
            needs_host: true,
            measure: |plan| Box::pin(calls::light(plan, Robots::Large)),
        },
        Self {
            name: "strict",
            about: "calls of the strict simulator, 7 KB",
            needs_host: false,
            measure: |plan| Box::pin(calls::strict(plan)),
        },
        Self {
            name: "invoke",
            about: "patchbay invoke beside curl",
            needs_host: true,
            measure: |plan| Box::pin(invoke::measure(plan)),
        },
        Self {
            name: "guest",
            about: "calls of a guest that returns at once",
            needs_host: false,
            measure: |plan| Box::pin(guest::measure(plan)),
        },
        Self {
            name: "connections",
            about: "many connections beside one",
            needs_host: false,
            measure: |plan| Box::pin(connections::measure(plan)),
        },
        Self {
            name: "memory",
            about: "memory of idle connections",
            needs_host: false,
            measure: |plan| Box::pin(memory::measure(plan)),
        },
        Self {
            name: "swap",
            about: "calls while a connector is swapped",
            needs_host: true,
            measure: |plan| Box::pin(swap::measure(plan)),
        },
        Self {
            name: "trouble",
            about: "calls beside guests and vendors that don't behave",
            needs_host: false,
            measure: |plan| Box::pin(trouble::measure(plan)),
        },
    ];
}
