//! The document's own answers, through the connector.

use std::collections::BTreeSet;

use patchbay_sdk::operations::all;
use patchbay_sdk::testing::json;
use serde_json::Value;

use super::*;

const PAGE: &str = r#"{"pageNum":1,"pageSize":10}"#;
const TYPES: &str = r#"{"pageNo":1,"pageSize":10}"#;

const PROCESSES: &str = r#"{"total":7,"rows":[{"definitionId":"Process_1737372802048:5:7dbaa3b2-d888-11ef-acd8-8a9e546749a3","processName":"租户审核","processKey":"Process_1737372802048","category":"1878032733533601793","version":5,"formId":null,"formName":null,"deploymentId":"7db6ac0f-d888-11ef-acd8-8a9e546749a3","suspended":false,"deploymentTime":"2025-01-22 14:17:00","iconId":null}],"code":200,"msg":"查询成功"}"#;
const APP_TYPES: &str = r#"{"code":200,"msg":"操作成功","data":[{"appId":"1877981134767702018","applicationName":"统一工单中心","applicationId":"<application-id>","applicationSecret":"<application-secret>","appFlag":"0","images":"http://files.example/oort/oortwj1/group1/default/20231028/11/32/4/mhyysc.png"}]}"#;
const SYNTHESIS_TYPES: &str = r#"{"code":200,"msg":"操作成功","data":[{"synthesisId":"1878001583559983106","parentId":null,"categoryName":"33-工单-综合","description":"","childFlag":true}]}"#;
const STARTED: &str = r#"{"code":200,"msg":"流程启动成功","data":{"TaskId":"69fcb23d-6f5b-11ef-884e-6cf6da435cd3","ProcessInstanceId":"69f3d88b-6f5b-11ef-884e-6cf6da435cd3"}}"#;
const OWN: &str = r#"{"total":41,"rows":[{"taskId":null,"taskName":"3333","taskDefKey":null,"assigneeId":null,"deptName":null,"startDeptName":null,"assigneeName":null,"startUserId":null,"startUserName":null,"category":"test","procVars":null,"taskLocalVars":null,"deployId":"b600b346-043d-11ef-a184-6cf6da435cd3","procDefId":"Process_1714112056273:3:b67742d9-043d-11ef-a184-6cf6da435cd3","procDefKey":null,"procDefName":"业务流程_1714112056273","procDefVersion":3,"procInsId":"d837d683-0474-11ef-b5c0-6cf6da435cd3","hisProcInsId":null,"duration":"0天0小时30分钟","comment":null,"commentList":null,"candidate":null,"createTime":"2024-04-27 17:02:16","finishTime":null,"processStatus":"running","proInsCreateTime":null}]}"#;
const TODO: &str = r#"{"total":37,"rows":[{"taskId":"d23467f4-0471-11ef-865a-6cf6da435cd3","taskName":"444","taskDefKey":"Activity_1div90g","assigneeId":null,"deptName":null,"startDeptName":null,"assigneeName":null,"startUserId":"a6d24415-18f4-4816-bd86-5086fcb70cea","startUserName":"贾平","category":"test","procVars":{"processStatus":"running","field101":1,"initiator":"a6d24415-18f4-4816-bd86-5086fcb70cea"},"taskLocalVars":null,"deployId":"b600b346-043d-11ef-a184-6cf6da435cd3","procDefId":"Process_1714112056273:3:b67742d9-043d-11ef-a184-6cf6da435cd3","procDefKey":null,"procDefName":"业务流程_1714112056273","procDefVersion":3,"procInsId":"c68d01e3-0471-11ef-865a-6cf6da435cd3","hisProcInsId":null,"duration":null,"comment":null,"commentList":null,"candidate":null,"createTime":"2024-04-27 16:40:37","finishTime":null,"processStatus":"running","proInsCreateTime":"2024-04-27 16:40:18"}],"code":200,"msg":"查询成功"}"#;
const FINISHED: &str = r#"{"total":36,"rows":[{"taskId":"0ba5de57-0388-11ef-9852-6cf6da435cd3","taskName":"111","taskDefKey":"Activity_14jyrng","assigneeId":null,"deptName":null,"startDeptName":null,"assigneeName":null,"startUserId":"6799ea6d-dec6-4b34-961c-a7b5f8c6c900","startUserName":"admin","category":"test","procVars":{"processStatus":"running","field101":1,"initiator":"6799ea6d-dec6-4b34-961c-a7b5f8c6c900"},"taskLocalVars":null,"deployId":"06cb314a-0388-11ef-9852-6cf6da435cd3","procDefId":"Process_1713856853870:8:075bb17d-0388-11ef-9852-6cf6da435cd3","procDefName":"业务流程_1713856853870","procDefVersion":8,"procInsId":"0b9c1a4e-0388-11ef-9852-6cf6da435cd3","hisProcInsId":"0b9c1a4e-0388-11ef-9852-6cf6da435cd3","duration":"1天5小时8分42秒","comment":null,"commentList":null,"candidate":null,"createTime":"2024-04-26 12:47:11","finishTime":"2024-04-27 17:55:53","processStatus":"running","proInsCreateTime":"2024-04-26 12:47:11"}],"code":200,"msg":"查询成功"}"#;

