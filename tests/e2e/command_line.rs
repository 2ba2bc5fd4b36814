//! Output, error objects, exit codes.

use std::path::PathBuf;

use patchbay_simulators::isearch_rpa::Simulator;
use serde_json::{Value, json};

use crate::support::{Ran, host, patchbay, run, with_connectors};

/// `invoke isearch-rpa` with the simulator's settings, and more.
fn invoke(sim: &Simulator, operation: &str, more: &[&str]) -> Ran {
    let base_url = format!("base_url={}", sim.base_url());
    let mut all = vec!["invoke", "isearch-rpa", operation, "-c", &base_url];
    all.extend_from_slice(&["-c", "access_key=patchbay", "-c", "secret_key=patchbay-secret"]);
    all.extend_from_slice(more);
    with_connectors(&all)
}

fn simulator() -> Simulator {
    run(Simulator::start()).unwrap()
}

#[test]
fn a_result_is_one_json_text_and_nothing_else() {
    let sim = simulator();
    let ran = invoke(&sim, "robot.list", &["--input", r#"{"page":1,"size":10}"#]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran:?}");
    assert_eq!(ran.stdout.lines().count(), 1, "compact in a pipe");
    let page = ran.json();
    assert_eq!(page["total"], 25);
    assert_eq!(page["items"].as_array().map(Vec::len), Some(10));
    assert_eq!(
        page.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["total", "items"]
    );
}

#[test]
fn a_wrong_type_exits_3_and_names_the_place() {
    let sim = simulator();
    let ran = invoke(&sim, "robot.list", &["--input", r#"{"page":1,"size":"x"}"#]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{ran:?}");
    let error = ran.error();
    assert_eq!(error["kind"], "invalid-input");
    assert_eq!(error["violations"][0]["path"], "/size");
    assert_eq!(error["operation"], "robot.list");
    assert_eq!(error["connection"], "isearch-rpa");
    assert_eq!(sim.requests().len(), 0, "nothing was sent");
}

#[test]
fn every_violation_is_named() {
    let sim = simulator();
    let ran = invoke(
        &sim,
        "robot.list",
        &["--input", r#"{"size":"x","sise":1,"tx":5}"#],
    );
    assert_eq!(ran.code, 3, "{ran:?}");
    let error = ran.error();
    let mut paths: Vec<&str> = error["violations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|violation| violation["path"].as_str().unwrap())
        .collect();
    paths.sort_unstable();
    assert_eq!(paths, ["/page", "/sise", "/size", "/tx"]);
    for input in ["[]", "null", "{", ""] {
        assert_eq!(invoke(&sim, "robot.list", &["--input", input]).code, 3, "{input}");
    }
}

#[test]
fn a_wrong_password_exits_4_with_the_vendors_words() {
    let sim = simulator();
    let ran = invoke(
        &sim,
        "robot.list",
        &[
            "-c",
            "secret_key=wrong-password",
            "--input",
            r#"{"page":1,"size":10}"#,
        ],
    );
    assert_eq!(ran.code, 4, "{ran:?}");
    let error = ran.error();
    assert_eq!(error["kind"], "unauthorized");
    assert_eq!(error["message"], "用户名或密码错误");
    assert_eq!(error["code"], "4001");
}

#[test]
fn nothing_listening_exits_5_and_says_that_nothing_was_sent() {
    let sim = simulator();
    let ran = invoke(
        &sim,
        "robot.list",
        &[
            "-c",
            "base_url=http://127.0.0.1:1",
            "--input",
            r#"{"page":1,"size":10}"#,
        ],
    );
    assert_eq!(ran.code, 5, "{ran:?}");
    assert_eq!(ran.error()["kind"], "unreachable");
    assert_eq!(ran.error()["request_sent"], false);
}

#[test]
fn an_origin_that_is_not_granted_exits_6_with_the_line_that_would_allow_it() {
    let sim = simulator();
    let folder = patchbay_artifacts::guest("misbehaving");
    let folder = folder.parent().unwrap().to_str().unwrap();
    let url = json!({ "url": sim.base_url() }).to_string();
    let visit = [
        "--connectors",
        folder,
        "invoke",
        "misbehaving",
        "visit",
        "-c",
        "base_url=http://127.0.0.1:1",
        "--input",
        &url,
    ];
    let ran = patchbay(&visit);
    assert_eq!(ran.code, 6, "{ran:?}");
    let message = ran.error()["message"].as_str().unwrap().to_owned();
    assert!(
        message.contains(&format!("allow = [\"{}\"]", sim.base_url())),
        "{message}"
    );
    assert!(
        message.contains(&format!("--allow {}", sim.base_url())),
        "{message}"
    );

    let base_url = sim.base_url();
    let mut allowed = visit.to_vec();
    allowed.extend_from_slice(&["--allow", &base_url]);
    assert_eq!(patchbay(&allowed).code, 0);
}

#[test]
fn the_deadline_exits_5() {
    let sim = simulator();
    sim.set_latency(std::time::Duration::from_secs(20));
    let ran = invoke(
        &sim,
        "robot.list",
        &["--deadline", "300ms", "--input", r#"{"page":1,"size":10}"#],
    );
    assert_eq!(
        (ran.code, &ran.error()["kind"]),
        (5, &json!("timeout")),
        "{ran:?}"
    );
    assert_eq!(ran.error()["request_sent"], true);
}

#[test]
fn secrets_and_input_can_come_from_files_and_the_environment() {
    let sim = simulator();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("secret"), "patchbay-secret\n").unwrap();
    std::fs::write(path("input"), r#"{"page":1,"size":1}"#).unwrap();
    let input = format!("@{}", path("input"));
    for secret in [
        format!("secret_key=@{}", path("secret")),
        format!("secret_key=${{file:{}}}", path("secret")),
    ] {
        let ran = invoke(&sim, "robot.list", &["-c", &secret, "--input", &input]);
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    let ran = invoke(
        &sim,
        "robot.list",
        &["-c", "secret_key=${env:PATCHBAY_TEST_UNSET}", "--input", &input],
    );
    assert_eq!(
        (ran.code, &ran.error()["kind"]),
        (2, &json!("invalid-settings")),
        "{ran:?}"
    );
    assert!(
        ran.error()["message"]
            .as_str()
            .unwrap()
            .contains("PATCHBAY_TEST_UNSET")
    );
}

#[test]
fn wrong_usage_exits_2_and_helps() {
    let cases: [(&[&str], &str, &str); 6] = [
        (
            &["invoke", "isearch-rpc", "robot.list"],
            "unknown-connection",
            "did you mean \"isearch-rpa\"?",
        ),
        (
            &[
                "invoke",
                "isearch-rpa",
                "robot.lst",
                "-c",
                "base_url=http://a",
                "-c",
                "access_key=a",
                "-c",
                "secret_key=b",
            ],
            "unknown-operation",
            "did you mean \"robot.list\"?",
        ),
        (
            &["invoke", "isearch-rpa", "robot.list"],
            "invalid-settings",
            "base_url",
        ),
        (
            &["invoke", "isearch-rpa", "robot.list", "-c", "base_ur=x"],
            "invalid-settings",
            "did you mean \"base_url\"?",
        ),
        (&["invoke", "isearch-rpa"], "usage", "OPERATION"),
        (&["--config", "/nowhere.toml", "list"], "usage", "/nowhere.toml"),
    ];
    for (arguments, kind, words) in cases {
        let ran = with_connectors(arguments);
        assert_eq!(ran.code, 2, "{ran:?}");
        let error = ran.error();
        assert_eq!(error["kind"], kind, "{error}");
        assert!(error["message"].as_str().unwrap().contains(words), "{error}");
        assert_eq!(ran.stdout, "");
    }
}

#[test]
fn a_setting_that_cannot_be_used_is_named() {
    let sim = simulator();
    for (setting, words) in [
        ("base_url=ftp://host", "base_url"),
        ("base_url=https://user:pass@host", "base_url"),
        ("clock_skew_ms=soon", "clock_skew_ms"),
        ("reveal_secrets=maybe", "reveal_secrets"),
        ("path_overrides=[]", "path_overrides"),
    ] {
        let ran = invoke(
            &sim,
            "robot.list",
            &["-c", setting, "--input", r#"{"page":1,"size":1}"#],
        );
        let error = ran.error();
        assert_eq!(
            (ran.code, &error["kind"]),
            (2, &json!("invalid-settings")),
            "{setting}: {ran:?}"
        );
        assert!(error["message"].as_str().unwrap().contains(words), "{error}");
    }
}

#[test]
fn list_and_describe_tell_what_there_is() {
    let list = with_connectors(&["list"]).json();
    let rpa = list["connectors"]
        .as_array()
        .unwrap()
        .iter()
        .find(|connector| connector["id"] == "isearch-rpa")
        .unwrap();
    let connector = run(host().load(patchbay_artifacts::connector("isearch-rpa"))).unwrap();
    let operations = connector.manifest().operations.iter();
    let operations: Vec<&str> = operations.map(|operation| operation.id.as_str()).collect();
    assert_eq!(rpa["operations"], json!(operations));
    assert_eq!(list["connections"], json!([]));

    let manifest = with_connectors(&["describe", "isearch-rpa"]).json();
    assert_eq!(manifest["settings"][0]["name"], "base_url");
    let operation = with_connectors(&["describe", "isearch-rpa", "robot.list"]).json();
    assert_eq!(operation["effect"], "read");
    assert_eq!(operation["input_schema"]["required"], json!(["page", "size"]));
    assert_eq!(operation["pages"]["items"], "/items");
    let unknown = with_connectors(&["describe", "isearch-rpa", "nothing"]);
    assert_eq!(
        (unknown.code, &unknown.error()["kind"]),
        (2, &Value::from("unknown-operation"))
    );
}

#[test]
fn a_second_process_does_not_compile_again() {
    let cache = tempfile::tempdir().unwrap();
    let count = || walk(cache.path());
    let connector = patchbay_artifacts::connector("isearch-rpa");
    let check = || {
        crate::support::patchbay_in(&["check", connector.to_str().unwrap()], |command| {
            command.env("PATCHBAY_CACHE", cache.path());
        })
    };
    assert_eq!(check().code, 0);
    let first = count();
    assert!(!first.is_empty(), "compiled code is kept");
    assert_eq!(check().code, 0);
    assert_eq!(count(), first, "and nothing is compiled again");
}

/// The artifacts of compilation under a folder; statistics beside them change with use.
fn walk(folder: &std::path::Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(walk(&path));
        } else if path.extension().is_none() {
            files.push(path);
        }
    }
    files.sort();
    files
}
