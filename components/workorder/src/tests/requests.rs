//! Every operation's request: method, URL and body, those of the document where it has an example.

use patchbay_sdk::Method;
use patchbay_sdk::encode::percent;
use patchbay_sdk::operations::all;
use patchbay_sdk::testing::json;
use serde_json::Value;

use super::*;

/// The document's example, which it prints for all operations on a task.
const TASK: &str = r#"{"taskId":"string","taskName":"string","userId":"string","comment":"string","procInsId":"string","targetKey":"string","variables":{},"assignee":"string","candidateUsers":[{}],"candidateGroups":[{}],"copyUserIds":"string","nextUserIds":"string"}"#;
const ORDER: &str = r#"{"systemId":"测试001","projectId":"","workorderId":"1900115540270891009","workorderIdExtend":"2,1900115540270891009","processId":"Process_1741923584470","workorderNumber":"","title":"测试001","workorderStatus":"","processStatus":"","source":"","compensation":"","evaluate":"","roomNumber":"","description":"","attachmentUrls":"","params":{"type":"","name":"","code":"","pos":"","newName":"","newCode":"","result":"","reson":""},"procInstId":"95b85483-2179-11f0-bb1d-7a2b9af5855c","taskId":"95c0df1a-2179-11f0-bb1d-7a2b9af5855c"}"#;
const START: &str = r#"{"processDefId":"Process_1741923584470:1:127026d3-00ac-11f0-8c7a-ba0a22df0408","variables":{"cascaderarea53999":"","input58922":"","daterange29917":null,"timerange70409":null,"textarea79127":"","pictureupload96832":null,"input64189":""}}"#;

/// A POST carries its input, and nothing but it, as JSON.
fn posts(operation: &str, path: &str, input: &str) {
    let request = request(SERVICE, operation, input);
    assert_eq!(request.method, Method::POST, "{operation}");
    assert_eq!(request.url, format!("{BASE_URL}{path}"), "{operation}");
    let header = |name: &str| {
        let field = request.headers.iter().find(|(field, _)| field == name);
        field.map(|(_, value)| value.as_str())
    };
    assert_eq!(header("content-type"), Some("application/json"), "{operation}");
    assert_eq!(header("accessToken"), Some("the-token"), "{operation}");
    let sent: Option<Value> = serde_json::from_slice(&request.body).ok();
    assert_eq!(sent, serde_json::from_str(input).ok(), "{operation}");
    assert!(sent.is_some(), "{operation}");
}

/// A GET carries its input in the query, and has no body.
fn gets(operation: &str, path_and_query: &str, input: &str) {
    let request = request(SERVICE, operation, input);
    assert_eq!(request.method, Method::GET, "{operation}");
    assert_eq!(request.url, format!("{BASE_URL}{path_and_query}"), "{operation}");
    assert_eq!(request.body, b"", "{operation}");
    assert!(request.headers.iter().all(|(name, _)| name != "content-type"));
}

#[test]
fn lists_of_processes() {
    gets(
        "process.list",
        "/workflow/process/list?pageNum=1&pageSize=10",
        r#"{"pageSize":10,"pageNum":1}"#,
    );
    gets(
        "process.list",
        "/workflow/process/list?pageNum=2&pageSize=5&processKey=Process_1737372802048&processName=%E5%AE%A1%E6%A0%B8&category=1878",
        r#"{"pageNum":2,"pageSize":5,"processKey":"Process_1737372802048","processName":"审核","category":"1878"}"#,
    );
    gets(
        "own-process.list",
        "/workflow/process/ownList?pageNum=1&pageSize=10&processKey=k&processName=n&category=c&proStartBeginTime=2025-01-23%2000%3A00%3A00&proStartEndTime=2025-01-24%2000%3A00%3A00",
        r#"{"pageNum":1,"pageSize":10,"processKey":"k","processName":"n","category":"c","proStartBeginTime":"2025-01-23 00:00:00","proStartEndTime":"2025-01-24 00:00:00"}"#,
    );
}

#[test]
fn lists_of_tasks() {
    for (operation, path) in [
        ("todo-task.list", "/workflow/process/todoList"),
        ("finished-task.list", "/workflow/process/finishedList"),
    ] {
        gets(
            operation,
            &format!(
                "{path}?pageNum=1&pageSize=10&processName=n&proStartBeginTime=2025-01-23%2000%3A00%3A00&proStartEndTime=2025-01-24%2000%3A00%3A00"
            ),
            r#"{"pageNum":1,"pageSize":10,"processName":"n","proStartBeginTime":"2025-01-23 00:00:00","proStartEndTime":"2025-01-24 00:00:00"}"#,
        );
    }
}

