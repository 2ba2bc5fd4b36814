//! `workflow.execute`: where it goes, and what it carries.

use patchbay_sdk::{Failure, Method};
use serde_json::{Value, json};

use super::{answering, body, business, header, invoke, invoke_with};

const ANSWER: &str =
    r#"{"message":"success","code":200,"data":{"instanceId":"in1","n":12345678901234567890}}"#;
const URLS: (&str, &str) = (
    "execute_urls",
    r#"{"md1":"/api/dpa/run/md1","流程":"https://run.example/x?k=%2B","bad":"ftp://run.example/"}"#,
);

#[test]
fn it_goes_where_the_input_says() {
    for (url, target) in [
        (
            "/api/dpa/run/md1",
            "https://dpa.example:29041/gate/api/dpa/run/md1",
        ),
        (
            "api/dpa/run/md1",
            "https://dpa.example:29041/gate/api/dpa/run/md1",
        ),
        (
            " /run?key=a%2Bb&x=:// \n",
            "https://dpa.example:29041/gate/run?key=a%2Bb&x=://",
        ),
        ("https://dpa.example:29041/run", "https://dpa.example:29041/run"),
        (
            "http://10.0.0.8:8081/run/%E4%B8%AD?x=a/b@c",
            "http://10.0.0.8:8081/run/%E4%B8%AD?x=a/b@c",
        ),
        ("HTTPS://run.example?x=1", "https://run.example/?x=1"),
        ("https://[::1]:8443", "https://[::1]:8443/"),
    ] {
        let script = answering(ANSWER);
        let output = invoke(&script, "workflow.execute", &json!({ "executeUrl": url })).unwrap();
        assert_eq!(output, r#"{"instanceId":"in1","n":12345678901234567890}"#);
        let [request] = business(&script).try_into().unwrap();
        assert_eq!(request.method, Method::POST);
        assert_eq!(request.url, target);
        assert_eq!(header(&request, "authorization"), Some("Bearer t"));
        assert_eq!(header(&request, "content-type"), Some("application/json"));
        assert_eq!(body(&request), "{}");
    }
}

#[test]
fn it_goes_where_the_settings_say() {
    for (workflow, target) in [
        ("md1", "https://dpa.example:29041/gate/api/dpa/run/md1"),
        ("流程", "https://run.example/x?k=%2B"),
    ] {
        let script = answering(ANSWER);
        let input = json!({ "processModelId": workflow, "sync": false });
        invoke_with(&script, &[URLS], "workflow.execute", &input).unwrap();
        let [request] = business(&script).try_into().unwrap();
        assert_eq!(request.url, target);
        assert_eq!(body(&request), r#"{"sync":false}"#);
    }
    for settings in [[URLS].as_slice(), &[]] {
        let script = answering(ANSWER);
        let input = json!({ "processModelId": "md2" });
        let failure = invoke_with(&script, settings, "workflow.execute", &input).unwrap_err();
        let Failure::InvalidInput(violations) = failure else {
            panic!("{failure:?}");
        };
        assert_eq!(violations[0].path, "/processModelId");
        assert!(violations[0].message.contains("execute_urls"));
        assert!(script.sent().is_empty());
    }
    for urls in [URLS.1, "[]", r#"{"bad":1}"#] {
        let script = answering(ANSWER);
        let input = json!({ "processModelId": "bad" });
        let failure =
            invoke_with(&script, &[("execute_urls", urls)], "workflow.execute", &input).unwrap_err();
        assert!(matches!(failure, Failure::InvalidSettings(_)), "{failure:?}");
        assert!(script.sent().is_empty());
    }
}

#[test]
fn a_path_of_the_deployment_may_name_the_workflow() {
    let overrides = |path: &str| json!({ "workflow.execute": path }).to_string();
    let input = json!({ "processModelId": "流/程", "second": 3 });
    for (path, target) in [
        (
            "/run/{processModelId}",
            "https://dpa.example:29041/gate/run/%E6%B5%81%2F%E7%A8%8B",
        ),
        ("/run", "https://dpa.example:29041/gate/run"),
    ] {
        let script = answering(ANSWER);
        let settings = [("path_overrides", overrides(path))];
        let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
        invoke_with(&script, &settings, "workflow.execute", &input).unwrap();
        let [request] = business(&script).try_into().unwrap();
        assert_eq!(request.url, target);
        assert_eq!(body(&request), r#"{"second":3}"#);
    }
    // A URL for this workflow, or in the input, says it more exactly.
    let path = overrides("/run/{processModelId}");
    let settings = [("path_overrides", path.as_str()), URLS];
    for input in [
        json!({ "processModelId": "md1" }),
        json!({ "executeUrl": "/api/dpa/run/md1" }),
    ] {
        let script = answering(ANSWER);
        invoke_with(&script, &settings, "workflow.execute", &input).unwrap();
        assert_eq!(
            business(&script)[0].url,
            "https://dpa.example:29041/gate/api/dpa/run/md1"
        );
    }
    let script = answering(ANSWER);
    let failure = invoke_with(
        &script,
        &settings,
        "workflow.execute",
        &json!({ "processModelId": ".." }),
    )
    .unwrap_err();
    assert!(matches!(failure, Failure::InvalidInput(_)), "{failure:?}");
}

#[test]
fn it_takes_exactly_one_of_url_and_workflow() {
    for input in [
        json!({}),
        json!({ "executeUrl": "/run", "processModelId": "md1" }),
    ] {
        let script = answering(ANSWER);
        let failure = invoke_with(&script, &[URLS], "workflow.execute", &input).unwrap_err();
        let text = failure.to_string();
        assert!(matches!(failure, Failure::InvalidInput(_)), "{text}");
        assert!(
            text.contains("executeUrl") && text.contains("processModelId"),
            "{text}"
        );
        assert!(script.sent().is_empty());
    }
}

#[test]
fn what_is_no_url_is_refused_before_anything_is_sent() {
    for url in [
        " ",
        "//evil.example/run",
        "ftp://run.example/run",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "run.example:8080/run",
        "https://",
        "https:///run",
        "https://user:pw@run.example/run",
        "https://run example/run",
        "https://run.example/run#top",
        "https://流程.example/run",
        "/run\r\nx: y",
        "https://run.example\\@evil.example/",
    ] {
        let script = answering(ANSWER);
        let failure = invoke(&script, "workflow.execute", &json!({ "executeUrl": url })).unwrap_err();
        let Failure::InvalidInput(violations) = &failure else {
            panic!("{url:?}: {failure:?}");
        };
        assert_eq!(violations[0].path, "/executeUrl");
        assert!(script.sent().is_empty(), "{url:?}");
    }
}

#[test]
fn it_carries_the_document_s_example() {
    let input = json!({
        "executeUrl": "/run",
        "sync": false,
        "mapParam": { "DPA_MODEL_WORKDIR": "/opt" },
        "paramFlag": false,
        "callbackUrl": "http://localhost:8081/test/sec",
        "second": 3,
    });
    let script = answering(ANSWER);
    invoke(&script, "workflow.execute", &input).unwrap();
    let mut printed = input.clone();
    printed["sync"] = json!("false");
    printed["paramFlag"] = json!("false");
    printed["second"] = json!("3");
    let native = r#"{"callbackUrl":"http://localhost:8081/test/sec","mapParam":{"DPA_MODEL_WORKDIR":"/opt"},"sync":false,"second":3,"paramFlag":false}"#;
    assert_eq!(body(&business(&script)[0]), native);
    let script = answering(ANSWER);
    invoke(&script, "workflow.execute", &printed).unwrap();
    assert_eq!(body(&business(&script)[0]), native, "as the example prints it");

    let script = answering(ANSWER);
    invoke_with(
        &script,
        &[("stringify_scalars", "true")],
        "workflow.execute",
        &input,
    )
    .unwrap();
    let example: Value = serde_json::from_str(
        r#"{"sync":"false","mapParam":{"DPA_MODEL_WORKDIR":"/opt"},"paramFlag":"false","callbackUrl":"http://localhost:8081/test/sec","second":"3"}"#,
    )
    .unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&business(&script)[0].body).unwrap(),
        example
    );
}

#[test]
fn values_arrive_as_they_left() {
    let parameters = r#"{"a":"+/=~*%&?#\"' 流程😀","n":12345678901234567890123,"d":1.10,"list":[true,null]}"#;
    let input = format!(r#"{{"executeUrl":"/run","mapParam":{parameters}}}"#);
    let script = answering(ANSWER);
    invoke(
        &script,
        "workflow.execute",
        &serde_json::from_str(&input).unwrap(),
    )
    .unwrap();
    assert_eq!(
        body(&business(&script)[0]),
        format!(r#"{{"mapParam":{parameters}}}"#)
    );
}

#[test]
fn whatever_it_answers_comes_out() {
    for (answer, output) in [
        (r#"{"code":200,"message":"success"}"#, "null"),
        (r#"{"code":200,"data":"in1"}"#, "\"in1\""),
        (
            r#"{"code":200,"data":[{"nodeName":"n","result":""}]}"#,
            r#"[{"nodeName":"n","result":""}]"#,
        ),
    ] {
        let script = answering(answer);
        assert_eq!(
            invoke(&script, "workflow.execute", &json!({ "executeUrl": "/run" })).unwrap(),
            output
        );
    }
}

#[test]
fn what_a_url_cant_carry_is_percent_encoded() {
    for (url, sent) in [
        ("/run/流程 1", "/run/%E6%B5%81%E7%A8%8B%201"),
        (
            "/run/%E6%B5%81?x=\"a\"&y={b}",
            "/run/%E6%B5%81?x=%22a%22&y=%7Bb%7D",
        ),
        ("/run/{processModelId}", "/run/%7BprocessModelId%7D"),
    ] {
        let script = answering(ANSWER);
        invoke(&script, "workflow.execute", &json!({ "executeUrl": url })).unwrap();
        let requests = script.sent();
        assert!(
            requests.last().unwrap().url.ends_with(sent),
            "{}",
            requests.last().unwrap().url
        );
    }
}

#[test]
fn an_empty_url_counts_as_absent() {
    let script = answering(ANSWER);
    let input = json!({ "executeUrl": "", "processModelId": "" });
    let failure = invoke(&script, "workflow.execute", &input).unwrap_err();
    assert!(matches!(failure, Failure::InvalidInput(_)), "{failure:?}");
    assert!(script.sent().is_empty());
}
