//! No operation without a case.

use std::collections::BTreeSet;

use crate::support::{Case, host, run};

/// Characters that mean something in URLs, forms, JSON, headers or templates, and some that don't.
pub(super) const HOSTILE: &str = "a+b/c=d~e*f%20g&h?i#j \"k\" 'l' \\m {n} <o> 中文 🤖 é\u{301}";

fn cases(connector: &str) -> Option<Vec<Case>> {
    match connector {
        "dabei" => Some(super::dabei::cases()),
        "isearch-rpa" => Some(super::isearch_rpa::cases()),
        "jingkun-plan" => Some(super::jingkun_plan::cases("")),
        "jingkun-workflow" => Some(super::jingkun_workflow::cases("")),
        "workorder" => Some(super::workorder::cases()),
        _ => None,
    }
}

/// Operations that send several requests: they have tests of their own in place of a case.
fn composed(connector: &str) -> &'static [&'static str] {
    match connector {
        "jingkun-workflow" => crate::jingkun::COMPOSED,
        _ => &[],
    }
}

/// A parameter that stands in for another one, so that no case has both: it has a test of its own.
const ALTERNATIVES: [&str; 1] = ["jingkun-workflow workflow.execute processModelId"];

#[test]
fn every_operation_has_a_case() {
    run(async {
        for (id, path) in patchbay_artifacts::connectors() {
            let connector = host().load(path).await.unwrap();
            let declared: BTreeSet<&str> = connector
                .manifest()
                .operations
                .iter()
                .map(|operation| operation.id.as_str())
                .collect();
            let cases = cases(id)
                .unwrap_or_else(|| panic!("the connector {id} has no cases in tests/e2e/operations"));
            let covered: BTreeSet<&str> = cases
                .iter()
                .map(|case| case.operation)
                .chain(composed(id).iter().copied())
                .collect();
            assert_eq!(
                declared, covered,
                "{id}: operations without a case, or cases without an operation"
            );
            assert_eq!(
                connector.manifest().id,
                id,
                "the connector's folder is named after its id"
            );
        }
    });
}

#[test]
fn every_parameter_is_in_a_case() {
    run(async {
        let mut missing = Vec::new();
        for (id, path) in patchbay_artifacts::connectors() {
            let connector = host().load(path).await.unwrap();
            let cases = cases(id).unwrap();
            for operation in &connector.manifest().operations {
                let here = cases.iter().filter(|case| case.operation == operation.id);
                let given: BTreeSet<&str> = here.flat_map(Case::parameters).collect();
                let declared = operation.input_schema["properties"].as_object();
                for (name, _) in declared.into_iter().flatten() {
                    if !given.contains(name.as_str()) && !composed(id).contains(&operation.id.as_str()) {
                        missing.push(format!("{id} {} {name}", operation.id));
                    }
                }
            }
        }
        assert_eq!(missing, ALTERNATIVES, "parameters that no case gives");
    });
}
