//! The documented operations but the execution, the settings, and callbacks.

use patchbay_sdk::callbacks::{InboundRequest, receive};
use patchbay_sdk::operations::all;
use patchbay_sdk::testing::{Script, declarations_hold, json as schema};
use patchbay_sdk::{Connector as _, Effect, Failure, Method, Operation, SettingKind};
use serde_json::{Value, json};

use super::{answering, body, business, header, invoke, invoke_with};
use crate::JingkunWorkflow;

const HOSTILE: &str = "流程 +/=~*%&?#\"'\\😀{x}";

#[test]
fn the_table_has_the_documented_operations_and_one_more() {
    let table: Vec<_> = all::<JingkunWorkflow>().map(Operation::describe).collect();
    let rows: Vec<_> = table
        .iter()
        .map(|row| (row.id, row.effect, row.reference.as_str()))
        .collect();
    let document = "JingKun DPA workflow API, section";
    assert_eq!(
        rows,
        [
            ("workflow.list", Effect::Read, format!("{document} 6").as_str()),
            ("workflow-variable.list", Effect::Read, &format!("{document} 2")),
            ("workflow-run-status.get", Effect::Read, &format!("{document} 4")),
            ("workflow-run-output.list", Effect::Read, &format!("{document} 7")),
            ("workflow.execute", Effect::Write, &format!("{document} 3")),
            (
                "workflow.run",
                Effect::Write,
                &format!(
                    "{document} 3, with section 4 for the state of the run and section 7 for its outputs"
                )
            ),
        ]
    );
    let row = |id: &str| table.iter().find(|row| row.id == id).unwrap();
    let required = |id: &str| schema(&row(id).input)["required"].clone();
    assert_eq!(required("workflow.list"), Value::Null);
    assert_eq!(
        required("workflow-variable.list"),
        json!(["processModelId", "type"])
    );
    assert_eq!(
        required("workflow-run-status.get"),
        json!(["modelId", "instanceId"])
    );
    assert_eq!(
        required("workflow-run-output.list"),
        json!(["modelId", "instanceId"])
    );
    assert_eq!(required("workflow.execute"), Value::Null);
    assert_eq!(required("workflow.run"), Value::Null);
    for row in &table {
        let input = schema(&row.input);
        assert_eq!(input["additionalProperties"], false, "{}", row.id);
        for (name, field) in input["properties"].as_object().into_iter().flatten() {
            assert!(field["title"].is_string(), "{}: {name}", row.id);
            assert!(field["description"].is_string(), "{}: {name}", row.id);
        }
    }
    let variables = schema(&row("workflow-variable.list").input);
    let kind = &variables["properties"]["type"];
    assert_eq!(kind["oneOf"].as_array().map(Vec::len), Some(1));
    assert_eq!(kind["oneOf"][0]["const"], "running");
    let run = schema(&row("workflow.run").input);
    let seconds = &run["properties"]["timeoutSeconds"];
    assert_eq!(
        (&seconds["minimum"], &seconds["maximum"], &seconds["default"]),
        (&json!(1), &json!(86_400), &json!(300))
    );
}

#[test]
fn the_settings_are_the_inventory_s() {
    let names: Vec<_> = JingkunWorkflow::SETTINGS
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
            ("execute_urls", false, SettingKind::Plain, None),
            ("path_overrides", false, SettingKind::Plain, None),
            ("stringify_scalars", false, SettingKind::Plain, Some("false")),
        ]
    );
}

#[test]
fn the_declarations_hold() {
    declarations_hold::<JingkunWorkflow>();
}

