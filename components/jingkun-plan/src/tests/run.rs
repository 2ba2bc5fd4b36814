//! `plan.run`: from the execution to the outputs of every run, with everything that can go wrong between.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};

use patchbay_sdk::testing::{Script, body, json_response, now_ms, set_deadline_ms, set_now_ms};
use patchbay_sdk::transport::TransportError;
use patchbay_sdk::{Failure, Request, Response};
use serde_json::{Value, json};

use super::{SETTINGS, invoke_with};

type Answer = Result<Response, TransportError>;

#[expect(clippy::unnecessary_wraps, reason = "it stands beside answers that fail")]
fn answer(status: u16, body: &str) -> Answer {
    Ok(json_response(status, body))
}

/// An answer of the vendor's with this in its envelope.
fn data(data: &Value) -> Answer {
    let envelope = json!({ "code": 200, "message": "success", "data": data });
    answer(200, &envelope.to_string())
}

fn broken() -> Answer {
    Err(TransportError::Unreachable {
        message: "the connection broke".to_owned(),
        request_sent: true,
    })
}

/// Outputs of two workflows: those of the second may be missing.
fn outputs(second: &Value) -> Value {
    json!([
        { "modelName": "磁盘清理", "processModelId": "md1", "mapParam": [{ "result": "12345678901234567890", "nodeName": "节点" }] },
        { "modelName": "巡检", "processModelId": "md2", "mapParam": second },
    ])
}

fn complete() -> Value {
    outputs(&json!([{ "result": "ok", "nodeName": "巡检" }]))
}

