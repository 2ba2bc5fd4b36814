//! Every operation of Dabei, section by section, against what the document says of each.

use patchbay_simulators::dabei::{
    APP, APPROVER, CLIENT_ID, CLIENT_SECRET, Dabei, FLOW_CODE, FORM, HOSTILE as ODD, SECOND_APPROVER, USER,
};
use serde_json::{Value, json};

use crate::support::{Case, HOSTILE, Rig, Suite, case, run, verify, verify_hostile};

fn form() -> Value {
    json!({ "app_id": APP, "form_id": FORM })
}

/// A case that comes after a record whose flow has started, and has its first task in the path.
fn on_task(operation: &'static str, route: &'static str) -> Case {
    let record = json!({
        "app_id": APP, "form_id": FORM, "start_flow": true, "flow_code": FLOW_CODE, "user_id": USER,
    });
    let tasks = json!({ "app_id": APP, "form_id": FORM, "record_id": "$0/id", "user_id": APPROVER });
    case(operation, route)
        .after("record.create", record)
        .after("task.list", tasks)
        .in_path(form())
        .in_path(json!({ "record_id": "$0/id", "task_id": "$1/0/taskId" }))
}

fn approve(content: &str) -> Value {
    json!({
        "content": content,
        "attachments": ["https://xxxxxxx/附件.pdf"],
        "images": ["https://xxxxxxx/图片.png"],
    })
}

pub(crate) const SUITE: Suite = Suite::new::<Dabei>(cases);

