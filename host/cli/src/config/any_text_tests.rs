//! Configurations that were never meant to be read.

use std::path::Path;

use patchbay::Kind;
use proptest::prelude::*;

use super::Config;

/// Everything that a configuration has.
const WHOLE: &str = r#"
connectors = "connectors"
[tls]
roots = ["ca.pem"]
[serve]
listen = "127.0.0.1:7878"
state = "state"
tokens = ["0123456789012345678901234567890123456789"]
drain = "30s"
tls = { certificate = "a.pem", key = "b.pem" }
limits = { body = "8MiB", headers = "32KiB", request = "30s", connections = 100 }
[connections.rpa]
connector = "some-vendor"
deadline = "1m 30s"
rate = "20/s"
allow = ["https://example.com:8443", "http://[::1]"]
settings = { base_url = "https://example.com", list = [1, 2.5, true, 2026-11-24T09:00:00Z], table = { a = "$${x}" } }
limits = { memory = "64MiB", concurrency = 4, queue = 0, response = "1MiB" }
"#;

/// Whether reading a text ends with a configuration, or with an error that has file and line.
fn has_a_verdict(text: &str) -> Result<(), TestCaseError> {
    if let Err(error) = Config::parse(Path::new("some.toml"), text) {
        prop_assert_eq!(error.kind, Kind::Usage);
        let place = error
            .message
            .strip_prefix("some.toml:")
            .and_then(|rest| rest.split(':').next());
        let line = place.and_then(|line| line.parse::<usize>().ok());
        let lines = text.split('\n').count();
        prop_assert!(
            line.is_some_and(|line| (1..=lines).contains(&line)),
            "{}",
            error.message
        );
    }
    Ok(())
}

#[test]
fn what_is_nested_without_end_has_a_verdict() {
    for (open, close) in [("[", "]"), ("{a=", "}")] {
        for depth in [10, 1_000, 100_000] {
            let nested = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            has_a_verdict(&format!("x = {nested}")).unwrap();
            let settings = format!("[connections.a]\nconnector = \"a\"\nsettings.x = {nested}");
            has_a_verdict(&settings).unwrap();
        }
    }
    for depth in [1_000, 100_000] {
        let key = vec!["a"; depth].join(".");
        for text in [
            format!("{key} = 1"),
            format!("[{key}]"),
            format!("[connections.a.settings.{key}]"),
            format!("[connections.a]\nconnector = \"a\"\nsettings.{key} = 1"),
            format!("connections.a.settings = {{ {key} = 1 }}"),
        ] {
            has_a_verdict(&text).unwrap();
        }
    }
}

#[test]
fn the_whole_is_read() {
    Config::parse(Path::new("some.toml"), WHOLE).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_text_has_a_verdict(text in "(?s).{0,200}") {
        has_a_verdict(&text)?;
    }

    #[test]
    fn any_value_has_a_verdict(key in "[a-z]{1,8}(\\.[a-z]{1,8}){0,3}", value in "[-+\"'\\[\\]{}=,.:#$a-z0-9_ ]{0,40}") {
        has_a_verdict(&format!("{key} = {value}"))?;
    }

    /// A place of a configuration that is right, replaced by anything.
    #[test]
    fn a_spoiled_configuration_has_a_verdict(
        from in 0..WHOLE.len(),
        length in 0..30_usize,
        put in prop_oneof!["(?s).{0,20}", "[\"\\[\\]{}=$.]{0,6}", "[0-9]{1,30}[a-zA-Z]{0,3}", "\\$\\{[a-z]{0,4}:?[ -~]{0,10}\\}?"],
    ) {
        let mut text = WHOLE.to_owned();
        text.replace_range(from..(from + length).min(WHOLE.len()), &put);
        has_a_verdict(&text)?;
    }
}
