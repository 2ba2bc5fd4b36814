//! The Dabei simulator: every operation, and what it keeps.

use crate::client::{encode, query};
use crate::plain::Plain;
use http::StatusCode;
use patchbay_simulators::dabei::{
    APP, APPROVER, Builder, CLIENT_ID, CLIENT_SECRET, Dabei, FLOW_CODE, FLOW_RECORD, FLOW_TASK, FORM,
    HOSTILE, SECOND_APPROVER, Simulator, USER,
};
use serde_json::{Value, json};

pub(crate) async fn start() -> Plain<Dabei> {
    with(Simulator::builder()).await
}

pub(crate) async fn with(builder: Builder) -> Plain<Dabei> {
    Plain::new(builder.start().await.unwrap())
}

pub(crate) fn form(rest: &str) -> String {
    format!("/apps/{APP}/forms/{FORM}{rest}")
}

fn done() -> Value {
    json!({"errcode": 0, "errmsg": "success", "data": null, "success": true})
}

/// `data` that is a string holding JSON.
fn inner(answer: &Value) -> Value {
    assert_eq!(answer["errcode"], 0, "{answer}");
    serde_json::from_str(answer["data"].as_str().unwrap()).unwrap()
}

pub(crate) fn oauth(path: &str, more: &[(&str, &str)]) -> String {
    let mut pairs = vec![("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET)];
    pairs.extend(more);
    format!("/oauth2/{path}?{}", query(&pairs))
}

#[tokio::test]
async fn a_code_identifies_a_user_once() {
    let client = start().await;
    for (name, value) in [("username", "li.na"), ("phone", "13800000001")] {
        let answer = client.get(&oauth("authority_code", &[(name, value)])).await;
        let code = answer["data"]["code"].as_str().unwrap().to_owned();
        let pairs = [("grant_type", "authorization_code"), ("code", &code)];
        let user = client.get(&oauth("users/user_info", &pairs)).await;
        assert_eq!(
            (&user["data"]["id"], &user["success"]),
            (&json!(USER), &json!(true))
        );
        assert_eq!(user["data"]["username"], "li.na");
        assert_eq!(user["data"]["phone"], "13800000001");
        assert_eq!(
            client.get(&oauth("users/user_info", &pairs)).await["errcode"],
            40029
        );
    }
    let odd = client
        .get(&oauth("authority_code", &[("username", HOSTILE)]))
        .await;
    let code = odd["data"]["code"].as_str().unwrap();
    let pairs = [("grant_type", "authorization_code"), ("code", code)];
    client.sim.expire_tokens();
    assert_eq!(
        client.get(&oauth("users/user_info", &pairs)).await["errcode"],
        40029
    );
    let none = client.get(&oauth("authority_code", &[("phone", "+86 1")])).await;
    assert_eq!(none["errmsg"], "用户不存在: +86 1");
    client.clean();
    let both = oauth(
        "authority_code",
        &[("username", "li.na"), ("phone", "13800000001")],
    );
    assert_eq!(
        client.breach("GET", &both, "").await,
        "authority-code.get: both username and phone"
    );
    client.breach("GET", &oauth("authority_code", &[]), "").await;
    client
        .breach("GET", &oauth("users/user_info", &[("code", "a")]), "")
        .await;
    let grant = oauth("users/user_info", &[("code", "a"), ("grant_type", "password")]);
    client.breach("GET", &grant, "").await;
    for text in client.sim.violations() {
        assert!(!text.contains(CLIENT_SECRET), "{text}");
    }
}

#[tokio::test]
async fn forms_and_their_fields() {
    let client = start().await;
    let apps = client.get("/apps").await;
    assert_eq!(apps["data"].as_array().unwrap().len(), 3);
    assert!(apps.get("success").is_none());
    let found = client.get(&format!("/apps?name={}", encode("人事"))).await;
    assert_eq!(found["data"][0]["id"], "app-hr");
    assert_eq!(found["data"][0]["tenantId"].to_string(), "9007199254740993");
    assert_eq!(found["data"][0]["icon"], Value::Null);
    let second = client
        .get(&format!("/apps/{APP}/forms?page_no=2&page_size=5"))
        .await;
    let rows = second["data"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["id"]), (5, &json!("form-06")));
    let third = client
        .get(&format!("/apps/{APP}/forms?page_no=3&page_size=5"))
        .await;
    assert_eq!(third["data"].as_array().unwrap().len(), 2);
    let zero = client.get(&format!("/apps/{APP}/forms?page_no=0")).await;
    assert_eq!(zero["errcode"], 42200);
    let fields = client.get(&form("/fields")).await;
    assert_eq!(
        (&fields["data"][1]["fieldId"], &fields["data"][1]["name"]),
        (&json!("amount"), &json!("数字"))
    );
    assert_eq!(client.get("/apps/no/forms").await["errcode"], 40400);
    client.clean();
}

#[tokio::test]
async fn records_keep_their_fields_and_digits() {
    let client = start().await;
    let body = r#"{"user_id":"user-li","数字":9007199254740993,"amount":12345678901234567890.10,"a.b[0]":{"c":null},"approve":"+ / = ~ * % & ? # \" ' 😀"}"#;
    let made = client
        .raw("POST", &form("/record_create"), body)
        .await
        .unwrap()
        .json();
    let id = made["data"]["id"].as_str().unwrap().to_owned();
    let one = client.get(&form(&format!("/records/{id}?user_id={USER}"))).await;
    assert_eq!(one["data"]["数字"].to_string(), "9007199254740993");
    assert_eq!(one["data"]["amount"].to_string(), "12345678901234567890.10");
    assert_eq!(one["data"]["a.b[0]"], json!({"c": null}));
    assert_eq!(one["data"]["approve"], "+ / = ~ * % & ? # \" ' 😀");
    assert_eq!(
        (&one["data"]["user_id"], &one["data"]["flowState"]),
        (&Value::Null, &Value::Null)
    );

    let body = json!({"user_id": USER, "record_id": id, "数字": 1});
    assert_eq!(client.post(&form("/record_update"), body).await, done());
    let filter = json!({"user_id": USER, "filter": {"数字": 1}});
    let found = client.post(&form("/records"), filter.clone()).await;
    assert_eq!(found["data"][0]["amount"].to_string(), "12345678901234567890.10");
    let page = client
        .post(&form("/records"), json!({"user_id": USER, "page_no": 3}))
        .await;
    assert_eq!(page["data"].as_array().unwrap().len(), 6);
    let first = client
        .post(&form("/records"), json!({"user_id": USER, "page_size": 1}))
        .await;
    assert_eq!(first["data"][0]["serialNo"].to_string(), "9007199254740993");
    assert_eq!(first["data"][0]["reason"], Value::Null);

    let body = json!({"user_id": USER, "record_id": id});
    assert_eq!(client.post(&form("/record_delete"), body.clone()).await, done());
    assert_eq!(client.post(&form("/record_delete"), body).await["errcode"], 40400);
    assert_eq!(client.post(&form("/records"), filter).await["data"], json!([]));
    let reserved = json!({"user_id": USER, "serialNo": 1});
    assert_eq!(
        client.post(&form("/record_create"), reserved).await["errcode"],
        42200
    );
    assert_eq!(
        client
            .post(&form("/record_create"), json!({"user_id": "x"}))
            .await["errmsg"],
        "用户不存在: x"
    );
    client.clean();
}

#[tokio::test]
async fn hostile_ids_arrive_as_they_are() {
    let client = start().await;
    let odd = encode(HOSTILE);
    let base = format!("/apps/{odd}/forms/{odd}");
    let one = client.get(&format!("{base}/records/{odd}?user_id={odd}")).await;
    assert_eq!(one["data"]["id"], HOSTILE);
    let forms = client
        .get(&format!("/apps/{odd}/forms?name={}", encode("符号 &")))
        .await;
    assert_eq!(forms["data"][0]["id"], HOSTILE);
    let target = format!("{base}/record_create?start_flow=true&flow_code={odd}");
    let made = client
        .post(&target, json!({"user_id": HOSTILE, HOSTILE: HOSTILE}))
        .await;
    let id = made["data"]["id"].as_str().unwrap();
    let tasks = client
        .get(&format!("{base}/records/{id}/tasks?user_id={odd}"))
        .await;
    assert_eq!(tasks[0]["process"]["definitionName"], "符号 & 流程");
    assert_eq!(inner(&client.get(&format!("/orgs/{odd}")).await)["id"], HOSTILE);
    assert_eq!(
        inner(&client.get(&format!("/users?org_id={odd}")).await)[0]["id"],
        HOSTILE
    );
    let none = client.get(&format!("/orgs/{odd}x")).await;
    assert_eq!(none["errmsg"], format!("组织不存在: {HOSTILE}x"));
    client.clean();
}

#[tokio::test]
async fn tasks_go_from_person_to_person() {
    let client = start().await;
    let tasks = async |record: &str, user: &str| {
        client
            .get(&form(&format!("/records/{record}/tasks?user_id={user}")))
            .await
    };
    let act = async |record: &str, task: &Value, action: &str, body: Value| {
        let task = task.as_str().unwrap();
        client
            .post(&form(&format!("/records/{record}/tasks/{task}/{action}")), body)
            .await
    };
    let target = form(&format!("/record_create?start_flow=true&flow_code={FLOW_CODE}"));
    let made = client
        .post(&target, json!({"user_id": USER, "title": "新"}))
        .await;
    let record = made["data"]["id"].as_str().unwrap();
    assert_eq!(tasks(record, USER).await, json!([]));
    let first = tasks(record, APPROVER).await[0].clone();
    assert_eq!(
        (&first["taskName"], &first["process"]["id"]),
        (&json!("部门审批"), &json!(record))
    );
    let task = &first["taskId"];

    let body = json!({"userId": USER, "variables": {}});
    assert_eq!(act(record, task, "submit", body).await["errcode"], 40300);
    let approve = json!({"content": "请协助", "attachments": ["https://e.com/附件.pdf"], "images": []});
    let body = json!({"userId": APPROVER, "approve": approve, "transferIds": ["user-chen", HOSTILE]});
    assert_eq!(act(record, task, "transfer", body.clone()).await, done());
    assert_eq!(act(record, task, "transfer", body).await["errcode"], 40300);
    assert_eq!(tasks(record, APPROVER).await, json!([]));
    assert_eq!(tasks(record, "user-chen").await[0]["taskId"], *task);
    let body = json!({"userId": HOSTILE, "approve": {"content": "同意"}, "variables": {"amount": 9_007_199_254_740_993_u64}});
    assert_eq!(act(record, task, "submit", body.clone()).await, done());
    assert_eq!(act(record, task, "submit", body).await["errcode"], 40400);
    let second = tasks(record, SECOND_APPROVER).await[0].clone();
    assert_eq!(second["taskName"], "财务审批");
    let body = json!({"userId": SECOND_APPROVER, "variables": {}});
    assert_eq!(
        act(record, &second["taskId"], "submit", body.clone()).await,
        done()
    );
    assert_eq!(
        act(record, &second["taskId"], "submit", body).await["errcode"],
        40900
    );
    let row = client
        .get(&form(&format!("/records/{record}?user_id={USER}")))
        .await;
    assert_eq!(row["data"]["flowState"], "finished");
    assert_eq!(row["data"]["amount"].to_string(), "9007199254740993");

    let body = json!({"userId": APPROVER, "variables": {}});
    assert_eq!(act(FLOW_RECORD, &json!(FLOW_TASK), "deny", body).await, done());
    let row = client
        .get(&form(&format!("/records/{FLOW_RECORD}?user_id={USER}")))
        .await;
    assert_eq!(row["data"]["flowState"], "denied");
    let state = client.sim.state();
    let records = state["records"].as_array().unwrap();
    let made = records.iter().find(|row| row["row"]["id"] == record).unwrap();
    let actions: Vec<&Value> = made["process"]["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["action"])
        .collect();
    assert_eq!(actions, ["transfer", "submit", "submit"]);
    client.clean();
}

#[tokio::test]
async fn revoking_needs_a_path_of_its_own() {
    let task = format!("/records/{FLOW_RECORD}/tasks/{FLOW_TASK}");
    let client = start().await;
    let body = json!({"user_id": USER});
    let text = client
        .breach("POST", &form(&format!("{task}/transfer")), &body.to_string())
        .await;
    assert!(
        text.starts_with("task.transfer: JSON member \"user_id\""),
        "{text}"
    );
    let other = json!({"user_id": APPROVER});
    assert_eq!(
        client.post(&form(&format!("{task}/revoke")), other).await["errcode"],
        40300
    );
    assert_eq!(
        client.post(&form(&format!("{task}/revoke")), body.clone()).await,
        done()
    );
    assert_eq!(
        client.post(&form(&format!("{task}/revoke")), body.clone()).await["errcode"],
        40900
    );

    let path = "/v2/{app_id}/{form_id}/{record_id}/withdraw";
    let client = with(Simulator::builder().revoke_path(path).task_list_envelope(true)).await;
    let tasks = form(&format!("/records/{FLOW_RECORD}/tasks?user_id={APPROVER}"));
    assert_eq!(client.get(&tasks).await["data"][0]["taskId"], FLOW_TASK);
    let withdraw = format!("/v2/{APP}/{FORM}/{FLOW_RECORD}/withdraw");
    assert_eq!(client.post(&withdraw, body.clone()).await, done());
    assert_eq!(client.get(&tasks).await["data"], json!([]));
    client.clean();
    let gone = client
        .raw("POST", &form(&format!("{task}/revoke")), "{}")
        .await
        .unwrap();
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert!(gone.body.starts_with(b"<!DOCTYPE html>"));
}

#[tokio::test]
async fn organisations_and_users() {
    let client = start().await;
    let top = inner(&client.get("/orgs?parentId=").await);
    assert_eq!(
        (top.as_array().unwrap().len(), &top[0]["id"]),
        (1, &json!("org-root"))
    );
    assert!(top[0].get("children").is_none());
    let tree = inner(&client.get("/orgs?recursion=true").await);
    assert_eq!(tree[0]["children"][0]["children"][1]["name"], "测试组");
    assert_eq!(tree[0]["code"].to_string(), "9007199254740993");
    let below = inner(&client.get("/orgs?parentId=org-dev&recursion=false").await);
    assert_eq!(below.as_array().unwrap().len(), 2);
    let one = client.get("/orgs/org-dev").await;
    assert!(one.get("success").is_none());
    assert_eq!(inner(&one)["pid"], "org-root");
    let count = async |target: &str| inner(&client.get(target).await).as_array().unwrap().len();
    assert_eq!(count("/users?org_id=org-fin").await, 2);
    assert_eq!(count("/users?org_id=org-dev").await, 1);
    assert_eq!(count("/users?org_id=org-dev&recursion=true").await, 3);
    let user = inner(&client.post("/users/user_id", json!({"user_id": USER})).await);
    assert_eq!((&user["name"], &user["title"]), (&json!("李娜"), &Value::Null));
    assert_eq!(
        client.post("/users/user_id", json!({"user_id": "no"})).await["errcode"],
        40400
    );
    client.clean();
}
