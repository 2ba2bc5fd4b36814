//! Which credentials go where.

use patchbay_sdk::Failure;
use patchbay_sdk::testing::json_response;

use super::support::{always, call, sent, yes};

const CLIENT: [(&str, &str); 2] = [("client_id", "patch bay"), ("client_secret", "s+/=&?#%~*秘")];
const TENANT: [(&str, &str); 2] = [
    (
        "auth_headers",
        r#"{"X-App-Key":"k 1","Authorization":"Bearer t"}"#,
    ),
    ("auth_query", r#"{"tenant":"t/1 &","sig":"+="}"#),
];

fn all() -> Vec<(&'static str, &'static str)> {
    CLIENT.into_iter().chain(TENANT).collect()
}

#[test]
fn a_business_call_carries_the_operators_headers_and_query_and_no_client() {
    let request = sent(&all(), "app.list", r#"{"name":"n"}"#);
    assert_eq!(
        request.url,
        "https://dabei.example/open/apps?name=n&tenant=t%2F1%20%26&sig=%2B%3D"
    );
    assert_eq!(
        request.headers,
        [("X-App-Key", "k 1"), ("Authorization", "Bearer t")].map(|(n, v)| (n.to_owned(), v.to_owned()))
    );
    assert_eq!(request.body, b"");
}

#[test]
fn a_business_call_with_a_body_carries_them_too() {
    let request = sent(&all(), "user.get", r#"{"user_id":"u"}"#);
    assert_eq!(
        request.url,
        "https://dabei.example/open/users/user_id?tenant=t%2F1%20%26&sig=%2B%3D"
    );
    assert_eq!(
        request.headers,
        [
            ("content-type", "application/json"),
            ("content-length", "15"),
            ("X-App-Key", "k 1"),
            ("Authorization", "Bearer t"),
        ]
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
    );
    assert_eq!(request.body, br#"{"user_id":"u"}"#);
}

#[test]
fn a_revocation_carries_them_too() {
    let mut settings = all();
    settings.push(("path_overrides", r#"{"task.revoke":"/revoke/{task_id}"}"#));
    let input = r#"{"app_id":"a","form_id":"f","record_id":"r","task_id":"t","user_id":"u"}"#;
    let request = sent(&settings, "task.revoke", input);
    assert!(request.url.ends_with("/revoke/t?tenant=t%2F1%20%26&sig=%2B%3D"));
    assert!(
        request
            .headers
            .contains(&("X-App-Key".to_owned(), "k 1".to_owned()))
    );
}

#[test]
fn a_business_call_works_without_credentials() {
    let request = sent(&[], "app.list", "{}");
    assert_eq!(request.url, "https://dabei.example/open/apps");
    assert_eq!(request.headers, []);
}

#[test]
fn single_sign_on_carries_the_client_and_nothing_of_the_business_calls() {
    for (operation, input, expected) in [
        (
            "oauth-user.get",
            r#"{"code":"a+b/c"}"#,
            "/oauth2/users/user_info?code=a%2Bb%2Fc&grant_type=authorization_code",
        ),
        (
            "authority-code.get",
            r#"{"username":"user001"}"#,
            "/oauth2/authority_code?username=user001",
        ),
    ] {
        let request = sent(&all(), operation, input);
        assert_eq!(
            request.url,
            format!(
                "https://dabei.example/open{expected}\
                 &client_id=patch%20bay&client_secret=s%2B%2F%3D%26%3F%23%25~%2A%E7%A7%98"
            )
        );
        assert_eq!(request.headers, []);
        assert_eq!(request.body, b"");
    }
}

#[test]
fn single_sign_on_may_be_elsewhere() {
    let mut settings = all();
    settings.push(("oauth_base_url", "https://sso.example:8443/"));
    let request = sent(&settings, "oauth-user.get", r#"{"code":"c"}"#);
    assert!(
        request
            .url
            .starts_with("https://sso.example:8443/oauth2/users/user_info?")
    );
    let request = sent(&settings, "app.list", "{}");
    assert!(request.url.starts_with("https://dabei.example/open/apps?"));
}

#[test]
fn single_sign_on_names_the_setting_that_is_missing_and_sends_nothing() {
    for (settings, missing) in [
        (vec![("client_secret", "hunter2")], "\"client_id\""),
        (vec![("client_id", "c")], "\"client_secret\""),
        (
            vec![("client_id", "c"), ("client_secret", "")],
            "\"client_secret\"",
        ),
    ] {
        for (operation, input) in [
            ("oauth-user.get", r#"{"code":"c"}"#),
            ("authority-code.get", r#"{"phone":"1"}"#),
        ] {
            let script = yes();
            match call(&script, &settings, operation, input) {
                Err(Failure::InvalidSettings(message)) => {
                    assert!(message.contains(missing), "{message}");
                    assert!(!message.contains("hunter2"), "{message}");
                }
                other => panic!("{operation}: {other:?}"),
            }
            assert_eq!(script.sent(), []);
        }
    }
}

#[test]
fn unusable_settings_are_named_without_their_values_and_send_nothing() {
    for setting in [
        ("auth_headers", r#"{"X-Key":["hunter2"]}"#),
        ("auth_headers", "hunter2"),
        ("auth_query", r#"["hunter2"]"#),
        ("auth_query", r#"{"key":7,"other":"hunter2"}"#),
        ("oauth_base_url", "hunter2"),
        ("oauth_base_url", "https://u:hunter2@sso.example"),
    ] {
        let script = yes();
        match call(&script, &[setting], "app.list", "{}") {
            Err(Failure::InvalidSettings(message)) => {
                assert!(message.contains(setting.0), "{message}");
                assert!(!message.contains("hunter2"), "{message}");
            }
            other => panic!("{setting:?}: {other:?}"),
        }
        assert_eq!(script.sent(), []);
    }
}

#[test]
fn a_refused_call_is_not_repeated() {
    for status in [401, 403] {
        let script = always(&json_response(status, r#"{"errcode":401,"errmsg":"no"}"#));
        match call(&script, &all(), "app.list", "{}") {
            Err(Failure::Unauthorized(refusal)) => {
                assert_eq!(refusal.code.as_deref(), Some("401"));
                assert_eq!(refusal.message, "no");
                assert_eq!(refusal.http_status, Some(status));
            }
            other => panic!("{status}: {other:?}"),
        }
        assert_eq!(script.sent().len(), 1);
    }
}
