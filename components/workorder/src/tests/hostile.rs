//! Values that encodings like to break.

use super::*;

const HOSTILE: &str = "a+b/c=d~e*f%20g&h?i#j \"k\" 'l' \\ <m> ; 中文 😀";
const ENCODED: &str = "a%2Bb%2Fc%3Dd~e%2Af%2520g%26h%3Fi%23j%20%22k%22%20%27l%27%20%5C%20%3Cm%3E%20%3B%20%E4%B8%AD%E6%96%87%20%F0%9F%98%80";

#[test]
fn a_query_carries_every_byte() {
    let input = serde_json::json!({ "pageNum": 1, "pageSize": 10, "processName": HOSTILE }).to_string();
    assert_eq!(
        request(SERVICE, "todo-task.list", &input).url,
        format!("{BASE_URL}/workflow/process/todoList?pageNum=1&pageSize=10&processName={ENCODED}")
    );
}

#[test]
fn a_path_carries_every_byte() {
    let input = serde_json::json!({ "processDefId": HOSTILE, "variables": {} }).to_string();
    let request = request(SERVICE, "process.start", &input);
    assert_eq!(
        request.url,
        format!("{BASE_URL}/workflow/process/start/{ENCODED}")
    );
    assert_eq!(request.body, input.as_bytes());
}

#[test]
fn a_body_carries_every_byte() {
    let input = serde_json::json!({
        "processDefId": HOSTILE,
        "variables": { HOSTILE: [HOSTILE], "deep": { "null": null, "true": true } },
    });
    let overrides = r#"{"process.start":"/workflow/process/start"}"#;
    let settings = changed(SERVICE, "", &[("path_overrides", overrides)]);
    let request = request(&settings, "process.start", &input.to_string());
    assert_eq!(request.url, format!("{BASE_URL}/workflow/process/start"));
    let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body, input);
}

#[test]
fn numbers_keep_their_digits() {
    let input = r#"{"processDefId":"p","variables":{"id":9007199254740993,"big":123456789012345678901234567890,"price":1.10}}"#;
    let answer = r#"{"code":200,"data":{"TaskId":18446744073709551617,"rate":0.1000}}"#;
    let (sent, output) = exchange(SERVICE, json_response(200, answer), "process.start", input);
    assert_eq!(String::from_utf8(sent[0].body.clone()).unwrap(), input);
    assert_eq!(
        output.unwrap(),
        r#"{"TaskId":18446744073709551617,"rate":0.1000}"#
    );

    let answer = r#"{"code":200,"total":9007199254740993,"rows":[{"formId":1878032733533601793}]}"#;
    let page = output_of_page(answer);
    assert_eq!(
        page,
        r#"{"total":9007199254740993,"rows":[{"formId":1878032733533601793}]}"#
    );
}

fn output_of_page(answer: &str) -> String {
    let input = r#"{"pageNum":1,"pageSize":10}"#;
    match output("process.list", input, json_response(200, answer)) {
        Ok(page) => page,
        Err(failure) => panic!("{failure}"),
    }
}

#[test]
fn secrets_and_tokens_arrive_as_given() {
    let token = "a+b/c==~* %26";
    let settings = changed(SERVICE, "access_token", &[("access_token", token)]);
    let request = request(&settings, "task.delete", r#"{"taskId":"t"}"#);
    assert!(
        request
            .headers
            .contains(&("accessToken".to_owned(), token.to_owned()))
    );
}
