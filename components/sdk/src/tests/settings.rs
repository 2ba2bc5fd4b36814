//! What operators may and may not set.

use crate::Failure;
use crate::settings::{BASE_URL, BOOLEAN, PATH_OVERRIDES, REVEAL_SECRETS, Setting, SettingKind, Settings};

fn one(name: &str, value: &str) -> Settings {
    [(name, value)].into_iter().collect()
}

/// The message of wrong settings, which must name `setting`.
fn wrong<T: std::fmt::Debug>(result: Result<T, Failure>, setting: &str) -> String {
    match result {
        Err(Failure::InvalidSettings(message)) => {
            assert!(message.contains(&format!("{setting:?}")), "{message}");
            message
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn base_url_loses_its_slash_and_the_space_around_it() {
    for (given, expected) in [
        ("https://h", "https://h"),
        ("http://h:8080/", "http://h:8080"),
        (" https://h/gate/v1// \n", "https://h/gate/v1"),
        ("http://[::1]", "http://[::1]"),
        ("https://[::1]:8443/x", "https://[::1]:8443/x"),
        ("HTTPS://H.example", "HTTPS://H.example"),
    ] {
        assert_eq!(one("base_url", given).base_url().unwrap(), expected, "{given:?}");
    }
}

#[test]
fn other_base_urls_are_refused() {
    for (given, why) in [
        ("", "is missing"),
        ("h.example/api", "isn't a URL"),
        ("https://", "isn't a URL"),
        ("https://h h", "isn't a URL"),
        ("https:///path", "isn't a URL"),
        ("h.example", "must start with https:// or http://"),
        ("/gate", "must start with https:// or http://"),
        ("ftp://h", "must start with https:// or http://"),
        ("file:///etc", "isn't a URL"),
        ("https://:8443", "has no host"),
        ("https://h:99999", "has a port that isn't"),
        ("https://h:x/gate", "has a port that isn't"),
        ("https://[::1]:", "has a port that isn't"),
        ("https://user@h", "must not contain a user"),
        ("https://user:geheim@h", "must not contain a user"),
        ("https://h/?a=geheim", "must not have a query or a fragment"),
        ("https://h?", "must not have a query or a fragment"),
        ("https://h/#geheim", "must not have a query or a fragment"),
    ] {
        let message = wrong(one("base_url", given).base_url(), "base_url");
        assert!(message.contains(why), "{given:?}: {message}");
        assert!(!message.contains("geheim"), "{message}");
    }
    wrong(Settings::default().base_url(), "base_url");
    wrong(one("sso_url", "h").url("sso_url"), "sso_url");
}

#[test]
fn required_settings_must_have_a_value() {
    assert_eq!(one("key", " k ").require("key").unwrap(), " k ");
    assert_eq!(one("key", "k").get("key"), Some("k"));
    assert_eq!(one("key", "").get("key"), None);
    for settings in [one("key", ""), one("other", "k"), Settings::default()] {
        assert!(wrong(settings.require("key"), "key").contains("missing"));
    }
}

#[test]
fn flags_are_true_or_false() {
    assert!(one("f", "true").flag("f").unwrap());
    assert!(!one("f", "false").flag("f").unwrap());
    assert!(!one("f", "").flag("f").unwrap());
    assert!(!Settings::default().flag("f").unwrap());
    for value in ["True", "1", "yes", " true"] {
        wrong(one("f", value).flag("f"), "f");
    }
}

#[test]
fn integers_are_whole_numbers() {
    assert_eq!(one("n", " -90 ").integer("n").unwrap(), Some(-90));
    assert_eq!(one("n", "").integer("n").unwrap(), None);
    assert_eq!(Settings::default().integer("n").unwrap(), None);
    for value in ["1.5", "1e3", "9223372036854775808", "x"] {
        let message = wrong(one("n", value).integer("n"), "n");
        assert!(!message.contains(value) || value == "x", "{message}");
    }
}

#[test]
fn texts_are_an_object_of_strings() {
    let settings = one("t", r#"{"b":"1","a":"密"}"#);
    let expected = [("b", "1"), ("a", "密")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(settings.texts("t").unwrap(), expected);
    assert_eq!(one("t", "{}").texts("t").unwrap(), []);
    assert_eq!(one("t", "").texts("t").unwrap(), []);
    assert_eq!(Settings::default().texts("t").unwrap(), []);
    for value in [r#"{"geheim":1}"#, r#"["geheim"]"#, "geheim", r#"{"geheim":null}"#] {
        assert!(!wrong(one("t", value).texts("t"), "t").contains("geheim"));
    }
}

#[test]
fn defaults_hold_where_nothing_is_given() {
    const DECLARED: &[Setting] = &[
        Setting::optional("scope", "s").default("all"),
        Setting::optional("bare", "b"),
    ];
    let scope = |settings: Settings| {
        let settings = settings.with_defaults(DECLARED);
        assert_eq!(settings.get("bare"), None);
        settings.get("scope").map(str::to_owned)
    };
    assert_eq!(scope(Settings::default()).as_deref(), Some("all"));
    assert_eq!(scope(one("scope", "one")).as_deref(), Some("one"));
    // Empty counts as missing.
    assert_eq!(scope(one("scope", "")).as_deref(), Some("all"));
}

#[test]
fn declarations_say_what_they_are_made_of() {
    let declared = Setting::required("key", "The key")
        .secret()
        .default("d")
        .schema(BOOLEAN);
    let expected = Setting {
        name: "key",
        kind: SettingKind::Secret,
        summary: "The key",
        required: true,
        default: Some("d"),
        schema: Some(r#"{"type":"boolean"}"#),
        annotations: &[],
    };
    assert_eq!(declared, expected);
    let optional = Setting::optional("o", "O");
    assert_eq!(
        (optional.required, optional.kind, optional.schema),
        (false, SettingKind::Plain, None)
    );
    assert_eq!(optional.kind(SettingKind::Key).kind, SettingKind::Key);
    assert_eq!(BASE_URL.kind, SettingKind::Origin);
    let common = [BASE_URL, PATH_OVERRIDES, REVEAL_SECRETS].map(|s| (s.required, s.default));
    assert_eq!(common, [(true, None), (false, None), (false, Some("false"))]);
}

#[test]
fn a_path_may_be_overridden() {
    let settings = one(
        "path_overrides",
        r#"{"a.get":"/v2/a/{id}","b.get":"b","c.get":""}"#,
    );
    assert_eq!(
        settings.path_override("a.get").unwrap().as_deref(),
        Some("/v2/a/{id}")
    );
    assert_eq!(settings.path_override("other").unwrap(), None);
    assert_eq!(Settings::default().path_override("a.get").unwrap(), None);
    for operation in ["b.get", "c.get"] {
        let message = wrong(settings.path_override(operation), "path_overrides");
        assert!(
            message.contains(operation) && message.contains("slash"),
            "{message}"
        );
    }
    wrong(
        one("path_overrides", "/v2").path_override("a.get"),
        "path_overrides",
    );
}

#[test]
fn debug_shows_names_only() {
    let settings: Settings = [("api_key", "geheim"), ("base_url", "https://h")]
        .into_iter()
        .collect();
    assert_eq!(format!("{settings:?}"), r#"{"api_key", "base_url"}"#);
}

#[test]
fn schemas_are_json() {
    for schema in [
        crate::settings::BOOLEAN,
        crate::settings::INTEGER,
        crate::settings::TEXTS,
    ]
    .into_iter()
    .chain(
        [PATH_OVERRIDES, REVEAL_SECRETS]
            .into_iter()
            .filter_map(|setting| setting.schema),
    ) {
        let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
        assert!(schema["type"].is_string(), "{schema}");
    }
}
