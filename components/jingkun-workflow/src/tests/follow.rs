//! `workflow.run`: from the execution to the outputs, with everything that can go wrong between.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use patchbay_sdk::testing::{Script, json_response, now_ms, set_deadline_ms, set_now_ms};
use patchbay_sdk::transport::TransportError;
use patchbay_sdk::{Failure, Response};
use serde_json::{Value, json};

use super::{body, business, invoke, invoke_with, vendor};

type Answer = Result<Response, TransportError>;

const STARTED: &str = r#"{"code":200,"message":"success","data":{"instanceId":"in1","modelId":"md1"}}"#;
const OUTPUTS: &str =
    r#"{"code":200,"message":"success","data":[{"result":"12345678901234567890","nodeName":"节点"}]}"#;

#[expect(clippy::unnecessary_wraps, reason = "it stands beside answers that fail")]
fn state(status: &str) -> Answer {
    let data = json!({ "instanceId": "in1", "modelId": "md1", "status": status });
    let envelope = json!({ "message": "success", "code": 200, "data": data });
    Ok(json_response(200, &envelope.to_string()))
}

fn broken() -> Answer {
    Err(TransportError::Unreachable {
        message: "the connection broke".to_owned(),
        request_sent: true,
    })
}

#[expect(clippy::unnecessary_wraps, reason = "it stands beside answers that fail")]
fn answer(status: u16, body: &str) -> Answer {
    Ok(json_response(status, body))
}

/// A vendor that has these answers to questions about the state of the run, the last of them for ever, and
/// takes this long for each, in milliseconds.
fn vendor_with(states: Vec<Answer>, slow: u64) -> Script {
    let states = RefCell::new(VecDeque::from(states));
    vendor(move |request| {
        if request
            .url
            .contains("/getProcessRunStatus?modelId=md1&instanceId=in1")
        {
            set_now_ms(now_ms() + slow);
            let mut states = states.borrow_mut();
            let next = if states.len() > 1 {
                states.pop_front()
            } else {
                states.front().cloned()
            };
            next.unwrap_or_else(broken)
        } else if request.url.ends_with("/getOutParamByModelId") {
            answer(200, OUTPUTS)
        } else if request.url.ends_with("/run") {
            answer(200, STARTED)
        } else {
            answer(404, "unexpected")
        }
    })
}

fn run(script: &Script, input: &Value) -> Value {
    let output = invoke(script, "workflow.run", input).unwrap();
    serde_json::from_str(&output).unwrap()
}

fn execution() -> Value {
    json!({ "executeUrl": "/run" })
}

#[test]
fn it_executes_asks_until_the_end_and_fetches_the_outputs() {
    for last in ["FINISH", "FAIL", "SUCCESS", "finish"] {
        let script = vendor_with(
            vec![state("DEFAULT"), state("RUNNING"), state("PENDING"), state(last)],
            0,
        );
        let input = json!({
            "executeUrl": "/run",
            "callbackUrl": "https://me.example/cb",
            "mapParam": { "DIR": "/opt" },
            "paramFlag": true,
            "timeoutSeconds": 60,
        });
        let start = now_ms();
        assert_eq!(
            invoke(&script, "workflow.run", &input).unwrap(),
            format!(
                r#"{{"instanceId":"in1","modelId":"md1","status":"{last}","outputs":[{{"result":"12345678901234567890","nodeName":"节点"}}],"timedOut":false}}"#
            )
        );
        let sent = business(&script);
        assert_eq!(sent.len(), 6);
        assert_eq!(
            body(&sent[0]),
            r#"{"callbackUrl":"https://me.example/cb","mapParam":{"DIR":"/opt"},"paramFlag":true}"#
        );
        assert_eq!(
            body(&sent[5]),
            r#"{"modelId":"md1","instanceId":"in1","paramFlag":true}"#
        );
        // 500, 750, 1125, 1687.5
        assert_eq!(now_ms() - start, 4062);
    }
}

