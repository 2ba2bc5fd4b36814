//! Operations found by words, on the command line and over HTTP.

use patchbay_simulators::isearch_rpa::Simulator;
use serde_json::{Value, json};

use crate::support::{Setup, patchbay, run, with_connectors};

/// Target and id of what was found.
fn found(results: &Value) -> Vec<(&str, &str)> {
    let operations = results["operations"].as_array().unwrap();
    operations
        .iter()
        .map(|found| (found["target"].as_str().unwrap(), found["id"].as_str().unwrap()))
        .collect()
}

#[test]
fn the_vendors_own_words_find_its_operations() {
    for (text, target, id) in [
        ("转办", "workorder", "task.transfer"),
        ("机器人 列表", "isearch-rpa", "robot.list"),
        ("获取调度列表", "isearch-rpa", "schedule.list"),
        ("预案", "jingkun-plan", "plan.list"),
        ("ROBOT list", "isearch-rpa", "robot.list"),
        ("/oapi/v1/share/file/download", "isearch-rpa", "file.download"),
    ] {
        let ran = with_connectors(&["describe", "--search", text]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{text}: {ran:?}");
        let results = ran.json();
        assert!(found(&results).contains(&(target, id)), "{text}: {results:#}");
    }
    // The whole title is the best.
    let results = with_connectors(&["describe", "--search", "获取机器人列表"]).json();
    let best = &results["operations"][0];
    assert_eq!(
        (&best["id"], &best["effect"]),
        (&json!("robot.list"), &json!("read"))
    );
    assert_eq!(
        best["matched"][0],
        json!({ "place": "title", "text": "获取机器人列表" })
    );
}

#[test]
fn a_search_can_be_of_one_target_and_says_where_a_field_is() {
    let ran = with_connectors(&["describe", "isearch-rpa", "--search", "contentType media"]);
    let results = ran.json();
    assert_eq!(found(&results), [("isearch-rpa", "file.download")], "{results:#}");
    let matched = results["operations"][0]["matched"].as_array().unwrap();
    assert!(
        matched
            .iter()
            .any(|place| place["place"] == "output" && place["field"] == "contentType"),
        "{matched:#?}"
    );
    let ran = with_connectors(&["describe", "--search", "没有权限"]);
    let codes = &ran.json()["codes"];
    assert_eq!(
        (&codes[0]["target"], &codes[0]["code"]),
        (&json!("workorder"), &json!("4001")),
        "{codes}"
    );
}

#[test]
fn what_cannot_be_searched_for_is_refused() {
    for arguments in [
        &["describe"][..],
        &["describe", "--search", " "],
        &["describe", "isearch-rpa", "robot.list", "--search", "robot"],
        &["describe", "nowhere", "--search", "robot"],
    ] {
        let ran = with_connectors(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran:?}");
    }
    let ran = with_connectors(&["describe", "--search", "no operation is called so"]);
    assert_eq!(
        (ran.code, ran.json()),
        (0, json!({ "operations": [], "codes": [], "more": 0 }))
    );
}

#[test]
fn a_service_searches_its_connections() {
    run(async {
        let sim = Simulator::start().await.unwrap();
        let connection = |name: &str| {
            format!(
                "[connections.{name}]\nconnector = \"isearch-rpa\"\nsettings.base_url = {:?}\nsettings.access_key = \"patchbay\"\nsettings.secret_key = \"patchbay-secret\"\n",
                sim.base_url()
            )
        };
        let served = Setup::new("", &(connection("one") + &connection("two"))).start();
        let config = served.setup().path("patchbay.toml");
        for (query, targets) in [
            (
                "search=%E8%8E%B7%E5%8F%96%E6%9C%BA%E5%99%A8%E4%BA%BA%E5%88%97%E8%A1%A8",
                &["one", "two"][..],
            ),
            ("search=robot+list&connection=two", &["two"]),
        ] {
            let answer = served.get(&format!("/v1/operations?{query}")).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            let found: Vec<&str> = found(&answer.body)
                .into_iter()
                .filter_map(|(target, id)| (id == "robot.list").then_some(target))
                .collect();
            assert_eq!(found, targets, "{query}");
        }
        for (query, status) in [
            ("", 400),
            ("search=", 400),
            ("search=x&search=y", 400),
            ("serch=x", 400),
            ("search=x&connection=three", 404),
        ] {
            let answer = served.get(&format!("/v1/operations?{query}")).await;
            assert_eq!(answer.status, status, "{query}: {answer:?}");
        }
        // The command line searches the connections too, and the connectors that have none.
        let ran = tokio::task::block_in_place(|| {
            patchbay(&[
                "--config",
                config.to_str().unwrap(),
                "describe",
                "--search",
                "robot.list",
            ])
        });
        let results = ran.json();
        assert_eq!(
            found(&results)[..2],
            [("one", "robot.list"), ("two", "robot.list")],
            "{results:#}"
        );
    });
}
