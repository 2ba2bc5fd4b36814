//! Every operation's request: method, URL and body, those of the document where it has an example.

use patchbay_sdk::Method;
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

#[test]
fn starting_a_process() {
    let input: Value = serde_json::from_str(START).unwrap();
    let id = patchbay_sdk::encode::percent(input["processDefId"].as_str().unwrap());
    posts("process.start", &format!("/workflow/process/start/{id}"), START);
}

#[test]
fn creating_a_work_order() {
    posts("workorder.create", "/workorder/workorder", ORDER);
    posts(
        "workorder.create",
        "/workorder/workorder",
        r#"{"processId":"p","taskId":"t","params":{},"systemId":"s","projectId":"","title":"x"}"#,
    );
}

#[test]
fn operations_on_a_task() {
    for (operation, path) in [
        ("task.complete", "/workflow/task/complete"),
        ("task.reject", "/workflow/task/reject"),
        ("task.delegate", "/workflow/task/delegate"),
        ("task.transfer", "/workflow/task/transfer"),
        ("process.stop", "/workflow/task/stopProcess"),
        ("task.return", "/workflow/task/return"),
        ("task.delete", "/workflow/task/delete"),
    ] {
        posts(operation, path, TASK);
        posts(operation, path, r#"{"taskId":"t","candidateUsers":["u1","u2"]}"#);
    }
    posts("process.stop", "/workflow/task/stopProcess", "{}");
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
