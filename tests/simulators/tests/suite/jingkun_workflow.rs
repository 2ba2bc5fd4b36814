//! Workflows run, end and call back.

use std::time::{Duration, Instant};

use patchbay_simulators::jingkun::Builder;
use patchbay_simulators::jingkun_workflow::Workflows;
use serde_json::{Value, json};

use crate::jingkun_client::{Client, receiver};

const LIST: &str = "/api/dpa/process/processModel/listAll";
const VARIABLES: &str = "/api/dpa/process/variable/listVar";
const STATUS: &str = "/api/dpa/process/processrun/getProcessRunStatus";
const OUTPUTS: &str = "/api/dpa/process/processModel/getOutParamByModelId";

type Workflow = Client<Workflows>;

impl Workflow {
    async fn execute(&self, id: &str, body: Value) -> Value {
        self.post(&self.sim.execute_path(id), body).await
    }

    async fn begin(&self, id: &str, body: Value) -> String {
        let answer = self.execute(id, body).await;
        assert_eq!(answer["code"], 200, "{answer}");
        assert_eq!(answer["data"]["status"], "RUNNING");
        answer["data"]["instanceId"].as_str().unwrap().to_owned()
    }

    async fn status(&self, id: &str, instance: &str) -> Value {
        let pairs = [("modelId", id), ("instanceId", instance)];
        self.get(STATUS, &pairs).await["data"]["status"].clone()
    }

    async fn outputs(&self, id: &str, instance: &str, designated: bool) -> Value {
        let body = json!({"modelId": id, "instanceId": instance, "paramFlag": designated});
        self.post(OUTPUTS, body).await
    }

    async fn listed(&self, id: &str) -> Value {
        let list = self.post(LIST, json!({})).await;
        let rows = list["data"].as_array().unwrap().clone();
        rows.into_iter().find(|row| row["processModelId"] == id).unwrap()
    }
}

fn disk() -> Value {
    json!({"DPA_MODEL_WORKDIR": "/opt/数据", "TARGET_HOST": "10.0.0.7", "RETAIN_DAYS": 30, "FORCE": "true"})
}

