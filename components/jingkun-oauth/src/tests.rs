use patchbay_sdk::encode::{Body, Encoded};
use patchbay_sdk::testing::{Script, json_response, now_ms, set_now_ms};
use patchbay_sdk::{Call, Failure, Method, Request, Response};
use serde_json::{Value, json};

use crate::token::tests::jwt;
use crate::{Client, stringify};

const SETTINGS: [(&str, &str); 3] = [
    ("base_url", "https://dpa.example:29041/gate"),
    ("client_id", "jHyh+/XcFK~*uVlp=="),
    ("client_secret", "geheim&\"密钥\"+/="),
];
const CODE: &str = r#"{"code":200,"message":"","data":{"code":"N2I1OTEX"}}"#;

fn is_login(request: &Request) -> bool {
    request.url.contains("/api/dp/auth/oauth/")
}

/// A vendor that grants `token` and answers business calls with `business`.
fn vendor(token: impl Fn() -> String + 'static, business: impl Fn(&Request) -> Response + 'static) -> Script {
    Script::new(move |request| {
        Ok(if request.url.contains("/oauth/authorize") {
            json_response(200, CODE)
        } else if request.url.contains("/oauth/token") {
            let data = json!({ "token_type": "Bearer ", "access_token": token() });
            json_response(
                200,
                &json!({ "code": 200, "message": "", "data": data }).to_string(),
            )
        } else {
            business(request)
        })
    })
}

fn opaque(business: impl Fn(&Request) -> Response + 'static) -> Script {
    vendor(|| "opaque-token".to_owned(), business)
}

