//! Lists walked page by page, through the library and the command line.

use patchbay::Error;
use patchbay_simulators::dabei::{APP, FORM, USER};
use patchbay_simulators::isearch_rpa::Simulator;
use patchbay_simulators::vendor::Vendor;
use patchbay_simulators::{Fault, On, Times};
use serde_json::{Value, json};

use crate::support::{Ran, Rig, run, with_connectors};

/// Every item that a walk gives, and how it ends.
async fn walk<V>(rig: &Rig<V>, operation: &str, input: Value) -> (Vec<Value>, Result<(), Error>) {
    let mut items = Vec::new();
    let mut pages = match rig.connection.pages(operation, input) {
        Ok(pages) => pages,
        Err(error) => return (items, Err(error)),
    };
    loop {
        match pages.next().await {
            Ok(Some(page)) => {
                items.extend(page);
                assert!(items.len() < 100, "the walk doesn't end");
            }
            Ok(None) => return (items, Ok(())),
            Err(error) => {
                assert_eq!(
                    pages.next().await.unwrap(),
                    None,
                    "a walk that has failed is over"
                );
                return (items, Err(error));
            }
        }
    }
}

/// `invoke isearch-rpa … --all` with the simulator's settings.
fn invoke_all(sim: &Simulator, operation: &str, input: &str) -> Ran {
    let base_url = format!("base_url={}", sim.base_url());
    with_connectors(&[
        "invoke",
        "isearch-rpa",
        operation,
        "--all",
        "-c",
        &base_url,
        "-c",
        "access_key=patchbay",
        "-c",
        "secret_key=patchbay-secret",
        "--input",
        input,
    ])
}

fn lines(ran: &Ran) -> Vec<Value> {
    let lines = ran.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}")))
        .collect()
}

/// The queries that the vendor was asked for robots with.
fn queries(sim: &Simulator) -> Vec<String> {
    let requests = sim.requests_of("robot.list");
    requests.into_iter().map(|request| request.query).collect()
}

/// The vendor answers with this page.
fn fix(sim: &Simulator, total: u64, items: &Value, times: Times) {
    let body = json!({ "code": 0, "msg": "", "result": { "total": total, "items": items } }).to_string();
    sim.fault(On::operation("robot.list"), Fault::raw_json(body), times);
}

#[test]
fn a_walk_takes_as_many_requests_as_there_are_pages() {
    run(async {
        let rig = Rig::isearch().await;
        let (robots, end) = walk(&rig, "robot.list", json!({ "size": 10 })).await;
        end.unwrap();
        let mut ids: Vec<String> = robots.iter().map(|robot| robot["id"].to_string()).collect();
        assert_eq!(ids.len(), 25);
        assert_eq!(ids.last().map(String::as_str), Some("9007199254740993"));
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 25, "each once");
        assert_eq!(
            queries(&rig.sim),
            ["page=1&size=10", "page=2&size=10", "page=3&size=10"]
                .map(str::to_owned)
                .to_vec()
        );
        rig.assert_well_behaved();
    });
}