#[test]
fn the_pauses_grow_to_ten_seconds() {
    let times = Rc::new(RefCell::new(Vec::new()));
    let seen = Rc::clone(&times);
    let script = vendor(move |request| {
        if request.url.ends_with("/run") {
            return answer(200, STARTED);
        }
        seen.borrow_mut().push(now_ms());
        state("RUNNING")
    });
    let output = run(&script, &json!({ "executeUrl": "/run", "timeoutSeconds": 120 }));
    assert_eq!(output["timedOut"], true);
    let times = times.borrow();
    let pauses: Vec<u64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(pauses[..7], [750, 1125, 1687, 2531, 3796, 5695, 8542]);
    assert!(
        pauses[7..pauses.len() - 1].iter().all(|pause| *pause == 10_000),
        "{pauses:?}"
    );
    assert!(pauses.len() > 12);
}

#[test]
fn when_time_is_up_the_ids_and_the_last_state_come_back() {
    let start = now_ms();
    let script = vendor_with(vec![state("DEFAULT"), state("RUNNING")], 0);
    let output = run(&script, &json!({ "executeUrl": "/run", "timeoutSeconds": 2 }));
    assert_eq!(
        output,
        json!({ "instanceId": "in1", "modelId": "md1", "status": "RUNNING", "outputs": null, "timedOut": true })
    );
    assert_eq!(now_ms() - start, 2_000);
    // At 500, 1250, and 2000.
    assert_eq!(business(&script).len(), 4);
}

#[test]
fn without_a_limit_of_its_own_it_waits_for_five_minutes() {
    let start = now_ms();
    let output = run(&vendor_with(vec![state("RUNNING")], 0), &execution());
    assert_eq!((&output["timedOut"], now_ms() - start), (&json!(true), 300_000));
}

#[test]
fn a_run_that_ends_with_the_time_still_has_its_outputs() {
    let script = vendor_with(vec![state("RUNNING"), state("FINISH")], 0);
    let output = run(&script, &json!({ "executeUrl": "/run", "timeoutSeconds": 1 }));
    assert_eq!(
        (&output["status"], &output["timedOut"]),
        (&json!("FINISH"), &json!(false))
    );
    assert_eq!(output["outputs"][0]["nodeName"], "节点");
}

#[test]
fn it_returns_before_the_deadline_of_the_host() {
    for (deadline, margin) in [(30_000, 1_000), (2_000, 200), (600, 60)] {
        let start = now_ms();
        set_deadline_ms(Some(start + deadline));
        let output = run(&vendor_with(vec![state("RUNNING")], 0), &execution());
        assert_eq!(
            (&output["instanceId"], &output["timedOut"]),
            (&json!("in1"), &json!(true))
        );
        assert_eq!(now_ms() - start, deadline - margin);
    }
    // Nothing is asked where there is no time for another answer like that, but the ids come back.
    for slow in [5_000, 9_500] {
        let script = vendor(move |_| {
            set_now_ms(now_ms() + slow);
            answer(200, STARTED)
        });
        set_deadline_ms(Some(now_ms() + 10_000));
        let output = run(&script, &execution());
        assert_eq!(
            output,
            json!({ "instanceId": "in1", "modelId": "md1", "status": null, "outputs": null, "timedOut": true })
        );
        assert_eq!(business(&script).len(), 1);
    }
    set_deadline_ms(None);
}

#[test]
fn a_slow_vendor_is_not_asked_across_the_deadline() {
    let start = now_ms();
    set_deadline_ms(Some(start + 30_000));
    let output = run(&vendor_with(vec![state("RUNNING")], 4_000), &execution());
    assert_eq!(output["timedOut"], true);
    assert!(now_ms() - start <= 29_000, "{}", now_ms() - start);
    set_deadline_ms(None);
}

#[test]
fn outputs_that_there_is_no_time_for_are_left_out() {
    let start = now_ms();
    set_deadline_ms(Some(start + 10_000));
    let script = vendor_with(vec![state("FINISH")], 9_000);
    let output = run(&script, &execution());
    assert_eq!(
        output,
        json!({ "instanceId": "in1", "modelId": "md1", "status": "FINISH", "outputs": null, "timedOut": true })
    );
    set_deadline_ms(None);
}

