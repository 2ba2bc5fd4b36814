//! Any request is answered in a documented way.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request};
use http_body_util::{BodyExt, Full};
use patchbay_service::{Service, ServiceLimits, ServiceOptions};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use tower::ServiceExt;

use crate::support::{host, options, run};

/// Every status that is documented.
const STATUSES: [u16; 15] = [
    200, 400, 401, 403, 404, 405, 408, 413, 422, 429, 431, 500, 502, 503, 504,
];

fn path() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("v1".to_owned()),
        Just("connections".to_owned()),
        Just("connectors".to_owned()),
        Just("odd".to_owned()),
        Just("operations".to_owned()),
        Just("well".to_owned()),
        Just("trap".to_owned()),
        Just("calls".to_owned()),
        Just("reload".to_owned()),
        Just("rollback".to_owned()),
        Just("metrics".to_owned()),
        Just("healthz".to_owned()),
        Just(String::new()),
        "(%[0-9a-fA-F]{2}|[a-z0-9._~!$&'()*+,;=:@-]){0,20}",
        "%(00|ff|2f|2e|0a|1b|c3%28)",
        Just("x".repeat(5000)),
    ];
    let usual = prop_oneof![
        Just("/v1/connections/odd/operations/well".to_owned()),
        Just("/v1/connections/odd".to_owned()),
        Just("/v1/reload".to_owned()),
        Just("/v1/connectors/odd/reload".to_owned()),
    ];
    let any = prop::collection::vec(piece, 0..8).prop_map(|pieces| format!("/{}", pieces.join("/")));
    (prop_oneof![usual, any], prop::option::of("[a-z0-9=&%+?]{0,20}")).prop_map(|(path, query)| match query {
        Some(query) => format!("{path}?{query}"),
        None => path,
    })
}

fn headers() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let name = prop_oneof![
        Just("host".to_owned()),
        Just("origin".to_owned()),
        Just("authorization".to_owned()),
        Just("content-length".to_owned()),
        Just("content-type".to_owned()),
        Just("x-deadline".to_owned()),
        Just("expect".to_owned()),
        "[a-z][a-z0-9-]{0,10}",
    ];
    let value = prop_oneof![
        Just(b"localhost".to_vec()),
        Just(b"Bearer token".to_vec()),
        Just(b"99999999999999999999".to_vec()),
        Just(b"1s".to_vec()),
        Just(vec![b'x'; 40_000]),
        prop::collection::vec(any::<u8>(), 0..40),
    ];
    prop::collection::vec((name, value), 0..5)
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(Vec::new()),
        Just(b"{}".to_vec()),
        Just(b"[".repeat(3000)),
        Just(b"{\"a\":".repeat(3000)),
        Just(format!("[{}0]", "0,".repeat(100_000)).into_bytes()),
        Just(format!("\"{}\"", "x".repeat(70_000)).into_bytes()),
        "\\{\"[a-z]{0,3}\":(null|-?[0-9]{1,30}(\\.[0-9]+)?(e[0-9]{1,5})?|\"(\\\\u[0-9a-f]{4}|.){0,9}\")\\}"
            .prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..200),
    ]
}

fn method() -> impl Strategy<Value = Method> {
    prop_oneof![
        3 => Just(Method::POST),
        3 => Just(Method::GET),
        1 => Just(Method::HEAD),
        1 => Just(Method::OPTIONS),
        1 => Just(Method::CONNECT),
        1 => "[A-Z]{1,12}".prop_map(|text| Method::from_bytes(text.as_bytes()).unwrap()),
    ]
}

#[test]
fn any_request_is_answered_as_documented() {
    let router = run(async {
        let connector = host()
            .load(patchbay_artifacts::guest("misbehaving"))
            .await
            .unwrap();
        let options = options(&[("base_url", "http://127.0.0.1:1")]);
        let connection = host().connect("odd", connector, options).unwrap();
        let limits = ServiceLimits {
            body: 256 << 10,
            bodies: 16 << 20,
            ..ServiceLimits::default()
        };
        let options = ServiceOptions {
            limits,
            ..ServiceOptions::default()
        };
        Service::new(host().clone(), [connection], None, options).router()
    });
    let router = Arc::new(router);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(1000));
    let requests = (method(), path(), headers(), body(), any::<bool>());
    let ran = runner.run(&requests, |(method, path, headers, body, local)| {
        let mut request = Request::builder().method(method.clone()).uri(&path);
        if local {
            request = request.header("host", "localhost");
        }
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            let Ok(value) = HeaderValue::from_bytes(&value) else {
                continue;
            };
            request = request.header(name, value);
        }
        let Ok(request) = request.body(Full::<Bytes>::from(body)) else {
            return Ok(());
        };
        let router = (*router).clone();
        let (head, body) = run(async move {
            let (head, body) = router.oneshot(request).await.unwrap().into_parts();
            (head, body.collect().await.unwrap().to_bytes())
        });
        prop_assert!(STATUSES.contains(&head.status.as_u16()), "{}", head.status);
        prop_assert!(head.headers.contains_key("x-call-id"));
        // The violations of an input are bounded elsewhere.
        prop_assert!(
            head.status == 422 || body.len() < 64 << 10,
            "{} bytes",
            body.len()
        );
        if !head.status.is_success() && method != Method::HEAD {
            prop_assert_eq!(&head.headers["content-type"], "application/problem+json");
            let problem: Value = serde_json::from_slice(&body).unwrap();
            prop_assert_eq!(&problem["status"], head.status.as_u16());
            prop_assert!(problem["kind"].is_string() && problem["detail"].is_string());
            let message = problem["detail"].as_str().unwrap();
            prop_assert!(!message.contains("host failed while it worked"), "{}", message);
        }
        Ok(())
    });
    ran.unwrap();
}
