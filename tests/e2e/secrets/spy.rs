//! A connector that gives away all it knows: it knows nothing.

use serde_json::{Value, json};

use patchbay::{Call, ConnectionOptions};

use super::SECRET;
use super::search::assert_absent;
use crate::support::{Echo, Ran, host, invoke_guest, options, run};

/// What the connection holds besides [`SECRET`], in a JSON object.
const FIELD: &str = "tenant-key/geheim=";
const WAYS: [&str; 4] = ["plain", "reversed", "base64", "apart"];

/// Runs an operation of the spy, as talkative as can be.
fn spy(base_url: &str, operation: &str, input: &Value) -> Ran {
    let fields = json!({ "x-tenant": FIELD }).to_string();
    let settings = [("base_url", base_url), ("token", SECRET), ("fields", &fields)];
    invoke_guest(operation, input, &settings, &[("RUST_LOG", "trace")])
}

fn search(ran: &Ran) {
    assert_absent(&format!("{}\n{}", ran.stdout, ran.stderr), &[SECRET, FIELD]);
}

#[test]
fn what_a_connector_can_read_holds_no_secret() {
    for way in WAYS {
        let ran = spy("http://127.0.0.1:1", "tell", &json!({ "way": way }));
        assert_eq!(ran.code, 0, "{ran:?}");
        search(&ran);
        // It had something to tell, and what isn't secret is what the operator gave.
        let told = ran.json();
        if way == "plain" {
            for place in ["one", "all"] {
                assert_eq!(told[place]["base_url"], "http://127.0.0.1:1", "{told}");
                assert_eq!(told[place]["token"], "***", "a placeholder: {told}");
                assert_eq!(told[place]["fields"], r#"{"x-tenant":"***"}"#, "{told}");
            }
            assert_eq!(
                told["stored"]["session"], r#"{"session":{"access_token":"***"}}"#,
                "{told}"
            );
        } else {
            assert!(told.to_string().len() > 200, "{told}");
        }
    }
}

#[test]
fn a_connector_computes_with_a_key_that_does_not_leave() {
    let key = "signing-key-of-a-connection";
    let settings = [("base_url", "http://127.0.0.1:1"), ("signing_key", key)];
    let ran = invoke_guest("sign", &json!({}), &settings, &[("RUST_LOG", "trace")]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let sum: u32 = key.bytes().map(u32::from).sum();
    assert_eq!(ran.json(), json!({ "sum": sum, "key": "***" }));
    assert_absent(&format!("{}\n{}", ran.stdout, ran.stderr), &[key]);
}

#[test]
fn a_live_token_does_not_leave_either() {
    let token = "token-of-a-session";
    let ran = spy(
        "http://127.0.0.1:1",
        "tell",
        &json!({ "way": "plain", "store": token }),
    );
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains(r#"access_token\":\"***"#), "{ran:?}");
    assert_absent(&format!("{}\n{}", ran.stdout, ran.stderr), &[token]);
}

#[test]
fn what_is_sent_elsewhere_arrives_nowhere() {
    let (granted, foreign) = run(async { (Echo::start().await, Echo::start().await) });
    for place in ["path", "query", "header", "basic", "form", "json", "text"] {
        let ran = spy(
            &granted.url(),
            "smuggle",
            &json!({ "url": foreign.url(), "place": place, "way": "plain" }),
        );
        assert_eq!(ran.code, 6, "{ran:?}");
        search(&ran);
    }
    assert_eq!(foreign.heard(), Vec::<String>::new());
    assert_eq!(granted.heard(), Vec::<String>::new());
}

#[test]
fn a_vendor_that_repeats_a_secret_does_not_tell_the_connector() {
    let vendor = run(Echo::start());
    let places = [
        "path", "query", "header", "basic", "form", "json", "nested", "text", "plain", "range", "xml",
        "upper", "utf-16le", "utf-16be",
    ];
    for place in places {
        for way in ["reversed", "base64"] {
            let ran = spy(
                &vendor.url(),
                "smuggle",
                &json!({ "url": vendor.url(), "place": place, "way": way }),
            );
            assert_eq!(ran.code, 0, "{place}: {ran:?}");
            search(&ran);
            assert!(
                ran.json().to_string().len() > 60,
                "{place}: something came back: {ran:?}"
            );
        }
    }
    // The vendor, who may know it, has had it each time.
    let heard = vendor.heard();
    assert_eq!(heard.len(), places.len() * 2);
    for request in heard {
        let found = std::panic::catch_unwind(|| assert_absent(&request, &[SECRET]));
        assert!(found.is_err(), "{request}");
        assert!(!request.contains("PatchbaySecret"), "{request}");
    }
}

#[test]
fn a_secret_that_no_header_field_can_carry_says_so() {
    let vendor = run(Echo::start());
    let input = json!({ "url": vendor.url(), "place": "header", "way": "plain" });
    let settings = [("base_url", &*vendor.url()), ("token", "tell-nobody\nx: y")];
    let ran = invoke_guest("smuggle", &input, &settings, &[]);
    assert_eq!(ran.code, 2, "{ran:?}");
    let error = ran.error();
    assert_eq!(
        (&error["kind"], &error["request_sent"]),
        (&json!("invalid-settings"), &json!(false)),
        "{error}"
    );
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("\"token\"") && message.contains("line break"),
        "{message}"
    );
    assert_absent(&format!("{}\n{}", ran.stdout, ran.stderr), &["tell-nobody"]);
    assert_eq!(vendor.heard(), Vec::<String>::new());
}

#[test]
fn half_an_escape_before_a_secret_is_refused_and_says_so() {
    let vendor = run(Echo::start());
    for half in ["\\u00", "%4", "%", "&#x", "\\x", "\\", "%254"] {
        let input = json!({ "url": vendor.url(), "place": format!("half {half}"), "way": "plain" });
        let settings = [("base_url", &*vendor.url()), ("token", "41bcdef-secret")];
        let ran = invoke_guest("smuggle", &input, &settings, &[]);
        assert_eq!(ran.code, 2, "{ran:?}");
        let error = ran.error();
        assert_eq!(
            (&error["kind"], &error["request_sent"]),
            (&json!("invalid-settings"), &json!(false)),
            "{error}"
        );
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains("half an escape") && message.contains("\"token\"") && message.contains("body"),
            "{message}"
        );
    }
    assert_eq!(vendor.heard(), Vec::<String>::new());
}

#[test]
fn xml_arrives_as_xml() {
    let vendor = run(Echo::start());
    let ran = spy(
        &vendor.url(),
        "smuggle",
        &json!({ "url": vendor.url(), "place": "xml", "way": "plain" }),
    );
    assert_eq!(ran.code, 0, "{ran:?}");
    search(&ran);
    let heard = vendor.heard().remove(0);
    assert!(heard.ends_with("<t>p&amp;ss w/rd+密码~*&quot;\\</t>"), "{heard}");
}

#[test]
fn header_fields_that_are_left_out_are_in_the_record() {
    run(async {
        let vendor = Echo::start().await;
        let connector = host()
            .load(patchbay_artifacts::guest("misbehaving"))
            .await
            .unwrap();
        let connect = |name: &str, options: ConnectionOptions| {
            host()
                .connect(&format!("left-out-{name}"), connector.clone(), options)
                .unwrap()
        };
        let url = vendor.url();
        let with = connect("with", options(&[("base_url", &url), ("token", SECRET)]));
        let without = connect("without", options(&[("base_url", &url)]));
        let input = json!({ "url": url, "place": "range", "way": "plain" });
        let record = with.call(Call::new("smuggle", &input)).await.record;
        assert_eq!(record.requests[0].left_out, ["accept-encoding", "range"]);
        assert!(
            record.explain().contains("without its accept-encoding, range"),
            "{}",
            record.explain()
        );
        // A connection without secrets has nothing to hide.
        let record = without.call(Call::new("smuggle", &input)).await.record;
        assert_eq!(record.requests[0].left_out, Vec::<String>::new());
        let heard = vendor.heard();
        assert!(
            !heard[0].contains("bytes=0-1") && heard[1].contains("bytes=0-1"),
            "{heard:?}"
        );
    });
}

#[test]
fn a_log_keeps_its_levels_and_names_whatever_is_secret() {
    let vendor = run(Echo::start());
    let input = json!({ "url": vendor.url(), "place": "text", "way": "plain" });
    for word in ["DEBUG", "patchbay", "connection"] {
        let settings = [("base_url", &*vendor.url()), ("token", word)];
        let ran = invoke_guest("smuggle", &input, &settings, &[("RUST_LOG", "trace")]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let answered = ran
            .stderr
            .lines()
            .find(|line| line.contains("the vendor answered"));
        let answered = answered.unwrap_or_else(|| panic!("{ran:?}"));
        assert!(
            answered.contains(" DEBUG patchbay::") && answered.contains(" connection="),
            "{answered}"
        );
    }
}
