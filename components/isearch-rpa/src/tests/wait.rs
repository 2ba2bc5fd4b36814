//! `job.wait`: until a job has ended, with everything that can go wrong before.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use patchbay_sdk::Failure;
use patchbay_sdk::testing::{Script, json_response, now_ms, set_deadline_ms, set_now_ms};
use patchbay_sdk::transport::TransportError;
use serde_json::{Value, json};

use super::{Answer, business, invoke, vendor};

#[expect(clippy::unnecessary_wraps, reason = "it stands beside answers that fail")]
fn list(total: u64, jobs: &[Value]) -> Answer {
    let envelope = json!({ "code": 0, "msg": "", "result": { "total": total, "items": jobs } });
    Ok(json_response(200, &envelope.to_string()))
}

fn job(status: &str, end: Option<u64>) -> Value {
    json!({ "ID": 229, "STATUS": status, "END_TIME": end })
}

/// A list with the job between two others.
fn state(status: &str, end: Option<u64>) -> Answer {
    let other = |id: u64| json!({ "ID": id, "STATUS": "success", "END_TIME": 7 });
    list(3, &[other(230), job(status, end), other(228)])
}

fn broken() -> Answer {
    Err(TransportError::Unreachable {
        message: "the connection broke".to_owned(),
        request_sent: true,
    })
}

