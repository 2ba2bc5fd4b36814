//! What the vendor's answers must not show, and the two spellings of a password.

use patchbay_sdk::testing::json;
use serde_json::{Value, json};

use super::{DONE, answering, business, invoke, invoke_with};

#[test]
fn a_variable_that_is_a_password_is_masked_in_both_spellings() {
    let variables = json!([
        { "assetName": "a", "assetType": "passwd", "assetValue": "secret-1" },
        { "assetName": "b", "assetType": "password", "assetValue": "secret-2" },
        { "assetName": "c", "assetType": "text", "assetValue": "shown" },
        { "assetName": "d", "assetType": "password", "assetValue": null },
    ]);
    let answer = json!({ "code": 0, "msg": "", "result": { "total": 4, "items": variables } }).to_string();
    let page = json!({ "page": 1, "size": 10 });
    let values = |settings: &[(&str, &str)]| -> Vec<Value> {
        let output = json(&invoke_with(&answering(&answer), settings, "asset.list", &page).unwrap());
        let items = output["items"].as_array().unwrap();
        items.iter().map(|item| item["assetValue"].clone()).collect()
    };
    assert_eq!(
        values(&[]),
        [json!("***"), json!("***"), json!("shown"), Value::Null]
    );
    assert_eq!(
        values(&[("reveal_secrets", "true")]),
        [json!("secret-1"), json!("secret-2"), json!("shown"), Value::Null]
    );
}

#[test]
fn a_password_is_sent_in_the_spelling_that_is_given() {
    for kind in ["text", "passwd", "password"] {
        let script = answering(DONE);
        let input = json!({ "robotsNo": "r", "assetName": "a", "assetValue": "v", "assetType": kind });
        invoke(&script, "asset.create", &input).unwrap();
        let sent: Value = serde_json::from_slice(&business(&script)[0].body).unwrap();
        assert_eq!(sent["assetType"], kind);
    }
}

#[test]
fn tokens_and_passwords_of_terminals_and_users_are_masked() {
    let page = json!({ "page": 1, "size": 10 });
    for (operation, name) in [
        ("robot.list", "commToken"),
        ("studio.list", "commToken"),
        ("user.list", "newPass"),
    ] {
        let answer = json!({ "code": 0, "result": { "total": 1, "items": [{ name: "secret", "id": 1 }] } });
        let output = json(&invoke(&answering(&answer.to_string()), operation, &page).unwrap());
        assert_eq!(output["items"], json!([{ name: "***", "id": 1 }]), "{operation}");
    }
}
