//! The login that both JingKun simulators share, and their faults.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use patchbay_simulators::jingkun::{Builder, RefuseWith};
use patchbay_simulators::jingkun_plan::Plans;
use patchbay_simulators::jingkun_workflow::Workflows;
use patchbay_simulators::{Fault, On, Times};
use serde_json::{Value, json};

use crate::jingkun_client::{AUTHORIZE, Client, TOKEN};

const LIST: &str = "/api/dpa/process/processModel/listAll";
const PLANS: &str = "/api/dpa/process/processPlan/queryPlanByUserId";

#[tokio::test]
async fn a_token_is_a_jwt_that_tells_its_end() {
    let client = Client::<Workflows>::start().await;
    let pieces: Vec<&str> = client.token.split('.').collect();
    let read =
        |piece: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(piece).unwrap()).unwrap() };
    assert_eq!(read(pieces[0]), json!({"alg": "HS256", "typ": "JWT"}));
    let claims = read(pieces[1]);
    let life = claims["exp"].as_i64().unwrap() - claims["orig_iat"].as_i64().unwrap();
    assert_eq!((life, pieces.len()), (18_000, 3));
    assert!((claims["exp"].as_i64().unwrap() - 18_000).to_string().len() == 10);

    let answer = client.grant(&client.code().await, Value::Null).await;
    assert_eq!(answer["data"]["token_type"], "Bearer ");
    assert_ne!(answer["data"]["access_token"], client.token);
    let plans = Client::<Plans>::new(Builder::default().opaque_tokens(true)).await;
    assert!(!plans.token.contains('.'));
    let answer = plans.grant(&plans.code().await, Value::Null).await;
    assert_eq!(answer["data"]["token_type"], "Bearer");
    assert_eq!(plans.get(PLANS, &[]).await["code"], 200);
    assert!(client.sim.violations().is_empty() && plans.sim.violations().is_empty());
}

#[tokio::test]
async fn a_code_is_good_once_and_for_a_while() {
    let client = Client::<Workflows>::start().await;
    let refused = |why: &str| json!({"message": format!("身份验证失败：{why}"), "code": 403, "data": null});
    let code = client.code().await;
    assert_eq!(client.grant(&code, Value::Null).await["code"], 200);
    let used = refused("授权码无效或已过期");
    assert_eq!(client.grant(&code, Value::Null).await, used);
    assert_eq!(client.grant("made-up", Value::Null).await, used);
    let wrong = client
        .grant(&client.code().await, json!({"client_secret": "no"}))
        .await;
    assert_eq!(wrong, refused("应用ID或应用secret错误"));
    let path = format!("{AUTHORIZE}?client_id=no&response_type=code&scope=all");
    let wrong = client.raw("GET", &path, &[], "").await.unwrap();
    assert_eq!(
        (wrong.status, wrong.json()),
        (StatusCode::OK, refused("应用不存在"))
    );
    let unknown = client.grant(&client.code().await, json!({"user_id": "9"})).await;
    assert_eq!(unknown["code"], 998);
    assert_eq!(client.sim.logins(), 6);
    assert_eq!(client.sim.count("oauth-code.get"), 5);
    assert_eq!(client.sim.violations(), Vec::<String>::new());
    let requests = client.sim.requests_of("oauth-code.get");
    assert_eq!(requests[4].refused, None);

    let late = Client::<Workflows>::stranger(Builder::default().code_lifetime(Duration::ZERO)).await;
    assert_eq!(late.grant(&late.code().await, Value::Null).await, used);
}

#[tokio::test]
async fn the_login_is_strict() {
    let mut client = Client::<Workflows>::stranger(Builder::default()).await;
    let path = client.authorize_path();
    let breach = async |method: &str, target: &str, kind: &str, body: &str| {
        let headers = [("content-type", kind)];
        let headers = if kind.is_empty() { &[][..] } else { &headers };
        let answer = client
            .raw(method, target, headers, body.to_owned())
            .await
            .unwrap();
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        client.sim.violations().pop().unwrap()
    };
    let base = format!("{AUTHORIZE}?client_id=a&response_type=code");
    let form = "multipart/form-data";
    let full = json!({"code": "S3", "client_id": "a", "client_secret": 5, "grant_type": "password"});
    for (method, target, kind, body, expected) in [
        (
            "GET",
            path.as_str(),
            form,
            "",
            "oauth-code.get: content type: expected none, arrived \"multipart/form-data\"",
        ),
        (
            "GET",
            &base,
            "",
            "",
            "oauth-code.get: query parameter \"scope\": required, missing",
        ),
        (
            "GET",
            &format!("{base}&scope=some"),
            "",
            "",
            "oauth-code.get: query parameter \"scope\": expected one of [\"all\", \"default\"], arrived \"some\"",
        ),
        (
            "GET",
            &format!("{base}&scope=all&scope=all"),
            "",
            "",
            "oauth-code.get: query: \"scope\" is there twice",
        ),
        (
            "GET",
            &format!("{base}&scope=all&state=1"),
            "",
            "",
            "oauth-code.get: query parameter \"state\": not documented here",
        ),
        (
            "POST",
            &path,
            "",
            "",
            "method: POST is not for /api/dp/auth/oauth/authorize",
        ),
        (
            "POST",
            TOKEN,
            "application/x-www-form-urlencoded",
            "code=1",
            "oauth-token.create: content type: expected application/json, arrived \"application/x-www-form-urlencoded\"",
        ),
        (
            "POST",
            TOKEN,
            "application/json",
            &full.to_string(),
            "oauth-token.create: JSON member \"client_secret\": expected Text, arrived ***",
        ),
    ] {
        assert_eq!(breach(method, target, kind, body).await, expected);
    }
    client.login(None).await;
    let breach = client.breach("GET", &path, "", "").await;
    assert_eq!(breach, "oauth-code.get: header authorization: not for this call");
}