fn ok(_: &Request) -> Response {
    json_response(200, r#"{"code":200,"message":"success","data":[1]}"#)
}

fn call_with(script: &Script, settings: &[(&str, &str)], body: Body) -> Result<Value, Failure> {
    let client = Client::open(script.host(settings), "jingkun-test")?;
    let method = if body == Body::None {
        Method::GET
    } else {
        Method::POST
    };
    let payload = client.call(&Call {
        operation: "thing.do",
        answer: patchbay_sdk::Answer::Envelope,
        pages: None,
        origin: None,
        request: Encoded {
            body,
            ..Encoded::new(method, "/thing")
        },
    })?;
    Ok(payload.to_value())
}

fn call(script: &Script) -> Result<Value, Failure> {
    call_with(script, &SETTINGS, Body::None)
}

#[test]
fn the_login_is_a_get_and_a_post_and_every_call_carries_the_token() {
    let script = opaque(ok);
    assert_eq!(call(&script).unwrap(), json!([1]));
    let sent = script.sent();
    assert_eq!(sent.len(), 3);

    assert_eq!(sent[0].method, Method::GET);
    assert_eq!(
        sent[0].url,
        "https://dpa.example:29041/gate/api/dp/auth/oauth/authorize?response_type=code&client_id=jHyh%2B%2FXcFK~%2AuVlp%3D%3D&scope=default"
    );
    assert_eq!((sent[0].headers.len(), sent[0].body.len()), (0, 0));

    assert_eq!(sent[1].method, Method::POST);
    assert_eq!(
        sent[1].url,
        "https://dpa.example:29041/gate/api/dp/auth/oauth/token"
    );
    let body = r#"{"code":"N2I1OTEX","client_id":"jHyh+/XcFK~*uVlp==","client_secret":"geheim&\"密钥\"+/=","grant_type":"authorization_code"}"#;
    assert_eq!(String::from_utf8(sent[1].body.clone()).unwrap(), body);
    let fields = [
        ("content-type".to_owned(), "application/json".to_owned()),
        ("content-length".to_owned(), body.len().to_string()),
    ];
    assert_eq!(sent[1].headers, fields);

    assert_eq!(sent[2].url, "https://dpa.example:29041/gate/thing");
    let fields = [("authorization".to_owned(), "Bearer opaque-token".to_owned())];
    assert_eq!(sent[2].headers, fields);
}

#[test]
fn scope_and_user_travel_in_the_login_and_have_sessions_of_their_own() {
    let script = opaque(ok);
    let mut settings = SETTINGS.to_vec();
    settings.extend([("scope", "all"), ("user_id", "用户 1")]);
    call_with(&script, &settings, Body::None).unwrap();
    assert!(script.sent()[0].url.ends_with("&scope=all"));
    let body: Value = serde_json::from_slice(&script.sent()[1].body).unwrap();
    assert_eq!(body["user_id"], "用户 1");
    call_with(&script, &settings[..4], Body::None).unwrap();
    call(&script).unwrap();
    let keys = script.keys();
    assert_eq!(keys.iter().filter(|key| key.ends_with("/session")).count(), 3);
    assert_eq!(
        script.sent().iter().filter(|request| is_login(request)).count(),
        6
    );
}

#[test]
fn a_jwt_is_used_until_a_minute_before_its_end() {
    let script = vendor(|| jwt(&json!({ "exp": now_ms() / 1000 + 18_000 })), ok);
    let start = now_ms();
    let logins = |script: &Script| script.sent().iter().filter(|r| is_login(r)).count();
    call(&script).unwrap();
    set_now_ms(start + (18_000 - 60) * 1000 - 1);
    call(&script).unwrap();
    assert_eq!(logins(&script), 2);
    set_now_ms(start + (18_000 - 60) * 1000);
    call(&script).unwrap();
    assert_eq!(logins(&script), 4);
}

#[test]
fn a_token_that_is_no_jwt_is_used_until_it_is_refused() {
    let script = opaque(ok);
    call(&script).unwrap();
    set_now_ms(now_ms() + 365 * 24 * 3_600_000);
    call(&script).unwrap();
    assert_eq!(script.sent().iter().filter(|r| is_login(r)).count(), 2);
}

#[test]
fn a_refused_token_is_replaced_once() {
    for refusal in [
        json_response(401, ""),
        json_response(403, r#"{"code":403,"message":"身份验证失败"}"#),
        json_response(200, r#"{"code":401,"message":"expired"}"#),
        json_response(200, r#"{"code":"403","message":"身份验证失败","data":null}"#),
        json_response(500, r#"{"code":403,"message":"身份验证失败"}"#),
    ] {
        let tokens = std::cell::Cell::new(0);
        let answer = refusal.clone();
        let script = vendor(
            move || {
                tokens.set(tokens.get() + 1);
                format!("token-{}", tokens.get())
            },
            move |request| {
                let old = request.headers[0].1 == "Bearer token-1";
                if old { answer.clone() } else { ok(request) }
            },
        );
        assert_eq!(call(&script).unwrap(), json!([1]), "{refusal:?}");
        assert_eq!(script.sent().len(), 6, "{refusal:?}");

        let script = opaque(move |_| refusal.clone());
        let failure = call(&script).unwrap_err();
        assert!(matches!(failure, Failure::Unauthorized(_)), "{failure:?}");
        assert_eq!(script.sent().len(), 6);
    }
}

#[test]
fn a_login_that_is_refused_says_what_the_vendor_says() {
    for (status, code) in [
        (200, 400),
        (200, 403),
        (200, 998),
        (200, 999),
        (400, 400),
        (500, 998),
        (403, 997),
    ] {
        let body = json!({ "code": code, "message": "应用不存在", "data": null }).to_string();
        let script = Script::new(move |_| Ok(json_response(status, &body)));
        let Failure::Unauthorized(refusal) = call(&script).unwrap_err() else {
            panic!("{status} {code}");
        };
        assert_eq!(refusal.message, "应用不存在");
        assert_eq!(refusal.code, Some(code.to_string()));
        assert_eq!(refusal.http_status, Some(status));
        assert_eq!(script.sent().len(), 1);
    }
    for (status, body) in [(401, ""), (403, "<html>"), (400, "bad request")] {
        let script = Script::new(move |_| Ok(json_response(status, body)));
        assert!(
            matches!(call(&script).unwrap_err(), Failure::Unauthorized(_)),
            "{status}"
        );
    }
}

#[test]
fn a_login_that_fails_otherwise_keeps_its_kind() {
    for (status, code) in [
        (200, 404),
        (200, 500),
        (200, 503),
        (200, 997),
        (500, 500),
        (404, 404),
    ] {
        let body = json!({ "code": code, "message": "服务器" }).to_string();
        let script = Script::new(move |_| Ok(json_response(status, &body)));
        assert!(
            matches!(call(&script).unwrap_err(), Failure::Rejected(_)),
            "{status} {code}"
        );
    }
    let script = Script::new(|_| Ok(json_response(503, r#"{"code":403,"message":"busy"}"#)));
    assert!(matches!(call(&script).unwrap_err(), Failure::Unreachable(_)));
    let script = Script::new(|_| Ok(json_response(429, r#"{"code":403,"message":"slow down"}"#)));
    assert!(matches!(call(&script).unwrap_err(), Failure::Throttled { .. }));
    for body in [
        r#"{"code":200,"message":"","data":null}"#,
        r#"{"code":200,"data":{"code":""}}"#,
        r#"{"code":200,"data":{"code":17}}"#,
        r#"{"code":200,"data":{"code":"a\nb"}}"#,
        "[]",
        "<html>",
    ] {
        let script = Script::new(move |_| Ok(json_response(200, body)));
        assert!(
            matches!(call(&script).unwrap_err(), Failure::MalformedResponse { .. }),
            "{body}"
        );
    }
    // A token that no header field can carry.
    let script = vendor(|| "a\r\nx: y".to_owned(), ok);
    assert!(matches!(
        call(&script).unwrap_err(),
        Failure::MalformedResponse { .. }
    ));
}

#[test]
fn the_envelope_is_opened() {
    let data = |body: &'static str| call(&opaque(move |_| json_response(200, body)));
    assert_eq!(
        data(r#"{"message":"success","code":200,"data":null}"#),
        Ok(Value::Null)
    );
    assert_eq!(data(r#"{"code":"200"}"#), Ok(Value::Null));
    assert_eq!(
        data(r#"{"code":200,"data":{"b":12345678901234567890,"a":1.10}}"#)
            .unwrap()
            .to_string(),
        r#"{"b":12345678901234567890,"a":1.10}"#
    );
    assert!(call(&opaque(|_| json_response(201, r#"{"code":200}"#))).is_ok());

    for code in [400, 404, 500, 503, 997, 998, 999, 0] {
        let body = json!({ "code": code, "message": "业务逻辑异常", "data": [1] }).to_string();
        let Failure::Rejected(refusal) = call(&opaque(move |_| json_response(200, &body))).unwrap_err()
        else {
            panic!("{code}");
        };
        assert_eq!(refusal.code, Some(code.to_string()));
        assert_eq!(refusal.message, "业务逻辑异常");
        assert_eq!(refusal.http_status, Some(200));
        assert_eq!(refusal.details, Some(json!({ "data": [1] })));
    }
    let Failure::Rejected(refusal) = data(r#"{"code":999,"message":""}"#).unwrap_err() else {
        panic!("not rejected");
    };
    assert_eq!(refusal.message, "业务逻辑异常");
    let Failure::Rejected(refusal) = data(r#"{"code":1,"message":""}"#).unwrap_err() else {
        panic!("not rejected");
    };
    assert_eq!(refusal.message, "code 1 without a message");

    for body in [
        "",
        "<html>",
        "[]",
        "\"SUCCESS\"",
        "{}",
        r#"{"code":null,"data":[]}"#,
        r#"{"data":[]}"#,
    ] {
        let failure = data(body).unwrap_err();
        let Failure::MalformedResponse { http_status, .. } = failure else {
            panic!("{body}: {failure:?}");
        };
        assert_eq!(http_status, Some(200));
    }
}

#[test]
fn an_http_status_outside_2xx_is_a_failure_whatever_the_envelope_says() {
    for status in [302, 400, 404, 500, 501, 505] {
        let answer = move |_: &Request| json_response(status, r#"{"code":200,"message":"success"}"#);
        let Failure::Rejected(refusal) = call(&opaque(answer)).unwrap_err() else {
            panic!("{status}");
        };
        assert_eq!(refusal.http_status, Some(status));
    }
    let Failure::Unreachable(interruption) =
        call(&opaque(|_| json_response(502, "<h1>Bad Gateway</h1>"))).unwrap_err()
    else {
        panic!("not unreachable");
    };
    assert_eq!(interruption.message, "HTTP 502: <h1>Bad Gateway</h1>");
    assert_eq!(
        (interruption.request_sent, interruption.http_status),
        (true, Some(502))
    );
    let Failure::Rejected(refusal) =
        call(&opaque(|_| json_response(500, r#"{"code":500,"message":""}"#))).unwrap_err()
    else {
        panic!("not rejected");
    };
    assert_eq!(refusal.message, "服务器内部错误");
}

#[test]
fn a_flood_says_how_long_to_wait() {
    let script = opaque(|_| {
        let mut response = json_response(429, r#"{"code":403,"message":"请求过于频繁"}"#);
        response.headers.push(("retry-after".to_owned(), "7".to_owned()));
        response
    });
    let Failure::Throttled {
        refusal,
        retry_after_ms,
    } = call(&script).unwrap_err()
    else {
        panic!("not throttled");
    };
    assert_eq!(
        (refusal.message.as_str(), retry_after_ms),
        ("请求过于频繁", Some(7_000))
    );
    assert_eq!(script.sent().len(), 3);
}

#[test]
fn messages_quote_no_secret() {
    let script = Script::new(|_| {
        Ok(json_response(
            400,
            r#"{"code":400,"message":"wrong: geheim&\"密钥\"+/="}"#,
        ))
    });
    let failure = call(&script).unwrap_err();
    assert_eq!(
        failure.to_string(),
        "the vendor refused the credentials: wrong: ***"
    );
    for status in [200, 403, 429, 500] {
        let script = opaque(move |_| json_response(status, r#"{"code":999,"message":"token opaque-token"}"#));
        let text = format!("{:?}", call(&script).unwrap_err());
        assert!(
            text.contains("token ***") && !text.contains("opaque-token"),
            "{text}"
        );
    }
}

#[test]
fn scalars_become_strings_where_the_setting_says_so() {
    let text = r#"{"sync":false,"second":3,"flag":null,"n":12345678901234567890123,"f":1.5,"e":1e+3,"s":"x","mapParam":{"a":[true,{"b":-7}],"中":{}}}"#;
    let body = || Body::Json(text.as_bytes().to_vec());
    let sent = |script: &Script| String::from_utf8(script.sent()[2].body.clone()).unwrap();

    let script = opaque(ok);
    call_with(&script, &SETTINGS, body()).unwrap();
    assert_eq!(sent(&script), text);

    let mut settings = SETTINGS.to_vec();
    settings.push(("stringify_scalars", "true"));
    let script = opaque(ok);
    call_with(&script, &settings, body()).unwrap();
    let strings = r#"{"sync":"false","second":"3","flag":null,"n":"12345678901234567890123","f":1.5,"e":1e+3,"s":"x","mapParam":{"a":["true",{"b":"-7"}],"中":{}}}"#;
    assert_eq!(sent(&script), strings);
    let length = script.sent()[2].headers[1].clone();
    assert_eq!(
        length,
        ("content-length".to_owned(), sent(&script).len().to_string())
    );

    let form = Encoded {
        body: Body::Form(vec![("modelVarReq".to_owned(), "[1]".to_owned())]),
        ..Encoded::new(Method::POST, "")
    };
    assert_eq!(stringify::request(form.clone()), form);
}

#[test]
fn paths_of_the_login_can_differ() {
    let mut settings = SETTINGS.to_vec();
    settings.push((
        "path_overrides",
        r#"{"oauth-code.get":"/v2/authorize","oauth-token.create":"/v2/token"}"#,
    ));
    let script = Script::new(|request| {
        Ok(match request.url.split('?').next() {
            Some("https://dpa.example:29041/gate/v2/authorize") => json_response(200, CODE),
            Some("https://dpa.example:29041/gate/v2/token") => {
                json_response(200, r#"{"code":200,"data":{"access_token":"t"}}"#)
            }
            _ => ok(request),
        })
    });
    assert_eq!(call_with(&script, &settings, Body::None), Ok(json!([1])));
}

#[test]
fn settings_that_cannot_work_are_refused_before_anything_is_sent() {
    for (missing, (name, _)) in SETTINGS.iter().enumerate() {
        let mut settings = SETTINGS.to_vec();
        settings.remove(missing);
        let script = opaque(ok);
        let failure = call_with(&script, &settings, Body::None).unwrap_err();
        assert!(failure.to_string().contains(name), "{failure}");
        assert!(script.sent().is_empty());
    }
    let mut settings = SETTINGS.to_vec();
    settings.push(("stringify_scalars", "yes"));
    let failure = call_with(&opaque(ok), &settings, Body::None).unwrap_err();
    assert!(matches!(failure, Failure::InvalidSettings(_)), "{failure:?}");
}
