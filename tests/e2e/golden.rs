//! The described surface of each connector, as files, so that a change to it shows in review.
//! `PATCHBAY_BLESS=1` writes them anew.

use std::path::Path;

use crate::support::{host, run};

#[test]
fn the_surface_of_each_connector_is_what_was_reviewed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let bless = std::env::var_os("PATCHBAY_BLESS").is_some();
    run(async {
        for (id, path) in patchbay_artifacts::connectors() {
            let connector = host().load(path).await.unwrap();
            let described = format!("{:#}\n", serde_json::json!(connector.manifest()));
            let file = folder.join(format!("{id}.json"));
            if bless {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(&file, &described).unwrap();
            }
            let reviewed = std::fs::read_to_string(&file).unwrap_or_default();
            let differs = described
                .lines()
                .zip(reviewed.lines())
                .position(|(now, then)| now != then);
            assert!(
                described == reviewed,
                "{} differs from what {id} describes, from line {} on; PATCHBAY_BLESS=1 writes it anew",
                file.display(),
                differs.unwrap_or_else(|| reviewed.lines().count()) + 1
            );
        }
    });
}

#[test]
fn everything_is_described() {
    run(async {
        for (id, path) in patchbay_artifacts::connectors() {
            let connector = host().load(path).await.unwrap();
            for operation in &connector.manifest().operations {
                let at = format!("{id} {}", operation.id);
                assert!(
                    !operation.summary.is_empty() && operation.summary.len() < 100,
                    "{at}: {:?}",
                    operation.summary
                );
                assert!(!operation.summary.ends_with('.'), "{at}");
                assert!(
                    operation.reference.contains("section"),
                    "{at}: {:?}",
                    operation.reference
                );
                let properties = operation.input_schema["properties"].as_object();
                for (name, property) in properties.into_iter().flatten() {
                    let described = property["description"]
                        .as_str()
                        .is_some_and(|text| text.len() > 3);
                    assert!(described, "{at}: the parameter {name} isn't described");
                }
            }
        }
    });
}