/// A vendor that starts these runs, and has these answers to questions about the outputs of each, the last of
/// them for ever. An answer takes `slow` milliseconds.
fn vendor(started: Answer, answers: Vec<(&'static str, Vec<Answer>)>, slow: u64) -> Script {
    let answers: HashMap<&str, VecDeque<Answer>> = answers
        .into_iter()
        .map(|(run, answers)| (run, VecDeque::from(answers)))
        .collect();
    let answers = RefCell::new(answers);
    Script::new(move |request| {
        if request.url.contains("/oauth/authorize") {
            return data(&json!({ "code": "c" }));
        }
        if request.url.contains("/oauth/token") {
            return data(&json!({ "access_token": "t" }));
        }
        set_now_ms(now_ms() + slow);
        if request.url.contains("/opExecutePlanByApi/") {
            return started.clone();
        }
        let (_, run) = request.url.split_once("&planInstanceId=").unwrap();
        let mut answers = answers.borrow_mut();
        let answers = answers.get_mut(run).unwrap();
        let next = if answers.len() > 1 {
            answers.pop_front()
        } else {
            answers.front().cloned()
        };
        next.unwrap_or_else(broken)
    })
}

fn two_runs() -> Answer {
    data(&json!([
        { "processPlanId": "acf42dd3", "planInstanceId": "in1" },
        { "processPlanId": "acf42dd3", "planInstanceId": "in2" },
    ]))
}

/// What was sent after the login.
fn business(script: &Script) -> Vec<Request> {
    let mut sent = script.sent();
    sent.retain(|request| !request.url.contains("/api/dp/auth/oauth/"));
    sent
}

fn invoke(script: &Script, input: &Value) -> Result<Value, Failure> {
    invoke_with(script, &SETTINGS, "plan.run", input).map(|text| serde_json::from_str(&text).unwrap())
}

fn run(script: &Script, seconds: u64) -> Value {
    let input = json!({ "processPlanId": "acf42dd3", "timeoutSeconds": seconds });
    invoke(script, &input).unwrap()
}

fn of(run: &str, outputs: &Value) -> Value {
    json!({ "processPlanId": "acf42dd3", "planInstanceId": run, "outputs": outputs })
}

#[test]
fn it_executes_and_asks_until_every_run_has_its_outputs() {
    let script = vendor(
        two_runs(),
        vec![
            ("in1", vec![data(&Value::Null), data(&complete())]),
            (
                "in2",
                vec![
                    data(&json!([])),
                    data(&outputs(&Value::Null)),
                    data(&outputs(&json!([]))),
                    data(&complete()),
                ],
            ),
        ],
        0,
    );
    let input = json!({
        "processPlanId": "acf42dd3",
        "callbackUrl": "https://me.example/cb",
        "modelVarReq": [{ "modelId": "md1", "mapParam": { "DPA_MODEL_WORKDIR": "/opt" } }],
        "timeoutSeconds": 60,
    });
    let start = now_ms();
    assert_eq!(
        invoke(&script, &input).unwrap(),
        json!({ "runs": [of("in1", &complete()), of("in2", &complete())], "timedOut": false })
    );
    let sent = business(&script);
    assert_eq!(
        body(&sent[0]),
        r#"{"processPlanId":"acf42dd3","callbackUrl":"https://me.example/cb","modelVarReq":[{"modelId":"md1","mapParam":{"DPA_MODEL_WORKDIR":"/opt"}}]}"#
    );
    let asked: Vec<&str> = sent[1..]
        .iter()
        .map(|request| &request.url[request.url.len() - 3..])
        .collect();
    assert_eq!(asked, ["in1", "in2", "in1", "in2", "in2", "in2"]);
    assert!(
        sent[1]
            .url
            .ends_with("/queryPlanRunOutParam?processPlanId=acf42dd3&planInstanceId=in1")
    );
    // 500, 750, 1125, 1687.5
    assert_eq!(now_ms() - start, 4_062);
}

/// A run that has failed looks like one that goes on: only the callback can tell them apart.
#[test]
fn when_time_is_up_the_ids_and_what_is_known_come_back() {
    let answers = || {
        vec![
            ("in1", vec![data(&outputs(&Value::Null))]),
            ("in2", vec![data(&Value::Null)]),
        ]
    };
    let expected = json!({
        "runs": [of("in1", &outputs(&Value::Null)), of("in2", &json!([]))],
        "timedOut": true,
    });
    let start = now_ms();
    assert_eq!(run(&vendor(two_runs(), answers(), 0), 2), expected);
    assert_eq!(now_ms() - start, 2_000);

    let start = now_ms();
    let input = json!({ "processPlanId": "acf42dd3" });
    assert_eq!(invoke(&vendor(two_runs(), answers(), 0), &input), Ok(expected));
    assert_eq!(now_ms() - start, 300_000, "five minutes without a limit");
}

#[test]
fn the_ids_come_back_before_the_deadline_of_the_host() {
    for (deadline, slow) in [
        (30_000, 0),
        (30_000, 4_000),
        (10_000, 4_000),
        (10_000, 9_500),
        (600, 0),
    ] {
        let start = now_ms();
        set_deadline_ms(Some(start + deadline));
        let answers = vec![
            ("in1", vec![data(&Value::Null)]),
            ("in2", vec![data(&Value::Null)]),
        ];
        let output = run(&vendor(two_runs(), answers, slow), 300);
        assert_eq!(output["timedOut"], true);
        assert_eq!(output["runs"][0]["planInstanceId"], "in1");
        assert_eq!(output["runs"][1]["planInstanceId"], "in2");
        assert!(
            now_ms() - start < deadline,
            "{deadline} {slow}: {}",
            now_ms() - start
        );
        set_deadline_ms(None);
    }
}

#[test]
fn questions_that_keep_failing_end_for_their_run_only() {
    let answers = vec![
        ("in1", vec![data(&Value::Null), broken()]),
        (
            "in2",
            vec![
                data(&Value::Null),
                answer(200, r#"{"code":997,"message":"失败"}"#),
                answer(502, "<html>"),
                data(&Value::Null),
                broken(),
                broken(),
                broken(),
                data(&complete()),
            ],
        ),
    ];
    let script = vendor(two_runs(), answers, 0);
    let mut first = of("in1", &json!([]));
    first["pollError"] = json!("the connection broke");
    assert_eq!(
        run(&script, 600),
        json!({ "runs": [first, of("in2", &complete())], "timedOut": false })
    );
    assert_eq!(business(&script).len(), 1 + 6 + 8);

    // What won't pass isn't asked again.
    let refused = answer(403, r#"{"code":403,"message":"身份验证失败"}"#);
    let answers = vec![("in1", vec![refused]), ("in2", vec![data(&complete())])];
    let output = run(&vendor(two_runs(), answers, 0), 600);
    assert!(output["runs"][0]["pollError"].is_string(), "{output}");
    assert_eq!(output["runs"][1], of("in2", &complete()));
    assert_eq!(output["timedOut"], false);
}

#[test]
fn the_runs_are_found_where_they_may_be() {
    let of_one = |started: &Value| {
        let script = vendor(data(started), vec![("in1", vec![data(&complete())])], 0);
        run(&script, 60)
    };
    let one = json!({ "runs": [of("in1", &complete())], "timedOut": false });
    assert_eq!(of_one(&json!({ "planInstanceId": "in1" })), one);
    assert_eq!(of_one(&json!([{ "planInstanceId": "in1" }])), one);

    // One without an id doesn't lose the other's.
    let output = of_one(&json!([{ "processPlanId": "acf42dd3" }, { "planInstanceId": "in1" }]));
    let mut unnamed = of("", &Value::Null);
    unnamed["planInstanceId"] = Value::Null;
    unnamed["pollError"] = json!("the vendor's answer has no planInstanceId for this run");
    assert_eq!(
        output,
        json!({ "runs": [unnamed, of("in1", &complete())], "timedOut": false })
    );

    for started in [
        json!([]),
        Value::Null,
        json!("in1"),
        json!([{ "planInstanceId": "" }]),
        json!({ "id": "x7" }),
    ] {
        let script = vendor(data(&started), Vec::new(), 0);
        let failure = invoke(&script, &json!({ "processPlanId": "acf42dd3" })).unwrap_err();
        assert!(
            matches!(failure, Failure::MalformedResponse { .. }),
            "{failure:?}"
        );
        assert!(
            failure.to_string().starts_with("the plan was executed"),
            "{failure}"
        );
        assert_eq!(business(&script).len(), 1);
    }
}

#[test]
fn an_execution_that_fails_is_a_failure() {
    for (response, kind) in [
        (
            answer(200, r#"{"code":999,"message":"预案不存在"}"#),
            "预案不存在",
        ),
        (broken(), "broke"),
        (answer(200, "<html>"), "JSON"),
    ] {
        let script = vendor(response, Vec::new(), 0);
        let failure = invoke(&script, &json!({ "processPlanId": "p" })).unwrap_err();
        assert!(failure.to_string().contains(kind), "{failure}");
        assert_eq!(business(&script).len(), 1);
    }
}