/// The document's answer of an operation: what came out, and what stands in the envelope.
fn example(operation: &str, input: &str, answer: &str, payload: &str) -> (Value, Value) {
    let output = match output(operation, input, json_response(200, answer)) {
        Ok(output) => serde_json::from_str(&output),
        Err(failure) => panic!("{operation}: {failure}"),
    };
    let envelope: Value = match serde_json::from_str(answer) {
        Ok(envelope) => envelope,
        Err(error) => panic!("{operation}: {error}"),
    };
    (output.unwrap_or_default(), envelope[payload].clone())
}

#[test]
fn pages_come_out_as_total_and_rows() {
    for (operation, answer, total) in [
        ("process.list", PROCESSES, 7),
        ("own-process.list", OWN, 41),
        ("todo-task.list", TODO, 37),
        ("finished-task.list", FINISHED, 36),
    ] {
        let (output, rows) = example(operation, PAGE, answer, "rows");
        assert_eq!(
            output,
            serde_json::json!({ "total": total, "rows": rows }),
            "{operation}"
        );
        assert_eq!(output["rows"].as_array().map(Vec::len), Some(1), "{operation}");
    }
}

#[test]
fn lists_of_types_come_out_as_lists() {
    let (output, data) = example("synthesis-workorder-type.list", TYPES, SYNTHESIS_TYPES, "data");
    assert_eq!(output, data);
    assert_eq!(output[0]["childFlag"], true);

    let (output, mut data) = example("app-workorder-type.list", TYPES, APP_TYPES, "data");
    assert_eq!(data[0]["applicationSecret"], "<application-secret>");
    data[0]["applicationSecret"] = Value::from("***");
    assert_eq!(output, data);
}

#[test]
fn a_started_process_has_a_task_and_an_instance() {
    let input = r#"{"processDefId":"p","variables":{}}"#;
    let (output, _) = example("process.start", input, STARTED, "data");
    assert_eq!(
        output,
        serde_json::json!({
            "TaskId": "69fcb23d-6f5b-11ef-884e-6cf6da435cd3",
            "ProcessInstanceId": "69f3d88b-6f5b-11ef-884e-6cf6da435cd3",
        })
    );
}

/// The placeholders of the generated examples, with their code 0, aren't a success.
#[test]
fn the_placeholder_of_the_examples_is_no_success() {
    let failure = output(
        "task.reject",
        "{}",
        json_response(200, r#"{"msg":"string","code":0,"data":{}}"#),
    );
    assert!(matches!(failure, Err(Failure::Rejected(_))), "{failure:?}");
}

/// Every field of the document's answers is declared, and with a type that it has.
#[test]
fn the_schemas_declare_what_the_examples_hold() {
    for (operation, answer, pointer) in [
        ("process.list", PROCESSES, "/rows/0"),
        ("own-process.list", OWN, "/rows/0"),
        ("todo-task.list", TODO, "/rows/0"),
        ("finished-task.list", FINISHED, "/rows/0"),
        ("app-workorder-type.list", APP_TYPES, "/data/0"),
        ("synthesis-workorder-type.list", SYNTHESIS_TYPES, "/data/0"),
        ("process.start", STARTED, "/data"),
    ] {
        let answer: Value = serde_json::from_str(answer).unwrap();
        let held = answer.pointer(pointer).unwrap().as_object().unwrap();
        let row = all::<WorkOrder>().find(|row| row.id() == operation);
        let schema = json(&row.unwrap().describe().output);
        let schema = [
            "/properties/rows/items/properties",
            "/items/properties",
            "/properties",
            "/anyOf/0/properties",
        ]
        .iter()
        .find_map(|pointer| schema.pointer(pointer))
        .unwrap()
        .as_object()
        .unwrap();
        for (name, value) in held {
            let declared = &schema
                .get(name)
                .unwrap_or_else(|| panic!("{operation}: {name} isn't declared"));
            let types: BTreeSet<&str> = match &declared["type"] {
                Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
                Value::String(kind) => [kind.as_str()].into(),
                _ => declared["anyOf"]
                    .as_array()
                    .unwrap_or_else(|| panic!("{operation}: {name} has no type: {declared}"))
                    .iter()
                    .filter_map(|choice| choice["type"].as_str())
                    .collect(),
            };
            let kind = match value {
                Value::Null => "null",
                Value::Bool(_) => "boolean",
                Value::Number(_) => "integer",
                Value::String(_) => "string",
                Value::Array(_) => "array",
                Value::Object(_) => "object",
            };
            assert!(
                types.contains(kind),
                "{operation}: {name} is {kind}, declared {types:?}"
            );
        }
    }
}