#[test]
fn questions_that_fail_now_and_then_are_asked_again() {
    let rejected = || answer(200, r#"{"code":999,"message":"not yet"}"#);
    let nothing = || answer(200, r#"{"code":200,"data":null}"#);
    let states = vec![
        broken(),
        rejected(),
        nothing(),
        answer(502, "<html>"),
        state("RUNNING"),
        broken(),
        broken(),
        rejected(),
        answer(200, "<html>"),
        state("FINISH"),
    ];
    let output = run(&vendor_with(states, 0), &execution());
    assert_eq!(
        (&output["status"], &output["timedOut"]),
        (&json!("FINISH"), &json!(false))
    );
    assert_eq!(output.get("pollError"), None);
}

#[test]
fn questions_that_keep_failing_end_it_without_losing_the_ids() {
    let script = vendor_with(vec![state("RUNNING"), broken()], 0);
    let output = run(&script, &execution());
    assert_eq!(
        output,
        json!({
            "instanceId": "in1", "modelId": "md1", "status": "RUNNING", "outputs": null, "timedOut": false,
            "pollError": "the connection broke",
        })
    );
    assert_eq!(business(&script).len(), 1 + 1 + 5);

    // What won't pass isn't asked again.
    for (refusal, requests) in [
        (answer(403, r#"{"code":403,"message":"身份验证失败"}"#), 1 + 2),
        (
            Err(TransportError::Denied("https://dpa.example".to_owned())),
            1 + 1,
        ),
    ] {
        let script = vendor_with(vec![refusal], 0);
        let output = run(&script, &execution());
        assert_eq!(
            (&output["instanceId"], &output["timedOut"]),
            (&json!("in1"), &json!(false))
        );
        assert!(output["pollError"].is_string(), "{output}");
        assert_eq!(business(&script).len(), requests);
    }

    // Time is up while it fails.
    let output = run(
        &vendor_with(vec![broken()], 0),
        &json!({ "executeUrl": "/run", "timeoutSeconds": 1 }),
    );
    assert_eq!(
        (&output["pollError"], &output["timedOut"]),
        (&json!("the connection broke"), &json!(true))
    );
}

#[test]
fn who_asks_to_slow_down_is_asked_later_and_does_not_end_it() {
    let flood = || {
        let mut response = json_response(429, r#"{"code":500,"message":"slow down"}"#);
        response.headers.push(("retry-after".to_owned(), "20".to_owned()));
        Ok(response)
    };
    let mut states: Vec<Answer> = (0..7).map(|_| flood()).collect();
    states.push(state("FINISH"));
    let start = now_ms();
    let output = run(&vendor_with(states, 0), &execution());
    assert_eq!(
        (&output["status"], &output["timedOut"]),
        (&json!("FINISH"), &json!(false))
    );
    assert_eq!(now_ms() - start, 500 + 7 * 20_000);
}

#[test]
fn outputs_that_cannot_be_fetched_leave_the_state() {
    let asked = Rc::new(Cell::new(0));
    let count = Rc::clone(&asked);
    let script = vendor(move |request| {
        if request.url.ends_with("/run") {
            answer(200, STARTED)
        } else if request.url.contains("/getProcessRunStatus") {
            state("FINISH")
        } else {
            count.set(count.get() + 1);
            answer(200, r#"{"code":997,"message":"失败"}"#)
        }
    });
    let output = run(&script, &execution());
    assert_eq!(
        output,
        json!({
            "instanceId": "in1", "modelId": "md1", "status": "FINISH", "outputs": null, "timedOut": false,
            "pollError": "the vendor refused: 失败",
        })
    );
    assert_eq!(asked.get(), 5);
}

#[test]
fn the_ids_are_found_where_they_may_be() {
    let ask = |data: &str, input: &Value| {
        let started = format!(r#"{{"code":200,"data":{data}}}"#);
        let script = vendor(move |request| {
            if request.url.ends_with("/run") {
                answer(200, &started)
            } else {
                state("RUNNING")
            }
        });
        let urls = [("execute_urls", r#"{"md2":"/run"}"#)];
        let output = invoke_with(&script, &urls, "workflow.run", input);
        (
            output.map(|text| serde_json::from_str::<Value>(&text).unwrap()),
            business(&script),
        )
    };
    let named = json!({ "processModelId": "md2", "timeoutSeconds": 1 });
    let both = json!({ "executeUrl": "/run", "processModelId": "md2", "timeoutSeconds": 1 });
    let url = json!({ "executeUrl": "/run", "timeoutSeconds": 1 });
    for (data, input, ids) in [
        (r#"{"instanceId":"in1","modelId":"md1"}"#, &named, ("in1", "md1")),
        (
            r#"{"instanceId":"in1","processModelId":"md1"}"#,
            &url,
            ("in1", "md1"),
        ),
        (r#"[{"instanceId":"in1"}]"#, &named, ("in1", "md2")),
        (
            r#"{"instanceId":12345678901234567890}"#,
            &both,
            ("12345678901234567890", "md2"),
        ),
    ] {
        let (output, sent) = ask(data, input);
        let output = output.unwrap();
        assert_eq!(
            (&output["instanceId"], &output["modelId"]),
            (&json!(ids.0), &json!(ids.1)),
            "{data}"
        );
        assert!(
            sent[1]
                .url
                .ends_with(&format!("?modelId={}&instanceId={}", ids.1, ids.0))
        );
        assert_eq!(body(&sent[0]), "{}");
    }

    // Which workflow it is can't be known, but the run can.
    let (output, sent) = ask(r#"{"instanceId":"in1"}"#, &url);
    let output = output.unwrap();
    assert_eq!(
        (&output["instanceId"], &output["modelId"]),
        (&json!("in1"), &Value::Null)
    );
    assert!(output["pollError"].as_str().unwrap().contains("processModelId"));
    assert_eq!(sent.len(), 1);

    for data in [
        "null",
        "[]",
        "{}",
        "\"in1\"",
        r#"{"instanceId":""}"#,
        r#"{"instanceId":null,"id":"x7"}"#,
    ] {
        let (output, sent) = ask(data, &url);
        let failure = output.unwrap_err();
        assert!(
            matches!(failure, Failure::MalformedResponse { .. }),
            "{failure:?}"
        );
        let text = failure.to_string();
        assert!(
            text.starts_with("the workflow was executed") && text.contains(data),
            "{text}"
        );
        assert_eq!(sent.len(), 1);
    }
}

#[test]
fn an_execution_that_fails_is_a_failure() {
    for (response, kind) in [
        (answer(200, r#"{"code":999,"message":"running"}"#), "refused"),
        (broken(), "broke"),
        (answer(200, "<html>"), "JSON"),
    ] {
        let script = vendor(move |_| response.clone());
        let failure = invoke(&script, "workflow.run", &execution()).unwrap_err();
        assert!(failure.to_string().contains(kind), "{failure}");
        assert_eq!(business(&script).len(), 1);
    }
}

#[test]
fn inputs_that_cannot_work_are_refused_before_anything_is_sent() {
    for input in [
        json!({}),
        json!({ "executeUrl": "/run", "timeoutSeconds": 0 }),
        json!({ "executeUrl": "/run", "timeoutSeconds": 86_401 }),
        json!({ "executeUrl": "/run", "timeoutSeconds": -1 }),
        json!({ "executeUrl": "/run", "timeoutSeconds": 1.5 }),
        json!({ "executeUrl": "/run", "timeoutSeconds": "5" }),
        json!({ "executeUrl": "//run" }),
        json!({ "processModelId": "md1" }),
    ] {
        let script = vendor_with(vec![state("FINISH")], 0);
        let failure = invoke(&script, "workflow.run", &input).unwrap_err();
        assert!(
            matches!(failure, Failure::InvalidInput(_)),
            "{input}: {failure:?}"
        );
        assert!(script.sent().is_empty());
    }
    let whole_day = json!({ "executeUrl": "/run", "timeoutSeconds": 86_400 });
    assert_eq!(
        run(&vendor_with(vec![state("FINISH")], 0), &whole_day)["status"],
        "FINISH"
    );
}