#[test]
fn the_command_line_prints_an_item_a_line() {
    let sim = run(Simulator::start()).unwrap();
    let ran = invoke_all(&sim, "robot.list", r#"{"size":10}"#);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran:?}");
    let robots = lines(&ran);
    assert_eq!(robots.len(), 25);
    assert!(robots.iter().all(|robot| robot["agentNo"].is_string()));
    assert_eq!(robots[24]["id"].to_string(), "9007199254740993");
    assert_eq!(queries(&sim).len(), 3);

    // Neither page nor size: one large page.
    sim.clear_requests();
    let ran = invoke_all(&sim, "robot.list", "{}");
    assert_eq!((ran.code, lines(&ran)), (0, robots));
    assert_eq!(queries(&sim), ["page=1&size=100"]);

    // An empty list prints nothing.
    let ran = invoke_all(&sim, "robot.list", r#"{"tx":"no robot is called so"}"#);
    assert_eq!(
        (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
        (0, "", ""),
        "{ran:?}"
    );
}

#[test]
fn a_walk_keeps_its_filter_and_begins_where_it_is_told_to() {
    run(async {
        let rig = Rig::isearch().await;
        let (robots, end) = walk(
            &rig,
            "robot.list",
            json!({ "tx": "机器人", "page": 3, "size": 10 }),
        )
        .await;
        end.unwrap();
        assert_eq!(robots.len(), 5);
        let queries = queries(&rig.sim);
        assert!(queries.iter().all(|query| query.contains("tx=%E6%9C%BA")));
        assert!(queries[0].contains("page=3"));
        // The total counts what was left out, so only the empty page tells.
        assert_eq!(queries.len(), 2);
    });
}

#[test]
fn a_walk_ends_with_an_empty_page_whatever_the_total_says() {
    run(async {
        let rig = Rig::isearch().await;
        fix(
            &rig.sim,
            1_000,
            &json!([{ "id": 1 }, { "id": 2 }]),
            Times::Next(1),
        );
        fix(&rig.sim, 1_000, &json!([{ "id": 3 }]), Times::Next(1));
        fix(&rig.sim, 1_000, &json!([]), Times::UntilCleared);
        let (robots, end) = walk(&rig, "robot.list", json!({ "size": 2 })).await;
        end.unwrap();
        // A page that isn't full isn't the last one where there is a total.
        assert_eq!(
            robots,
            [json!({ "id": 1 }), json!({ "id": 2 }), json!({ "id": 3 })]
        );
        assert_eq!(queries(&rig.sim).len(), 3);
    });
}

/// Walks a list whose vendor caps the size of pages, ignores paging, and gives its last page again.
async fn walk_of_odd_pages<V: Vendor>(
    rig: &Rig<V>,
    operation: &str,
    input: &Value,
    envelope: impl Fn(&Value) -> Value,
) {
    let page = |ids: &[u64]| json!(ids.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>());
    for (pages, ids, requests) in [
        (&[&[1, 2][..], &[3, 4], &[5], &[]][..], &[1, 2, 3, 4, 5][..], 4),
        (&[&[1, 2]], &[1, 2], 2),
        (&[&[1, 2], &[3]], &[1, 2, 3], 3),
    ] {
        rig.sim.clear_faults();
        rig.sim.clear_requests();
        for (number, ids) in pages.iter().enumerate() {
            let times = if number + 1 == pages.len() {
                Times::UntilCleared
            } else {
                Times::Next(1)
            };
            let body = envelope(&page(ids)).to_string();
            rig.sim
                .fault(On::operation(operation), Fault::raw_json(body), times);
        }
        let (items, end) = walk(rig, operation, input.clone()).await;
        end.unwrap();
        assert_eq!(json!(items), page(ids), "{operation}: {pages:?}");
        let asked = rig.sim.requests_of(operation).len();
        assert_eq!(asked, requests, "{operation}: {pages:?}");
    }
}

#[test]
fn a_vendor_that_caps_or_ignores_pages_loses_nothing_and_comes_to_an_end() {
    run(async {
        let rig = Rig::dabei().await;
        let envelope = |page: &Value| json!({ "errcode": 0, "errmsg": "success", "data": page });
        let records = json!({ "app_id": APP, "form_id": FORM, "user_id": USER });
        for (operation, input) in [("form.list", json!({ "app_id": APP })), ("record.list", records)] {
            walk_of_odd_pages(&rig, operation, &input, envelope).await;
        }
        let rig = Rig::workorder().await;
        let envelope = |page: &Value| json!({ "code": 200, "msg": "操作成功", "data": page });
        for operation in ["app-workorder-type.list", "synthesis-workorder-type.list"] {
            walk_of_odd_pages(&rig, operation, &json!({}), envelope).await;
        }
        // A total that isn't one ends no walk before its time.
        let rig = Rig::isearch().await;
        for total in [json!(0), json!(1), json!(1000)] {
            let envelope =
                |page: &Value| json!({ "code": 0, "msg": "", "result": { "total": total, "items": page } });
            walk_of_odd_pages(&rig, "robot.list", &json!({}), envelope).await;
        }
    });
}

#[test]
fn a_vendor_that_repeats_a_page_is_not_asked_for_ever() {
    run(async {
        let rig = Rig::isearch().await;
        let items = json!([{ "id": 1 }, { "id": 2 }]);
        fix(&rig.sim, 1_000, &items, Times::UntilCleared);
        let (robots, end) = walk(&rig, "robot.list", json!({ "size": 2 })).await;
        end.unwrap();
        assert_eq!(json!(robots), items, "once");
        assert_eq!(queries(&rig.sim).len(), 2);

        let ran = with_sim(&rig.sim, r#"{"size":2}"#);
        assert_eq!(
            (ran.code, ran.stdout.as_str()),
            (0, "{\"id\":1}\n{\"id\":2}\n"),
            "{ran:?}"
        );
    });
}

/// A process beside a simulator that lives in this runtime.
fn with_sim(sim: &Simulator, input: &str) -> Ran {
    tokio::task::block_in_place(|| invoke_all(sim, "robot.list", input))
}

#[test]
fn a_walk_that_fails_leaves_what_came_before_it() {
    run(async {
        for (fault, kind, code, attempts) in [
            (Fault::status(500), "rejected", 4, 1),
            (Fault::throttled(60), "throttled", 4, 1),
            // What may pass is asked for again, as for a single call.
            (Fault::DropBefore, "unreachable", 5, 3),
            (
                Fault::raw_json(r#"{"code":0,"msg":"","result":{"total":9}}"#),
                "malformed-response",
                5,
                1,
            ),
        ] {
            let rig = Rig::isearch().await;
            let first = json!([{ "id": 1 }, { "id": 2 }]);
            let name = format!("{fault:?}");
            for through_process in [false, true] {
                rig.sim.clear_faults();
                rig.sim.clear_requests();
                fix(&rig.sim, 25, &first, Times::Next(1));
                rig.sim
                    .fault(On::operation("robot.list"), fault.clone(), Times::UntilCleared);
                if through_process {
                    let ran = with_sim(&rig.sim, r#"{"size":2}"#);
                    assert_eq!(
                        (ran.code, ran.stdout.as_str()),
                        (code, "{\"id\":1}\n{\"id\":2}\n"),
                        "{name}: {ran:?}"
                    );
                    assert_eq!(ran.error()["kind"], kind, "{name}");
                    assert_eq!(ran.error()["operation"], "robot.list", "{name}");
                } else {
                    let (robots, end) = walk(&rig, "robot.list", json!({ "size": 2 })).await;
                    assert_eq!(json!(robots), first, "{name}");
                    assert_eq!(end.unwrap_err().kind.as_str(), kind, "{name}");
                }
                assert_eq!(
                    queries(&rig.sim).len(),
                    1 + attempts,
                    "{name}: it ends with the failure"
                );
            }
        }
    });
}

#[test]
fn what_cannot_be_walked_is_refused_before_anything_is_sent() {
    let sim = run(Simulator::start()).unwrap();
    for (operation, input, code, kind, words) in [
        (
            "robot.get",
            r#"{"id":"101"}"#,
            2,
            "usage",
            "doesn't answer in pages",
        ),
        ("robot.lst", "{}", 2, "unknown-operation", "robot.list"),
    ] {
        let ran = invoke_all(&sim, operation, input);
        assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{ran:?}");
        let error = ran.error();
        assert_eq!(
            (&error["kind"], &error["operation"]),
            (&json!(kind), &json!(operation))
        );
        assert!(error["message"].as_str().unwrap().contains(words), "{error}");
    }
    for input in [r#"{"size":"x"}"#, r#"{"page":null}"#, r#"{"sise":5}"#, "[]"] {
        let ran = invoke_all(&sim, "robot.list", input);
        assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{input}: {ran:?}");
    }
    assert_eq!(sim.requests().len(), 0);
}
