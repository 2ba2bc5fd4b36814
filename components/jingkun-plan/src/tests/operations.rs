//! Every operation, and the callback.

use patchbay_sdk::callbacks::{InboundRequest, receive};
use patchbay_sdk::operations::all;
use patchbay_sdk::testing::{Script, body, declarations_hold, header, json as schema};
use patchbay_sdk::{Connector as _, Effect, Failure, Method, Operation, Request, SettingKind};
use serde_json::{Value, json};

use super::{SETTINGS, invoke_with, vendor};
use crate::JingkunPlan;

const HOSTILE: &str = "预案 +/=~*%&?#\"'\\😀{x}";

/// The business request that an input gives, and the output.
fn exchange(operation: &str, input: &Value, answer: &str) -> (Request, String) {
    let script = vendor(answer);
    let output = invoke_with(&script, &SETTINGS, operation, input).unwrap();
    let mut sent = script.sent();
    assert_eq!(sent.len(), 3);
    let request = sent.remove(2);
    assert_eq!(
        request.headers.last(),
        Some(&("authorization".to_owned(), "Bearer t".to_owned()))
    );
    (request, output)
}

#[test]
fn the_table_has_the_documented_operations() {
    let table: Vec<_> = all::<JingkunPlan>().map(Operation::describe).collect();
    let rows: Vec<_> = table
        .iter()
        .map(|row| (row.id, row.effect, row.reference.as_str()))
        .collect();
    assert_eq!(
        rows,
        [
            ("plan.list", Effect::Read, "JingKun DPA plan API, section 2"),
            (
                "plan-workflow.list",
                Effect::Read,
                "JingKun DPA plan API, section 3"
            ),
            (
                "plan-schedule.create",
                Effect::Write,
                "JingKun DPA plan API, section 4"
            ),
            ("plan.execute", Effect::Write, "JingKun DPA plan API, section 5"),
            (
                "plan-run-output.list",
                Effect::Read,
                "JingKun DPA plan API, section 6"
            ),
            (
                "plan.run",
                Effect::Write,
                "JingKun DPA plan API, section 5, with section 6 for the outputs"
            ),
        ]
    );
    let required = |id: &str| {
        let row = table.iter().find(|row| row.id == id).unwrap();
        schema(&row.input)["required"].clone()
    };
    assert_eq!(required("plan.list"), Value::Null);
    assert_eq!(required("plan-workflow.list"), json!(["processPlanId"]));
    assert_eq!(
        required("plan-schedule.create"),
        json!([
            "processPlanId",
            "callbackUrl",
            "dimension",
            "intervals",
            "executeStrategy",
            "sceneName"
        ])
    );
    assert_eq!(required("plan.execute"), json!(["processPlanId"]));
    assert_eq!(required("plan.run"), json!(["processPlanId"]));
    assert_eq!(
        required("plan-run-output.list"),
        json!(["processPlanId", "planInstanceId"])
    );
    for row in &table {
        let input = schema(&row.input);
        assert_eq!(input["additionalProperties"], false, "{}", row.id);
        for (name, field) in input["properties"].as_object().into_iter().flatten() {
            assert!(field["title"].is_string(), "{}: {name}", row.id);
            assert!(field["description"].is_string(), "{}: {name}", row.id);
        }
    }
}

#[test]
fn the_declarations_hold() {
    declarations_hold::<JingkunPlan>();
}

