//! What a collector of traces gets.

use serde_json::{Value, json};

use crate::secrets::SECRET;
use crate::secrets::search::assert_absent;
use crate::support::{Echo, Ran, invoke_guest, run};

/// Runs an operation of the misbehaving guest with this environment.
fn invoke(base_url: &str, operation: &str, input: &Value, environment: &[(&str, &str)]) -> Ran {
    let settings = [("base_url", base_url), ("token", SECRET)];
    invoke_guest(operation, input, &settings, environment)
}

#[test]
fn a_call_and_its_requests_are_exported_without_a_secret() {
    let (collector, vendor) = run(async { (Echo::start().await, Echo::start().await) });
    let endpoint = [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url())];
    let environment = endpoint.each_ref().map(|(name, value)| (*name, value.as_str()));
    let input = json!({ "url": vendor.url(), "place": "path", "way": "plain" });
    let ran = invoke(&vendor.url(), "smuggle", &input, &environment);
    assert_eq!(ran.code, 0, "{ran:?}");
    let [traces] = collector.heard().try_into().unwrap();
    assert!(traces.starts_with("/v1/traces "), "{traces}");
    assert!(traces.contains("application/x-protobuf"), "{traces}");
    let target = format!("{}/***", vendor.url());
    let version = env!("CARGO_PKG_VERSION");
    for word in [
        "call",
        "smuggle",
        "vendor request",
        &target,
        "POST",
        "service.name",
        "patchbay",
        version,
    ] {
        assert!(traces.contains(word), "{word} in {traces}");
    }
    assert_absent(&traces, &[SECRET]);
    assert!(!traces.contains("PatchbaySecret"), "{traces}");

    // A caller can put a secret into a name.
    let ran = invoke(&vendor.url(), SECRET, &json!({}), &environment);
    assert_eq!(ran.code, 2, "{ran:?}");
    let traces = &collector.heard()[1];
    assert!(traces.contains("operation") && traces.contains("***"), "{traces}");
    assert_absent(traces, &[SECRET]);
}

#[test]
fn the_environment_names_endpoint_and_service() {
    let collector = run(Echo::start());
    let endpoint = format!("{}/somewhere/traces", collector.url());
    let environment = [
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", endpoint.as_str()),
        ("OTEL_SERVICE_NAME", "robots-of-finance"),
    ];
    let ran = invoke("http://127.0.0.1:1", "well", &json!({}), &environment);
    assert_eq!(ran.code, 0, "{ran:?}");
    let [traces] = collector.heard().try_into().unwrap();
    assert!(traces.starts_with("/somewhere/traces "), "{traces}");
    assert!(traces.contains("robots-of-finance"), "{traces}");
}

#[test]
fn a_collector_that_is_not_there_costs_a_warning() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", silent.local_addr().unwrap());
    for endpoint in ["http://127.0.0.1:1", &silent, "not a URL"] {
        let environment = [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)];
        let ran = invoke("http://127.0.0.1:1", "well", &json!({}), &environment);
        assert_eq!(
            (ran.code, ran.stdout.as_str()),
            (0, "{\"calls\":1}\n"),
            "{endpoint}: {ran:?}"
        );
        assert!(
            ran.stderr.contains("WARN") && ran.stderr.contains("traces"),
            "{endpoint}: {ran:?}"
        );
    }
}
