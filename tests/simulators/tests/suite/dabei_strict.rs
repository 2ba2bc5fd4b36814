//! The Dabei simulator forgives nothing.

use crate::client::query;
use crate::dabei::{form, oauth, start, with};
use crate::plain::Plain;
use http::StatusCode;
use patchbay_simulators::dabei::{Dabei, Simulator, USER};
use patchbay_simulators::{Fault, On, Times};
use serde_json::json;

#[tokio::test]
async fn client_credentials_are_for_identity_only() {
    let client = start().await;
    let wrong = "/oauth2/authority_code?client_id=patchbay&client_secret=no&username=li.na";
    let answer = client.raw("GET", wrong, "").await.unwrap();
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.json()["errcode"], 40100);
    client.clean();
    client.breach("GET", "/apps?client_id=patchbay", "").await;
    let body = json!({"user_id": USER, "client_secret": "s"}).to_string();
    let text = client.breach("POST", &form("/record_create"), &body).await;
    assert!(text.contains("belongs to the /oauth2 operations only"), "{text}");
    let client = client.with(&[("X-Tenant", "t1")]);
    assert_eq!(
        client.breach("GET", "/apps", "").await,
        "app.list: header x-tenant: not documented here"
    );
    let client = client.with(&[("Authorization", "Bearer x")]);
    client.breach("GET", "/apps", "").await;
    client
        .breach("GET", &oauth("authority_code", &[("username", "li.na")]), "")
        .await;
}

#[tokio::test]
async fn business_credentials_are_what_was_agreed() {
    let builder = Simulator::builder()
        .auth_headers([("Authorization", "Bearer 密 1"), ("X-Tenant", "t")])
        .auth_query([("client_id", "agreed"), ("key", "a+b/=~*%&?#"), ("page_no", "p")]);
    let client = with(builder).await;
    let good = [("Authorization", "Bearer 密 1"), ("x-tenant", "t")];
    let pairs = [("client_id", "agreed"), ("key", "a+b/=~*%&?#"), ("page_no", "p")];
    let apps = format!("/apps?{}", query(&pairs));
    let get = async |client: &Plain<Dabei>, target: &str| {
        let answer = client.raw("GET", target, "").await.unwrap();
        (answer.status.as_u16(), answer.json()["errcode"].clone())
    };
    assert_eq!(get(&client, &apps).await, (401, json!(40100)));
    let client = client.with(&[("Authorization", "Bearer 2"), ("x-tenant", "t")]);
    assert_eq!(get(&client, &apps).await, (401, json!(40100)));
    let client = client.with(&good);
    assert_eq!(get(&client, "/apps").await, (401, json!(40100)));
    let wrong = apps.replace("agreed", "other");
    assert_eq!(get(&client, &wrong).await, (401, json!(40100)));
    assert_eq!(get(&client, &apps).await, (200, json!(0)));
    let secret = oauth("authority_code", &[("username", "li.na")]);
    client.clean();
    client.breach("GET", &secret, "").await;
    let client = client.with(&[]);
    assert_eq!(get(&client, &secret).await, (200, json!(0)));
    client.breach("GET", &format!("{secret}&key=a"), "").await;
}

