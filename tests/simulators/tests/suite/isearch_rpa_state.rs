//! What the iS-RPA simulator is told, it keeps.

use std::time::Duration;

use crate::client::{Client, done};
use patchbay_simulators::isearch_rpa::Simulator;
use serde_json::{Value, json};

const PAGE: [(&str, &str); 2] = [("page", "1"), ("size", "100")];

fn paged<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut pairs = more.to_vec();
    pairs.extend(PAGE);
    pairs
}

fn items(answer: &Value) -> &Vec<Value> {
    assert_eq!(answer["code"], 0, "{answer}");
    answer["result"]["items"].as_array().unwrap()
}

#[tokio::test]
async fn robots_are_paged_found_and_renamed() {
    let client = Client::start().await;
    let third = client
        .get("/oapi/v1/robot", &[("page", "3"), ("size", "10")])
        .await;
    assert_eq!(third["result"]["total"], 25);
    assert_eq!(items(&third).len(), 5);
    let last = items(&third).last().unwrap();
    assert_eq!(last["id"].to_string(), "9007199254740993");
    assert_eq!(last["licCost"].to_string(), "12345678901234567890.10");

    let body = json!({"id": "9007199254740993", "robotAlias": "财务 + 1"});
    assert_eq!(client.send("PUT", "/oapi/v1/robot", body).await, done());
    let one = client
        .get("/oapi/v1/robot/detail", &[("id", "9007199254740993")])
        .await;
    assert_eq!(one["result"]["agentAlias"], "财务 + 1");
    let found = client.get("/oapi/v1/robot", &paged(&[("tx", "财务 + 1")])).await;
    assert_eq!(items(&found).len(), 1);
    let none = client.get("/oapi/v1/robot/detail", &[("id", "1")]).await;
    assert_eq!(none["code"], 4041);

    let body = json!({"id": "201", "studioAlias": "s"});
    assert_eq!(client.send("PUT", "/oapi/v1/studio", body).await, done());
    let studios = client.get("/oapi/v1/studio", &PAGE).await;
    assert_eq!(items(&studios)[0]["agentAlias"], "s");
    assert_eq!(client.sim.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn users_and_departments() {
    let client = Client::start().await;
    let roles = client
        .get("/oapi/v1/role/list", &paged(&[("roleName", "开发")]))
        .await;
    assert_eq!(items(&roles)[0]["id"], 2);
    let org = json!({"curCode": "333", "parentOrgCode": "025", "curName": "无锡", "orgPos": 1});
    assert_eq!(
        client.send("POST", "/oapi/v1/orgDef/addOrg", org.clone()).await,
        done()
    );
    let again = client.send("POST", "/oapi/v1/orgDef/addOrg", org).await;
    assert_eq!(again["code"], 4091);
    let orgs = client.get("/oapi/v1/orgDef/list", &PAGE).await;
    let made = items(&orgs).last().unwrap().clone();
    assert_eq!(made["orgCode"], "-010-025-333-");
    let body = json!({"id": made["id"], "curName": "常州", "orgPos": 9});
    assert_eq!(
        client.send("PUT", "/oapi/v1/orgDef/editOrgDef", body).await,
        done()
    );

    let mut user = json!({"userName": "chen", "roleId": "2", "orgCode": "333", "userPassword": "Aa1"});
    assert_eq!(client.send("POST", "/oapi/v1/user", user.clone()).await, done());
    let found = client.get("/oapi/v1/user", &paged(&[("userName", "chen")])).await;
    let id = items(&found)[0]["id"].clone();
    assert_eq!(items(&found)[0]["roleName"], "开发者");
    let object = user.as_object_mut().unwrap();
    object.remove("userPassword");
    object.insert("id".into(), id.clone());
    object.insert("newPass".into(), "Bb2".into());
    object.insert("lodePass".into(), "wrong".into());
    assert_eq!(
        client.send("PUT", "/oapi/v1/user", user.clone()).await["code"],
        4003
    );
    user["lodePass"] = "Aa1".into();
    assert_eq!(client.send("PUT", "/oapi/v1/user", user).await, done());
    let body = json!({ "ids": id });
    assert_eq!(client.send("DELETE", "/oapi/v1/user", body.clone()).await, done());
    assert_eq!(client.send("DELETE", "/oapi/v1/user", body).await["code"], 4041);
    let body = json!({"id": made["id"]});
    assert_eq!(
        client.send("DELETE", "/oapi/v1/orgDef/delOrgDef", body).await,
        done()
    );
    assert_eq!(client.sim.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn processes_schedules_and_jobs_run() {
    let sim = Simulator::builder().job_step(Duration::from_millis(250));
    let client = Client::new(sim.start().await.unwrap()).await;
    let filter = [("procName", "日报"), ("deveUserName", "wang.wei")];
    let found = client.get("/oapi/v1/process", &paged(&filter)).await;
    assert_eq!(items(&found)[0]["id"], 55);
    let versions = client
        .get("/oapi/v1/process/version", &paged(&[("procId", "55")]))
        .await;
    assert_eq!(items(&versions).len(), 2);
    let schedules = client.get("/oapi/v1/schedule/list", &PAGE).await;
    assert_eq!(items(&schedules)[1]["procCode"], "report_daily");

    let create = |id| client.send("POST", "/oapi/v1/job/create", json!({ "id": id }));
    let list = || client.get("/oapi/v1/job", &[("id", "55"), ("page", "1"), ("size", "10")]);
    assert_eq!(create(76).await["code"], 4092);
    assert_eq!(create(1).await["code"], 4041);
    assert_eq!(create(75).await, done());
    let job = items(&list().await)[0].clone();
    assert_eq!(job["STATUS"], "pending");
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(items(&list().await)[0]["STATUS"], "success");
    let id = json!({"id": job["ID"]});
    assert_eq!(
        client.send("POST", "/oapi/v1/job/stop", id.clone()).await["code"],
        4092
    );
    assert_eq!(
        client.send("POST", "/oapi/v1/job/retry", id.clone()).await,
        done()
    );
    assert_eq!(client.send("POST", "/oapi/v1/job/stop", id).await, done());
    assert_eq!(items(&list().await)[0]["STATUS"], "cancelled");
    let id = json!({"id": job["ID"].to_string()});
    assert_eq!(client.send("DELETE", "/oapi/v1/job", id).await, done());
    assert!(items(&list().await).is_empty());
    assert_eq!(
        client
            .send("DELETE", "/oapi/v1/process", json!({"id": "55"}))
            .await,
        done()
    );
    assert_eq!(list().await["code"], 4041);
    assert_eq!(client.sim.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn variables_and_their_log() {
    let client = Client::start().await;
    let list = async |name: &str| {
        let body = json!({"assetName": name, "page": 1, "size": 10}).to_string();
        let pairs = [("assetName", name), ("page", "1"), ("size", "10")];
        let target = format!("/oapi/v1/asset/list?{}", crate::client::query(&pairs));
        let kind = Some("application/json");
        let answer = client.signed("POST", &target, &body.clone(), kind, body).await;
        answer.unwrap().json()
    };
    assert_eq!(items(&list("mail_").await)[0]["assetValue"], "S3cret-Value");
    let body = json!({"robotsNo": "ROBOT-001,ROBOT-002", "assetName": "库存", "assetValue": "1", "assetType": "text"});
    assert_eq!(client.send("POST", "/oapi/v1/asset", body.clone()).await, done());
    assert_eq!(client.send("POST", "/oapi/v1/asset", body).await["code"], 4091);
    let body = json!({"assetName": "库存", "assetValue": "2"});
    assert_eq!(client.send("PUT", "/oapi/v1/asset", body).await, done());
    let made = items(&list("库存").await)[0].clone();
    assert_eq!(made["assetValue"], "2");
    let id = made["id"].to_string();
    assert_eq!(
        client.send("DELETE", "/oapi/v1/asset", json!({})).await["code"],
        4220
    );
    let body = json!({"assetId": made["id"]});
    assert_eq!(client.send("DELETE", "/oapi/v1/asset", body).await, done());
    assert!(items(&list("库存").await).is_empty());
    let log = client
        .get("/oapi/v1/asset/vlog", &paged(&[("assetId", &id)]))
        .await;
    let actions: Vec<&Value> = items(&log).iter().map(|row| &row["vlogAction"]).collect();
    assert_eq!(actions, ["delete", "edit", "create"]);
    let filter = [
        ("assetId", "3"),
        ("from", "2020-09-15 00:00:00"),
        ("action", "edit"),
    ];
    let log = client.get("/oapi/v1/asset/vlog", &paged(&filter)).await;
    assert_eq!(items(&log).len(), 1);
    assert_eq!(client.sim.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn queues_pop_by_priority_then_age() {
    let client = Client::start().await;
    let pop = || client.get("/oapi/v1/queue/item/pop", &[("queueName", "RPA_admin")]);
    for expected in ["item-3", "item-4", "item-2", "item-1"] {
        let popped = pop().await;
        assert_eq!(popped["result"]["itemNo"], expected);
        assert_eq!(popped["result"]["status"], "running");
    }
    let empty = pop().await;
    assert_eq!((&empty["code"], &empty["result"]), (&json!(0), &Value::Null));

    let name = "我的 queue +&=~*%";
    let queue = json!({"queueName": name, "queueMaxItems": 1, "failTryTimes": 2, "timeOut": "30"});
    assert_eq!(client.send("POST", "/oapi/v1/queue", queue).await, done());
    let keys = r#"[{"key":"单号","value":"9007199254740993"}]"#;
    let item = json!({"queueName": name, "priority": "low", "deadline": "2030-04-16 23:50:40", "keys": keys});
    assert_eq!(
        client.send("POST", "/oapi/v1/queue/item", item.clone()).await,
        done()
    );
    assert_eq!(
        client.send("POST", "/oapi/v1/queue/item", item).await["code"],
        4093
    );
    let list = async |filter: &str| {
        let pairs = [("queueName", name), ("filter", filter)];
        client.get("/oapi/v1/queue/item", &pairs).await
    };
    let made = items(&list("status:pending AND priority:low").await)[0].clone();
    assert_eq!(made["keys"], keys);
    let body = json!({"itemNo": made["itemNo"], "status": "success", "queueName": name, "result": "好"});
    assert_eq!(client.send("PUT", "/oapi/v1/queue/item", body).await, done());
    assert_eq!(items(&list("status:success").await)[0]["result"], "好");
    let body = json!({"queueName": name, "items": [{"itemNo": made["itemNo"]}]});
    assert_eq!(
        client.send("DELETE", "/oapi/v1/queue/item", body.clone()).await,
        done()
    );
    assert_eq!(
        client.send("DELETE", "/oapi/v1/queue/item", body).await["code"],
        4041
    );
    let body = json!({"queueName": "RPA_admin"});
    assert_eq!(client.send("PUT", "/oapi/v1/queue/clear", body).await, done());
    assert_eq!(
        client
            .send("DELETE", "/oapi/v1/queue", json!({"queueId": "4"}))
            .await,
        done()
    );
    let queues = client
        .get("/oapi/v1/queue", &paged(&[("queueName", "RPA")]))
        .await;
    assert_eq!(items(&queues).len(), 1);
    assert_eq!(client.sim.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn files_come_back_as_they_went() {
    let client = Client::start().await;
    let name = "报表 \"a\"; b+c/d=e~f*g%h&i?j#k.bin";
    let content: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let fields = [("userId", "1"), ("isOverwrite", "no"), ("fileTag", "a,b")];
    assert_eq!(client.upload(name, &content, &fields).await, done());
    assert_eq!(client.upload(name, b"other", &fields).await["code"], 10002);
    let get = async |name: &str| {
        let pairs = [("fileName", name), ("userId", "1")];
        client
            .try_get("/oapi/v1/share/file/download", &pairs)
            .await
            .unwrap()
    };
    let answer = get(name).await;
    assert_eq!(answer.body, content);
    assert_eq!(answer.headers["content-type"], "application/octet-stream");
    assert_eq!(
        answer.headers["content-disposition"],
        format!("attachment; filename*=UTF-8''{}", crate::client::encode(name)).as_str()
    );
    let fields = [("userId", "1"), ("isOverwrite", "yes")];
    assert_eq!(client.upload(name, b"other", &fields).await, done());
    assert_eq!(&get(name).await.body[..], b"other");
    let list = client
        .get("/oapi/v1/share/file", &paged(&[("userId", "1")]))
        .await;
    let row = items(&list).last().unwrap();
    assert_eq!((&row["fileName"], &row["fileSize"]), (&json!(name), &json!("5B")));
    let body = json!({"id": row["fileId"]});
    assert_eq!(client.send("DELETE", "/oapi/v1/share/file", body).await, done());
    assert_eq!(
        get(name).await.json(),
        json!({"code": 10001, "msg": "文件不存在"})
    );
    assert_eq!(client.sim.violations(), Vec::<String>::new());
}