#[test]
fn lists_of_types() {
    let input = r#"{"pageNo":3,"pageSize":20}"#;
    gets(
        "app-workorder-type.list",
        "/WorkOrder/app/list?pageNo=3&pageSize=20&accessToken=the-token",
        input,
    );
    gets(
        "synthesis-workorder-type.list",
        "/synthesis/list?pageNo=3&pageSize=20&accessToken=the-token",
        input,
    );
}

#[test]
fn the_form_of_a_process() {
    gets(
        "process-form.get",
        "/workflow/process/getProcessForm?definitionId=Process_1%3A5%3A7dba&deployId=7db6",
        r#"{"definitionId":"Process_1:5:7dba","deployId":"7db6"}"#,
    );
    gets(
        "process-form.get",
        "/workflow/process/getProcessForm?definitionId=d&deployId=7db6&procInsId=i",
        r#"{"definitionId":"d","deployId":"7db6","procInsId":"i"}"#,
    );
}

/// Section, operation, path and request, as the document prints them.
const PRINTED: &[(&str, &str, &str, &str)] = &[
    ("发起流程", "process.start", "/workflow/process/start/", START),
    ("创建工单", "workorder.create", "/workorder/workorder", ORDER),
    ("审批流程", "task.complete", "/workflow/task/complete", TASK),
    ("拒绝任务", "task.reject", "/workflow/task/reject", TASK),
    ("委派任务", "task.delegate", "/workflow/task/delegate", TASK),
    ("转办任务", "task.transfer", "/workflow/task/transfer", TASK),
    ("取消任务", "process.stop", "/workflow/task/stopProcess", TASK),
    ("退回任务", "task.return", "/workflow/task/return", TASK),
    ("删除任务", "task.delete", "/workflow/task/delete", TASK),
];

#[test]
fn every_request_that_the_document_prints_goes_out_as_it_is() {
    for (section, operation, path, example) in PRINTED {
        let described = all::<WorkOrder>().find(|row| row.id() == *operation);
        assert_eq!(described.map(|row| row.declaration().title), Some(*section));
        // The id is in the path, and in the body as well.
        let id = &json(example)["processDefId"];
        let segment = percent(id.as_str().unwrap_or_default());
        posts(operation, &format!("{path}{segment}"), example);
    }
}

#[test]
fn what_is_not_required_can_be_left_out() {
    posts(
        "workorder.create",
        "/workorder/workorder",
        r#"{"processId":"p","taskId":"t","params":{},"systemId":"s","projectId":"","title":"x"}"#,
    );
    for (_, operation, path, _) in &PRINTED[2..] {
        posts(operation, path, r#"{"taskId":"t","candidateUsers":["u1","u2"]}"#);
    }
    posts("process.stop", "/workflow/task/stopProcess", "{}");
}

/// The tables call `pageSize` a string and `processKey` an integer where others don't.
#[test]
fn types_that_the_tables_confuse_are_taken_as_either() {
    for (operation, path) in [
        ("todo-task.list", "todoList"),
        ("finished-task.list", "finishedList"),
    ] {
        for size in ["10", "\"10\""] {
            let input = format!(r#"{{"pageNum":1,"pageSize":{size}}}"#);
            let path = format!("/workflow/process/{path}?pageNum=1&pageSize=10");
            gets(operation, &path, &input);
        }
    }
    for (operation, path) in [("process.list", "list"), ("own-process.list", "ownList")] {
        let path = format!("/workflow/process/{path}?pageNum=1&pageSize=10&processKey=1737372802048");
        gets(
            operation,
            &path,
            r#"{"pageNum":1,"pageSize":10,"processKey":1737372802048}"#,
        );
    }
}

#[test]
fn a_path_can_be_another() {
    let overrides = r#"{"synthesis-workorder-type.list":"/workorder/synthesis/list"}"#;
    let settings = changed(SERVICE, "", &[("path_overrides", overrides)]);
    let input = r#"{"pageNo":1,"pageSize":10}"#;
    assert_eq!(
        request(&settings, "synthesis-workorder-type.list", input).url,
        format!("{BASE_URL}/workorder/synthesis/list?pageNo=1&pageSize=10&accessToken=the-token")
    );
    assert_eq!(
        request(&settings, "app-workorder-type.list", input).url,
        format!("{BASE_URL}/WorkOrder/app/list?pageNo=1&pageSize=10&accessToken=the-token")
    );
}
