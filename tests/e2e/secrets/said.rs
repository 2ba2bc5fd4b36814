//! No secret and no token is said in output, error or log, at any level.

use patchbay_simulators::isearch_rpa::Simulator;
use patchbay_simulators::{Fault, On, Times};
use serde_json::json;

use super::SECRET;
use crate::support::{Ran, invoke_guest, patchbay_in, run};

/// Everything that a process has said at the most talkative level, in every way a secret can be written.
fn search(ran: &Ran, needles: &[String]) {
    let said = format!("{}\n{}", ran.stdout, ran.stderr);
    for needle in needles {
        let json = serde_json::Value::from(needle.as_str()).to_string();
        let json = json.trim_matches('"').to_owned();
        let percent =
            percent_encoding::utf8_percent_encode(needle, percent_encoding::NON_ALPHANUMERIC).to_string();
        for form in [needle.clone(), json, percent] {
            assert!(!said.contains(&form), "{form:?} in {said}");
        }
    }
}

#[test]
fn no_secret_and_no_token_is_said_at_any_level() {
    let sim = run(Simulator::builder().secret_key(SECRET).start()).unwrap();
    let connector = patchbay_artifacts::connector("isearch-rpa");
    let folder = connector.parent().unwrap();
    let invoke = |operation: &str, input: &str, secret: &str| {
        let base_url = format!("base_url={}", sim.base_url());
        let secret = format!("secret_key={secret}");
        let settings = ["-c", &base_url, "-c", "access_key=patchbay", "-c", &secret];
        let call = [
            "--connectors",
            folder.to_str().unwrap(),
            "invoke",
            "isearch-rpa",
            operation,
            "--input",
            input,
        ];
        patchbay_in(&[&call[..], &settings[..]].concat(), |command| {
            command.env("RUST_LOG", "trace");
        })
    };
    let page = r#"{"page":1,"size":10}"#;
    let mut runs = vec![
        invoke("robot.list", page, SECRET),
        invoke("robot.list", page, "another-Wrong-key"),
    ];
    // A vendor that repeats in its answer what it was sent.
    for fault in [
        Fault::envelope(4001, format!("wrong password {SECRET}")),
        Fault::Raw {
            status: 500,
            content_type: "text/plain".into(),
            body: format!("failed: /oapi/v1/token?secretKey={SECRET}").into(),
        },
    ] {
        sim.fault(On::operation("token.create"), fault, Times::Next(1));
        runs.push(invoke("robot.list", page, SECRET));
    }
    sim.fault(On::operation("robot.list"), Fault::DropBefore, Times::Next(1));
    runs.push(invoke("robot.list", page, SECRET));
    sim.fault(On::operation("robot.list"), Fault::status(500), Times::Next(1));
    runs.push(invoke("robot.list", page, SECRET));

    let mut needles = vec![SECRET.to_owned(), "another-Wrong-key".to_owned()];
    for request in sim.requests() {
        needles.extend(
            ["accesstoken", "signature"]
                .iter()
                .filter_map(|name| request.header(name))
                .map(str::to_owned),
        );
    }
    assert!(needles.len() > 4, "there were tokens and signatures to look for");
    assert!(
        runs.iter().any(|ran| ran.stderr.contains("***")),
        "something was masked"
    );
    for ran in &runs {
        assert!(ran.stderr.contains("DEBUG"), "the log was on: {ran:?}");
        search(ran, &needles);
    }
}

#[test]
fn what_a_guest_prints_is_searched_too() {
    let settings = [("base_url", "http://127.0.0.1:1"), ("token", "tell-nobody")];
    let ran = invoke_guest("print", &json!({}), &settings, &[("RUST_LOG", "trace")]);
    assert_eq!(ran.code, 7, "{ran:?}");
    assert!(
        ran.error()["message"]
            .as_str()
            .unwrap()
            .contains("the token is ***"),
        "{ran:?}"
    );
    search(&ran, &["tell-nobody".to_owned()]);
}
