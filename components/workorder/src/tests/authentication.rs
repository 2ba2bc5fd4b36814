//! The headers of both request types, and the settings that they need (公共http请求头参数).

use super::*;

const PAGE: &str = r#"{"pageNo":1,"pageSize":10}"#;

fn headers(settings: &[(&str, &str)]) -> Vec<(String, String)> {
    request(settings, "app-workorder-type.list", PAGE).headers
}

fn owned(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// What opening with these settings fails with. Nothing may be sent.
fn complaint(settings: &[(&str, &str)]) -> String {
    let (sent, output) = exchange(
        settings,
        json_response(200, "{}"),
        "app-workorder-type.list",
        PAGE,
    );
    assert_eq!(sent, []);
    match output {
        Err(Failure::InvalidSettings(message)) => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_service_sends_its_id_secret_and_token() {
    assert_eq!(
        headers(SERVICE),
        owned(&[
            ("requestType", "service"),
            ("serverID", "the-service"),
            ("secretKey", "the-secret"),
            ("accessToken", "the-token"),
        ])
    );
}

#[test]
fn an_application_sends_the_token_as_authorization_too() {
    assert_eq!(
        headers(APP),
        owned(&[
            ("requestType", "app"),
            ("appID", "the-app"),
            ("secretKey", "the-secret"),
            ("accessToken", "the-token"),
            ("Authorization", "the-token"),
        ])
    );
}

#[test]
fn authorization_can_be_another() {
    let settings = changed(APP, "", &[("authorization", "Bearer other")]);
    let authorization = headers(&settings)
        .into_iter()
        .find(|(name, _)| name == "Authorization");
    assert_eq!(
        authorization,
        Some(("Authorization".into(), "Bearer other".into()))
    );
}

#[test]
fn a_service_sends_nothing_of_an_application() {
    let settings = changed(SERVICE, "", &[("app_id", "the-app"), ("authorization", "other")]);
    assert_eq!(headers(&settings), headers(SERVICE));
    let settings = changed(APP, "", &[("server_id", "the-service")]);
    assert_eq!(headers(&settings), headers(APP));
}

#[test]
fn the_type_lists_have_the_token_in_the_query_too() {
    let request = request(SERVICE, "app-workorder-type.list", PAGE);
    assert_eq!(
        request.url,
        format!("{BASE_URL}/WorkOrder/app/list?pageNo=1&pageSize=10&accessToken=the-token")
    );
}

#[test]
fn the_token_is_no_input() {
    let input = r#"{"accessToken":"t","pageNo":1,"pageSize":10}"#;
    let (sent, output) = exchange(
        SERVICE,
        json_response(200, "{}"),
        "app-workorder-type.list",
        input,
    );
    assert_eq!(sent, []);
    assert!(matches!(output, Err(Failure::InvalidInput(_))), "{output:?}");
}

#[test]
fn a_missing_setting_is_named() {
    for settings in [SERVICE, APP] {
        for (name, _) in settings {
            let message = complaint(&changed(settings, name, &[]));
            assert!(message.contains(&format!("{name:?} is missing")), "{message}");
            assert!(!message.contains("the-secret") && !message.contains("the-token"));
        }
    }
}

#[test]
fn an_empty_setting_is_missing() {
    let message = complaint(&changed(SERVICE, "server_id", &[("server_id", "")]));
    assert!(message.contains("\"server_id\" is missing"), "{message}");
}

#[test]
fn the_id_of_the_other_type_does_not_help() {
    let message = complaint(&changed(SERVICE, "server_id", &[("app_id", "the-app")]));
    assert!(message.contains("\"server_id\" is missing"), "{message}");
    let message = complaint(&changed(APP, "app_id", &[("server_id", "the-service")]));
    assert!(message.contains("\"app_id\" is missing"), "{message}");
}

#[test]
fn another_request_type_is_refused() {
    for kind in ["App", "”app”", "browser"] {
        let message = complaint(&changed(SERVICE, "request_type", &[("request_type", kind)]));
        assert!(message.contains("\"request_type\""), "{message}");
        assert!(message.contains("\"app\" or \"service\""), "{message}");
    }
}
