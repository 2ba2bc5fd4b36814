//! The work order centre's simulator forgives nothing.

use crate::plain::Plain;
use crate::workorder::{LIST, be, service, start, with};
use http::StatusCode;
use patchbay_simulators::workorder::{
    ACCESS_TOKEN, APP_ID, APP_SECRET, DISABLED_TOKEN, RequestType, SERVER_ID, Simulator, USER, WorkOrder,
};
use patchbay_simulators::{Fault, On, Times};
use serde_json::json;

fn app(token: &str) -> [(&'static str, &str); 5] {
    [
        ("requestType", "app"),
        ("appID", APP_ID),
        ("secretKey", APP_SECRET),
        ("accessToken", token),
        ("Authorization", token),
    ]
}

async fn code(client: &Plain<WorkOrder>) -> (u16, i64) {
    let answer = client.raw("GET", LIST, "").await.unwrap();
    (answer.status.as_u16(), answer.json()["code"].as_i64().unwrap())
}

#[tokio::test]
async fn both_request_types_have_their_headers() {
    let client = with(Simulator::builder()).await.with(&service(ACCESS_TOKEN));
    assert_eq!(code(&client).await, (200, 200));
    let client = client.with(&app(ACCESS_TOKEN));
    assert_eq!(code(&client).await, (200, 200));
    client.clean();
    let mut client = client;
    for all in [app(ACCESS_TOKEN).to_vec(), service(ACCESS_TOKEN).to_vec()] {
        for missing in 0..all.len() {
            let mut headers = all.clone();
            headers.remove(missing);
            client = client.with(&headers);
            let text = client.breach("GET", LIST, "").await;
            assert!(text.starts_with("process.list: no header "), "{text}");
        }
        for extra in [
            ("appID", APP_ID),
            ("serverID", SERVER_ID),
            ("authorization", "x"),
            ("token", "x"),
            ("tenantid", "1"),
        ] {
            if all.iter().any(|(name, _)| name.eq_ignore_ascii_case(extra.0)) && extra.0 != "token" {
                continue;
            }
            let mut headers = all.clone();
            headers.push(extra);
            client = client.with(&headers);
            let text = client.breach("GET", LIST, "").await;
            assert!(text.contains("not documented"), "{text}");
        }
    }
    let mut headers = service(ACCESS_TOKEN);
    headers[0].1 = "SERVICE";
    let client = client.with(&headers);
    client.breach("GET", LIST, "").await;
    let mut twice = service(ACCESS_TOKEN).to_vec();
    twice.push(("accessToken", "x"));
    let client = client.with(&twice);
    client.breach("GET", LIST, "").await;
    let client = be(client, ACCESS_TOKEN);
    let text = client
        .breach("GET", &format!("{LIST}&accessToken={ACCESS_TOKEN}"), "")
        .await;
    assert_eq!(
        text,
        r#"process.list: query parameter "accessToken": not documented here"#
    );
}

#[tokio::test]
async fn wrong_values_have_codes() {
    let builder = Simulator::builder()
        .authorization("Bearer 密")
        .token("令牌 t", USER);
    let client = with(builder).await.with(&service("令牌 t"));
    assert_eq!(code(&client).await, (200, 200));
    let client = client.with(&service("other"));
    assert_eq!(code(&client).await, (200, 4004));
    let client = client.with(&service(DISABLED_TOKEN));
    assert_eq!(code(&client).await, (200, 4002));
    for wrong in [1, 2] {
        let mut headers = app(ACCESS_TOKEN);
        headers[4].1 = "Bearer 密";
        headers[wrong].1 = "wrong";
        let client = with(Simulator::builder().http_refusals(true))
            .await
            .with(&headers);
        assert_eq!(code(&client).await, (403, 4001));
        client.clean();
    }
    let client = client.with(&app(ACCESS_TOKEN));
    assert_eq!(code(&client).await, (200, 4004));
    let mut headers = app(ACCESS_TOKEN);
    headers[4].1 = "Bearer 密";
    let client = client.with(&headers);
    assert_eq!(code(&client).await, (200, 200));
    client.clean();

    let builder = Simulator::builder()
        .only(RequestType::App)
        .app("a", "b")
        .http_refusals(true);
    let client = with(builder).await.with(&service(ACCESS_TOKEN));
    assert_eq!(code(&client).await, (200, 4000));
    let mut headers = app(ACCESS_TOKEN);
    (headers[1].1, headers[2].1) = ("a", "b");
    let client = client.with(&headers);
    assert_eq!(code(&client).await, (200, 200));
    client.sim.expire_tokens();
    assert_eq!(code(&client).await, (401, 4004));
    client.sim.grant_token(ACCESS_TOKEN, USER);
    assert_eq!(code(&client).await, (200, 200));
    client.sim.revoke_all();
    assert_eq!(code(&client).await, (401, 4004));
    client.clean();
}

/// Method, target, body, and the breach it is.
const BREACHES: &[(&str, &str, &str, &str)] = &[
    (
        "GET",
        "/workflow/process/list?pageNo=1&pageSize=5",
        "",
        r#"process.list: query parameter "pageNo": not documented here"#,
    ),
    (
        "GET",
        "/WorkOrder/app/list?pageNo=1",
        "",
        r#"app-workorder-type.list: query parameter "pageSize": required, missing"#,
    ),
    (
        "GET",
        "/synthesis/list?pageNo=1&pageSize=a&accessToken=T",
        "",
        r#"synthesis-workorder-type.list: query parameter "pageSize": expected Integer, arrived "a""#,
    ),
    (
        "GET",
        "/workflow/process/todoList?pageNum=1&pageSize=1&processKey=k",
        "",
        r#"todo-task.list: query parameter "processKey": not documented here"#,
    ),
    (
        "GET",
        "/workflow/process/todoList?pageNum=1&pageSize=1&pageNum=1",
        "",
        r#"todo-task.list: query: "pageNum" is there twice"#,
    ),
    (
        "GET",
        "/workflow/process/ownList?pageNum=1&pageSize=1",
        "{}",
        "own-process.list: body: expected none, arrived 2 bytes",
    ),
    (
        "POST",
        "/workflow/process/start/p",
        r#"{"processDefId":"p","processId":"p","variables":{}}"#,
        r#"process.start: JSON member "processId": not documented here"#,
    ),
    (
        "POST",
        "/workflow/process/start/p",
        r#"{"processDefId":"p"}"#,
        r#"process.start: JSON member "variables": required, missing"#,
    ),
    (
        "POST",
        "/workflow/process/start/p",
        r#"{"processDefId":"p","variables":"{}"}"#,
        r#"process.start: JSON member "variables": expected Object, arrived "{}""#,
    ),
    (
        "POST",
        "/workflow/task/complete",
        "",
        r#"task.complete: content type: expected application/json, arrived """#,
    ),
    (
        "POST",
        "/workflow/task/complete",
        r#"{"taskId":1}"#,
        r#"task.complete: JSON member "taskId": expected Text, arrived 1"#,
    ),
    (
        "POST",
        "/workflow/task/complete",
        r#"{"candidateUsers":"1001"}"#,
        r#"task.complete: JSON member "candidateUsers": expected Array, arrived "1001""#,
    ),
    (
        "POST",
        "/workflow/task/complete",
        r#"{"comment":null}"#,
        r#"task.complete: JSON member "comment": expected Text, arrived null"#,
    ),
    (
        "POST",
        "/workflow/task/delete",
        "{}",
        r#"task.delete: JSON member "taskId": required, missing"#,
    ),
    (
        "DELETE",
        "/workflow/task/delete",
        r#"{"taskId":"t"}"#,
        "method: DELETE is not for /workflow/task/delete",
    ),
    (
        "POST",
        "/workorder/workorder",
        r#"{"processId":"p","taskId":"t","params":{},"systemId":"s","title":"t"}"#,
        r#"workorder.create: JSON member "projectId": required, missing"#,
    ),
];

#[tokio::test]
async fn parameters_are_checked() {
    let client = start().await;
    for (method, target, body, expected) in BREACHES {
        assert_eq!(client.breach(method, target, body).await, *expected);
    }
    let answer = client
        .raw("POST", "/workflow/process/start/", "{}")
        .await
        .unwrap();
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.body.starts_with(b"<!DOCTYPE html>"));
}

#[tokio::test]
async fn faults_fit_the_envelope() {
    let client = start().await;
    let next = |fault| {
        client
            .sim
            .fault(On::operation("process.list"), fault, Times::Next(1));
    };
    for (fault, body) in [
        (
            Fault::ExpiredToken,
            json!({"code": 4004, "msg": "无效的accesstoken"}),
        ),
        (
            Fault::envelope(5001, "访问SSO服务失败"),
            json!({"code": 5001, "msg": "访问SSO服务失败"}),
        ),
        (Fault::NotEnvelope, json!([1, 2, 3])),
    ] {
        next(fault);
        assert_eq!(client.get(LIST).await, body);
    }
    next(Fault::Huge {
        bytes: 1_000_000,
        chunked: false,
    });
    let answer = client.raw("GET", LIST, "").await.unwrap();
    assert_eq!(
        (answer.body.len(), &answer.json()["code"]),
        (1_000_000, &json!(200))
    );
    client.clean();
}