/// Method, target, body, and the breach it is.
const BREACHES: &[(&str, &str, &str, &str)] = &[
    (
        "GET",
        "/apps?page_no=1",
        "",
        r#"app.list: query parameter "page_no": not documented here"#,
    ),
    (
        "GET",
        "/apps?name=a&name=b",
        "",
        r#"app.list: query: "name" is there twice"#,
    ),
    (
        "GET",
        "/apps",
        "{}",
        "app.list: body: expected none, arrived 2 bytes",
    ),
    (
        "GET",
        "/orgs?recursion=1",
        "",
        r#"org.list: query parameter "recursion": expected Boolean, arrived "1""#,
    ),
    (
        "GET",
        "/users",
        "",
        r#"user.list: query parameter "org_id": required, missing"#,
    ),
    (
        "GET",
        "/users/user_id",
        "",
        "method: GET is not for /users/user_id",
    ),
    (
        "POST",
        "/users/user_id",
        "",
        r#"user.get: content type: expected application/json, arrived """#,
    ),
    (
        "POST",
        "/users/user_id",
        "{}",
        r#"user.get: JSON member "user_id": required, missing"#,
    ),
    (
        "POST",
        "/apps/a/forms/f/record_create?start_flow=true",
        r#"{"user_id":"user-li"}"#,
        r#"record.create: query parameter "flow_code": required when start_flow is true, missing"#,
    ),
    (
        "POST",
        "/apps/a/forms/f/record_create?x=1",
        r#"{"user_id":"user-li"}"#,
        r#"record.create: query parameter "x": not documented here"#,
    ),
    (
        "POST",
        "/apps/a/forms/f/record_create",
        r#"{"user_id":"user-li","start_flow":true}"#,
        r#"record.create: JSON member "start_flow": not documented here"#,
    ),
    (
        "POST",
        "/apps/a/forms/f/record_update",
        r#"{"user_id":"user-li","record_id":"r","app_id":"a"}"#,
        r#"record.update: JSON member "app_id": not documented here"#,
    ),
    (
        "POST",
        "/apps/a/forms/f/records",
        r#"{"user_id":"user-li","page_no":"1"}"#,
        r#"record.list: JSON member "page_no": expected Integer, arrived "1""#,
    ),
    (
        "POST",
        "/apps/a/forms/f/records",
        r#"{"user_id":"user-li","filter":null}"#,
        r#"record.list: JSON member "filter": expected Object, arrived null"#,
    ),
    (
        "POST",
        "/apps/a/forms/f/records/r/tasks/t/submit",
        r#"{"submitReq":{"userId":"user-li","variables":{}}}"#,
        r#"task.submit: JSON member "submitReq": not documented here"#,
    ),
    (
        "POST",
        "/apps/a/forms/f/records/r/tasks/t/deny",
        r#"{"userId":"user-li"}"#,
        r#"task.deny: JSON member "variables": required, missing"#,
    ),
    (
        "POST",
        "/apps/a/forms/f/records/r/tasks/t/submit",
        r#"{"userId":"user-li","approve":{"variables":{}},"variables":{}}"#,
        r#"task.submit: JSON member "approve.variables": not documented here"#,
    ),
    (
        "POST",
        "/apps/a/forms/f/records/r/tasks/t/submit",
        r#"{"userId":"user-li","approve.content":"a","variables":{}}"#,
        r#"task.submit: JSON member "approve.content": not documented here"#,
    ),
    (
        "POST",
        "/apps/a/forms/f/records/r/tasks/t/transfer",
        r#"{"userId":"user-li","transferIds":[1]}"#,
        r#"task.transfer: JSON member "transferIds[]": expected Text, arrived 1"#,
    ),
];

#[tokio::test]
async fn parameters_are_checked() {
    let client = start().await;
    for (method, target, body, expected) in BREACHES {
        assert_eq!(client.breach(method, target, body).await, *expected);
    }
}

#[tokio::test]
async fn faults_fit_the_envelope() {
    let client = start().await;
    let next = |fault| client.sim.fault(On::operation("app.list"), fault, Times::Next(1));
    next(Fault::ExpiredToken);
    let refused = client.raw("GET", "/apps", "").await.unwrap();
    assert_eq!(
        (refused.status, &refused.json()["errcode"]),
        (StatusCode::UNAUTHORIZED, &json!(40100))
    );
    next(Fault::envelope(7, "忙"));
    let busy = json!({"errcode": 7, "errmsg": "忙", "data": null, "success": false});
    assert_eq!(client.get("/apps").await, busy);
    next(Fault::NotEnvelope);
    let answer = client.get("/apps").await;
    assert!(answer.is_object() && answer.get("errcode").is_none());
    next(Fault::Huge {
        bytes: 1_000_000,
        chunked: true,
    });
    let answer = client.raw("GET", "/apps", "").await.unwrap();
    assert_eq!(
        (answer.body.len(), &answer.json()["errcode"]),
        (1_000_000, &json!(0))
    );
    client.clean();
}