#[test]
fn plans_are_listed() {
    let data = r#"[{"processPlanId":"acf42dd3","title":"测试预案","status":"DEFAULT","stepNums":1,"version":0,"createTime":1626944836628,"createUser":"U100000","updateTime":1626944836628,"updateUser":""}]"#;
    let answer = format!(r#"{{"message":"success","code":200,"data":{data}}}"#);
    let (request, output) = exchange("plan.list", &json!({}), &answer);
    assert_eq!(request.method, Method::GET);
    assert_eq!(
        request.url,
        "https://dpa.example:29041/api/dpa/process/processPlan/queryPlanByUserId"
    );
    assert_eq!(
        (body(&request).as_str(), header(&request, "content-type")),
        ("", None)
    );
    assert_eq!(output, data);
    assert_eq!(
        exchange("plan.list", &json!({}), r#"{"code":200,"data":null}"#).1,
        "[]"
    );
}

#[test]
fn the_workflows_of_a_plan_are_listed() {
    let data = r#"[{"modelName":"工作流名称","processModelId":"工作流 ID","mapParam":[{"name":"DPA_MODEL_WORKDIR","type":"running"}],"rank":12345678901234567890}]"#;
    let answer = format!(r#"{{"code":200,"message":"success","data":{data}}}"#);
    let (request, output) = exchange(
        "plan-workflow.list",
        &json!({ "processPlanId": "预案ID" }),
        &answer,
    );
    assert_eq!(request.method, Method::POST);
    assert_eq!(
        request.url,
        "https://dpa.example:29041/api/dpa/process/processPlan/queryModelByPlanId"
    );
    assert_eq!(header(&request, "content-type"), Some("application/json"));
    assert_eq!(body(&request), r#"{"processPlanId":"预案ID"}"#);
    assert_eq!(output, data);
}

#[test]
fn a_schedule_is_a_form_with_json_in_one_field() {
    let input = json!({
        "processPlanId": "acf 42+dd3/=",
        "callbackUrl": "https://me.example/cb?a=1&b=%2F",
        "dimension": "day",
        "intervals": "3",
        "executeStrategy": "cycle",
        "sceneName": "场景~*",
        "modelVarReq": [{ "modelId": "m&1", "mapParam": { "DIR": "/opt", "n": 12, "on": true } }],
    });
    let answer = r#"{"message":"success","code":200,"data":{"instanceId":"in1606749734084","modelId":"md1606743910508","status":"FAIL"}}"#;
    let form = "processPlanId=acf%2042%2Bdd3%2F%3D&callbackUrl=https%3A%2F%2Fme.example%2Fcb%3Fa%3D1%26b%3D%252F&dimension=day&intervals=3&executeStrategy=cycle&sceneName=%E5%9C%BA%E6%99%AF~%2A&modelVarReq=%5B%7B%22modelId%22%3A%22m%261%22%2C%22mapParam%22%3A%7B%22DIR%22%3A%22%2Fopt%22%2C%22n%22%3A12%2C%22on%22%3Atrue%7D%7D%5D";
    let (request, output) = exchange("plan-schedule.create", &input, answer);
    assert_eq!(request.method, Method::POST);
    assert_eq!(
        request.url,
        "https://dpa.example:29041/api/dpa/process/processPlan/saveTimingParam"
    );
    assert_eq!(
        header(&request, "content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(body(&request), form);
    assert_eq!(
        output,
        r#"{"instanceId":"in1606749734084","modelId":"md1606743910508","status":"FAIL"}"#
    );

    // Nothing in it is a JSON body.
    let mut settings = SETTINGS.to_vec();
    settings.push(("stringify_scalars", "true"));
    let script = vendor(answer);
    invoke_with(&script, &settings, "plan-schedule.create", &input).unwrap();
    assert_eq!(body(&script.sent()[2]), form);

    let mut input = input;
    input.as_object_mut().unwrap().remove("modelVarReq");
    let (request, output) = exchange("plan-schedule.create", &input, r#"{"code":200}"#);
    assert!(!body(&request).contains("modelVarReq"));
    assert_eq!(output, "null");

    for (name, value) in [
        ("dimension", "days"),
        ("executeStrategy", "2.cycle"),
        ("dimension", "Day"),
    ] {
        let mut input = input.clone();
        input[name] = Value::from(value);
        let script = vendor("{}");
        let failure = invoke_with(&script, &SETTINGS, "plan-schedule.create", &input).unwrap_err();
        assert!(matches!(failure, Failure::InvalidInput(_)), "{failure:?}");
        assert!(script.sent().is_empty());
    }
}

#[test]
fn an_execution_names_the_plan_twice_and_gives_its_runs() {
    let run = r#"{"processPlanId":"acf42dd3","planInstanceId":"in10000001"}"#;
    let answer = format!(r#"{{"code":200,"message":"success","data":[{run}]}}"#);
    let input = json!({
        "processPlanId": "acf42dd3",
        "callbackUrl": "http://localhost:8081/test/sec",
        "modelVarReq": [{ "modelId": "m", "mapParam": { "n": 1 } }, {}],
    });
    let (request, output) = exchange("plan.execute", &input, &answer);
    assert_eq!(request.method, Method::POST);
    assert_eq!(
        request.url,
        "https://dpa.example:29041/api/dpa/process/processPlan/opExecutePlanByApi/acf42dd3"
    );
    assert_eq!(header(&request, "content-type"), Some("application/json"));
    assert_eq!(
        body(&request),
        r#"{"processPlanId":"acf42dd3","callbackUrl":"http://localhost:8081/test/sec","modelVarReq":[{"modelId":"m","mapParam":{"n":1}},{}]}"#
    );
    assert_eq!(output, format!("[{run}]"));

    let input = json!({ "processPlanId": HOSTILE });
    for (data, expected) in [(run, run), ("[]", "[]"), ("null", "[]")] {
        let (request, output) = exchange(
            "plan.execute",
            &input,
            &format!(r#"{{"code":200,"data":{data}}}"#),
        );
        assert!(request.url.ends_with(
            "/opExecutePlanByApi/%E9%A2%84%E6%A1%88%20%2B%2F%3D~%2A%25%26%3F%23%22%27%5C%F0%9F%98%80%7Bx%7D"
        ));
        assert_eq!(serde_json::from_slice::<Value>(&request.body).unwrap(), input);
        assert_eq!(output, expected);
    }

    let mut settings = SETTINGS.to_vec();
    settings.push(("stringify_scalars", "true"));
    settings.push(("path_overrides", r#"{"plan.execute":"/api//x/{processPlanId}"}"#));
    let script = vendor(&answer);
    let input = json!({ "processPlanId": "p", "modelVarReq": [{ "mapParam": { "n": 1, "b": true } }] });
    invoke_with(&script, &settings, "plan.execute", &input).unwrap();
    assert_eq!(script.sent()[2].url, "https://dpa.example:29041/api//x/p");
    assert_eq!(
        body(&script.sent()[2]),
        r#"{"processPlanId":"p","modelVarReq":[{"mapParam":{"n":"1","b":"true"}}]}"#
    );
}

#[test]
fn the_outputs_of_a_run_are_listed() {
    let data = r#"[{"modelName":"工作流名称","processModelId":"工作流 ID","mapParam":[{"result":"节点出参值","nodeName":"节点名称"}]}]"#;
    let answer = format!(r#"{{"code":200,"message":"success","data":{data}}}"#);
    let input = json!({ "processPlanId": HOSTILE, "planInstanceId": "in 1+1" });
    let (request, output) = exchange("plan-run-output.list", &input, &answer);
    assert_eq!(request.method, Method::GET);
    assert_eq!(
        request.url,
        "https://dpa.example:29041/api/dpa/process/processPlan/queryPlanRunOutParam?processPlanId=%E9%A2%84%E6%A1%88%20%2B%2F%3D~%2A%25%26%3F%23%22%27%5C%F0%9F%98%80%7Bx%7D&planInstanceId=in%201%2B1"
    );
    assert_eq!(
        (body(&request).as_str(), header(&request, "content-type")),
        ("", None)
    );
    assert_eq!(output, data);
}

#[test]
fn what_the_operations_do_not_take_is_refused() {
    for (operation, input) in [
        ("plan.list", json!({ "page": 1 })),
        ("plan-workflow.list", json!({})),
        ("plan-workflow.list", json!({ "processPlanId": 7 })),
        ("plan.execute", json!({ "processPlanId": "" })),
        ("plan.execute", json!({ "processPlanId": ".." })),
        (
            "plan.execute",
            json!({ "processPlanId": "p", "modelVarReq": { "modelId": "m" } }),
        ),
        (
            "plan.execute",
            json!({ "processPlanId": "p", "modelVarReq": [{ "processModelId": "m" }] }),
        ),
        ("plan-run-output.list", json!({ "processPlanId": "p" })),
        (
            "plan.execute",
            json!({ "processPlanId": "p", "timeoutSeconds": 5 }),
        ),
        ("plan.run", json!({ "processPlanId": "p", "timeoutSeconds": 0 })),
        (
            "plan.run",
            json!({ "processPlanId": "p", "timeoutSeconds": 86_401 }),
        ),
        ("plan.run", json!({})),
    ] {
        let script = vendor("{}");
        let failure = invoke_with(&script, &SETTINGS, operation, &input).unwrap_err();
        assert!(
            matches!(failure, Failure::InvalidInput(_)),
            "{operation} {input}: {failure:?}"
        );
        assert!(script.sent().is_empty());
    }
}

#[test]
fn the_settings_are_the_inventory_s() {
    let names: Vec<_> = JingkunPlan::SETTINGS
        .iter()
        .map(|setting| (setting.name, setting.required, setting.kind, setting.default))
        .collect();
    assert_eq!(
        names,
        [
            ("base_url", true, SettingKind::Origin, None),
            ("client_id", true, SettingKind::Plain, None),
            ("client_secret", true, SettingKind::Secret, None),
            ("scope", false, SettingKind::Plain, Some("default")),
            ("user_id", false, SettingKind::Plain, None),
            ("path_overrides", false, SettingKind::Plain, None),
            ("stringify_scalars", false, SettingKind::Plain, Some("false")),
        ]
    );
}

#[test]
fn a_callback_is_one_event_and_is_acknowledged() {
    for status in ["DEFAULT", "RUNNING", "PENDING", "SUCCESS", "FAIL", "挂起"] {
        let text = format!(
            r#"{{"planInstanceId":"in10000001","processPlanId":"acf42dd3","status":"{status}","n":12345678901234567890}}"#
        );
        let receipt = receive::<JingkunPlan>(
            Script::new(|_| panic!("a callback sends nothing")).host(&[]),
            &InboundRequest {
                method: "POST".to_owned(),
                query: "x=1".to_owned(),
                headers: Vec::new(),
                body: text.clone().into_bytes(),
            },
        )
        .unwrap();
        assert_eq!(receipt.reply.status, 200);
        assert_eq!(
            receipt.reply.headers,
            [("content-type".to_owned(), "text/plain".to_owned())]
        );
        assert_eq!(receipt.reply.body, b"SUCCESS");
        let [event] = receipt.events.as_slice() else {
            panic!("not one event");
        };
        assert_eq!((event.kind, event.subject.as_str()), ("plan-run", "in10000001"));
        assert_eq!(event.status.as_deref(), Some(status));
        assert_eq!(event.key, format!("in10000001:{status}"));
        assert_eq!(event.payload.to_string(), text);
    }
    let receipt = receive::<JingkunPlan>(
        Script::new(|_| panic!("a callback sends nothing")).host(&[]),
        &InboundRequest {
            method: "POST".to_owned(),
            body: br#"{"instanceId":"i","modelId":"m","status":"FAIL"}"#.to_vec(),
            ..InboundRequest::default()
        },
    )
    .unwrap();
    assert_eq!((receipt.reply.status, receipt.events.len()), (400, 0));

    let callback = JingkunPlan::CALLBACKS[0].describe(JingkunPlan::DOCUMENT);
    assert_eq!((callback.kind, JingkunPlan::CALLBACKS.len()), ("plan-run", 1));
    assert_eq!(callback.reference, "JingKun DPA plan API, section 7");
    assert_eq!(
        schema(&callback.payload)["required"],
        json!(["planInstanceId", "processPlanId", "status"])
    );
}
