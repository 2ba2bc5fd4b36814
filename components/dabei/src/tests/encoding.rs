//! Hostile values arrive as they were given.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::support::{body, sent};

const HOSTILE: &str = "+ /=~*%&?#\"'\\ {x} %2F ../ 中文 🎉";
const ENCODED: &str =
    "%2B%20%2F%3D~%2A%25%26%3F%23%22%27%5C%20%7Bx%7D%20%252F%20..%2F%20%E4%B8%AD%E6%96%87%20%F0%9F%8E%89";

#[test]
fn in_a_path() {
    let input = json!({"app_id":HOSTILE,"form_id":HOSTILE}).to_string();
    assert_eq!(
        sent(&[], "form-field.list", &input).url,
        format!("https://dabei.example/open/apps/{ENCODED}/forms/{ENCODED}/fields")
    );
}

#[test]
fn in_a_query() {
    let input = json!({"app_id":"a","form_id":"f","record_id":"r","user_id":HOSTILE}).to_string();
    assert_eq!(
        sent(&[], "record.get", &input).url,
        format!("https://dabei.example/open/apps/a/forms/f/records/r?user_id={ENCODED}")
    );
}

#[test]
fn in_a_body() {
    let input = json!({"user_id":HOSTILE}).to_string();
    assert_eq!(
        body(&sent(&[], "user.get", &input)),
        json!({ "user_id": HOSTILE })
    );
}

#[test]
fn in_credentials() {
    let headers = json!({"X-Key":"+/=~*%&?#\"'"}).to_string();
    let query = json!({HOSTILE: HOSTILE}).to_string();
    let request = sent(
        &[("auth_headers", &headers), ("auth_query", &query)],
        "app.list",
        "{}",
    );
    assert_eq!(
        request.url,
        format!("https://dabei.example/open/apps?{ENCODED}={ENCODED}")
    );
    assert_eq!(request.headers, [("X-Key".to_owned(), "+/=~*%&?#\"'".to_owned())]);
}

proptest! {
    /// Whatever a form's fields are called and hold, they travel beside `user_id`, and nowhere else.
    #[test]
    fn free_fields_of_any_name(name in "\\PC{0,12}", text in any::<String>(), number in any::<i128>()) {
        let taken = ["app_id", "form_id", "user_id", "start_flow", "flow_code"];
        prop_assume!(!taken.contains(&name.as_str()));
        let number: Value = serde_json::from_str(&number.to_string()).unwrap();
        let value = json!([text, number, null]);
        let mut input = json!({"app_id":"a","form_id":"f","user_id":"u"});
        input[name.as_str()] = value.clone();
        let request = sent(&[], "record.create", &input.to_string());
        prop_assert_eq!(&request.url, "https://dabei.example/open/apps/a/forms/f/record_create");
        let mut expected = json!({"user_id":"u"});
        expected[name.as_str()] = value;
        prop_assert_eq!(body(&request), expected);
    }
}
