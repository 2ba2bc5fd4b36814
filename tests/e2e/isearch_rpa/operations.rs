//! Every operation of iS-RPA, section by section, against what the document says of each.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchbay_simulators::isearch_rpa::IsearchRpa;
use serde_json::{Value, json};

use crate::support::{Case, Rig, Suite, case, run, verify, verify_hostile};

pub(crate) const SUITE: Suite = Suite {
    composed: &["job.wait"],
    ..Suite::new::<IsearchRpa>(cases)
};

/// Reads first, then what changes and what it leaves.
#[expect(clippy::too_many_lines, reason = "a table")]
fn cases() -> Vec<Case> {
    let page = json!({ "page": 1, "size": 10 });
    vec![
        case("user.list", "GET /oapi/v1/user")
            .in_query(json!({ "userName": "li.na", "page": 1, "size": 10 }))
            .gives(|page| {
                assert_eq!(page["total"], 1);
                assert_eq!(page["items"][0]["userName"], "li.na");
            }),
        case("user.create", "POST /oapi/v1/user")
            .in_json(json!({
                "userName": "chen1", "userAlias": "text", "roleId": "1", "orgCode": "-010-025-",
                "userPassword": "Asa12a", "description": "永久",
            }))
            .gives_exactly(Value::Null),
        case("user.update", "PUT /oapi/v1/user")
            .in_json(json!({
                "userName": "li.na", "userAlias": "text", "roleId": "1", "orgCode": "-010-025-",
                "description": "永久", "id": 2, "lodePass": "Old-Pass-1", "newPass": "tex1t",
            }))
            .gives_exactly(Value::Null),
        case("user.delete", "DELETE /oapi/v1/user").in_json(json!({ "ids": 4 })).gives_exactly(Value::Null),
        case("role.list", "GET /oapi/v1/role/list")
            .in_query(json!({ "roleName": "管理者", "page": 1, "size": 2 }))
            .gives(|page| assert_eq!(page["items"][0]["roleName"], "管理者")),
        case("org.list", "GET /oapi/v1/orgDef/list")
            .in_query(json!({ "page": 1, "size": 2 }))
            .gives(|page| assert_eq!(page["items"].as_array().map(Vec::len), Some(2))),
        case("org.create", "POST /oapi/v1/orgDef/addOrg")
            .in_json(json!({
                "curCode": "333", "parentOrgCode": "-010-", "curName": "xxx", "orgPos": 1, "description": "1234",
            }))
            .gives_exactly(Value::Null),
        case("org.update", "PUT /oapi/v1/orgDef/editOrgDef")
            .in_json(json!({ "id": 84, "curName": "aaa", "orgPos": 1, "description": "12233" }))
            .gives_exactly(Value::Null),
        case("org.delete", "DELETE /oapi/v1/orgDef/delOrgDef").in_json(json!({ "id": 84 })).gives_exactly(Value::Null),
        case("robot.list", "GET /oapi/v1/robot")
            .in_query(json!({ "tx": "机器人", "page": 1, "size": 10 }))
            .gives(|page| {
                assert_eq!(page["items"].as_array().map(Vec::len), Some(10));
                // What the document doesn't name passes through, and numbers keep their digits.
                assert_eq!(page["items"][0]["licCost"].to_string(), "12345678901234567890.10");
            }),
        case("robot.update", "PUT /oapi/v1/robot")
            .in_json(json!({ "id": "101", "robotAlias": "财务 \"一号\"" }))
            .gives_exactly(Value::Null),
        case("robot.get", "GET /oapi/v1/robot/detail").in_query(json!({ "id": "101" })).gives(|robot| {
            assert_eq!(robot["id"], 101);
            assert_eq!(robot["agentAlias"], "财务 \"一号\"", "the robot that was renamed");
        }),
        case("studio.list", "GET /oapi/v1/studio")
            .in_query(page.clone())
            .gives(|page| assert_eq!(page["items"][0]["agentType"], "studio")),
        case("studio.update", "PUT /oapi/v1/studio")
            .in_json(json!({ "id": "201", "studioAlias": "111" }))
            .gives_exactly(Value::Null),
        case("process.list", "GET /oapi/v1/process")
            .in_query(json!({
                "procName": "发票", "deveUserName": "li.na", "ownUserName": "li.na", "orgCode": "-010-025-", "page": 1, "size": 10,
            }))
            .gives(|page| assert!(page["total"].is_number())),
        case("process-version.list", "GET /oapi/v1/process/version")
            .in_query(json!({ "page": 1, "size": 10, "procId": 54 }))
            .gives(|page| assert_eq!(page["total"], 2, "the versions of one process only")),
        case("schedule.list", "GET /oapi/v1/schedule/list")
            .in_query(page.clone())
            .gives(|page| assert_eq!(page["items"][0]["id"], 74)),
        case("job.list", "GET /oapi/v1/job")
            .in_query(json!({ "id": 54, "page": 1, "size": 20 }))
            .gives(|page| assert_eq!(page["items"].as_array().map(Vec::len), Some(10))),
        case("job.create", "POST /oapi/v1/job/create").in_json(json!({ "id": 74 })).gives_exactly(Value::Null),
        case("job.retry", "POST /oapi/v1/job/retry").in_json(json!({ "id": 233 })).gives_exactly(Value::Null),
        case("job.stop", "POST /oapi/v1/job/stop").in_json(json!({ "id": 229 })).gives_exactly(Value::Null),
        case("job.delete", "DELETE /oapi/v1/job").in_json(json!({ "id": "231" })).gives_exactly(Value::Null),
        case("process.delete", "DELETE /oapi/v1/process").in_json(json!({ "id": "56" })).gives_exactly(Value::Null),
        case("asset-log.list", "GET /oapi/v1/asset/vlog")
            .in_query(json!({
                "assetId": "3", "action": "read", "procCode": "invoice_check", "robotNo": "ROBOT-001",
                "from": "2020-01-01 00:00:00", "to": "2030-01-01 00:00:00", "page": 1, "size": 10,
            }))
            .gives(|page| assert!(page["items"].is_array())),
        case("asset.list", "POST /oapi/v1/asset/list")
            .in_query(json!({ "assetName": "mail_password", "page": 1, "size": 10 }))
            .json(json!({ "assetName": "mail_password", "page": 1, "size": 10 }))
            .gives(|page| {
                assert_eq!(page["items"][0]["assetType"], "passwd");
                assert_eq!(page["items"][0]["assetValue"], "***");
            }),
        case("asset.create", "POST /oapi/v1/asset")
            .in_json(json!({
                "robotsNo": "robot07,robot06", "isPythonExpr": "yes", "isClientEdit": "yes", "assetDesc": "1",
                "assetName": "chen1", "assetValue": "123456", "assetType": "text", "orgCode": "-11-",
            }))
            .gives_exactly(Value::Null),
        case("asset.update", "PUT /oapi/v1/asset")
            .in_json(json!({ "assetName": "report_folder", "assetValue": "12222333" }))
            .gives_exactly(Value::Null),
        case("asset.delete", "DELETE /oapi/v1/asset")
            .input(json!({ "assetId": 4, "assetName": "report_folder" }))
            // Which of the two would hold isn't documented: the id is sent alone.
            .prefers("assetId", "assetName")
            .json(json!({ "assetId": 4 }))
            .gives_exactly(Value::Null),
        case("queue-item.list", "GET /oapi/v1/queue/item")
            .in_query(json!({
                "queueName": "RPA_admin", "priority": "high", "from": "2020-01-01 00:00:00",
                "to": "2030-01-01 00:00:00", "status": "pending", "filter": "status:pending",
            }))
            .gives(|page| assert_eq!(page["items"][0]["itemNo"], "item-3")),
        case("queue-item.create", "POST /oapi/v1/queue/item")
            .input(json!({
                "queueName": "RPA_admin", "priority": "low", "deadline": "2030-04-16 23:50:40",
                "keys": [{ "key": "ww", "value": "ww" }],
            }))
            .json(json!({
                "queueName": "RPA_admin", "priority": "low", "deadline": "2030-04-16 23:50:40",
                "keys": r#"[{"key":"ww","value":"ww"}]"#,
            }))
            .gives_exactly(Value::Null),
        case("queue-item.update", "PUT /oapi/v1/queue/item")
            .in_json(json!({ "itemNo": "item-2", "status": "success", "result": "说明", "queueName": "RPA_admin" }))
            .gives_exactly(Value::Null),
        case("queue-item.pop", "GET /oapi/v1/queue/item/pop")
            .in_query(json!({ "queueName": "RPA_admin" }))
            .gives(|item| assert_eq!(item["itemNo"], "item-3")),
        case("queue-item.delete", "DELETE /oapi/v1/queue/item")
            .in_json(json!({ "items": [{ "itemNo": "item-1" }, { "itemNo": "item-4" }], "queueName": "RPA_admin" }))
            .gives_exactly(Value::Null),
        case("queue.list", "GET /oapi/v1/queue")
            .in_query(json!({ "queueName": "空间 名 + x", "page": 1, "size": 10 }))
            .gives(|page| assert_eq!(page["items"][0]["id"], 29)),
        case("queue.create", "POST /oapi/v1/queue")
            .in_json(json!({
                "queueName": "RPA_new", "queueMaxItems": 10, "failTryTimes": 12, "queueDesc": "队列描述",
                "robotsNo": "ROBOT-001", "timeOut": "11", "orgCode": "086",
            }))
            .gives_exactly(Value::Null),
        case("queue.clear", "PUT /oapi/v1/queue/clear")
            .input(json!({ "queueId": "4", "queueName": "RPA_admin" }))
            .prefers("queueId", "queueName")
            .json(json!({ "queueId": "4" }))
            .gives_exactly(Value::Null),
        case("queue.delete", "DELETE /oapi/v1/queue")
            .input(json!({ "queueId": "5", "queueName": "RPA_small" }))
            .prefers("queueId", "queueName")
            .json(json!({ "queueId": "5" }))
            .gives_exactly(Value::Null),
        case("file.upload", "POST /oapi/v1/share/file")
            .input(json!({
                "fileName": "报告 \"1\".txt", "content": STANDARD.encode([0, 1, 2, 255, 13, 10]),
                "isOverwrite": "yes", "fileTag": "a,b", "userId": 1,
            }))
            .parts(json!({ "isOverwrite": "yes", "fileTag": "a,b", "userId": 1 }))
            .gives_exactly(Value::Null),
        case("file.list", "GET /oapi/v1/share/file")
            .in_query(json!({ "page": 1, "size": 10, "userId": 1, "fileName": "报告" }))
            .gives(|page| {
                let files = page["items"].as_array().unwrap();
                assert!(files.iter().any(|file| file["fileName"] == "报告 \"1\".txt"), "the uploaded file");
            }),
        case("file.download", "GET /oapi/v1/share/file/download")
            .in_query(json!({ "fileName": "报告 \"1\".txt", "userId": 1 }))
            .gives(|file| {
                assert_eq!(file["fileName"], "报告 \"1\".txt");
                assert_eq!(file["content"], STANDARD.encode([0, 1, 2, 255, 13, 10]));
            }),
        case("file.delete", "DELETE /oapi/v1/share/file").in_json(json!({ "id": "501" })).gives_exactly(Value::Null),
    ]
}

#[test]
fn every_operation_sends_and_gives_what_the_document_says() {
    run(async {
        let rig = Rig::isearch().await;
        verify(&rig, &cases()).await;
        assert_eq!(rig.sim.logins(), 1, "one login serves them all");
    });
}

#[test]
fn every_string_arrives_as_it_is() {
    run(async {
        let others = verify_hostile(&Rig::isearch().await, &cases()).await;
        assert_eq!(others, Vec::<String>::new());
    });
}
