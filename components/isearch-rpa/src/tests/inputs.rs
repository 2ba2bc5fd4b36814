//! What inputs are refused, and what stands for what is left out.

use patchbay_sdk::Failure;
use patchbay_sdk::answer::MAX_FILE;
use serde_json::{Value, json};

use super::{DONE, answering, business, invoke};

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn what_is_impossible_is_refused_before_anything_is_sent() {
    let too_large = "A".repeat((MAX_FILE + 1).div_ceil(3) * 4);
    for (operation, input, path) in [
        ("user.list", json!({ "page": 0, "size": 10 }), "/page"),
        ("user.list", json!({ "page": 1, "size": -5 }), "/size"),
        ("user.list", json!({ "page": 1 }), "/size"),
        ("user.list", json!({ "page": 1, "size": 1, "name": "x" }), "/name"),
        (
            "user.create",
            json!({ "userName": "a", "roleId": true, "orgCode": "1", "userPassword": "p" }),
            "/roleId",
        ),
        (
            "org.create",
            json!({ "curCode": "123456", "curName": "x" }),
            "/curCode",
        ),
        (
            "org.create",
            json!({ "curCode": 123_456, "curName": "x" }),
            "/curCode",
        ),
        (
            "org.create",
            json!({ "curCode": "1", "curName": "部".repeat(31) }),
            "/curName",
        ),
        ("job.create", json!({ "id": "3x" }), "/id"),
        ("job.create", json!({ "id": "" }), "/id"),
        (
            "asset-log.list",
            json!({ "assetId": "3", "from": "2020-03-30", "page": 1, "size": 1 }),
            "/from",
        ),
        (
            "asset-log.list",
            json!({ "assetId": "3", "action": "add", "page": 1, "size": 1 }),
            "/action",
        ),
        (
            "asset.create",
            json!({ "robotsNo": "r", "assetName": "a", "assetValue": "v", "assetType": "Passwd" }),
            "/assetType",
        ),
        ("asset.delete", json!({}), ""),
        ("asset.delete", json!({ "assetName": "" }), ""),
        ("queue.delete", json!({ "queueId": "", "queueName": "" }), ""),
        ("queue.clear", json!({}), ""),
        (
            "queue-item.list",
            json!({ "queueName": "q", "to": "2020/10/20 10:10:10" }),
            "/to",
        ),
        (
            "queue-item.create",
            json!({ "queueName": "q", "priority": "111", "deadline": "2020-04-16 23:50:40" }),
            "/priority",
        ),
        (
            "queue-item.create",
            json!({ "queueName": "q", "priority": "High", "deadline": "2020-04-16 23:50:40" }),
            "/priority",
        ),
        (
            "queue-item.create",
            json!({ "queueName": "q", "priority": "high", "deadline": "tomorrow" }),
            "/deadline",
        ),
        (
            "queue-item.create",
            json!({ "queueName": "q", "priority": "high", "deadline": "2020-04-16 23:50:40", "keys": "{}" }),
            "/keys",
        ),
        (
            "queue-item.delete",
            json!({ "queueName": "q", "items": [] }),
            "/items",
        ),
        (
            "queue-item.delete",
            json!({ "queueName": "q", "items": ["1"] }),
            "/items/0",
        ),
        ("file.download", json!({ "fileName": "a.txt" }), "/userId"),
        (
            "file.upload",
            json!({ "fileName": "a", "content": "?", "userId": 1 }),
            "/content",
        ),
        (
            "file.upload",
            json!({ "fileName": "a", "content": too_large, "userId": 1 }),
            "/content",
        ),
    ] {
        let script = answering(DONE);
        let failure = invoke(&script, operation, &input).unwrap_err();
        let Failure::InvalidInput(violations) = failure else {
            panic!("{operation}: {failure:?}");
        };
        assert_eq!(violations[0].path, path, "{operation}: {violations:?}");
        assert_eq!(script.sent().len(), 0, "{operation}");
    }
}

#[test]
fn an_empty_string_counts_as_absent() {
    for (operation, input, sent) in [
        (
            "queue.clear",
            json!({ "queueId": "", "queueName": "真名" }),
            json!({ "queueName": "真名" }),
        ),
        (
            "queue.delete",
            json!({ "queueId": 29, "queueName": "" }),
            json!({ "queueId": "29" }),
        ),
        (
            "asset.delete",
            json!({ "assetId": null, "assetName": "a" }),
            json!({ "assetName": "a" }),
        ),
        (
            "asset.delete",
            json!({ "assetId": 4, "assetName": "a" }),
            json!({ "assetId": 4 }),
        ),
    ] {
        let script = answering(DONE);
        invoke(&script, operation, &input).unwrap();
        let request = &business(&script)[0];
        assert_eq!(
            serde_json::from_slice::<Value>(&request.body).unwrap(),
            sent,
            "{operation}"
        );
    }
}

#[test]
fn an_absent_result_is_an_empty_page_or_null() {
    for (operation, input, output) in [
        (
            "robot.list",
            json!({ "page": 1, "size": 1 }),
            r#"{"total":0,"items":[]}"#,
        ),
        (
            "queue-item.list",
            json!({ "queueName": "q" }),
            r#"{"total":0,"items":[]}"#,
        ),
        ("queue-item.pop", json!({ "queueName": "q" }), "null"),
        ("robot.get", json!({ "id": "1" }), "null"),
    ] {
        assert_eq!(
            invoke(&answering(DONE), operation, &input).unwrap(),
            output,
            "{operation}"
        );
    }
}
