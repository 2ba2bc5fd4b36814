//! What keeps the service from starting, and in which words.

use patchbay_simulators::isearch_rpa::Simulator;
use serde_json::json;

use super::rig::{odd, page, rpa};
use crate::support::{Setup, patchbay, run};

const LOCAL: &str = "http://127.0.0.1:1";

/// `serve` with this configuration ends with 2, and with an error of this kind that has these words.
fn refused(serve: &str, connections: &str, kind: &str, words: &[&str]) {
    let ran = Setup::new(serve, connections).refused();
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{serve}: {ran:?}");
    let error = ran.error();
    assert_eq!(error["kind"], kind, "{error}");
    for word in words {
        assert!(
            error["message"].as_str().unwrap().contains(word),
            "{word:?} in {error}"
        );
    }
}

#[test]
fn a_connection_that_can_not_be_made_is_told() {
    let rpa = rpa(LOCAL, "");
    let replaced = |what, with| rpa.replace(what, with);
    for (connections, kind, words) in [
        (
            replaced("settings.secret_key", "# settings.secret_key"),
            "invalid-settings",
            "patchbay.toml:5: connections.rpa.settings.secret_key: is missing",
        ),
        (
            replaced("settings.secret_key", "settings.secretkey"),
            "invalid-settings",
            "patchbay.toml:9: connections.rpa.settings.secretkey: is unknown: isearch-rpa has no such setting",
        ),
        (
            replaced("isearch-rpa", "isearch-rpb"),
            "unknown-connection",
            "there is no connector \"isearch-rpb\"; did you mean \"isearch-rpa\"?",
        ),
    ] {
        refused("", &connections, kind, &[words]);
    }
}

#[test]
fn an_address_that_can_not_be_listened_on_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = format!("listen = \"{}\"", taken.local_addr().unwrap());
    refused(&taken, &odd(""), "usage", &["serve.listen", "in use"]);
    let lines = [
        "no tokens",
        "tokens = [\"${env:PATCHBAY_TOKEN}\"]",
        "listen = \"127.0.0.1:0\"",
    ];
    refused("listen = \"0.0.0.0:0\"", &odd(""), "usage", &lines);
    refused("listen = \"[::]:0\"", &odd(""), "usage", &lines);
}

#[test]
fn each_mistake_names_line_and_key() {
    for (serve, words) in [
        ("tokens = [\"\"]", "tokens: a token is empty"),
        (
            "tokens = [\"${env:PATCHBAY_TEST_UNSET}\"]",
            "tokens: the environment variable",
        ),
        (
            "tokens = [\"a b\"]",
            "tokens: a token has characters that can't stand",
        ),
        ("token = [\"x\"]", "token: unknown key; did you mean \"tokens\"?"),
        ("tls = { certificate = \"x\" }", "tls.key: is missing"),
        ("tls = { cert = \"x\" }", "tls.cert: unknown key"),
        ("limits = { bodys = \"1MiB\" }", "limits.bodys: unknown key"),
        ("limits = { body = \"2GiB\" }", "limits.body: \"2GiB\" must be"),
        (
            "limits = { headers = \"1GiB\" }",
            "limits.headers: \"1GiB\" must be",
        ),
        (
            "limits = { request = \"soon\" }",
            "limits.request: \"soon\" isn't a time",
        ),
        (
            "limits = { connections = 0 }",
            "limits.connections: must be a whole number from 1 to 65536",
        ),
        ("drain = 30", "drain: must be a string"),
    ] {
        refused(
            serve,
            &odd(""),
            "usage",
            &[&format!("patchbay.toml:4: serve.{words}")],
        );
    }
    let file = "tls = { certificate = \"none.pem\", key = \"none.pem\" }";
    refused(
        file,
        &odd(""),
        "usage",
        &["serve.tls.certificate", "none.pem can't be read"],
    );
}

#[test]
fn a_certificate_that_is_none_and_a_key_of_another_are_told() {
    let setup = Setup::new(
        "tls = { certificate = \"cert.pem\", key = \"key.pem\" }",
        &rpa(LOCAL, ""),
    );
    setup.write("cert.pem", "nothing\n");
    let message = setup.refused().error()["message"].clone();
    assert!(
        message
            .as_str()
            .unwrap()
            .contains("cert.pem can't be read: it has no certificate"),
        "{message}"
    );
    let [one, two] = [(); 2].map(|()| rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap());
    setup.write("cert.pem", &one.cert.pem());
    setup.write("key.pem", "nothing\n");
    let message = setup.refused().error()["message"].clone();
    assert!(message.as_str().unwrap().contains("serve.tls.key"), "{message}");
    setup.write("key.pem", &two.signing_key.serialize_pem());
    let ran = setup.refused();
    let message = ran.error()["message"].clone();
    assert_eq!(ran.code, 2);
    assert!(
        message.as_str().unwrap().contains("can't be used with the key"),
        "{message}"
    );
    assert!(!ran.stderr.contains("PRIVATE KEY"), "{ran:?}");
}

#[test]
fn a_configuration_is_needed() {
    let ran = patchbay(&["serve"]);
    assert_eq!(
        (ran.code, ran.error()["kind"].as_str()),
        (2, Some("usage")),
        "{ran:?}"
    );
    assert!(
        ran.error()["message"].as_str().unwrap().contains("--config FILE"),
        "{ran:?}"
    );
}

#[test]
fn where_it_listens_is_told_in_one_line_and_logged() {
    run(async {
        let mut served = Setup::new("", &odd("")).start();
        assert!(served.url.starts_with("http://127.0.0.1:"), "{}", served.url);
        assert_eq!(served.get("/healthz").await.body, json!({ "status": "ok" }));
        assert_eq!(served.get("/readyz").await.body, json!({ "status": "ready" }));
        served.said("listening");
        assert!(served.log().contains("INFO"), "{}", served.log());
        served.signal("INT");
        assert_eq!(served.ended(), (Some(0), String::new()), "nothing but that line");
        served.said("shut down");
    });
}

#[test]
fn the_environment_says_how_much_is_logged() {
    let served = Setup::new("", &odd("")).start_with(|command| {
        command.env("RUST_LOG", "error");
    });
    assert_eq!(run(served.get("/healthz")).status, 200);
    assert_eq!(served.log(), "");
}

#[test]
fn sessions_survive_a_restart_where_there_is_a_state() {
    run(async {
        let sim = Simulator::start().await.unwrap();
        let state = tempfile::tempdir().unwrap();
        let serve = format!("state = \"{}\"", state.path().join("state").display());
        for _ in 0..2 {
            let start = || Setup::new(&serve, &rpa(&sim.base_url(), "")).start();
            let (mut served, beside) = (start(), start());
            for served in [&served, &beside] {
                let answer = served.invoke("rpa", "robot.list", &page()).await;
                assert_eq!(answer.status, 200, "{answer:?}");
            }
            served.signal("TERM");
            assert_eq!(served.ended().0, Some(0));
        }
        assert_eq!(sim.logins(), 1);
    });
}
