//! What is refused before anything is sent.

use patchbay_sdk::Failure;
use serde_json::{Value, json};

use super::requests::{CLIENT, USER, with};
use super::support::{call, yes};

/// Operation, input, and what the refusal names.
type Case = (&'static str, String, &'static str);

fn refused(cases: &[Case]) {
    for (operation, input, named) in cases {
        let script = yes();
        match call(&script, &CLIENT, operation, input) {
            Err(failure @ Failure::InvalidInput(_)) => {
                assert!(
                    failure.to_string().contains(named),
                    "{operation} {input}: {failure}"
                );
            }
            other => panic!("{operation} {input}: {other:?}"),
        }
        assert_eq!(script.sent(), []);
    }
}

#[test]
fn of_single_sign_on() {
    let case = |operation, input: &str, named| (operation, input.to_owned(), named);
    refused(&[
        case("authority-code.get", "{}", "username"),
        case("authority-code.get", r#"{"username":null,"phone":null}"#, "phone"),
        case("authority-code.get", r#"{"username":"","phone":""}"#, "phone"),
        case(
            "oauth-user.get",
            r#"{"code":"c","client_secret":"x"}"#,
            "client_secret",
        ),
        case("oauth-user.get", "{}", "code"),
    ]);
}

#[test]
fn of_forms_and_records() {
    let case = |operation, more: &Value, named| (operation, with(&["app_id", "form_id"], more), named);
    refused(&[
        ("form.list", with(&["app_id"], &json!({"page_no":0})), "/page_no"),
        case(
            "record.create",
            &json!({"user_id":USER,"start_flow":true}),
            "/flow_code",
        ),
        case(
            "record.create",
            &json!({"user_id":USER,"start_flow":true,"flow_code":""}),
            "/flow_code",
        ),
        case("record.create", &json!({"a":1}), "user_id"),
        case("record.update", &json!({"user_id":USER}), "record_id"),
        case("record.list", &json!({"user_id":USER,"page":1}), "page"),
        case(
            "record.list",
            &json!({"user_id":USER,"page_size":-5}),
            "/page_size",
        ),
    ]);
}

#[test]
fn of_tasks() {
    let ids = ["app_id", "form_id", "record_id", "task_id"];
    let case = |operation, more: &Value, named| (operation, with(&ids, more), named);
    refused(&[
        case("task.submit", &json!({"submitReq":{}}), "submitReq"),
        case("task.submit", &json!({"userId":USER}), "variables"),
        case("task.transfer", &json!({"userId":USER}), "transferIds"),
        case(
            "task.transfer",
            &json!({"userId":USER,"transferIds":[]}),
            "/transferIds",
        ),
    ]);
}

#[test]
fn of_organisations_and_users() {
    let case = |operation, input: &str, named| (operation, input.to_owned(), named);
    refused(&[
        case("org.list", r#"{"parent_id":"p"}"#, "parent_id"),
        case("user.list", "{}", "org_id"),
        case("org.get", r#"{"org_id":".."}"#, "/org_id"),
        case("org.get", r#"{"org_id":""}"#, "/org_id"),
    ]);
}
