//! The iS-RPA simulator forgives nothing.

use std::time::Duration;

use crate::client::{Client, now, query, sign, sorted};
use http::StatusCode;
use patchbay_simulators::isearch_rpa::Simulator;
use serde_json::json;

/// Sends a signed request that breaks a rule; the breach comes back.
async fn breach(client: &Client, method: &str, target: &str, body: &str) -> String {
    let body = body.to_owned();
    let kind = (!body.is_empty()).then_some("application/json");
    let answer = client.signed(method, target, &body.clone(), kind, body).await;
    let answer = answer.unwrap();
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.json()["code"], 9400);
    let text = answer.json()["msg"].as_str().unwrap().to_owned();
    assert_eq!(client.sim.violations().last(), Some(&text));
    let last = client.sim.requests().pop().unwrap();
    assert_eq!((last.breach, last.status), (Some(text.clone()), Some(400)));
    text
}

/// Method, target, body, and the breach it is.
const BREACHES: &[(&str, &str, &str, &str)] = &[
    (
        "GET",
        "/oapi/v1/robot?size=10",
        "",
        r#"robot.list: query parameter "page": required, missing"#,
    ),
    (
        "GET",
        "/oapi/v1/robot?page=x&size=10",
        "",
        r#"robot.list: query parameter "page": expected Integer, arrived "x""#,
    ),
    (
        "GET",
        "/oapi/v1/robot?page=1&size=10&top=3",
        "",
        r#"robot.list: query parameter "top": not documented here"#,
    ),
    (
        "GET",
        "/oapi/v1/robot?page=1&page=1&size=10",
        "",
        r#"robot.list: query: "page" is there twice"#,
    ),
    (
        "GET",
        "/oapi/v1/robot?page=1&size=10&tx=%zz",
        "",
        r#"robot.list: query: "tx" is not percent-encoded properly at byte 0"#,
    ),
    (
        "GET",
        "/oapi/v1/robot?page=1&size=10&tx=%ff",
        "",
        r#"robot.list: query: "tx" does not decode to UTF-8"#,
    ),
    (
        "GET",
        "/oapi/v1/asset/vlog?assetId=3&action=gone&page=1&size=1",
        "",
        r#"asset-log.list: query parameter "action": expected one of ["edit", "create", "read"], arrived "gone""#,
    ),
    (
        "GET",
        "/oapi/v1/robot?page=1&size=10",
        "{}",
        "robot.list: body: expected none, arrived 2 bytes",
    ),
    (
        "PUT",
        "/oapi/v1/robot?id=1",
        r#"{"id":"1"}"#,
        r#"robot.update: query parameter "id": not documented here"#,
    ),
    (
        "PUT",
        "/oapi/v1/robot",
        r#"{"id":101}"#,
        r#"robot.update: JSON member "id": expected Text, arrived 101"#,
    ),
    (
        "PUT",
        "/oapi/v1/robot",
        "[]",
        "robot.update: body: JSON, but no object",
    ),
    (
        "PUT",
        "/oapi/v1/robot",
        "",
        r#"robot.update: content type: expected application/json, arrived """#,
    ),
    (
        "POST",
        "/oapi/v1/job/create",
        r#"{"id":"74"}"#,
        r#"job.create: JSON member "id": expected Integer, arrived "74""#,
    ),
    (
        "POST",
        "/oapi/v1/job/create",
        r#"{"id":74.0}"#,
        r#"job.create: JSON member "id": expected Integer, arrived 74.0"#,
    ),
    (
        "POST",
        "/oapi/v1/job/create",
        "{}",
        r#"job.create: JSON member "id": required, missing"#,
    ),
    (
        "POST",
        "/oapi/v1/orgDef/addOrg",
        r#"{"curCode":"123456","curName":"a"}"#,
        r#"org.create: JSON member "curCode": at most 5 characters, arrived 6"#,
    ),
    (
        "DELETE",
        "/oapi/v1/queue/item",
        r#"{"queueName":"a","items":[{"no":"1"}]}"#,
        r#"queue-item.delete: JSON member "items[].no": not documented here"#,
    ),
    (
        "DELETE",
        "/oapi/v1/queue/item",
        r#"{"queueName":"a","items":[{}]}"#,
        r#"queue-item.delete: JSON member "items[].itemNo": required, missing"#,
    ),
    (
        "POST",
        "/oapi/v1/asset/list?page=1&size=10",
        r#"{"page":2,"size":10}"#,
        r#"asset.list: parameter "page": the query and the JSON body differ"#,
    ),
    (
        "POST",
        "/oapi/v1/queue/item",
        r#"{"queueName":"RPA_admin","priority":"low","deadline":"2030-01-01 00:00:00","keys":"{}"}"#,
        r#"queue-item.create: JSON member "keys": expected a string holding a JSON list of {key, value}"#,
    ),
    (
        "POST",
        "/oapi/v1/user",
        r#"{"userPassword":12345}"#,
        r#"user.create: JSON member "userPassword": expected Text, arrived ***"#,
    ),
    (
        "PATCH",
        "/oapi/v1/robot",
        "",
        "method: PATCH is not for /oapi/v1/robot",
    ),
];

