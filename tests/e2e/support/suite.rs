//! What each vendor gives to the tests that are the same for all.

use patchbay_simulators::vendor::Vendor;
use serde_json::Value;

use super::{Case, Rig};

/// Characters that mean something in URLs, forms, JSON, headers or templates, and some that don't.
pub(crate) const HOSTILE: &str = "a+b/c=d~e*f%20g&h?i#j \"k\" 'l' \\m {n} <o> 中文 🤖 é\u{301}";

/// What there is to a connector.
pub(crate) struct Suite {
    pub(crate) connector: &'static str,
    /// A case for each operation of the vendor's document.
    pub(crate) cases: fn() -> Vec<Case>,
    /// Operations that send several requests: they have tests of their own in place of a case.
    pub(crate) composed: &'static [&'static str],
    /// Operations with a parameter that stands in for another one, so that no case has both: it has a test
    /// of its own.
    pub(crate) alternatives: &'static [(&'static str, &'static str)],
}

impl Suite {
    /// A suite in which every operation and every parameter has a case.
    pub(crate) const fn new<V: Vendor>(cases: fn() -> Vec<Case>) -> Self {
        Self {
            connector: V::ID,
            cases,
            composed: &[],
            alternatives: &[],
        }
    }
}

/// Carries each case out, and checks request and answer.
pub(crate) async fn verify<V: Vendor>(rig: &Rig<V>, cases: &[Case]) {
    for case in cases {
        case.verify(rig).await;
    }
}

/// Puts [`HOSTILE`] into each string of each case in turn, and checks that it arrives. Gives the paths of those
/// that it didn't reach, although their schema takes any text.
pub(crate) async fn verify_hostile<V: Vendor>(rig: &Rig<V>, cases: &[Case]) -> Vec<String> {
    let connector = rig.connection.connector();
    let mut missed = Vec::new();
    for case in cases {
        let schema = &connector
            .catalog()
            .operation(case.operation)
            .unwrap()
            .input_schema;
        let arrived = case.verify_hostile(rig, HOSTILE).await;
        let others = case.strings().into_iter();
        let others = others.filter(|path| !arrived.contains(path) && takes_any_text(schema, path));
        missed.extend(others.map(|path| format!("{}{path}", case.operation)));
    }
    missed
}

/// Whether the parameter at a path is neither an enumeration nor something with a format.
fn takes_any_text(schema: &Value, path: &str) -> bool {
    let name = path.split('/').nth(1).unwrap_or_default();
    let restricted = ["const", "contentEncoding", "enum", "format", "oneOf", "pattern"];
    let parameter = &schema["properties"][name];
    restricted.iter().all(|keyword| parameter.get(keyword).is_none())
}
