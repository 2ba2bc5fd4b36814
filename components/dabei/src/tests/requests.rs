//! The request of every operation.

use patchbay_sdk::encode::Encoded;
use patchbay_sdk::{Endpoint as _, Failure, Params};
use serde_json::{Value, json};

use super::support::{body, call, sent, yes};
use crate::endpoints::task::Revoke;

pub(super) const CLIENT: [(&str, &str); 2] = [("client_id", "c"), ("client_secret", "s")];
const REVOKE: (&str, &str) = (
    "path_overrides",
    r#"{"task.revoke":"/apps/{app_id}/forms/{form_id}/records/{record_id}/tasks/{task_id}/revoke"}"#,
);

const APP: &str = "35af7f00c69e44198f894378c68b2a58";
const FORM: &str = "684ad97c537b47df824a8b602411b2d2";
const RECORD: &str = "8d50102b87634d41b2614c35229dd4b5";
const TASK: &str = "5f2fda02ea674ee0a5143b87b81af5e2";
pub(super) const USER: &str = "b76d5c1f9c36449f8f3f08ab0207765b";

/// The document's examples: what is in the path is in the input, and the rest is the body.
pub(super) fn with(names: &[&str], rest: &Value) -> String {
    let mut input = serde_json::Map::new();
    for name in names {
        let value = match *name {
            "app_id" => APP,
            "form_id" => FORM,
            "record_id" => RECORD,
            _ => TASK,
        };
        input.insert((*name).to_owned(), Value::from(value));
    }
    input.extend(rest.as_object().unwrap().clone());
    Value::Object(input).to_string()
}

fn form() -> String {
    format!("/apps/{APP}/forms/{FORM}")
}

fn check(operation: &str, input: &str, method: &str, target: &str, expected: Option<&Value>) {
    let request = sent(&[CLIENT[0], CLIENT[1], REVOKE], operation, input);
    assert_eq!(request.method.as_str(), method, "{operation}");
    assert_eq!(
        request.url,
        format!("https://dabei.example/open{target}"),
        "{operation}"
    );
    let content_type = request.headers.iter().find(|(name, _)| name == "content-type");
    if let Some(expected) = expected {
        assert_eq!(&body(&request), expected, "{operation}");
        assert_eq!(
            content_type.map(|(_, value)| value.as_str()),
            Some("application/json")
        );
    } else {
        assert_eq!(request.body, b"", "{operation}");
        assert_eq!(content_type, None, "{operation}");
    }
}