#[expect(clippy::unnecessary_wraps, reason = "it stands beside answers that fail")]
fn refused() -> Answer {
    Ok(json_response(200, r#"{"code":4092,"msg":"流程不存在"}"#))
}

/// A vendor that gives these answers, the last of them for ever, and takes this long for each, in milliseconds.
fn vendor_with(answers: Vec<Answer>, slow: u64) -> Script {
    let answers = RefCell::new(VecDeque::from(answers));
    vendor(move |_| {
        set_now_ms(now_ms() + slow);
        let mut answers = answers.borrow_mut();
        let next = if answers.len() > 1 {
            answers.pop_front()
        } else {
            answers.front().cloned()
        };
        next.unwrap_or_else(broken)
    })
}

fn input() -> Value {
    json!({ "processId": 54, "jobId": 229 })
}

fn wait(script: &Script, input: &Value) -> Value {
    let output = invoke(script, "job.wait", input).unwrap();
    serde_json::from_str(&output).unwrap()
}

#[test]
fn it_asks_until_the_job_has_ended() {
    for last in ["success", "failed", "stopped", "pendout", "runout", "cancelled"] {
        let answers = ["pending", "running", "failing", "stopping"].map(|status| state(status, None));
        let script = vendor_with([answers.to_vec(), vec![state(last, Some(9))]].concat(), 0);
        let start = now_ms();
        let output = wait(
            &script,
            &json!({ "processId": "54", "jobId": "229", "timeoutSeconds": 60 }),
        );
        assert_eq!(
            output,
            json!({ "jobId": 229, "status": last, "ended": true, "job": job(last, Some(9)), "timedOut": false })
        );
        let sent = business(&script);
        assert_eq!(sent.len(), 5);
        for request in &sent {
            assert_eq!(
                request.url,
                "https://rpa.example/oapi/v1/job?id=54&page=1&size=100"
            );
        }
        // At once, then 500, 750, 1125, 1687.5.
        assert_eq!(now_ms() - start, 4062);
    }
}

#[test]
fn a_job_that_has_ended_costs_one_question() {
    let start = now_ms();
    let script = vendor_with(vec![state("success", Some(9))], 0);
    assert_eq!(wait(&script, &input())["ended"], true);
    assert_eq!((business(&script).len(), now_ms() - start), (1, 0));
}

#[test]
fn the_end_before_a_retry_is_not_taken_for_the_new_one() {
    let mut again = input();
    again["previousEndTime"] = json!(9);
    // The list is late, the job runs, and ends at another time, or at none, or in the same second.
    for end in [Some(10), None, Some(9)] {
        let script = vendor_with(
            vec![
                state("failed", Some(9)),
                state("failed", Some(9)),
                state("pending", Some(9)),
                state("success", end),
            ],
            0,
        );
        let output = wait(&script, &again);
        assert_eq!(
            (&output["status"], &output["ended"]),
            (&json!("success"), &json!(true)),
            "{end:?}"
        );
        assert_eq!(business(&script).len(), 4);
    }
    // It ended again between two questions.
    let script = vendor_with(vec![state("failed", Some(9)), state("failed", Some(10))], 0);
    assert_eq!(wait(&script, &again)["job"]["END_TIME"], 10);

    // It was cancelled before it ran, and had no end.
    let script = vendor_with(
        vec![
            state("cancelled", None),
            state("cancelled", None),
            state("success", Some(10)),
        ],
        0,
    );
    let mut never_ran = input();
    never_ran["previousEndTime"] = json!(0);
    assert_eq!(wait(&script, &never_ran)["status"], "success");

    // Nothing changes: it can't be told from a retry that the vendor hasn't begun.
    let script = vendor_with(vec![state("failed", Some(9))], 0);
    again["timeoutSeconds"] = json!(5);
    assert_eq!(
        wait(&script, &again),
        json!({ "jobId": 229, "status": "failed", "ended": false, "job": job("failed", Some(9)), "timedOut": true })
    );

    // Without the time, what is in the list counts.
    let script = vendor_with(vec![state("failed", Some(9))], 0);
    assert_eq!(wait(&script, &input())["ended"], true);
}

#[test]
fn when_time_is_up_the_job_comes_back_as_it_was_last() {
    let start = now_ms();
    let script = vendor_with(vec![state("pending", None), state("running", None)], 0);
    let output = wait(
        &script,
        &json!({ "processId": 54, "jobId": 229, "timeoutSeconds": 2 }),
    );
    assert_eq!(
        output,
        json!({ "jobId": 229, "status": "running", "ended": false, "job": job("running", None), "timedOut": true })
    );
    assert_eq!(now_ms() - start, 2_000);

    let start = now_ms();
    assert_eq!(
        wait(&vendor_with(vec![state("running", None)], 0), &input())["timedOut"],
        true
    );
    assert_eq!(now_ms() - start, 300_000);
}

#[test]
fn it_ends_before_the_host_s_deadline() {
    for slow in [0, 2_500] {
        let start = now_ms();
        set_deadline_ms(Some(start + 10_000));
        let output = wait(&vendor_with(vec![state("running", None)], slow), &input());
        set_deadline_ms(None);
        assert_eq!(
            (&output["timedOut"], &output["status"]),
            (&json!(true), &json!("running"))
        );
        assert!(now_ms() - start <= 9_000, "{}", now_ms() - start);
    }
}

#[test]
fn a_long_list_is_looked_through() {
    // A server that gives two jobs a page whatever it is asked for.
    let row = |id: u64| json!({ "ID": id, "STATUS": "success", "END_TIME": 1 });
    let paged = |last: Answer, total| {
        let asked = Rc::new(Cell::new(0));
        let seen = Rc::clone(&asked);
        let script = vendor(move |request| {
            seen.set(seen.get() + 1);
            if request.url.contains("page=1&") {
                list(total, &[row(1), row(2)])
            } else if request.url.contains("page=2&") {
                list(total, &[row(3), row(4)])
            } else {
                last.clone()
            }
        });
        (script, asked)
    };
    let (script, asked) = paged(list(5, &[job("success", Some(9))]), 5);
    assert_eq!(
        (&wait(&script, &input())["ended"], asked.get()),
        (&json!(true), 3)
    );

    // It isn't there: all have been seen, a page is empty, or one repeats the one before. Five times.
    for (last, total, requests) in [
        (list(4, &[]), 4, 2),
        (list(9, &[]), 9, 3),
        (list(9, &[row(3), row(4)]), 9, 3),
    ] {
        let (script, asked) = paged(last, total);
        assert_eq!(
            wait(&script, &input()),
            json!({
                "jobId": 229, "status": null, "ended": false, "job": null, "timedOut": false,
                "pollError": "job 229 isn't in the list of the jobs of process 54",
            })
        );
        assert_eq!(asked.get(), 5 * requests);
    }

    // A server that invents jobs without end is left.
    let next = Cell::new(1_000);
    let script = vendor(move |_| {
        next.set(next.get() + 1);
        list(1_000_000, &[row(next.get())])
    });
    assert!(wait(&script, &input())["pollError"].is_string());
    assert_eq!(business(&script).len(), 5 * 50);
}

#[test]
fn a_job_that_vanishes_keeps_its_last_state() {
    let gone = list(0, &[]);
    let script = vendor_with(vec![state("running", None), gone.clone()], 0);
    let output = wait(&script, &input());
    assert_eq!(
        (&output["status"], &output["ended"], &output["timedOut"]),
        (&json!("running"), &json!(false), &json!(false))
    );
    assert!(output["pollError"].as_str().unwrap().contains("job 229"));
    assert_eq!(business(&script).len(), 6);

    // For a moment only.
    let script = vendor_with(vec![state("running", None), gone, state("success", Some(9))], 0);
    let output = wait(&script, &input());
    assert_eq!((&output["ended"], output.get("pollError")), (&json!(true), None));
}

#[test]
fn trouble_on_the_way_does_not_lose_the_job() {
    let html = Ok(json_response(200, "<html>"));
    let script = vendor_with(
        vec![
            state("running", None),
            broken(),
            refused(),
            html,
            state("success", Some(9)),
        ],
        0,
    );
    let output = wait(&script, &input());
    assert_eq!((&output["ended"], output.get("pollError")), (&json!(true), None));

    let script = vendor_with(vec![state("running", None), broken()], 0);
    let output = wait(&script, &input());
    assert_eq!(
        (
            &output["jobId"],
            &output["status"],
            &output["ended"],
            &output["timedOut"]
        ),
        (&json!(229), &json!("running"), &json!(false), &json!(false))
    );
    assert!(
        output["pollError"]
            .as_str()
            .unwrap()
            .contains("the connection broke")
    );
    assert_eq!(business(&script).len(), 6);
}

#[test]
fn a_failure_before_the_job_was_seen_is_the_operation_s() {
    let script = vendor_with(vec![refused()], 0);
    let failure = invoke(&script, "job.wait", &input()).unwrap_err();
    let Failure::Rejected(refusal) = failure else {
        panic!("{failure:?}");
    };
    assert_eq!(
        (refusal.code.as_deref(), refusal.message.as_str()),
        (Some("4092"), "流程不存在")
    );
    assert_eq!(business(&script).len(), 5);

    // One that won't pass: the token is refused after a fresh login, too.
    let script = vendor_with(
        vec![Ok(json_response(200, r#"{"code":4007,"msg":"Token 不合法"}"#))],
        0,
    );
    let failure = invoke(&script, "job.wait", &input()).unwrap_err();
    assert!(matches!(failure, Failure::Unauthorized(_)), "{failure:?}");
    assert_eq!(business(&script).len(), 2);
}

#[test]
fn inputs_that_cannot_work_are_refused_before_anything_is_sent() {
    for input in [
        json!({}),
        json!({ "processId": 54 }),
        json!({ "jobId": 229 }),
        json!({ "processId": 54, "jobId": "JOB-1" }),
        json!({ "processId": 54, "jobId": 229, "timeoutSeconds": 0 }),
        json!({ "processId": 54, "jobId": 229, "timeoutSeconds": 86_401 }),
        json!({ "processId": 54, "jobId": 229, "previousEndTime": "2020-01-01" }),
    ] {
        let script = vendor_with(vec![state("success", Some(9))], 0);
        let failure = invoke(&script, "job.wait", &input).unwrap_err();
        assert!(
            matches!(failure, Failure::InvalidInput(_)),
            "{input}: {failure:?}"
        );
        assert!(script.sent().is_empty());
    }
}
