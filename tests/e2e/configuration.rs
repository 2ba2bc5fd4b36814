//! The configuration file, and its mistakes: each is told with file, line and key.

use std::path::PathBuf;

use patchbay_cli::config::Config;
use patchbay_simulators::isearch_rpa::Simulator;

use crate::support::{patchbay, patchbay_in, run};

struct File {
    folder: tempfile::TempDir,
    path: PathBuf,
}

fn file(content: &str) -> File {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("patchbay.toml");
    std::fs::write(&path, content).unwrap();
    File { folder, path }
}

fn configured(base_url: &str) -> File {
    let connectors = patchbay_artifacts::connector("isearch-rpa");
    file(&format!(
        r#"connectors = "{}"

[serve]
listen = "127.0.0.1:7878"
state = "state"
tokens = ["${{file:secret}}"]

[connections.rpa]
connector = "isearch-rpa"
settings.base_url = "{base_url}"
settings.access_key = "patchbay"
settings.secret_key = "${{file:secret}}"
settings.clock_skew_ms = 0
settings.reveal_secrets = true
settings.path_overrides = {{ "robot.get" = "/oapi/v1/robot/detail" }}
allow = ["https://files.example.com"]
allow_private = true
deadline = "20s"
limits = {{ memory = "64MiB", concurrency = 8, response = "1MiB" }}
rate = "1000/s"
"#,
        connectors.parent().unwrap().display(),
    ))
}

