//! The document's own examples of requests, as it prints them.

use serde_json::{Value, json};

use super::support::{body, sent};

/// What the document prints, section by section. The examples of 5.2 to 5.4 have `submitReq` around a part of
/// it, whose content stands beside the rest here: the readings settle that. Their URLs have no real host.
const PRINTED: &[(&str, &str, &str)] = &[
    (
        "4",
        "record.create",
        r#"{"form_id":"684ad97c537b47df824a8b602411b2d2","app_id":"5f2fda02ea674ee0a5143b87b81af5e2","user_id":"5f2fda02ea674ee0a5143b87b81af5e2","其他表单字段":"对应"}"#,
    ),
    (
        "5.1",
        "record.update",
        r#"{"form_id":"684ad97c537b47df824a8b602411b2d2","app_id":"5f2fda02ea674ee0a5143b87b81af5e2","user_id":"5f2fda02ea674ee0a5143b87b81af5e2","record_id":"fdfdfda02ea674ee0a5143b87b81af5e2","其他表单字段":"对应"}"#,
    ),
    (
        "5.2",
        "task.submit",
        r#"{"form_id":"684ad97c537b47df824a8b602411b2d2","app_id":"35af7f00c69e44198f894378c68b2a58","task_id":"5f2fda02ea674ee0a5143b87b81af5e2","record_id":"8d50102b87634d41b2614c35229dd4b5","userId":"b76d5c1f9c36449f8f3f08ab0207765b","approve":{"content":"同意","attachments":["https://xxxxxxx/附件.pdf"],"images":["https://xxxxxxx/图片.png"]},"variables":{"组件key":"组件value"}}"#,
    ),
    (
        "5.3",
        "task.deny",
        r#"{"form_id":"684ad97c537b47df824a8b602411b2d2","app_id":"35af7f00c69e44198f894378c68b2a58","task_id":"5f2fda02ea674ee0a5143b87b81af5e2","record_id":"8d50102b87634d41b2614c35229dd4b5","userId":"b76d5c1f9c36449f8f3f08ab0207765b","approve":{"content":"同意","attachments":["https://xxxxxxx/附件.pdf"],"images":["https://xxxxxxx/图片.png"]},"variables":{"组件key":"组件value"}}"#,
    ),
    (
        "5.4, 流程转办",
        "task.transfer",
        r#"{"form_id":"684ad97c537b47df824a8b602411b2d2","app_id":"35af7f00c69e44198f894378c68b2a58","task_id":"5f2fda02ea674ee0a5143b87b81af5e2","record_id":"8d50102b87634d41b2614c35229dd4b5","userId":"b76d5c1f9c36449f8f3f08ab0207765b","approve":{"content":"请协助审批","attachments":["https://xxxxxxx/附件.pdf"],"images":["https://xxxxxxx/图片.png"]},"transferIds":["6c039a0c1da74ea4bba3066683735b49"]}"#,
    ),
    (
        "5.4, 流程撤销",
        "task.revoke",
        r#"{"form_id":"684ad97c537b47df824a8b602411b2d2","app_id":"35af7f00c69e44198f894378c68b2a58","task_id":"5f2fda02ea674ee0a5143b87b81af5e2","record_id":"8d50102b87634d41b2614c35229dd4b5","user_id":"string"}"#,
    ),
    (
        "6",
        "record.delete",
        r#"{"form_id":"684ad97c537b47df824a8b602411b2d2","app_id":"5f2fda02ea674ee0a5143b87b81af5e2","user_id":"5f2fda02ea674ee0a5143b87b81af5e2","record_id":"fdfdfda02ea674ee0a5143b87b81af5e2"}"#,
    ),
    // Without the two ids of its path.
    (
        "7.1",
        "record.list",
        r#"{"app_id":"a","form_id":"f","user_id":"5f2fda02ea674ee0a5143b87b81af5e2","page_no":1,"page_size":10,"filter":{"字段名":"要查询的值"}}"#,
    ),
];

#[test]
fn they_are_accepted_and_what_is_in_the_path_is_not_in_the_body() {
    let paths = [(
        "path_overrides",
        r#"{"task.revoke":"/apps/{app_id}/forms/{form_id}/records/{record_id}/tasks/{task_id}/revoke"}"#,
    )];
    for (section, operation, input) in PRINTED {
        let request = sent(&paths, operation, input);
        let mut expected: Value = serde_json::from_str(input).unwrap();
        let members = expected.as_object_mut().unwrap();
        let mut named = vec!["app_id", "form_id"];
        if operation.starts_with("task.") {
            named.extend(["record_id", "task_id"]);
        }
        for name in named {
            let id = members.shift_remove(name).unwrap();
            let id = id.as_str().unwrap();
            assert!(
                request.url.contains(&format!("/{id}/")),
                "{section}: {}",
                request.url
            );
        }
        assert_eq!(body(&request), expected, "{section}");
    }
}

/// 7.2 and 7.3: `/apps/{app_id}/forms/{form_id}/records/{record_id}?user_id=xxx`.
#[test]
fn the_printed_urls_are_sent() {
    let input = json!({"app_id":"a","form_id":"f","record_id":"r","user_id":"xxx"}).to_string();
    for (operation, rest) in [("record.get", ""), ("task.list", "/tasks")] {
        assert_eq!(
            sent(&[], operation, &input).url,
            format!("https://dabei.example/open/apps/a/forms/f/records/r{rest}?user_id=xxx")
        );
    }
}