#[test]
fn reads_are_gets() {
    let three = ["app_id", "form_id", "record_id"];
    let client = "client_id=c&client_secret=s";
    for (operation, input, target) in [
        (
            "oauth-user.get",
            r#"{"code":"cc58"}"#.to_owned(),
            format!("/oauth2/users/user_info?code=cc58&grant_type=authorization_code&{client}"),
        ),
        (
            "authority-code.get",
            r#"{"phone":"13800000000"}"#.to_owned(),
            format!("/oauth2/authority_code?phone=13800000000&{client}"),
        ),
        ("app.list", "{}".to_owned(), "/apps".to_owned()),
        (
            "app.list",
            r#"{"name":"应用"}"#.to_owned(),
            "/apps?name=%E5%BA%94%E7%94%A8".to_owned(),
        ),
        (
            "form.list",
            with(&["app_id"], &json!({"name":"n","page_no":2,"page_size":50})),
            format!("/apps/{APP}/forms?name=n&page_no=2&page_size=50"),
        ),
        (
            "form-field.list",
            with(&["app_id", "form_id"], &json!({})),
            format!("{}/fields", form()),
        ),
        (
            "record.get",
            with(&three, &json!({"user_id":"xxx"})),
            format!("{}/records/{RECORD}?user_id=xxx", form()),
        ),
        (
            "task.list",
            with(&three, &json!({"user_id":"xxx"})),
            format!("{}/records/{RECORD}/tasks?user_id=xxx", form()),
        ),
        ("org.list", "{}".to_owned(), "/orgs".to_owned()),
        (
            "org.list",
            r#"{"parentId":"p","recursion":true}"#.to_owned(),
            "/orgs?parentId=p&recursion=true".to_owned(),
        ),
        ("org.get", r#"{"org_id":"o"}"#.to_owned(), "/orgs/o".to_owned()),
        (
            "user.list",
            r#"{"org_id":"o","recursion":false}"#.to_owned(),
            "/users?org_id=o&recursion=false".to_owned(),
        ),
    ] {
        check(operation, &input, "GET", &target, None);
    }
}

#[test]
fn records_are_posts() {
    let two = ["app_id", "form_id"];
    let fields = json!({"user_id":USER,"其他表单字段":"对应"});
    check(
        "record.create",
        &with(&two, &fields),
        "POST",
        &format!("{}/record_create", form()),
        Some(&fields),
    );
    let fields = json!({"user_id":USER,"record_id":RECORD,"其他表单字段":"对应"});
    check(
        "record.update",
        &with(&two, &fields),
        "POST",
        &format!("{}/record_update", form()),
        Some(&fields),
    );
    let named = json!({"user_id":USER,"record_id":RECORD});
    check(
        "record.delete",
        &with(&two, &named),
        "POST",
        &format!("{}/record_delete", form()),
        Some(&named),
    );
    let query = json!({"user_id":USER,"page_no":1,"page_size":10,"filter":{"字段名":"要查询的值"}});
    check(
        "record.list",
        &with(&two, &query),
        "POST",
        &format!("{}/records", form()),
        Some(&query),
    );
    let query = json!({"user_id":USER});
    check(
        "record.list",
        &with(&two, &query),
        "POST",
        &format!("{}/records", form()),
        Some(&query),
    );
    let user = json!({"user_id":USER});
    check(
        "user.get",
        &user.to_string(),
        "POST",
        "/users/user_id",
        Some(&user),
    );
}

#[test]
fn tasks_are_posts_without_a_wrapper() {
    let all = ["app_id", "form_id", "record_id", "task_id"];
    let approve = json!({"content":"同意","attachments":["https://files.example/附件.pdf"],"images":["https://files.example/图片.png"]});
    let tasks = format!("{}/records/{RECORD}/tasks/{TASK}", form());
    let decided = json!({"userId":USER,"approve":approve,"variables":{"组件key":"组件value"}});
    for (operation, step, content) in [
        ("task.submit", "submit", decided.clone()),
        (
            "task.submit",
            "submit",
            json!({"userId":USER,"approve":{},"variables":{}}),
        ),
        ("task.deny", "deny", decided),
        (
            "task.deny",
            "deny",
            json!({"userId":USER,"variables":{"a":null,"n":9_007_199_254_740_993_u64}}),
        ),
        (
            "task.transfer",
            "transfer",
            json!({"userId":USER,"approve":approve,"transferIds":["6c039a0c1da74ea4bba3066683735b49"]}),
        ),
        ("task.revoke", "revoke", json!({"user_id":USER})),
    ] {
        check(
            operation,
            &with(&all, &content),
            "POST",
            &format!("{tasks}/{step}"),
            Some(&content),
        );
    }
}

#[test]
fn a_revocation_without_a_path_is_refused_and_never_becomes_a_transfer() {
    let input = with(
        &["app_id", "form_id", "record_id", "task_id"],
        &json!({"user_id":USER}),
    );
    for settings in [
        vec![],
        vec![("path_overrides", r#"{"task.transfer":"/transfer"}"#)],
    ] {
        let script = yes();
        match call(&script, &settings, "task.revoke", &input) {
            Err(Failure::InvalidSettings(message)) => {
                for word in ["path_overrides", "task.revoke", "task.transfer"] {
                    assert!(message.contains(word), "{message}");
                }
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(script.sent(), []);
    }
}

/// Even as an ordinary endpoint.
#[test]
fn a_revocation_has_no_path_that_could_be_sent_to() {
    let declaration = Revoke::DECLARATION;
    assert_eq!(declaration.route, None);
    let params = Params::new()
        .with("app_id", APP)
        .with("form_id", FORM)
        .with("record_id", RECORD)
        .with("task_id", TASK)
        .with("user_id", USER);
    let encoded = Encoded::endpoint(declaration, params, "");
    assert!(matches!(encoded, Err(Failure::InvalidSettings(_))), "{encoded:?}");
}

#[test]
fn paths_can_be_overridden() {
    let settings = [("path_overrides", r#"{"user.get":"/v2/users/{user_id}"}"#)];
    let request = sent(&settings, "user.get", r#"{"user_id":"u/1"}"#);
    assert_eq!(request.url, "https://dabei.example/open/v2/users/u%2F1");
    assert_eq!(request.body, b"{}");
}

#[test]
fn start_flow_and_flow_code_go_into_the_query() {
    let input = with(
        &["app_id", "form_id"],
        &json!({"user_id":USER,"start_flow":true,"flow_code":"a+b","name":"n"}),
    );
    check(
        "record.create",
        &input,
        "POST",
        &format!("{}/record_create?start_flow=true&flow_code=a%2Bb", form()),
        Some(&json!({"user_id":USER,"name":"n"})),
    );
    let input = with(
        &["app_id", "form_id"],
        &json!({"user_id":USER,"start_flow":false}),
    );
    check(
        "record.create",
        &input,
        "POST",
        &format!("{}/record_create?start_flow=false", form()),
        Some(&json!({"user_id":USER})),
    );
}

#[test]
fn form_fields_are_sent_as_they_are() {
    let fields = r#"{"user_id":"u","cleared":null,"id":12345678901234567890,"price":1.10,"tags":["a",null],"nested":{"n":9007199254740993,"none":null},"fields":{"fields":1},"":"empty name","emoji 🎉":"+/=~*%&?#\" '"}"#;
    let input = fields.replacen('{', r#"{"app_id":"a","form_id":"f","#, 1);
    let request = sent(&[], "record.create", &input);
    assert_eq!(String::from_utf8(request.body).unwrap(), fields);

    let input = fields.replacen('{', r#"{"app_id":"a","form_id":"f","record_id":"r","#, 1);
    let request = sent(&[], "record.update", &input);
    let expected = fields.replacen(r#""u","#, r#""u","record_id":"r","#, 1);
    assert_eq!(String::from_utf8(request.body).unwrap(), expected);
}

#[test]
fn only_one_of_username_and_phone_is_sent_and_an_empty_one_counts_as_absent() {
    for (input, parameter) in [
        (r#"{"phone":"1","username":"user001"}"#, "username=user001"),
        (r#"{"phone":"1","username":""}"#, "phone=1"),
        (r#"{"phone":"","username":"user001"}"#, "username=user001"),
    ] {
        let request = sent(&CLIENT, "authority-code.get", input);
        assert_eq!(
            request.url,
            format!(
                "https://dabei.example/open/oauth2/authority_code?{parameter}&client_id=c&client_secret=s"
            )
        );
    }
}
