//! The work order centre's simulator: every operation, and what it keeps.

use crate::client::{encode, query};
use crate::plain::Plain;
use patchbay_simulators::workorder::{
    ACCESS_TOKEN, APPROVER, APPROVER_TOKEN, Builder, DEFINITION_ID, DEPLOYMENT_ID, HOSTILE, INSTANCE_ID,
    PROCESS_KEY, SECOND_APPROVER, SECOND_APPROVER_TOKEN, SERVER_ID, SERVER_SECRET, Simulator, TASK_ID, USER,
    WorkOrder,
};
use serde_json::{Value, json};

pub(crate) const LIST: &str = "/workflow/process/list?pageNum=1&pageSize=5";
const TODO: &str = "/workflow/process/todoList?pageNum=1&pageSize=100";
const FINISHED: &str = "/workflow/process/finishedList?pageNum=1&pageSize=100";
const OWN: &str = "/workflow/process/ownList?pageNum=1&pageSize=100";

pub(crate) fn service(token: &str) -> [(&'static str, &str); 4] {
    [
        ("requestType", "service"),
        ("serverID", SERVER_ID),
        ("secretKey", SERVER_SECRET),
        ("accessToken", token),
    ]
}

pub(crate) async fn with(builder: Builder) -> Plain<WorkOrder> {
    Plain::new(builder.start().await.unwrap())
}

pub(crate) async fn start() -> Plain<WorkOrder> {
    with(Simulator::builder()).await.with(&service(ACCESS_TOKEN))
}

/// The same client as somebody else.
pub(crate) fn be(client: Plain<WorkOrder>, token: &str) -> Plain<WorkOrder> {
    client.with(&service(token))
}

async fn rows(client: &Plain<WorkOrder>, target: &str) -> Vec<Value> {
    let answer = client.get(target).await;
    assert_eq!(answer["code"], 200, "{answer}");
    answer["rows"].as_array().unwrap().clone()
}

async fn act(client: &Plain<WorkOrder>, action: &str, body: Value) -> Value {
    client.post(&format!("/workflow/task/{action}"), body).await
}

fn done() -> Value {
    json!({"code": 200, "msg": "操作成功", "data": {}})
}

#[tokio::test]
async fn processes_and_their_forms() {
    let client = start().await;
    let all = client.get(LIST).await;
    assert_eq!(
        (&all["total"], all["rows"].as_array().unwrap().len()),
        (&json!(12), 5)
    );
    assert_eq!(all["rows"][0]["definitionId"], DEFINITION_ID);
    assert_eq!(all["rows"][0]["iconId"], Value::Null);
    assert_eq!(all["rows"][0]["tenantId"].to_string(), "9007199254740993");
    let filter = [
        ("processKey", HOSTILE),
        ("category", HOSTILE),
        ("processName", "符号 &"),
    ];
    let found = rows(&client, &format!("{LIST}&{}", query(&filter))).await;
    assert_eq!((found.len(), &found[0]["processKey"]), (1, &json!(HOSTILE)));

    let form = async |definition: &str, deployment: &str, instance: &str| {
        let pairs = [
            ("definitionId", definition),
            ("deployId", deployment),
            ("procInsId", instance),
        ];
        client
            .get(&format!("/workflow/process/getProcessForm?{}", query(&pairs)))
            .await
    };
    let one = form(DEFINITION_ID, DEPLOYMENT_ID, "").await;
    assert_eq!(one["data"]["formId"].to_string(), "9007199254740993");
    assert!(one["data"].get("values").is_none());
    let filled = form("Process_repair:3:d-2", "deploy-2", INSTANCE_ID).await;
    assert_eq!(filled["data"]["values"]["input58922"], "空调");
    assert_eq!(
        form("Process_plain:1:d-5", "deploy-5", "").await["data"],
        Value::Null
    );
    assert_eq!(form(&format!("{HOSTILE}:1:d-3"), HOSTILE, "").await["code"], 200);
    assert_eq!(form(DEFINITION_ID, "no", "").await["msg"], "流程部署不存在: no");
    let zero = client.get("/workflow/process/list?pageNum=0&pageSize=5").await;
    assert_eq!(zero["code"], 4101);
    client.clean();
}

#[tokio::test]
async fn work_orders_and_their_types() {
    let client = start().await;
    let types = client
        .get("/WorkOrder/app/list?pageNo=1&pageSize=2&accessToken=T")
        .await;
    assert_eq!(types["data"].as_array().unwrap().len(), 2);
    assert_eq!(types["data"][0]["applicationSecret"], "application-secret-1");
    let types = client
        .get("/synthesis/list?pageNo=1&pageSize=10&accessToken=T")
        .await;
    assert_eq!(
        (&types["data"][0]["parentId"], &types["data"][0]["childFlag"]),
        (&Value::Null, &json!(true))
    );

    let body = json!({"processDefId": DEFINITION_ID, "variables": {"input58922": HOSTILE}});
    let started = client.post(&start_path(&body), body).await;
    assert_eq!(started["msg"], "流程启动成功");
    let mut order = json!({
        "processId": PROCESS_KEY,
        "taskId": started["data"]["TaskId"],
        "procInstId": started["data"]["ProcessInstanceId"],
        "params": {"编号": 9_007_199_254_740_993_u64, "空": null},
        "systemId": "测试001",
        "projectId": "",
        "title": HOSTILE,
    });
    let made = client.post("/workorder/workorder", order.clone()).await;
    assert_eq!(made["data"], started["data"]);
    let kept = &client.sim.state()["workorders"][0];
    assert_eq!(
        (&kept["title"], &kept["createBy"]),
        (&json!(HOSTILE), &json!(USER))
    );
    assert_eq!(kept["params"]["编号"].to_string(), "9007199254740993");
    for (name, value, code) in [
        ("procInstId", "x", 404),
        ("processId", DEFINITION_ID, 404),
        ("processId", "Process_06", 4101),
        ("taskId", "x", 404),
    ] {
        let before = order[name].clone();
        order[name] = value.into();
        assert_eq!(
            client.post("/workorder/workorder", order.clone()).await["code"],
            code,
            "{name}"
        );
        order[name] = before;
    }
    client.clean();
}

#[tokio::test]
async fn tasks_go_from_person_to_person() {
    let client = start().await;
    let amount = 9_007_199_254_740_993_u64;
    let body = json!({"processDefId": DEFINITION_ID, "variables": {"amount": amount, "daterange": null}});
    let started = client.post(&start_path(&body), body).await["data"].clone();
    let (task, process) = (started["TaskId"].clone(), started["ProcessInstanceId"].clone());
    let mine = rows(&client, OWN).await.pop().unwrap();
    assert_eq!(
        (&mine["procInsId"], &mine["taskName"], &mine["taskId"]),
        (&process, &json!("提交申请"), &Value::Null)
    );
    let todo = rows(&client, TODO).await.pop().unwrap();
    assert_eq!((&todo["taskId"], &todo["startUserName"]), (&task, &json!("李娜")));
    assert_eq!(todo["procVars"]["amount"].to_string(), "9007199254740993");

    // The first step is done; the second is delegated, comes back, and is transferred.
    let next = act(
        &client,
        "complete",
        json!({"taskId": task, "procInsId": process, "comment": "请审批"}),
    )
    .await;
    let task = next["data"]["TaskId"].clone();
    let finished = rows(&client, FINISHED).await.pop().unwrap();
    assert_eq!(finished["comment"], json!({"type": "0", "comment": "请审批"}));
    assert_eq!(
        act(&client, "complete", json!({"taskId": task})).await["code"],
        4001
    );
    let client = be(client, APPROVER_TOKEN);
    assert_eq!(
        rows(&client, TODO).await.pop().unwrap()["taskDefKey"],
        "Activity_dept"
    );
    let body = json!({"taskId": task, "userId": SECOND_APPROVER});
    assert_eq!(act(&client, "delegate", body.clone()).await, done());
    assert_eq!(act(&client, "delegate", body).await["code"], 4001);
    let client = be(client, SECOND_APPROVER_TOKEN);
    let back = act(
        &client,
        "complete",
        json!({"taskId": task, "variables": {"意见": "+"}}),
    )
    .await;
    assert_eq!(back["data"]["TaskId"], task);
    assert!(rows(&client, TODO).await.is_empty());
    let client = be(client, APPROVER_TOKEN);
    assert_eq!(
        act(&client, "transfer", json!({"taskId": task, "userId": "x"})).await["msg"],
        "没找到用户: x"
    );
    assert_eq!(
        act(
            &client,
            "transfer",
            json!({"taskId": task, "userId": SECOND_APPROVER})
        )
        .await,
        done()
    );
    assert!(rows(&client, TODO).await.is_empty());

    // The third step goes to a chosen person, who returns it to the first.
    let client = be(client, SECOND_APPROVER_TOKEN);
    let body = json!({"taskId": task, "nextUserIds": APPROVER, "copyUserIds": format!("{USER},{HOSTILE}")});
    let task = act(&client, "complete", body).await["data"]["TaskId"].clone();
    let client = be(client, APPROVER_TOKEN);
    let body = json!({"taskId": task, "targetKey": "Activity_final"});
    assert_eq!(act(&client, "return", body).await["code"], 404);
    let body = json!({"taskId": task, "targetKey": "Activity_apply", "comment": "补充"});
    assert_eq!(act(&client, "return", body).await, done());
    assert_eq!(
        rows(&client, FINISHED).await.pop().unwrap()["comment"]["type"],
        "1"
    );
    let client = be(client, ACCESS_TOKEN);
    let todo = rows(&client, TODO).await.pop().unwrap();
    assert_eq!(
        (&todo["procInsId"], &todo["taskDefKey"]),
        (&process, &json!("Activity_apply"))
    );
    assert_eq!(todo["procVars"]["意见"], "+");

    let body = json!({ "procInsId": process });
    assert_eq!(act(&client, "stopProcess", body.clone()).await, done());
    assert_eq!(act(&client, "stopProcess", body).await["code"], 404);
    assert_eq!(
        rows(&client, OWN).await.pop().unwrap()["processStatus"],
        "canceled"
    );
    assert!(
        rows(&client, TODO)
            .await
            .iter()
            .all(|row| row["procInsId"] != process)
    );
    client.clean();
}

#[tokio::test]
async fn processes_end() {
    let client = start().await;
    let body = json!({"taskId": TASK_ID, "procInsId": "other"});
    assert_eq!(
        act(&client, "complete", body).await["msg"],
        "流程实例不存在: other"
    );
    assert_eq!(
        act(&client, "stopProcess", json!({"procInsId": INSTANCE_ID})).await["code"],
        4001
    );
    let next = act(&client, "complete", json!({"taskId": TASK_ID})).await["data"]["TaskId"].clone();
    let client = be(client, APPROVER_TOKEN);
    let ended = act(&client, "complete", json!({ "taskId": next })).await;
    assert_eq!(ended, json!({"code": 200, "msg": "操作成功", "data": null}));
    assert_eq!(rows(&client, OWN).await[0]["processStatus"], "completed");

    let client = be(client, ACCESS_TOKEN);
    let begin = async |definition: &str| {
        let body = json!({"processDefId": definition, "variables": {}});
        client.post(&start_path(&body), body).await
    };
    let task = begin(DEFINITION_ID).await["data"]["TaskId"].clone();
    assert_eq!(
        act(&client, "reject", json!({"taskId": task, "comment": "不同意"})).await,
        done()
    );
    assert_eq!(
        rows(&client, OWN).await.pop().unwrap()["processStatus"],
        "terminated"
    );
    let task = begin(DEFINITION_ID).await["data"]["TaskId"].clone();
    assert_eq!(act(&client, "delete", json!({ "taskId": task })).await, done());
    assert_eq!(
        act(&client, "delete", json!({ "taskId": task })).await["code"],
        404
    );
    assert!(rows(&client, TODO).await.is_empty());
    assert_eq!(begin("Process_frozen:1:d-4").await["code"], 404);
    assert_eq!(begin("no").await["msg"], "流程定义不存在: no");
    let odd = begin(&format!("{HOSTILE}:1:d-3")).await;
    client.sim.grant_token("odd", HOSTILE);
    let client = be(client, "odd");
    assert_eq!(rows(&client, TODO).await[0]["taskId"], odd["data"]["TaskId"]);
    for action in [
        "complete",
        "reject",
        "delegate",
        "transfer",
        "return",
        "stopProcess",
    ] {
        assert_eq!(act(&client, action, json!({})).await["code"], 4101, "{action}");
    }
    client.clean();
}

#[tokio::test]
async fn lists_are_filtered_by_time_and_name() {
    let client = start().await;
    let filter = [
        ("processKey", PROCESS_KEY),
        ("proStartBeginTime", "2023-11-17 00:00:00"),
        ("proStartEndTime", "2023-11-18 23:59:59"),
    ];
    let found = rows(&client, &format!("{OWN}&{}", query(&filter))).await;
    let ids: Vec<&Value> = found.iter().map(|row| &row["procInsId"]).collect();
    assert_eq!(ids, ["instance-02", "instance-03"]);
    assert_eq!(
        (&found[0]["duration"], &found[0]["comment"]),
        (&json!("0天0小时3分钟"), &Value::Null)
    );
    let page = client
        .get("/workflow/process/finishedList?pageNum=2&pageSize=8")
        .await;
    assert_eq!(
        (&page["total"], page["rows"].as_array().unwrap().len()),
        (&json!(11), 3)
    );
    assert_eq!(page["rows"][0]["duration"], "0天0小时1分0秒");
    let none = rows(&client, &format!("{TODO}&processName={}", encode("审核"))).await;
    assert!(none.is_empty());
    let wrong = client.get(&format!("{TODO}&proStartBeginTime=2023-11-17")).await;
    assert_eq!(wrong["code"], 4101);
    client.clean();
    let builder = Simulator::builder().own_list_code(false);
    let client = with(builder).await.with(&service(ACCESS_TOKEN));
    let bare = client.get(OWN).await;
    assert_eq!((bare.get("code"), &bare["total"]), (None, &json!(11)));
}

/// The path of `process.start`, which has the id that is in the body too.
fn start_path(body: &Value) -> String {
    let id = body["processDefId"].as_str().unwrap_or_default();
    let id = percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC);
    format!("/workflow/process/start/{id}")
}
