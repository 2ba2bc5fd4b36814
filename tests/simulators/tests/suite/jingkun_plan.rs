//! Plans run at once or by a schedule, and call back.

use std::time::Duration;

use http::StatusCode;
use patchbay_simulators::jingkun::Builder;
use patchbay_simulators::jingkun_plan::Plans;
use serde_json::{Value, json};

use crate::client::{encode, query};
use crate::jingkun_client::{Client, receiver};

const LIST: &str = "/api/dpa/process/processPlan/queryPlanByUserId";
const WORKFLOWS: &str = "/api/dpa/process/processPlan/queryModelByPlanId";
const SCHEDULE: &str = "/api/dpa/process/processPlan/saveTimingParam";
const EXECUTE: &str = "/api/dpa/process/processPlan/opExecutePlanByApi";
const OUTPUTS: &str = "/api/dpa/process/processPlan/queryPlanRunOutParam";
const FORM: &str = "application/x-www-form-urlencoded";

type Plan = Client<Plans>;

impl Plan {
    async fn execute(&self, id: &str, mut body: Value) -> Value {
        body["processPlanId"] = id.into();
        self.post(&format!("{EXECUTE}/{}", encode(id)), body).await
    }

    async fn begin(&self, id: &str, body: Value) -> String {
        let answer = self.execute(id, body).await;
        assert_eq!(answer["code"], 200, "{answer}");
        let instance = answer["data"][0]["planInstanceId"].as_str().unwrap();
        assert_eq!(
            answer["data"],
            json!([{"processPlanId": id, "planInstanceId": instance}])
        );
        instance.to_owned()
    }

    async fn outputs(&self, id: &str, instance: &str) -> Value {
        let pairs = [("processPlanId", id), ("planInstanceId", instance)];
        self.get(OUTPUTS, &pairs).await
    }

    async fn schedule(&self, pairs: &[(&str, &str)]) -> Value {
        let answer = self.call("POST", SCHEDULE, Some(FORM), query(pairs)).await;
        answer.unwrap().json()
    }
}

fn variables() -> Value {
    json!([{"modelId": "md20240001", "mapParam": {"DPA_MODEL_WORKDIR": "/opt/a b", "TARGET_HOST": "主机&1=+%"}}])
}

