//! What comes from outside is shown, and does nothing else: messages of vendors, names of files.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use patchbay_simulators::isearch_rpa::Simulator;
use patchbay_simulators::{Fault, On, Times};
use serde_json::json;

use crate::support::{Ran, Setup, patchbay_in, run};

/// A message that would write a log line, set a terminal's title, turn text around, and name a failure.
const MESSAGE: &str =
    "no\n2026-01-01T00:00:00Z  INFO patchbay: all is well\r\u{1b}]0;title\u{7}\u{9b}31m\u{202e}\u{2028}";

fn assert_harmless(shown: &str) {
    let control = |character: char| {
        (character.is_control() && character != '\n') || matches!(character, '\u{202e}' | '\u{2028}')
    };
    assert!(!shown.contains(control), "{shown:?}");
    assert!(
        !shown.lines().any(|line| line.starts_with("2026-01-01T")),
        "{shown}"
    );
}

#[test]
fn a_vendors_message_writes_no_line_of_the_log() {
    run(async {
        let sim = Simulator::start().await.unwrap();
        let connection = format!(
            "[connections.rpa]\nconnector = \"isearch-rpa\"\nsettings.base_url = \"{}\"\n\
             settings.access_key = \"patchbay\"\nsettings.secret_key = \"patchbay-secret\"\n",
            sim.base_url()
        );
        let served = Setup::new("", &connection).start();
        sim.fault(
            On::operation("robot.list"),
            Fault::envelope(4001, MESSAGE),
            Times::Next(1),
        );
        let answer = served
            .invoke("rpa", "robot.list", &json!({ "page": 1, "size": 10 }))
            .await;
        assert_eq!(answer.status, 502, "{answer:?}");
        assert!(
            answer.body["message"]
                .as_str()
                .unwrap()
                .contains("all is well\r\u{1b}]0;"),
            "as it is: {answer:?}"
        );
        served.said("the call failed");
        let log = served.log();
        assert_harmless(&log);
        assert!(
            log.contains(r"no\n2026-01-01T00:00:00Z  INFO patchbay: all is well\r\u{1b}]0;title\u{7}"),
            "{log}"
        );
        let id = answer.header("x-call-id").unwrap();
        let record = served.get(&format!("/v1/calls/{id}")).await.body;
        assert_harmless(record["explanation"].as_str().unwrap());
    });
}

#[test]
fn a_vendors_message_gives_no_order_to_a_terminal() {
    let sim = run(Simulator::start()).unwrap();
    sim.fault(
        On::operation("robot.list"),
        Fault::envelope(4001, MESSAGE),
        Times::UntilCleared,
    );
    let connector = patchbay_artifacts::connector("isearch-rpa");
    let base_url = format!("base_url={}", sim.base_url());
    let ran = patchbay_in(
        &[
            "--connectors",
            connector.parent().unwrap().to_str().unwrap(),
            "invoke",
            "isearch-rpa",
            "robot.list",
            "--explain",
            "--input",
            r#"{"page":1,"size":10}"#,
            "-c",
            &base_url,
            "-c",
            "access_key=patchbay",
            "-c",
            "secret_key=patchbay-secret",
        ],
        |_| {},
    );
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.stderr.contains("it failed"), "{ran:?}");
    assert_harmless(&ran.stderr);
    assert!(
        ran.error()["message"].as_str().unwrap().contains(MESSAGE),
        "still the same JSON: {ran:?}"
    );
}

/// Runs `patchbay` with arguments that needn't be UTF-8.
fn patchbay(arguments: &[&OsStr]) -> Ran {
    patchbay_in(&[], |command| {
        command.args(arguments);
    })
}

fn named(bytes: &[u8]) -> OsString {
    OsString::from_vec(bytes.to_vec())
}

fn copy_guest(folder: &Path, name: &[u8]) {
    std::fs::copy(patchbay_artifacts::guest("misbehaving"), folder.join(named(name))).unwrap();
}

#[test]
fn file_names_that_are_not_utf_8_are_shown_as_nearly_as_can_be() {
    let folder = tempfile::tempdir().unwrap();
    copy_guest(folder.path(), b"caf\xe9.wasm");
    std::fs::write(folder.path().join(named(b"broken\xff.wasm")), "no").unwrap();
    let path = folder.path().as_os_str();

    let ran = patchbay(&["--connectors".as_ref(), path, "list".as_ref()]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let connectors = ran.json()["connectors"].clone();
    assert_eq!(connectors[0]["error"]["kind"], "incompatible", "{connectors}");
    assert!(
        connectors[1]["path"]
            .as_str()
            .unwrap()
            .ends_with("caf\u{fffd}.wasm"),
        "{connectors}"
    );

    let (good, bad) = (
        folder.path().join(named(b"caf\xe9.wasm")),
        folder.path().join(named(b"broken\xff.wasm")),
    );
    let ran = patchbay(&["check".as_ref(), good.as_os_str(), bad.as_os_str()]);
    assert_eq!(ran.code, 7, "{ran:?}");
    assert_eq!(
        (&ran.json()[0]["fits"], &ran.json()[1]["fits"]),
        (&json!(true), &json!(false)),
        "{ran:?}"
    );

    let odd = OsStr::from_bytes(b"x\xff");
    for arguments in [
        &[
            "--connectors".as_ref(),
            path,
            "invoke".as_ref(),
            odd,
            "well".as_ref(),
        ][..],
        &["list".as_ref(), "--nothing".as_ref(), odd],
        &["--config".as_ref(), odd, "list".as_ref()],
        &["--connectors".as_ref(), odd, "list".as_ref()],
        &["check".as_ref(), odd],
    ] {
        let ran = patchbay(arguments);
        assert!(matches!(ran.code, 2 | 7), "{arguments:?}: {ran:?}");
        assert!(!ran.error()["message"].as_str().unwrap().is_empty(), "{ran:?}");
    }
}

#[test]
fn a_folder_with_such_a_name_is_served() {
    run(async {
        let setup = Setup::new("", "");
        let connectors = setup.path("connectors");
        std::fs::remove_file(connectors.join("misbehaving.wasm")).unwrap();
        copy_guest(&connectors, b"caf\xe9.wasm");
        std::fs::write(connectors.join(named(b"broken\xff.wasm")), "no").unwrap();
        let served = setup.start();
        let answer = served.get("/v1/connectors").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let text = answer.body.to_string();
        assert!(
            text.contains("caf\u{fffd}.wasm") && text.contains("broken\u{fffd}.wasm"),
            "{text}"
        );
        let answer = served.post("/v1/connectors/misbehaving/reload").await;
        assert_eq!(answer.status, 200, "{answer:?}");
    });
}