#[test]
fn a_connection_of_the_configuration_is_called_by_its_name() {
    let sim = run(Simulator::start()).unwrap();
    let file = configured(&sim.base_url());
    std::fs::write(file.folder.path().join("secret"), "patchbay-secret\n").unwrap();
    let config = ["--config", file.path.to_str().unwrap()];
    let invoke = [
        &config[..],
        &["invoke", "rpa", "robot.list", "--input", r#"{"page":1,"size":1}"#],
    ]
    .concat();
    let ran = patchbay(&invoke);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(
        ran.json()["items"][0]["commToken"],
        "comm-token-robot-01",
        "reveal_secrets is set"
    );

    let overridden = [&invoke[..], &["-c", "secret_key=wrong-password"]].concat();
    let ran = patchbay(&overridden);
    assert_eq!(
        (ran.code, ran.error()["connection"].as_str()),
        (4, Some("rpa")),
        "{ran:?}"
    );

    let list = patchbay(&[&config[..], &["list"]].concat()).json();
    assert_eq!(list["connections"][0]["name"], "rpa");
    let unknown = patchbay(&[&config[..], &["describe", "rpb"]].concat());
    assert!(
        unknown.error()["message"]
            .as_str()
            .unwrap()
            .contains("the connections rpa"),
        "{unknown:?}"
    );
}

#[test]
fn a_missing_file_with_a_secret_is_told() {
    let file = configured("http://127.0.0.1:1");
    let ran = patchbay(&["--config", file.path.to_str().unwrap(), "list"]);
    let message = ran.error()["message"].as_str().unwrap().to_owned();
    assert_eq!(ran.code, 2);
    assert!(message.contains("patchbay.toml:6: serve.tokens"), "{message}");
}

#[test]
fn each_mistake_names_line_and_key() {
    let connection = "[connections.a]\nconnector = \"isearch-rpa\"\n";
    let cases = [
        (
            "conectors = \"x\"",
            "patchbay.toml:1: conectors: unknown key; did you mean \"connectors\"?",
        ),
        (
            "[serve]\n\nlisten = \"nowhere\"",
            "patchbay.toml:3: serve.listen: \"nowhere\" isn't an address",
        ),
        (
            "[serve]\ntoken = []",
            "patchbay.toml:2: serve.token: unknown key; did you mean \"tokens\"?",
        ),
        (
            "[connections.a]\nsettings.x = 1",
            "patchbay.toml:1: connections.a.connector: is missing",
        ),
        ("[[connections]]", "patchbay.toml:1: connections: must be a table"),
        ("connectors = ", "patchbay.toml:1: "),
        (
            &format!("{connection}deadline = \"soon\""),
            "patchbay.toml:3: connections.a.deadline: \"soon\"",
        ),
        (
            &format!("{connection}deadline = 5"),
            "patchbay.toml:3: connections.a.deadline: must be a string",
        ),
        (
            &format!("{connection}allow = [\"x.com/y\"]"),
            "patchbay.toml:3: connections.a.allow: \"x.com/y\" isn't an origin",
        ),
        (
            &format!("{connection}allow_private = \"no\""),
            "patchbay.toml:3: connections.a.allow_private: must be true or false",
        ),
        (
            &format!("{connection}limits.memory = \"lots\""),
            "patchbay.toml:3: connections.a.limits.memory: \"lots\" isn't a size",
        ),
        (
            &format!("{connection}limits.memory = \"1TiB\""),
            "at most 1.0 GiB",
        ),
        (&format!("{connection}limits.concurrency = 0"), "from 1 to 512"),
        (
            &format!("{connection}rate = \"fast\""),
            "patchbay.toml:3: connections.a.rate: \"fast\" isn't a rate",
        ),
        (
            &format!("{connection}limits.speed = 1"),
            "connections.a.limits.speed: unknown key",
        ),
        (
            &format!("{connection}settings.base_url = \"${{env:PATCHBAY_TEST_UNSET}}\""),
            "patchbay.toml:3: connections.a.settings.base_url: the environment variable \"PATCHBAY_TEST_UNSET\" isn't set",
        ),
        (
            &format!("{connection}settings.base_url = \"${{vault:x}}\""),
            "there are ${env:NAME} and ${file:PATH}",
        ),
        (
            &format!("{connection}settings.base_url = \"${{env:X\""),
            "without \"}\"",
        ),
    ];
    for (content, expected) in cases {
        let file = file(content);
        let error = Config::load(&file.path).unwrap_err();
        assert_eq!(error.kind, patchbay::Kind::Usage, "{error:?}");
        assert!(
            error.message.contains(expected),
            "{expected:?} in {:?}",
            error.message
        );
    }
}

#[test]
fn settings_are_checked_against_the_manifest() {
    let connectors = patchbay_artifacts::connector("isearch-rpa");
    let connectors = connectors.parent().unwrap();
    let invoke = |settings: &str| {
        let file = file(&format!(
            "connectors = {connectors:?}\n[connections.rpa]\nconnector = \"isearch-rpa\"\n{settings}"
        ));
        patchbay(&[
            "--config",
            file.path.to_str().unwrap(),
            "invoke",
            "rpa",
            "robot.list",
        ])
    };
    let unknown = invoke("settings.base_url = \"http://a\"\nsettings.acces_key = \"x\"\n");
    let message = unknown.error()["message"].as_str().unwrap().to_owned();
    assert_eq!(
        (unknown.code, unknown.error()["kind"].as_str()),
        (2, Some("invalid-settings"))
    );
    assert!(
        message.contains("patchbay.toml:5: connections.rpa.settings.acces_key"),
        "{message}"
    );
    assert!(message.contains("did you mean \"access_key\"?"), "{message}");
    let listed = file(&format!(
        "connectors = {connectors:?}\n[connections.a]\nconnector = \"isearch-rpa\"\n[connections.b]\nconnector = \"nothing\"\n"
    ));
    let listed = patchbay(&["--config", listed.path.to_str().unwrap(), "list"]).json();
    for (index, words) in [
        (0, "settings.base_url: is missing"),
        (1, "no connector \"nothing\""),
    ] {
        let message = listed["connections"][index]["error"]["message"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(message.contains(words), "{listed}");
    }
    let missing = invoke("settings.base_url = \"http://a\"\n");
    let message = missing.error()["message"].as_str().unwrap().to_owned();
    assert!(
        message.contains("patchbay.toml:2: connections.rpa.settings.access_key: is missing"),
        "{message}"
    );
}

#[test]
fn private_addresses_are_allowed_unless_the_file_says_otherwise() {
    let text =
        "[connections.a]\nconnector = \"x\"\nallow_private = false\n[connections.b]\nconnector = \"x\"\n";
    let config = Config::parse(&PathBuf::from("patchbay.toml"), text).unwrap();
    let allowed = |name: &str| config.connections[name].options.allow_private;
    assert_eq!((allowed("a"), allowed("b")), (false, true));
}

#[test]
fn variables_are_put_in() {
    let file = file(
        "[connections.a]\nconnector = \"x\"\nsettings.one = \"${env:PATCHBAY_TEST_ONE}-$${literal}\"\nsettings.two = [\"${env:PATCHBAY_TEST_ONE}\"]\n",
    );
    // A process of its own: tests share this one's environment.
    let ran = patchbay_in(
        &[
            "--config",
            file.path.to_str().unwrap(),
            "--connectors",
            "/nowhere",
            "list",
        ],
        |command| {
            command.env("PATCHBAY_TEST_ONE", "1");
        },
    );
    assert!(
        ran.error()["message"].as_str().unwrap().contains("/nowhere"),
        "the configuration is fine: {ran:?}"
    );
    let text = "[connections.a]\nconnector = \"x\"\nsettings.three = \"${env:CARGO_PKG_NAME}/$${x}\"\nsettings.four = { k = [1, true] }\n";
    let config = Config::parse(&file.path, text).unwrap();
    let settings = &config.connections["a"].options.settings;
    assert_eq!(settings["three"], concat!(env!("CARGO_PKG_NAME"), "/${x}"));
    assert_eq!(settings["four"], r#"{"k":[1,true]}"#);
}