#[tokio::test]
async fn plans_and_their_workflows_are_listed() {
    let mut client = Plan::start().await;
    let list = client.get(LIST, &[]).await;
    assert_eq!(list["data"].as_array().unwrap().len(), 6);
    assert_eq!(list["data"][0]["title"], "月末关账预案");
    assert_eq!(list["data"][5]["recordId"].to_string(), "9007199254741003");
    let workflows = client
        .post(WORKFLOWS, json!({"processPlanId": "pl20240001"}))
        .await;
    assert_eq!(workflows["data"][0]["mapParam"][1]["name"], "TARGET_HOST");
    assert_eq!(workflows["data"][1]["processModelId"], "md20240002");
    assert_eq!(workflows["data"][1]["mapParam"], Value::Null);
    assert_eq!(
        client.post(WORKFLOWS, json!({"processPlanId": "no"})).await["code"],
        999
    );
    client.login(Some("2")).await;
    assert_eq!(client.get(LIST, &[]).await["data"].as_array().unwrap().len(), 1);
    assert_eq!(client.sim.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_plan_runs_and_calls_back() {
    let (url, got) = receiver(&[(200, "\"SUCCESS\""), (200, "SUCCESS")]).await;
    let client = Plan::new(Builder::default().callback_interval(Duration::from_millis(5))).await;
    client.sim.set_run_step(Duration::from_millis(400));
    let run = client
        .begin(
            "pl20240001",
            json!({"callbackUrl": url, "modelVarReq": variables()}),
        )
        .await;
    assert_eq!(client.outputs("pl20240001", &run).await["data"], Value::Null);
    let callbacks = client.callbacks(2).await;
    let body = json!({"planInstanceId": run, "processPlanId": "pl20240001", "status": "SUCCESS"});
    assert_eq!(*got.lock().unwrap(), vec![body; 2]);
    assert!(!callbacks[0].acknowledged && callbacks[1].acknowledged);
    let outputs = client.outputs("pl20240001", &run).await["data"].clone();
    assert_eq!(outputs[0]["mapParam"][0]["result"], "主机&1=+%:/opt/a b");
    assert_eq!(outputs[1]["mapParam"][1]["nodeName"], "巡检");

    client.sim.set_run_step(Duration::from_millis(100));
    let coded = client.begin("预案/A+1 #7?", json!({})).await;
    let again = client.begin("预案/A+1 #7?", json!({})).await;
    assert_ne!(coded, again);
    assert_eq!(client.outputs("pl20240002", &coded).await["code"], 999);
    let failing = json!({"modelVarReq": [{"modelId": "md20240003", "mapParam": {"STANDBY_DB": "x"}}]});
    let failed = client.begin("pl20240003", failing).await;
    let endless = client.begin("pl20240004", json!({})).await;
    tokio::time::sleep(Duration::from_millis(120)).await;
    assert_eq!(client.outputs("pl20240003", &failed).await["data"], json!([]));
    assert_eq!(client.outputs("pl20240004", &endless).await["data"], Value::Null);
    let state = client.sim.state();
    let statuses: Vec<&Value> = state["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| &run["status"])
        .collect();
    assert_eq!(statuses, ["SUCCESS", "SUCCESS", "SUCCESS", "FAIL", "RUNNING"]);
    assert_eq!(client.sim.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn beginnings_may_be_told_too() {
    let (url, got) = receiver(&[(200, "SUCCESS")]).await;
    let client = Plan::new(Builder::default().running_callbacks(true)).await;
    client.begin("pl20240002", json!({"callbackUrl": url})).await;
    client.callbacks(2).await;
    let got = got.lock().unwrap();
    assert_eq!(
        (&got[0]["status"], &got[1]["status"]),
        (&json!("RUNNING"), &json!("SUCCESS"))
    );
    assert_eq!(got[0]["planInstanceId"], got[1]["planInstanceId"]);
}

#[tokio::test]
async fn schedules_run_once_or_again_and_again() {
    let (url, got) = receiver(&[(200, "SUCCESS")]).await;
    let quick = Builder::default().schedule_second(Duration::from_millis(20));
    let client = Plan::new(quick.run_step(Duration::from_millis(5))).await;
    let scene = "场景 + 1/=&%~*";
    let with = |id, strategy, more: &[(&'static str, String)]| {
        let mut pairs = vec![
            ("processPlanId", id),
            ("callbackUrl", url.as_str()),
            ("dimension", "seconds"),
            ("intervals", "2"),
            ("executeStrategy", strategy),
            ("sceneName", scene),
        ];
        pairs.extend(more.iter().map(|(k, v)| (*k, v.as_str())));
        query(&pairs)
    };
    let send = async |body: String| {
        client
            .call("POST", SCHEDULE, Some(FORM), body)
            .await
            .unwrap()
            .json()
    };
    let once = send(with(
        "pl20240001",
        "single",
        &[("modelVarReq", variables().to_string())],
    ))
    .await;
    assert_eq!(once["code"], 200);
    assert_eq!(once["data"]["status"], "FAIL");
    client.callbacks(1).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(got.lock().unwrap().len(), 1);
    assert_eq!(send(with("pl20240002", "cycle", &[])).await["code"], 200);
    client.callbacks(4).await;
    let got = got.lock().unwrap();
    assert_eq!(got[0]["processPlanId"], "pl20240001");
    assert_ne!(got[1]["planInstanceId"], got[2]["planInstanceId"]);
    let schedule = &client.sim.state()["schedules"][0];
    assert_eq!(
        (&schedule["sceneName"], &schedule["modelVarReq"]),
        (&json!(scene), &variables())
    );
    assert_eq!(client.sim.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn the_vendor_says_no() {
    let client = Plan::start().await;
    for (body, why) in [
        (json!({}), "缺少变量 DPA_MODEL_WORKDIR"),
        (json!({"modelVarReq": [{"mapParam": {}}]}), "缺少 modelId"),
        (
            json!({"modelVarReq": [{"modelId": "md20240006"}]}),
            "预案 pl20240001 没有工作流 md20240006",
        ),
        (
            json!({"modelVarReq": [variables()[0], variables()[0]]}),
            "工作流 md20240001 重复",
        ),
    ] {
        let answer = client.execute("pl20240001", body).await;
        assert_eq!(
            answer,
            json!({"message": format!("参数校验异常：{why}"), "code": 400, "data": null})
        );
    }
    assert_eq!(client.execute("no", json!({})).await["code"], 999);
    let pairs = [
        ("processPlanId", "pl20240002"),
        ("callbackUrl", "http://127.0.0.1:1/"),
        ("dimension", "day"),
        ("intervals", "0"),
        ("executeStrategy", "single"),
        ("sceneName", "a"),
    ];
    assert_eq!(client.schedule(&pairs).await["code"], 400);
    assert_eq!(client.sim.violations(), Vec::<String>::new());
    assert_eq!(client.sim.state()["schedules"], json!([]));
}

#[tokio::test]
async fn requests_are_checked() {
    let client = Plan::start().await;
    let path = format!("{EXECUTE}/pl20240002");
    for (body, expected) in [
        ("{}", r#"JSON member "processPlanId": required, missing"#),
        (
            r#"{"processPlanId":"pl20240001"}"#,
            r#"parameter "processPlanId": the path and the body differ"#,
        ),
        (
            r#"{"processPlanId":"pl20240002","modelVarReq":"[]"}"#,
            r#"JSON member "modelVarReq": expected Array, arrived "[]""#,
        ),
        (
            r#"{"processPlanId":"pl20240002","modelVarReq":[{"id":"a"}]}"#,
            r#"JSON member "modelVarReq[].id": not documented here"#,
        ),
        (
            r#"{"processPlanId":"pl20240002","callbackUrl":"http://10.0.0.1/"}"#,
            r#"parameter "callbackUrl": the simulator calls this machine only, arrived "http://10.0.0.1/""#,
        ),
    ] {
        let breach = client.breach("POST", &path, "application/json", body).await;
        assert_eq!(breach, format!("plan.execute: {expected}"));
    }
    let start = "processPlanId=pl20240002&callbackUrl=http%3A%2F%2F127.0.0.1%3A1%2F&intervals=1&executeStrategy=single&sceneName=a";
    for (more, expected) in [
        ("", r#"form field "dimension": required, missing"#),
        (
            "&dimension=days",
            r#"form field "dimension": expected one of ["seconds", "minutes", "hours", "day", "weeks", "month"], arrived "days""#,
        ),
        (
            "&dimension=day&dimension=day",
            r#"form: "dimension" is there twice"#,
        ),
        (
            "&dimension=day&modelVarReq=[]",
            r#"form: "modelVarReq" is not percent-encoded properly at byte 0"#,
        ),
        (
            "&dimension=day&modelVarReq=%7B%7D",
            r#"form field "modelVarReq": expected a JSON list"#,
        ),
        (
            "&dimension=day&modelVarReq=a",
            r#"form field "modelVarReq": not JSON: expected value at line 1 column 1"#,
        ),
        (
            "&dimension=day&modelVarReq=%5B%7B%22a%22%3A1%7D%5D",
            r#"form field "modelVarReq": member "a": not documented here"#,
        ),
        (
            "&dimension=day&modelVarReq=%5B%7B%22modelId%22%3A1%7D%5D",
            r#"form field "modelVarReq": member "modelId": wrong type, arrived 1"#,
        ),
    ] {
        let breach = client
            .breach("POST", SCHEDULE, FORM, &format!("{start}{more}"))
            .await;
        assert_eq!(breach, format!("plan-schedule.create: {expected}"));
    }
    let breach = client.breach("POST", SCHEDULE, "application/json", "{}").await;
    assert!(breach.contains("expected application/x-www-form-urlencoded"));
    let breach = client.breach("GET", &format!("{LIST}?userId=1"), "", "").await;
    assert_eq!(
        breach,
        r#"plan.list: query parameter "userId": not documented here"#
    );
    let double = "/api/dpa/process//processPlan/queryPlanRunOutParam?processPlanId=a&planInstanceId=b";
    let answer = client.call("GET", double, None, "").await.unwrap();
    assert_eq!(answer.status, StatusCode::NOT_FOUND);

    let client = Plan::new(Builder::default().stringified_scalars(true)).await;
    let body = r#"{"processPlanId":"pl20240001","modelVarReq":[{"modelId":"md20240001","mapParam":{"FORCE":true}}]}"#;
    let breach = client
        .breach("POST", &format!("{EXECUTE}/pl20240001"), "application/json", body)
        .await;
    assert_eq!(
        breach,
        r#"plan.execute: JSON member "modelVarReq[].mapParam.FORCE": expected booleans and integers as strings"#
    );
}