#[tokio::test]
async fn workflows_and_variables_are_listed() {
    let mut client = Workflow::start().await;
    let list = client.post(LIST, json!({})).await;
    assert_eq!(list["message"], "success");
    assert_eq!(list["data"].as_array().unwrap().len(), 7);
    let first = &list["data"][0];
    assert_eq!(first["recordId"].to_string(), "9007199254740993");
    assert_eq!(
        (&first["modelName"], &first["status"]),
        (&json!("磁盘清理"), &json!("DEFAULT"))
    );
    let variables = client
        .post(
            VARIABLES,
            json!({"processModelId": "md20240001", "type": "running"}),
        )
        .await;
    assert_eq!(variables["data"].as_array().unwrap().len(), 4);
    assert_eq!(variables["data"][0]["name"], "DPA_MODEL_WORKDIR");
    let none = client
        .post(
            VARIABLES,
            json!({"processModelId": "md20240002", "type": "running"}),
        )
        .await;
    assert_eq!((&none["code"], &none["data"]), (&json!(200), &Value::Null));
    let unknown = client
        .post(VARIABLES, json!({"processModelId": "no", "type": "running"}))
        .await;
    assert_eq!(unknown["code"], 999);
    for (user, count) in [("2", 1), ("3", 0)] {
        client.login(Some(user)).await;
        let list = client.post(LIST, json!({})).await;
        assert_eq!(list["data"].as_array().unwrap().len(), count);
    }
    assert_eq!(client.sim.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_run_finishes_and_calls_back_until_it_is_heard() {
    let (url, got) = receiver(&[(500, "SUCCESS"), (200, "SUCCESS\n"), (200, "SUCCESS")]).await;
    let client = Workflow::new(Builder::default().callback_interval(Duration::from_millis(5))).await;
    client.sim.set_run_step(Duration::from_millis(500));
    let id = "md20240001";
    let run = client
        .begin(
            id,
            json!({"callbackUrl": url, "mapParam": disk(), "sync": false, "paramFlag": false}),
        )
        .await;
    assert_eq!(client.status(id, &run).await, "RUNNING");
    assert_eq!(client.outputs(id, &run, false).await["data"], Value::Null);
    assert_eq!(client.listed(id).await["status"], "RUNNING");
    assert_eq!(client.execute(id, json!({"mapParam": disk()})).await["code"], 999);

    let callbacks = client.callbacks(3).await;
    let body = json!({"instanceId": run, "modelId": id, "status": "FINISH"});
    assert_eq!(*got.lock().unwrap(), vec![body.clone(); 3]);
    let seen: Vec<_> = callbacks
        .iter()
        .map(|c| (c.attempt, c.status, c.reply.as_str(), c.acknowledged))
        .collect();
    let expected = [
        (1, Some(500), "SUCCESS", false),
        (2, Some(200), "SUCCESS\n", false),
        (3, Some(200), "SUCCESS", true),
    ];
    assert_eq!(seen, expected);
    assert_eq!((&callbacks[2].url, &callbacks[2].body), (&url, &body));
    assert_eq!(callbacks[2].content_type.as_deref(), Some("text/plain"));

    assert_eq!(client.status(id, &run).await, "FINISH");
    let all = client.outputs(id, &run, false).await["data"].clone();
    assert_eq!(all[0]["result"], "10.0.0.7:/opt/数据");
    assert_eq!(all[1]["result"], "已清理，保留 30 天，强制 true ");
    let designated = client.outputs(id, &run, true).await["data"].clone();
    assert_eq!(designated, json!([all[1]]));
    assert_eq!(client.listed(id).await["status"], "SUCCESS");
    assert_eq!(client.outputs("md20240002", &run, false).await["code"], 999);
    assert_eq!(client.sim.state()["callbacks"].as_array().unwrap().len(), 3);
    assert_eq!(client.sim.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn nobody_hears_the_callback() {
    let (url, got) = receiver(&[(200, "SUCCEESS")]).await;
    let quick = || {
        Builder::default()
            .callback_interval(Duration::ZERO)
            .run_step(Duration::ZERO)
    };
    let client = Workflow::new(quick()).await;
    client.begin("md20240002", json!({"callbackUrl": url})).await;
    client.callbacks(3).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(got.lock().unwrap().len(), 3);
    assert!(
        client
            .sim
            .callbacks()
            .iter()
            .all(|callback| !callback.acknowledged)
    );
    let client = Workflow::new(quick()).await;
    client
        .begin("md20240002", json!({"callbackUrl": "http://localhost:1/x"}))
        .await;
    let callbacks = client.callbacks(3).await;
    assert!(
        callbacks
            .iter()
            .all(|callback| callback.status.is_none() && !callback.reply.is_empty())
    );
}

#[tokio::test]
async fn runs_fail_and_never_end() {
    let (url, got) = receiver(&[(200, "SUCCESS")]).await;
    let client = Workflow::start().await;
    client.sim.set_run_step(Duration::from_millis(30));
    let failing = json!({"callbackUrl": url, "mapParam": {"STANDBY_DB": "db2"}});
    let run = client.begin("md20240003", failing).await;
    let endless = client
        .begin("md20240004", json!({"callbackUrl": url, "mapParam": {}}))
        .await;
    client.callbacks(1).await;
    assert_eq!(client.status("md20240003", &run).await, "FAIL");
    assert_eq!(client.outputs("md20240003", &run, false).await["data"], json!([]));
    assert_eq!(client.listed("md20240003").await["status"], "FAIL");
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!(client.status("md20240004", &endless).await, "RUNNING");
    assert_eq!(got.lock().unwrap().len(), 1);
    assert_eq!(got.lock().unwrap()[0]["status"], "FAIL");
    assert_eq!(client.execute("md20240004", json!({})).await["code"], 999);
    assert_eq!(client.execute("md20240005", json!({})).await["code"], 999);
    assert_eq!(client.listed("md20240005").await["status"], "pending");
    assert_eq!(client.execute("no", json!({})).await["code"], 404);
    assert_eq!(client.sim.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn synchronous_runs_answer_at_their_end() {
    let client = Workflow::start().await;
    let start = Instant::now();
    let answer = client
        .execute(
            "md20240001",
            json!({"mapParam": disk(), "sync": true, "second": 3, "paramFlag": true}),
        )
        .await;
    assert!(start.elapsed() >= Duration::from_millis(100));
    assert_eq!(answer["data"]["status"], "FINISH");
    assert_eq!(answer["data"]["outParam"].as_array().unwrap().len(), 1);
    let fails = json!({"mapParam": {"STANDBY_DB": "x"}, "sync": true});
    assert_eq!(
        client.execute("md20240003", fails).await["data"]["status"],
        "FAIL"
    );
    let start = Instant::now();
    let answer = client
        .execute("md20240004", json!({"sync": true, "second": 1}))
        .await;
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!(answer["data"]["status"], "RUNNING");
    let impossible = client
        .execute("md20240002", json!({"sync": true, "second": 0}))
        .await;
    assert_eq!(impossible["code"], 400);
    // An id that has to be encoded, and runs side by side.
    let client = Workflow::new(Builder::default().concurrent_runs(true)).await;
    assert_eq!(
        client.sim.execute_path("a/b"),
        "/api/dpa/process/processrun/execute/a%2Fb"
    );
    let one = client.begin("流程/A+1 #7?", json!({})).await;
    let two = client.begin("流程/A+1 #7?", json!({})).await;
    assert_ne!(one, two);
}

#[tokio::test]
async fn variables_are_checked_by_the_vendor() {
    let client = Workflow::start().await;
    let execute = async |map: Value| {
        let answer = client.execute("md20240001", json!({ "mapParam": map })).await;
        (
            answer["code"].as_i64().unwrap(),
            answer["message"].as_str().unwrap().to_owned(),
        )
    };
    let mut map = disk();
    map["RETAIN_DAYS"] = "many".into();
    assert_eq!(execute(map).await.1, "参数校验异常：变量 RETAIN_DAYS 类型不符");
    let mut map = disk();
    map["MORE"] = 1.into();
    assert_eq!(
        execute(map).await,
        (400, "参数校验异常：工作流 md20240001 没有变量 MORE".into())
    );
    let map = json!({"TARGET_HOST": "a"});
    assert_eq!(execute(map).await.1, "参数校验异常：缺少变量 DPA_MODEL_WORKDIR");
    let map = json!({"TARGET_HOST": "a", "DPA_MODEL_WORKDIR": "b"});
    assert_eq!(execute(map).await.0, 200);
    assert_eq!(client.sim.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn requests_are_checked() {
    let client = Workflow::start().await;
    let path = client.sim.execute_path("md20240002");
    for (body, expected) in [
        (
            r#"{"sync":"false"}"#,
            r#"JSON member "sync": expected Boolean, arrived "false""#,
        ),
        (
            r#"{"second":"3"}"#,
            r#"JSON member "second": expected Integer, arrived "3""#,
        ),
        (
            r#"{"second":null}"#,
            r#"JSON member "second": expected Integer, arrived null"#,
        ),
        (
            r#"{"mapParam":[]}"#,
            r#"JSON member "mapParam": expected Object, arrived []"#,
        ),
        (
            r#"{"executeUrl":"x"}"#,
            r#"JSON member "executeUrl": not documented here"#,
        ),
        (
            r#"{"processModelId":"md20240002"}"#,
            r#"JSON member "processModelId": not documented here"#,
        ),
        (
            r#"{"callbackUrl":"http://example.com/"}"#,
            r#"parameter "callbackUrl": the simulator calls this machine only, arrived "http://example.com/""#,
        ),
        (
            r#"{"callbackUrl":"http://127.0.0.1@example.com/"}"#,
            r#"parameter "callbackUrl": the simulator calls this machine only, arrived "http://127.0.0.1@example.com/""#,
        ),
        (
            r#"{"callbackUrl":"https://127.0.0.1/"}"#,
            r#"parameter "callbackUrl": the simulator calls http URLs only, arrived "https://127.0.0.1/""#,
        ),
        ("", "body: not JSON: EOF while parsing a value at line 1 column 0"),
    ] {
        let breach = client.breach("POST", &path, "application/json", body).await;
        assert_eq!(breach, format!("workflow.execute: {expected}"));
    }
    let breach = client
        .breach(
            "POST",
            VARIABLES,
            "application/json",
            r#"{"processModelId":"a","type":"x"}"#,
        )
        .await;
    assert_eq!(
        breach,
        r#"workflow-variable.list: JSON member "type": expected one of ["running"], arrived "x""#
    );
    let breach = client
        .breach("POST", LIST, "application/json", r#"{"page":1}"#)
        .await;
    assert_eq!(
        breach,
        r#"workflow.list: JSON member "page": not documented here"#
    );
    let status = format!("{STATUS}?modelId=a&instanceId=b");
    let breach = client
        .breach("GET", &status, "application/x-www-form-urlencoded", "")
        .await;
    assert!(breach.contains("content type: expected none"));
    let breach = client.breach("GET", &status, "", "{}").await;
    assert!(breach.contains("body: expected none"));
    assert_eq!(client.sim.state()["runs"], json!([]));
}

#[tokio::test]
async fn scalars_may_have_to_be_strings() {
    let client = Workflow::new(Builder::default().stringified_scalars(true)).await;
    let map = json!({"DPA_MODEL_WORKDIR": "a", "TARGET_HOST": "b", "RETAIN_DAYS": "1", "FORCE": "true"});
    let body = json!({"mapParam": map, "sync": "true", "second": "3", "paramFlag": "true"});
    let answer = client.execute("md20240001", body).await;
    assert_eq!(
        answer["data"]["outParam"][0]["result"],
        "已清理，保留 1 天，强制 true "
    );
    assert_eq!(client.sim.violations(), Vec::<String>::new());
    let path = client.sim.execute_path("md20240001");
    for (body, expected) in [
        (
            r#"{"sync":true}"#,
            r#"JSON member "sync": expected Text, arrived true"#,
        ),
        (
            r#"{"sync":"yes"}"#,
            r#"JSON member "sync": expected one of ["true", "false"], arrived "yes""#,
        ),
        (
            r#"{"second":"x"}"#,
            r#"JSON member "second": expected a string of digits"#,
        ),
        (
            r#"{"mapParam":{"RETAIN_DAYS":1}}"#,
            r#"JSON member "mapParam.RETAIN_DAYS": expected booleans and integers as strings"#,
        ),
    ] {
        let breach = client.breach("POST", &path, "application/json", body).await;
        assert_eq!(breach, format!("workflow.execute: {expected}"));
    }
}

#[tokio::test]
async fn what_is_under_way_ends_with_the_simulator() {
    let (url, got) = receiver(&[(200, "SUCCESS")]).await;
    let client = Workflow::start().await;
    client.begin("md20240002", json!({"callbackUrl": url})).await;
    drop(client);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(got.lock().unwrap().is_empty());
}