#[tokio::test]
async fn parameters_are_checked() {
    let client = Client::start().await;
    for (method, target, body, expected) in BREACHES {
        assert_eq!(breach(&client, method, target, body).await, *expected);
    }
}

#[tokio::test]
async fn an_unknown_path_is_a_page() {
    let client = Client::start().await;
    let answer = client.raw("GET", "/oapi/v2/robot", &[], "").await.unwrap();
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.body.starts_with(b"<!DOCTYPE html>"));
    assert_eq!(
        client.sim.violations(),
        ["no operation has the path /oapi/v2/robot"]
    );
}

#[tokio::test]
async fn the_signature_is_over_what_arrived() {
    let client = Client::start().await;
    let pairs = [("tx", "a b+c/=~*中"), ("size", "10"), ("page", "1")];
    let target = format!("/oapi/v1/robot?{}", query(&pairs));
    let good = client.signed("GET", &target, &sorted(&pairs), None, "").await;
    assert_eq!(good.unwrap().json()["code"], 0);
    assert!(client.sim.violations().is_empty());

    let bad = client
        .signed("GET", &target, &query(&pairs), None, "")
        .await
        .unwrap();
    assert_eq!(bad.status, StatusCode::OK);
    assert_eq!(bad.json(), json!({"code": 4007, "msg": "Token 不合法"}));
    let wrong = "robot.list: the signature is wrong for what arrived";
    assert_eq!(client.sim.violations(), [wrong]);

    // The same JSON with other spaces is not the same bytes.
    let kind = Some("application/json");
    let signed = r#"{"id":"101"}"#;
    let sent = r#"{"id": "101"}"#;
    let answer = client.signed("PUT", "/oapi/v1/robot", signed, kind, sent).await;
    assert_eq!(answer.unwrap().json()["code"], 4007);
    assert_eq!(client.sim.violations().len(), 2);
}

#[tokio::test]
async fn forms_are_taken_where_the_tables_print_them() {
    let sim = Simulator::builder().form_bodies();
    let client = Client::new(sim.start().await.unwrap()).await;
    let pairs = [("curName", "部 门+~*"), ("curCode", "33"), ("orgPos", "1")];
    let kind = Some("application/x-www-form-urlencoded");
    let target = "/oapi/v1/orgDef/addOrg";
    let good = client
        .signed("POST", target, &sorted(&pairs), kind, query(&pairs))
        .await;
    assert_eq!(good.unwrap().json()["code"], 0);
    let json = r#"{"curName":"x","curCode":"34"}"#;
    let bad = client
        .signed("POST", target, json, Some("application/json"), json)
        .await;
    assert_eq!(bad.unwrap().status, StatusCode::BAD_REQUEST);
    let expected =
        "org.create: content type: expected application/x-www-form-urlencoded, arrived \"application/json\"";
    assert_eq!(client.sim.violations(), [expected]);
    // Other operations take JSON.
    let json = r#"{"id":"101"}"#;
    let good = client
        .signed("PUT", "/oapi/v1/robot", json, Some("application/json"), json)
        .await;
    assert_eq!(good.unwrap().json()["code"], 0);
}

