//! No connector without a simulator and a suite, no operation without a case.

use std::collections::BTreeSet;
use std::path::Path;

use patchbay_simulators::VENDORS;

use crate::SUITES;
use crate::support::{Case, host, run};

#[test]
fn every_connector_has_a_simulator_a_suite_and_a_row_in_the_readme() {
    let connectors: BTreeSet<&str> = patchbay_artifacts::connectors().map(|(id, _)| id).collect();
    let simulators: BTreeSet<&str> = VENDORS.iter().map(|vendor| vendor.id).collect();
    let suites: BTreeSet<&str> = SUITES.iter().map(|suite| suite.connector).collect();
    assert_eq!(connectors, simulators, "those of tests/simulators");
    assert_eq!(connectors, suites, "those in tests/e2e/main.rs");
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    for id in connectors {
        let row = format!("| [`{id}`](components/{id}/README.md) |");
        assert!(readme.contains(&row), "README.md lacks {row}");
    }
}

#[test]
fn every_operation_has_a_case() {
    run(async {
        for suite in SUITES {
            let id = suite.connector;
            let connector = host().load(patchbay_artifacts::connector(id)).await.unwrap();
            let declared = connector.manifest().operations.iter();
            let declared: BTreeSet<&str> = declared.map(|operation| operation.id.as_str()).collect();
            let cases = (suite.cases)();
            let cases = cases.iter().map(|case| case.operation);
            let covered: BTreeSet<&str> = cases.chain(suite.composed.iter().copied()).collect();
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
        for suite in SUITES {
            let id = suite.connector;
            let connector = host().load(patchbay_artifacts::connector(id)).await.unwrap();
            let cases = (suite.cases)();
            let mut missing = Vec::new();
            for operation in &connector.manifest().operations {
                let operation_id = operation.id.as_str();
                if suite.composed.contains(&operation_id) {
                    continue;
                }
                let here = cases.iter().filter(|case| case.operation == operation_id);
                let given: BTreeSet<&str> = here.flat_map(Case::parameters).collect();
                let declared = operation.input_schema["properties"].as_object();
                let names = declared.into_iter().flatten().map(|(name, _)| name.as_str());
                missing.extend(
                    names
                        .filter(|name| !given.contains(name))
                        .map(|name| (operation_id, name)),
                );
            }
            assert_eq!(missing, suite.alternatives, "{id}: parameters that no case gives");
        }
    });
}