#[tokio::test]
async fn tokens_are_refused_in_every_way() {
    let mut client = Client::<Workflows>::start().await;
    let envelope = |code: i64| json!({"message": "身份验证失败", "code": code, "data": null});
    for (how, status, code) in [
        (RefuseWith::Envelope401, 200, Some(401)),
        (RefuseWith::Envelope403, 200, Some(403)),
        (RefuseWith::Http401, 401, None),
        (RefuseWith::Http403, 403, None),
    ] {
        client.login(None).await;
        client.sim.refuse_with(how);
        assert_eq!(client.post(LIST, json!({})).await["code"], 200);
        for end in ["expire", "revoke"] {
            if end == "expire" {
                client.sim.expire_tokens();
            } else {
                client.sim.revoke_all();
            }
            let answer = client
                .call("POST", LIST, Some("application/json"), "{}")
                .await
                .unwrap();
            assert_eq!(answer.status.as_u16(), status);
            match code {
                Some(code) => assert_eq!(answer.json(), envelope(code)),
                None => assert!(answer.body.starts_with(b"<!DOCTYPE html>")),
            }
        }
    }
    assert_eq!(client.sim.violations(), Vec::<String>::new());

    let brief = Builder::default().token_lifetime(Duration::from_millis(900));
    let client = Client::<Plans>::new(brief.refuse_with(RefuseWith::Envelope401)).await;
    assert_eq!(client.get(PLANS, &[]).await["code"], 200);
    tokio::time::sleep(Duration::from_millis(910)).await;
    assert_eq!(client.get(PLANS, &[]).await, envelope(401));
    let refused = client.sim.requests_of("plan.list").pop().unwrap().refused;
    assert_eq!(refused.as_deref(), Some("the token has expired"));
}

#[tokio::test]
async fn the_header_is_exact() {
    let client = Client::<Plans>::start().await;
    let token = &client.token;
    for value in [
        None,
        Some(token.clone()),
        Some(format!("bearer {token}")),
        Some(format!("Bearer  {token}")),
        Some(format!("Bearer {token}, Bearer {token}")),
    ] {
        client.sim.clear_violations();
        let headers: Vec<(&str, &str)> = value.iter().map(|v| ("authorization", v.as_str())).collect();
        let answer = client.raw("GET", PLANS, &headers, "").await.unwrap();
        assert_eq!(answer.json()["code"], 403);
        let breach = client.sim.violations().pop().unwrap();
        assert!(breach.starts_with("plan.list: "), "{breach}");
        assert!(!breach.contains(token.as_str()));
    }
    let good = format!("Bearer {token}");
    let twice = [("authorization", good.as_str()); 2];
    let answer = client.raw("GET", PLANS, &twice, "").await.unwrap();
    assert_eq!(answer.json()["code"], 403);
}

#[tokio::test]
async fn faults_hit_every_step() {
    let client = Client::<Workflows>::start().await;
    let path = client.authorize_path();
    let on = |operation: &str, fault| client.sim.fault(On::operation(operation), fault, Times::Next(1));
    on("oauth-code.get", Fault::throttled(3));
    let answer = client.raw("GET", &path, &[], "").await.unwrap();
    assert_eq!(
        (answer.status.as_u16(), &answer.headers["retry-after"]),
        (429, &"3".parse().unwrap())
    );
    on("oauth-token.create", Fault::envelope(503, "服务器异常未发现"));
    let answer = client.grant(&client.code().await, Value::Null).await;
    assert_eq!(
        answer,
        json!({"message": "服务器异常未发现", "code": 503, "data": null})
    );
    on("oauth-token.create", Fault::DropBefore);
    let body = json!({}).to_string();
    assert!(
        client
            .raw("POST", TOKEN, &[("content-type", "application/json")], body)
            .await
            .is_err()
    );

    let list = async || client.call("POST", LIST, Some("application/json"), "{}").await;
    on("workflow.list", Fault::ExpiredToken);
    assert_eq!(list().await.unwrap().json()["code"], 403);
    on("workflow.list", Fault::NotEnvelope);
    assert_eq!(list().await.unwrap().json(), json!([1, 2, 3]));
    on("workflow.list", Fault::Empty);
    assert!(list().await.unwrap().body.is_empty());
    on(
        "workflow.list",
        Fault::Huge {
            bytes: 1_000_000,
            chunked: true,
        },
    );
    let answer = list().await.unwrap();
    assert_eq!(answer.body.len(), 1_000_000);
    assert_eq!(answer.json()["code"], 200);
    assert!(answer.json()["data"].is_string());
    assert_eq!(list().await.unwrap().json()["code"], 200);
    let missing = client.call("GET", "/api/dpa//process/x", None, "").await.unwrap();
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert!(missing.body.starts_with(b"<!DOCTYPE html>"));

    let answer = client
        .raw("POST", "/__simulator/expire-tokens", &[], "")
        .await
        .unwrap();
    assert_eq!(answer.json()["done"], true);
    assert_eq!(list().await.unwrap().json()["code"], 403);
    let state = client
        .raw("GET", "/__simulator/state", &[], "")
        .await
        .unwrap()
        .json();
    assert_eq!(state["counters"]["operations"]["oauth-code.get"], 3);
    assert_eq!(state["state"]["workflows"].as_array().unwrap().len(), 7);
    assert_eq!(state["state"]["runs"], json!([]));
}
