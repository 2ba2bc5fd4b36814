//! Connectors replaced while the service runs: a changed file, a new one, a broken one, none; reload and
//! rollback.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::rig::{odd, page, served};
use crate::support::{Served, Setup, run};

/// Far longer than anything takes: ends a test that hangs.
const PATIENCE: Duration = Duration::from_mins(1);

/// Moves a build of a component into the connectors folder, under this name.
fn place(served: &Served, build: &Path, name: &str) {
    let to = served.setup().path("connectors").join(name);
    let beside = to.with_extension("new");
    std::fs::copy(build, &beside).unwrap();
    std::fs::rename(beside, to).unwrap();
}

async fn connector(served: &Served, id: &str) -> Value {
    let list = served.get("/v1/connectors").await.body;
    let mut connectors = list["connectors"].as_array().unwrap().iter();
    let found = connectors.find(|connector| connector["id"] == id);
    found.cloned().unwrap_or(Value::Null)
}

/// Waits until what is told of a connector is as it should be.
async fn until(served: &Served, id: &str, right: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let told = connector(served, id).await;
        if right(&told) {
            return told;
        }
        assert!(begun.elapsed() < PATIENCE, "{told:#}\n{}", served.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn version_of_a_call(served: &Served) -> String {
    let answer = served.invoke("rpa", "robot.list", &page()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.header("x-connector-version").unwrap().to_owned()
}

#[test]
fn a_changed_file_is_swapped_in_and_rolled_back() {
    run(async {
        let (sim, served) = served("").await;
        assert_eq!(version_of_a_call(&served).await, "0.1.0");
        let next = patchbay_artifacts::guest("isearch-rpa-next");
        place(&served, &next, "isearch-rpa.wasm");
        let told = until(&served, "isearch-rpa", |told| told["version"] == "0.2.0").await;
        assert_eq!(version_of_a_call(&served).await, "0.2.0");
        assert_eq!(told["connections"], json!(["rpa"]));
        assert_eq!(told["earlier"][0]["version"], "0.1.0");
        assert_eq!(told["history"][0]["ended"], "replaced");
        served.said("swapped");

        let back = served.post("/v1/connectors/isearch-rpa/rollback").await;
        assert_eq!(
            (back.status, &back.body["from"], &back.body["to"]),
            (200, &json!("0.2.0"), &json!("0.1.0"))
        );
        assert_eq!(version_of_a_call(&served).await, "0.1.0");
        let again = served.post("/v1/connectors/isearch-rpa/rollback").await;
        assert_eq!((again.status, again.kind()), (400, "usage"));

        // Somebody looks at the file without changing it: what was rolled back stays so.
        let file = served.setup().path("connectors/isearch-rpa.wasm");
        let content = std::fs::read(&file).unwrap();
        std::fs::write(&file, content).unwrap();
        let reloaded = served.post("/v1/connectors/isearch-rpa/reload").await;
        assert_eq!(
            (&reloaded.body["to"], &reloaded.body["swapped"]),
            (&json!("0.2.0"), &json!(true)),
            "asked for, it comes"
        );
        let unchanged = served.post("/v1/connectors/isearch-rpa/reload").await;
        assert_eq!(unchanged.body["swapped"], false);
        assert_eq!(version_of_a_call(&served).await, "0.2.0");
        assert_eq!(sim.logins(), 1, "a swap costs no login");
        let unknown = served.post("/v1/connectors/isearch/reload").await;
        assert_eq!((unknown.status, unknown.kind()), (404, "unknown-connection"));
        assert!(
            unknown.body["message"]
                .as_str()
                .unwrap()
                .contains("did you mean \"isearch-rpa\"?")
        );
    });
}

#[test]
fn what_was_rolled_back_does_not_come_again_by_being_touched() {
    run(async {
        let (_sim, served) = served("").await;
        place(
            &served,
            &patchbay_artifacts::guest("isearch-rpa-next"),
            "isearch-rpa.wasm",
        );
        until(&served, "isearch-rpa", |told| told["version"] == "0.2.0").await;
        served.post("/v1/connectors/isearch-rpa/rollback").await;
        let file = served.setup().path("connectors/isearch-rpa.wasm");
        let content = std::fs::read(&file).unwrap();
        std::fs::write(&file, content).unwrap();
        // The folder is looked at again: a new connector appears.
        place(&served, &patchbay_artifacts::connector("dabei"), "dabei.wasm");
        until(&served, "dabei", |told| told["version"] == "0.1.0").await;
        assert_eq!(connector(&served, "isearch-rpa").await["version"], "0.1.0");
    });
}

#[test]
fn what_cannot_be_used_changes_nothing_and_says_why() {
    run(async {
        let (_sim, served) = served("").await;
        let whole = std::fs::read(patchbay_artifacts::guest("isearch-rpa-next")).unwrap();
        let file = served.setup().path("connectors/isearch-rpa.wasm");
        for (content, words) in [
            (&whole[..whole.len() / 2], "isn't complete"),
            (&b"not WebAssembly"[..], "isn't WebAssembly"),
            (&b"\0asm\x01\0\0\0"[..], "not a component"),
        ] {
            std::fs::write(&file, content).unwrap();
            let told = until(&served, "isearch-rpa", |told| {
                told["refused"]["findings"].to_string().contains(words)
            })
            .await;
            assert_eq!(told["version"], "0.1.0");
            let reload = served.post("/v1/connectors/isearch-rpa/reload").await;
            assert_eq!((reload.status, reload.kind()), (500, "incompatible"));
            assert!(
                reload.body["detail"].as_str().unwrap().contains(words),
                "{reload:?}"
            );
            served.said(words);
            assert_eq!(version_of_a_call(&served).await, "0.1.0");
        }
        std::fs::write(&file, &whole).unwrap();
        let told = until(&served, "isearch-rpa", |told| told["version"] == "0.2.0").await;
        assert!(told["refused"].is_null(), "{told}");
    });
}

#[test]
fn a_file_under_another_name_is_a_new_version_too() {
    run(async {
        let (_sim, served) = served("").await;
        let other = "isearch-rpa-0.2.0.wasm";
        place(&served, &patchbay_artifacts::guest("isearch-rpa-next"), other);
        until(&served, "isearch-rpa", |told| told["version"] == "0.2.0").await;
        assert_eq!(version_of_a_call(&served).await, "0.2.0");
        // It goes away: the file that is left has the connector.
        std::fs::remove_file(served.setup().path("connectors").join(other)).unwrap();
        until(&served, "isearch-rpa", |told| told["version"] == "0.1.0").await;
        // Without any file, the connections that there are go on.
        std::fs::remove_file(served.setup().path("connectors/isearch-rpa.wasm")).unwrap();
        let told = until(&served, "isearch-rpa", |told| told["files"] == json!([])).await;
        assert_eq!(told["version"], "0.1.0");
        served.said("stays in service");
        assert_eq!(version_of_a_call(&served).await, "0.1.0");
    });
}

#[test]
fn a_connector_that_nobody_uses_comes_and_goes_with_its_file() {
    run(async {
        let (_sim, served) = served("").await;
        place(&served, &patchbay_artifacts::connector("dabei"), "dabei.wasm");
        until(&served, "dabei", |told| told["version"] == "0.1.0").await;
        std::fs::remove_file(served.setup().path("connectors/dabei.wasm")).unwrap();
        until(&served, "dabei", Value::is_null).await;
    });
}

#[test]
fn a_new_version_that_traps_is_rolled_back_by_the_service() {
    run(async {
        let served = Setup::new("", &odd("settings.region = \"north\"")).start();
        place(
            &served,
            &patchbay_artifacts::guest("misbehaving-next"),
            "misbehaving.wasm",
        );
        until(&served, "misbehaving", |told| told["version"] == "0.2.0").await;
        for _ in 0..3 {
            let answer = served.invoke("odd", "trap", &json!({})).await;
            assert_eq!((answer.status, answer.kind()), (500, "trapped"));
        }
        let told = connector(&served, "misbehaving").await;
        assert_eq!(told["version"], "0.1.0");
        let past = told["history"].as_array().unwrap().last().unwrap();
        assert_eq!(
            (&past["version"], &past["ended"]),
            (&json!("0.2.0"), &json!("rolled-back"))
        );
        assert!(
            past["reason"].as_str().unwrap().contains("3 of 3 calls failed"),
            "{past}"
        );
        served.said("rolled back automatically");
        let metrics = served.get("/metrics").await.body;
        let metrics = metrics.as_str().unwrap();
        let line =
            "patchbay_connector_swaps_total{connector=\"misbehaving\",outcome=\"rolled-back-by-itself\"} 1";
        assert!(metrics.contains(line), "{metrics}");
    });
}

#[test]
fn a_version_that_needs_a_setting_which_a_connection_lacks_is_refused() {
    run(async {
        let served = Setup::new("", &odd("")).start();
        place(
            &served,
            &patchbay_artifacts::guest("misbehaving-next"),
            "misbehaving.wasm",
        );
        let told = until(&served, "misbehaving", |told| told["refused"].is_object()).await;
        let finding = told["refused"]["findings"][0].as_str().unwrap();
        assert!(
            finding.contains("doesn't fit the connection odd: the setting \"region\" is missing"),
            "{finding}"
        );
        let reload = served.post("/v1/connectors/misbehaving/reload").await;
        assert_eq!(
            (reload.status, reload.kind()),
            (500, "invalid-settings"),
            "{reload:?}"
        );
        assert_eq!(connector(&served, "misbehaving").await["version"], "0.1.0");
    });
}

#[test]
fn a_version_that_was_rolled_back_comes_again_only_where_it_is_asked_for() {
    run(async {
        let served = Setup::new("", &odd("settings.region = \"north\"")).start();
        let next = patchbay_artifacts::guest("misbehaving-next");
        place(&served, &next, "misbehaving.wasm");
        until(&served, "misbehaving", |told| told["version"] == "0.2.0").await;
        for _ in 0..3 {
            served.invoke("odd", "trap", &json!({})).await;
        }
        // Broken for a moment, and then the same again; and the same under another name.
        let file = served.setup().path("connectors/misbehaving.wasm");
        std::fs::write(&file, "broken").unwrap();
        until(&served, "misbehaving", |told| told["refused"].is_object()).await;
        place(&served, &next, "misbehaving.wasm");
        place(&served, &next, "zz.wasm");
        served.said("zz.wasm");
        let told = connector(&served, "misbehaving").await;
        assert_eq!(told["version"], "0.1.0");
        assert!(
            told["refused"]
                .to_string()
                .contains("was rolled back (3 of 3 calls failed"),
            "{told}"
        );
        let reload = served.post("/v1/connectors/misbehaving/reload").await;
        assert_eq!(
            (reload.status, &reload.body["to"]),
            (200, &json!("0.2.0")),
            "{reload:?}"
        );
    });
}

#[test]
fn what_is_no_file_is_refused_and_holds_up_nothing() {
    run(async {
        let (_sim, served) = served("").await;
        let folder = served.setup().path("connectors");
        let pipe = folder.join("pipe.wasm");
        assert!(
            std::process::Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        std::fs::create_dir(folder.join("folder.wasm")).unwrap();
        let huge = std::fs::File::create(folder.join("huge.wasm")).unwrap();
        huge.set_len(3 << 30).unwrap();
        place(
            &served,
            &patchbay_artifacts::guest("isearch-rpa-next"),
            "isearch-rpa.wasm",
        );
        until(&served, "isearch-rpa", |told| told["version"] == "0.2.0").await;
        for words in ["pipe.wasm", "folder.wasm", "huge.wasm"] {
            served.said(words);
        }
        let refused = served.get("/v1/connectors").await.body["refused"].to_string();
        assert!(
            refused.contains("isn't a file") && refused.contains("more than 64 MiB"),
            "{refused}"
        );
    });
}
