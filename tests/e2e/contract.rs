//! What is refused at load, and in which words.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::support::{host, patchbay, run};

/// A component written as text, in a file.
struct File {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn file(content: impl AsRef<[u8]>) -> File {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.wasm");
    std::fs::write(&path, content).unwrap();
    File {
        _folder: folder,
        path,
    }
}

fn findings(content: impl AsRef<[u8]>) -> Vec<String> {
    let file = file(content);
    run(host().check(&file.path)).unwrap_err()
}

#[test]
fn what_is_no_component_is_told_apart() {
    let module = findings(wat::parse_str("(module)").unwrap());
    assert!(
        module[0].contains("core WebAssembly module, not a component"),
        "{module:?}"
    );
    let text = findings("hello");
    assert!(text[0].contains("isn't WebAssembly"), "{text:?}");
    let whole = std::fs::read(patchbay_artifacts::connector("isearch-rpa")).unwrap();
    let half = findings(&whole[..whole.len() / 2]);
    assert!(
        half[0].contains("isn't a valid WebAssembly component"),
        "{half:?}"
    );
}

#[test]
fn a_component_without_our_interface_is_told_what_is_missing() {
    let empty = findings(wat::parse_str("(component)").unwrap());
    assert!(
        empty[0].contains("doesn't export patchbay:connector/operations@0.1.0"),
        "{empty:?}"
    );
    assert!(empty[0].contains("wit/"), "what to do: {empty:?}");
}

#[test]
fn another_version_of_the_contract_is_named() {
    let newer = r#"(component
        (instance $i)
        (export "patchbay:connector/operations@0.9.0" (instance $i)))"#;
    let newer = findings(wat::parse_str(newer).unwrap());
    assert!(newer[0].contains("operations@0.9.0"), "{newer:?}");
    assert!(newer[0].contains("operations@0.1.0"), "{newer:?}");
}

#[test]
fn every_finding_is_told_at_once() {
    let greedy = r#"(component
        (import "wasi:sockets/tcp@0.2.2" (instance))
        (import "wasi:keyvalue/store@0.3.0" (instance))
        (instance $i)
        (export "patchbay:connector/operations@0.1.0" (instance $i)))"#;
    let greedy = findings(wat::parse_str(greedy).unwrap());
    let all = greedy.join("\n");
    for part in [
        "wasi:sockets/tcp@0.2.2",
        "wasi:keyvalue/store@0.2.0-draft",
        "function describe",
        "function invoke",
    ] {
        assert!(all.contains(part), "{part} in {greedy:?}");
    }
}

#[test]
fn check_speaks_for_every_file_and_exits_7_where_one_does_not_fit() {
    let good = patchbay_artifacts::connector("isearch-rpa");
    let good = good.to_str().unwrap();
    let ran = patchbay(&["check", good]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.json()[0]["fits"], true);
    let connector = run(host().load(good)).unwrap();
    let operations = connector.manifest().operations.len();
    assert_eq!(ran.json()[0]["operations"], operations);

    let bad = file(wat::parse_str("(component)").unwrap());
    let ran = patchbay(&["check", good, bad.path.to_str().unwrap()]);
    assert_eq!(ran.code, 7, "{ran:?}");
    assert_eq!(ran.json()[1]["fits"], false);
    assert_eq!(ran.error()["kind"], "incompatible");
}

#[test]
fn a_component_that_is_not_ours_cannot_be_invoked() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("foreign.wasm"),
        wat::parse_str("(component)").unwrap(),
    )
    .unwrap();
    let ran = patchbay(&[
        "--connectors",
        folder.path().to_str().unwrap(),
        "invoke",
        "foreign",
        "robot.list",
    ]);
    assert_eq!(ran.code, 7, "{ran:?}");
    let error = ran.error();
    assert_eq!(error["kind"], "incompatible");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("patchbay:connector/operations@0.1.0"),
        "{error}"
    );
}

/// A built connector, as if it had been built against another version of the contract.
fn built_against(version: &str) -> Vec<u8> {
    let mut bytes = std::fs::read(patchbay_artifacts::connector("jingkun-plan")).unwrap();
    for interface in ["types", "operations", "callbacks"] {
        let name = format!("patchbay:connector/{interface}@0.1.");
        let digit = name.len();
        let places: Vec<usize> = (0..bytes.len() - digit)
            .filter(|at| bytes[*at..].starts_with(name.as_bytes()))
            .collect();
        assert!(!places.is_empty(), "{name}");
        for at in places {
            bytes[at + digit..at + digit + version.len()].copy_from_slice(version.as_bytes());
        }
    }
    bytes
}

#[test]
fn a_connector_of_a_later_patch_version_loads_with_its_callbacks() {
    let file = file(built_against("7"));
    let connector = run(host().check(&file.path)).unwrap();
    assert!(connector.takes_callbacks());
    let options = patchbay::ConnectionOptions {
        partial: true,
        ..patchbay::ConnectionOptions::default()
    };
    let connection = host().connect("contract-later", connector, options).unwrap();
    let request = patchbay::InboundRequest {
        method: "POST".to_owned(),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: br#"{"planInstanceId":"in1","processPlanId":"pl1","status":"SUCCESS"}"#.to_vec(),
        ..patchbay::InboundRequest::default()
    };
    let receipt = run(connection.receive(patchbay::CallId::new(), request));
    assert_eq!(receipt.result.unwrap().events.len(), 1);
}

/// SHA-256 of the contract's files, one after the other, in the order of their names.
const FROZEN: &str = "876fbf3eb912efbece4c97202dde762c2f58274bc87ccd80dabe2924b518013f";

#[test]
fn the_contract_is_frozen() {
    use sha2::{Digest, Sha256};

    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "wit"))
        .collect();
    files.sort();
    let digest = files.iter().fold(Sha256::new(), |digest, file| {
        digest.chain_update(std::fs::read(file).unwrap())
    });
    let digest = digest.finalize().iter().fold(String::new(), |mut text, byte| {
        // Writing to a string can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    });
    assert_eq!(
        digest, FROZEN,
        "the text of wit/*.wit has changed, and 0.1.0 is frozen: components exist that were built against it. \
         A later 0.1.x adds optional exports, names in annotations and names that begin with patchbay- in \
         wasi:config, and nothing else; everything else is a 0.2 in a package of its own (wit/README.md). Where \
         the change is one that the rules allow, record the new digest."
    );
}