#[test]
fn workflows_are_listed() {
    let data = r#"[{"processModelId":"am10080","modelName":"聚合判断优化","stepNums":5,"status":"DEFAULT","createUser":"U100032","createTime":1617782418841,"updateTime":1617874155668}]"#;
    let script = answering(&format!(r#"{{"message":"success","code":200,"data":{data}}}"#));
    assert_eq!(invoke(&script, "workflow.list", &json!({})).unwrap(), data);
    let request = &business(&script)[0];
    assert_eq!(request.method, Method::POST);
    assert_eq!(
        request.url,
        "https://dpa.example:29041/gate/api/dpa/process/processModel/listAll"
    );
    assert_eq!(header(request, "content-type"), Some("application/json"));
    assert_eq!(header(request, "authorization"), Some("Bearer t"));
    assert_eq!(body(request), "{}");

    let script = answering(r#"{"message":"success","code":200,"data":null}"#);
    assert_eq!(invoke(&script, "workflow.list", &json!({})).unwrap(), "[]");
}

#[test]
fn variables_are_listed() {
    let data = r#"[{"name":"DPA_MODEL_WORKDIR","type":"running"}]"#;
    let input = json!({ "processModelId": "mddae8b163", "type": "running" });
    let script = answering(&format!(r#"{{"message":"success","code":200,"data":{data}}}"#));
    assert_eq!(invoke(&script, "workflow-variable.list", &input).unwrap(), data);
    let request = &business(&script)[0];
    assert_eq!(request.method, Method::POST);
    assert_eq!(
        request.url,
        "https://dpa.example:29041/gate/api/dpa/process/variable/listVar"
    );
    assert_eq!(
        body(request),
        r#"{"processModelId":"mddae8b163","type":"running"}"#
    );
    let script = answering(r#"{"message":"success","code":200,"data":null}"#);
    let input = json!({ "processModelId": HOSTILE, "type": "running" });
    assert_eq!(invoke(&script, "workflow-variable.list", &input).unwrap(), "[]");
    let sent: Value = serde_json::from_slice(&business(&script)[0].body).unwrap();
    assert_eq!(sent["processModelId"], HOSTILE);
}

#[test]
fn the_state_of_a_run_is_the_vendor_s_word() {
    let data = r#"{"instanceId":"in1606749734084","modelId":"md1606743910508","status":"FAIL","step":12345678901234567890}"#;
    let script = answering(&format!(r#"{{"message":"success","code":200,"data":{data}}}"#));
    let input = json!({ "modelId": HOSTILE, "instanceId": "in 1+1" });
    assert_eq!(invoke(&script, "workflow-run-status.get", &input).unwrap(), data);
    let request = &business(&script)[0];
    assert_eq!(request.method, Method::GET);
    assert_eq!(
        request.url,
        "https://dpa.example:29041/gate/api/dpa/process/processrun/getProcessRunStatus?modelId=%E6%B5%81%E7%A8%8B%20%2B%2F%3D~%2A%25%26%3F%23%22%27%5C%F0%9F%98%80%7Bx%7D&instanceId=in%201%2B1"
    );
    assert_eq!(
        (body(request).as_str(), header(request, "content-type")),
        ("", None)
    );
}

#[test]
fn outputs_are_listed_as_they_are() {
    let data = r#"[{"result":"节点出参值 ","nodeName":"节点名称"},{"result":"2","nodeName":"节点名称"}]"#;
    let answer = format!(r#"{{"message":"success","code":200,"data":{data}}}"#);
    let input = json!({ "modelId": "mddaeeb8b163", "instanceId": "22c8367158454a44", "paramFlag": false });
    let script = answering(&answer);
    assert_eq!(invoke(&script, "workflow-run-output.list", &input).unwrap(), data);
    let request = &business(&script)[0];
    assert_eq!(request.method, Method::POST);
    assert_eq!(
        request.url,
        "https://dpa.example:29041/gate/api/dpa/process/processModel/getOutParamByModelId"
    );
    assert_eq!(
        body(request),
        r#"{"modelId":"mddaeeb8b163","instanceId":"22c8367158454a44","paramFlag":false}"#
    );

    // As the document's example prints it.
    let script = answering(&answer);
    invoke_with(
        &script,
        &[("stringify_scalars", "true")],
        "workflow-run-output.list",
        &input,
    )
    .unwrap();
    assert_eq!(
        body(&business(&script)[0]),
        r#"{"modelId":"mddaeeb8b163","instanceId":"22c8367158454a44","paramFlag":"false"}"#
    );

    let script = answering(&answer);
    let input = json!({ "modelId": "m", "instanceId": "i" });
    let overrides = r#"{"workflow-run-output.list":"/v2/{modelId}/{instanceId}"}"#;
    invoke_with(
        &script,
        &[("path_overrides", overrides)],
        "workflow-run-output.list",
        &input,
    )
    .unwrap();
    assert_eq!(business(&script)[0].url, "https://dpa.example:29041/gate/v2/m/i");
    assert_eq!(body(&business(&script)[0]), "{}");
}

/// Sections 2 and 7, as the document prints them; that of 3 is in [`super::execute`].
#[test]
fn the_document_s_examples_are_accepted() {
    for (operation, printed, sent) in [
        (
            "workflow-variable.list",
            r#"{"processModelId":"mddae8b163","type":"running"}"#,
            r#"{"processModelId":"mddae8b163","type":"running"}"#,
        ),
        (
            "workflow-run-output.list",
            r#"{"modelId":"mddaeeb8b163","instanceId":"22c8367158454a44","paramFlag":"false"}"#,
            r#"{"modelId":"mddaeeb8b163","instanceId":"22c8367158454a44","paramFlag":false}"#,
        ),
    ] {
        let script = answering(r#"{"code":200,"data":[]}"#);
        invoke(&script, operation, &serde_json::from_str(printed).unwrap()).unwrap();
        assert_eq!(body(&business(&script)[0]), sent);
    }
}

#[test]
fn what_the_operations_do_not_take_is_refused() {
    for (operation, input) in [
        ("workflow.list", json!({ "page": 1 })),
        ("workflow-variable.list", json!({ "type": "running" })),
        ("workflow-variable.list", json!({ "processModelId": "m" })),
        (
            "workflow-variable.list",
            json!({ "processModelId": "m", "type": "stopped" }),
        ),
        ("workflow-run-status.get", json!({ "modelId": "m" })),
        (
            "workflow-run-status.get",
            json!({ "modelId": "m", "instanceId": 7 }),
        ),
        (
            "workflow-run-output.list",
            json!({ "modelId": "m", "instanceId": "i", "paramFlag": "no" }),
        ),
        ("workflow.execute", json!({ "executeUrl": "/x", "mapParam": [] })),
        (
            "workflow.execute",
            json!({ "executeUrl": "/x", "timeoutSeconds": 5 }),
        ),
        ("workflow.run", json!({ "executeUrl": "/x", "sync": true })),
    ] {
        let script = answering("{}");
        let failure = invoke(&script, operation, &input).unwrap_err();
        assert!(
            matches!(failure, Failure::InvalidInput(_)),
            "{operation} {input}: {failure:?}"
        );
        assert!(script.sent().is_empty());
    }
}

#[test]
fn a_callback_is_one_event_and_is_acknowledged() {
    for status in ["FINISH", "FAIL", "RUNNING", "挂起"] {
        let text = format!(
            r#"{{"instanceId":"in1606749734084","modelId":"md1","status":"{status}","cost":12345678901234567890}}"#
        );
        let receipt = receive::<JingkunWorkflow>(
            Script::new(|_| panic!("a callback sends nothing")).host(&[]),
            &InboundRequest {
                method: "POST".to_owned(),
                body: text.clone().into_bytes(),
                ..InboundRequest::default()
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
        assert_eq!(
            (event.kind, event.subject.as_str()),
            ("workflow-run", "in1606749734084")
        );
        assert_eq!(event.status.as_deref(), Some(status));
        assert_eq!(event.key, format!("in1606749734084:{status}"));
        assert_eq!(event.payload.to_string(), text);
    }
    let receipt = receive::<JingkunWorkflow>(
        Script::new(|_| panic!("a callback sends nothing")).host(&[]),
        &InboundRequest {
            method: "POST".to_owned(),
            body: br#"{"planInstanceId":"i","processPlanId":"p","status":"FAIL"}"#.to_vec(),
            ..InboundRequest::default()
        },
    )
    .unwrap();
    assert_eq!((receipt.reply.status, receipt.events.len()), (400, 0));

    let callback = JingkunWorkflow::CALLBACKS[0].describe(JingkunWorkflow::DOCUMENT);
    assert_eq!(
        (callback.kind, JingkunWorkflow::CALLBACKS.len()),
        ("workflow-run", 1)
    );
    assert_eq!(callback.reference, "JingKun DPA workflow API, section 5");
    assert_eq!(
        schema(&callback.payload)["required"],
        json!(["instanceId", "modelId", "status"])
    );
}