#[tokio::test]
async fn the_three_headers_are_checked() {
    let client = Client::start().await;
    let source = "page=1&size=10";
    let target = format!("/oapi/v1/robot?{source}");
    let stamps = [
        ("1", "expected 13 digits"),
        ("1574821902392", "ms off the vendor's clock"),
    ];
    for (stamp, expected) in stamps {
        let signature = sign(source, &client.token, stamp);
        let headers = [
            ("accesstoken", client.token.as_str()),
            ("timestamp", stamp),
            ("signature", &signature),
        ];
        let answer = client.raw("GET", &target, &headers, "").await.unwrap();
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(client.sim.violations().pop().unwrap().contains(expected));
    }
    let stamp = now();
    let headers = [("accesstoken", client.token.as_str()), ("timestamp", &stamp)];
    for count in 0..2 {
        let answer = client.raw("GET", &target, &headers[..count], "").await;
        assert!(answer.unwrap().json()["code"] != 0);
    }
    let login = "/oapi/v1/token?accessKey=a&secretKey=s3";
    let answer = client.raw("GET", login, &headers, "").await.unwrap();
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let both = "/oapi/v1/token?accessKey=a&secretKey=s3&refreshToken=r";
    let answer = client.raw("GET", both, &[], "").await.unwrap();
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    for text in client.sim.violations() {
        assert!(!text.contains(&client.token) && !text.contains("s3"), "{text}");
    }
}

#[tokio::test]
async fn sessions_end_and_rotate() {
    let sim = Simulator::builder()
        .access_key("me@x")
        .secret_key("p w+d/=~*%&")
        .token_lifetime(Duration::from_secs(1));
    let mut client = Client::new(sim.start().await.unwrap()).await;
    let code = async |client: &Client| client.robots().await.unwrap().json()["code"].clone();
    assert_eq!(code(&client).await, 0);
    tokio::time::sleep(Duration::from_millis(1020)).await;
    assert_eq!(code(&client).await, 4007);
    let refresh = format!("/oapi/v1/token?refreshToken={}", client.refresh);
    let answer = client.raw("GET", &refresh, &[], "").await.unwrap().json();
    assert_eq!(answer["result"]["expires_in"], 999);
    client.token = answer["result"]["access_token"].as_str().unwrap().into();
    assert_eq!(code(&client).await, 0);
    let again = client.raw("GET", &refresh, &[], "").await.unwrap().json();
    assert_eq!(again["code"], 4002);
    client.sim.expire_tokens();
    assert_eq!(code(&client).await, 4007);
    client.login().await;
    assert_eq!(code(&client).await, 0);
    client.sim.revoke_all();
    assert_eq!(code(&client).await, 4007);
    let wrong = "/oapi/v1/token?accessKey=me@x&secretKey=no";
    let answer = client.raw("GET", wrong, &[], "").await.unwrap().json();
    assert_eq!(answer, json!({"code": 4001, "msg": "用户名或密码错误"}));
    assert_eq!((client.sim.logins(), client.sim.refreshes()), (3, 2));
    assert_eq!(client.sim.connections(), 1);
    assert!(client.sim.violations().is_empty());
}

#[tokio::test]
async fn the_vendors_clock_may_differ() {
    let sim = Simulator::builder().clock_offset_ms(3_600_000);
    let client = Client::new(sim.start().await.unwrap()).await;
    assert_eq!(client.robots().await.unwrap().status, StatusCode::BAD_REQUEST);
}