#[expect(clippy::too_many_lines, reason = "a table")]
fn cases() -> Vec<Case> {
    vec![
        case("oauth-user.get", "GET /oauth2/users/user_info")
            .after("authority-code.get", json!({ "username": "li.na" }))
            .in_query(json!({ "code": "$0/code" }))
            .query(json!({
                "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
                "grant_type": "authorization_code", "code": "$0/code",
            }))
            .gives(|user| {
                assert_eq!((&user["id"], &user["name"]), (&json!(USER), &json!("李娜")));
                assert_eq!(
                    (&user["username"], &user["phone"]),
                    (&json!("li.na"), &json!("13800000001"))
                );
            }),
        case("authority-code.get", "GET /oauth2/authority_code")
            .input(json!({ "username": "li.na", "phone": "13800000002" }))
            // 优先本选项: the vendor takes one, and this one first.
            .prefers("username", "phone")
            .query(json!({ "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "username": "li.na" }))
            .gives(|login| assert!(login["code"].is_string(), "{login}")),
        case("app.list", "GET /apps")
            .in_query(json!({ "name": "财务" }))
            .gives(|apps| {
                assert_eq!((apps[0]["id"].as_str(), apps.as_array().map(Vec::len)), (Some(APP), Some(1)));
                // What the document doesn't name passes through, and numbers keep their digits.
                assert_eq!(apps[0]["tenantId"].to_string(), "9007199254740993");
            }),
        case("form.list", "GET /apps/{app_id}/forms")
            .in_path(json!({ "app_id": APP }))
            .in_query(json!({ "name": "普通表单", "page_no": 2, "page_size": 3 }))
            .gives(|forms| {
                let ids: Vec<&Value> = forms.as_array().unwrap().iter().map(|form| &form["id"]).collect();
                assert_eq!(ids, ["form-06", "form-07", "form-08"]);
            }),
        case("form-field.list", "GET /apps/{app_id}/forms/{form_id}/fields")
            .in_path(form())
            .gives(|fields| {
                assert_eq!(
                    (&fields[0]["fieldId"], &fields[0]["name"]),
                    (&json!("title"), &json!("单行文本"))
                );
            }),
        case("record.create", "POST /apps/{app_id}/forms/{form_id}/record_create")
            .in_path(form())
            .in_query(json!({ "start_flow": true, "flow_code": FLOW_CODE }))
            .in_json(json!({
                "user_id": USER, "其他表单字段": "对应", HOSTILE: null, "approve.content": ["1", { "a[0]": "b" }],
            }))
            .gives(|record| assert!(record["id"].is_string(), "{record}")),
        case("record.update", "POST /apps/{app_id}/forms/{form_id}/record_update")
            .after("record.create", json!({ "app_id": APP, "form_id": FORM, "user_id": USER }))
            .in_path(form())
            .in_json(json!({ "user_id": USER, "record_id": "$0/id", "其他表单字段": "对应", HOSTILE: "" }))
            .gives_exactly(Value::Null),
        on_task(
            "task.submit",
            "POST /apps/{app_id}/forms/{form_id}/records/{record_id}/tasks/{task_id}/submit",
        )
        .in_json(json!({
            "userId": APPROVER, "approve": approve("同意"), "variables": { "组件key": "组件value" },
        }))
        .gives_exactly(Value::Null),
        on_task(
            "task.deny",
            "POST /apps/{app_id}/forms/{form_id}/records/{record_id}/tasks/{task_id}/deny",
        )
        .in_json(json!({
            "userId": APPROVER, "approve": approve("拒绝"), "variables": { "组件key": "组件value" },
        }))
        .gives_exactly(Value::Null),
        on_task(
            "task.transfer",
            "POST /apps/{app_id}/forms/{form_id}/records/{record_id}/tasks/{task_id}/transfer",
        )
        .in_json(json!({
            "userId": APPROVER, "approve": approve("请协助审批"), "transferIds": [SECOND_APPROVER, "user-chen"],
        }))
        .gives_exactly(Value::Null),
        // The document prints the path of the transfer; this one is from `path_overrides`.
        on_task(
            "task.revoke",
            "POST /apps/{app_id}/forms/{form_id}/records/{record_id}/tasks/{task_id}/revoke",
        )
        .in_json(json!({ "user_id": USER }))
        .gives_exactly(Value::Null),
        case("record.delete", "POST /apps/{app_id}/forms/{form_id}/record_delete")
            .after("record.create", json!({ "app_id": APP, "form_id": FORM, "user_id": USER }))
            .in_path(form())
            .in_json(json!({ "user_id": USER, "record_id": "$0/id" }))
            .gives_exactly(Value::Null),
        case("record.list", "POST /apps/{app_id}/forms/{form_id}/records")
            .in_path(form())
            .in_json(json!({
                "user_id": USER, "page_no": 2, "page_size": 5, "filter": { "reason": "差旅" },
            }))
            .gives(|records| {
                let ids: Vec<&Value> = records.as_array().unwrap().iter().map(|record| &record["id"]).collect();
                assert_eq!(ids, ["record-12", "record-14", "record-16", "record-18", "record-20"]);
            }),
        case("record.get", "GET /apps/{app_id}/forms/{form_id}/records/{record_id}")
            .in_path(json!({ "app_id": ODD, "form_id": ODD, "record_id": ODD }))
            .in_query(json!({ "user_id": ODD }))
            .gives(|record| {
                assert_eq!(record["id"], ODD);
                assert_eq!(record["updateTime"], Value::Null, "null stays null");
            }),
        case("task.list", "GET /apps/{app_id}/forms/{form_id}/records/{record_id}/tasks")
            .in_path(form())
            .in_path(json!({ "record_id": "record-flow" }))
            .in_query(json!({ "user_id": APPROVER }))
            .gives(|tasks| {
                assert_eq!(
                    (&tasks[0]["taskId"], &tasks[0]["process"]["id"]),
                    (&json!("task-flow"), &json!("record-flow"))
                );
            }),
        case("org.list", "GET /orgs")
            .in_query(json!({ "parentId": "org-root", "recursion": true }))
            .gives(|orgs| {
                assert_eq!(orgs[0]["id"], "org-dev");
                assert_eq!(orgs[0]["children"][1]["name"], "测试组");
                assert_eq!(orgs[1].get("children"), None, "a leaf");
            }),
        case("org.get", "GET /orgs/{org_id}")
            .in_path(json!({ "org_id": ODD }))
            .gives_exactly(json!({
                "id": ODD, "name": "符号 & 部门", "pid": "org-root", "code": 9_007_199_254_740_993_u64, "leader": null,
            })),
        case("user.list", "GET /users")
            .in_query(json!({ "org_id": "org-dev", "recursion": false }))
            .gives(|users| {
                assert_eq!((&users[0]["id"], users.as_array().map(Vec::len)), (&json!(APPROVER), Some(1)));
            }),
        case("user.get", "POST /users/user_id")
            .in_json(json!({ "user_id": SECOND_APPROVER }))
            .gives(|user| {
                assert_eq!(user["name"], "张敏");
                assert_eq!(user["departmentIds"], json!(["org-web", "org-fin"]));
            }),
    ]
}

#[test]
fn every_operation_sends_and_gives_what_the_document_says() {
    run(async {
        verify(&Rig::dabei().await, &cases()).await;
    });
}

#[test]
fn every_string_arrives_as_it_is() {
    run(async {
        let others = verify_hostile(&Rig::dabei().await, &cases()).await;
        assert_eq!(others, Vec::<String>::new());
    });
}
