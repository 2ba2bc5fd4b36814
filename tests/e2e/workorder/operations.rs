//! Every operation of the work order centre, section by section, against what the document says of each.

use patchbay::Kind;
use patchbay_simulators::workorder::{
    ACCESS_TOKEN, APPROVER, DEFINITION_ID, HOSTILE as ODD, INSTANCE_ID, PROCESS_KEY, SECOND_APPROVER,
    TASK_ID, USER, WorkOrder,
};
use serde_json::{Value, json};

use super::rig::{APPLICATION, SERVICE};
use crate::support::{Case, Rig, Suite, case, run, verify, verify_hostile};

/// A case that comes after a process was started whose first task is the user's own.
fn started(operation: &'static str, route: &'static str) -> Case {
    let process = json!({ "processDefId": DEFINITION_ID, "variables": {} });
    case(operation, route).after("process.start", process)
}

/// What the document prints for every operation on a task, for the task that an earlier call gave.
fn task(earlier: &str, user: &str, target: &str) -> Value {
    json!({
        "taskId": format!("${earlier}/TaskId"), "taskName": "提交申请", "userId": user, "comment": "同意",
        "procInsId": format!("${earlier}/ProcessInstanceId"), "targetKey": target,
        "variables": { "input58922": "空调", "daterange29917": null, "rows": [{ "名称": "车票" }] },
        "assignee": user, "candidateUsers": [APPROVER, SECOND_APPROVER], "candidateGroups": [{}],
        "copyUserIds": format!("{USER},{APPROVER}"), "nextUserIds": USER,
    })
}

fn assert_page(page: &Value, total: usize, rows: usize) {
    let members: Vec<&String> = page.as_object().unwrap().keys().collect();
    assert_eq!(members, ["total", "rows"], "and nothing of the envelope");
    assert_eq!(
        (&page["total"], page["rows"].as_array().map(Vec::len)),
        (&json!(total), Some(rows))
    );
}

pub(crate) const SUITE: Suite = Suite::new::<WorkOrder>(cases);

#[expect(clippy::too_many_lines, reason = "a table")]
fn cases() -> Vec<Case> {
    vec![
        case("process.list", "GET /workflow/process/list")
            .in_query(json!({
                "pageNum": 1, "pageSize": 10, "processKey": ODD, "processName": "符号 & 流程", "category": ODD,
            }))
            .gives(|page| {
                assert_page(page, 1, 1);
                let process = &page["rows"][0];
                assert_eq!(process["definitionId"], format!("{ODD}:1:d-3"));
                assert_eq!((&process["suspended"], &process["iconId"]), (&json!(false), &Value::Null));
                // What the document doesn't name passes through, and numbers keep their digits.
                assert_eq!(process["tenantId"].to_string(), "9007199254740993");
            }),
        case("process-form.get", "GET /workflow/process/getProcessForm")
            .in_query(json!({
                "definitionId": "Process_repair:3:d-2", "deployId": "deploy-2", "procInsId": INSTANCE_ID,
            }))
            .gives(|form| {
                assert_eq!(form["fields"][0]["key"], "input58922");
                assert_eq!(form["values"]["daterange29917"], Value::Null);
                assert_eq!(form["formId"].to_string(), "9007199254740993");
            }),
        case("app-workorder-type.list", "GET /WorkOrder/app/list")
            .with(json!({ "pageNo": 2, "pageSize": 2 }))
            // The token is from the setting.
            .query(json!({ "pageNo": 2, "pageSize": 2, "accessToken": ACCESS_TOKEN }))
            .gives(|types| {
                let names: Vec<&Value> =
                    types.as_array().unwrap().iter().map(|kind| &kind["applicationName"]).collect();
                assert_eq!(names, ["设备巡检", "投诉建议"]);
            }),
        case("synthesis-workorder-type.list", "GET /synthesis/list")
            .with(json!({ "pageNo": 1, "pageSize": 10 }))
            // The token is from the setting.
            .query(json!({ "pageNo": 1, "pageSize": 10, "accessToken": ACCESS_TOKEN }))
            .gives(|types| {
                assert_eq!(types.as_array().map(Vec::len), Some(3));
                assert_eq!(
                    (&types[0]["childFlag"], &types[0]["parentId"]),
                    (&json!(true), &Value::Null)
                );
            }),
        started("workorder.create", "POST /workorder/workorder")
            .in_json(json!({
                "systemId": "测试001", "projectId": "", "workorderId": "1900115540270891009",
                "workorderIdExtend": "2,1900115540270891009", "processId": PROCESS_KEY, "workorderNumber": "",
                "title": "测试001", "workorderStatus": "", "processStatus": "", "source": "", "compensation": "",
                "evaluate": "", "roomNumber": "", "description": "", "attachmentUrls": "",
                "params": {
                    "type": "", "name": "", "code": "", "pos": "", "newName": "", "newCode": "", "result": "",
                    "reson": "", "编号": 9_007_199_254_740_993_u64, "空": null,
                },
                "procInstId": "$0/ProcessInstanceId", "taskId": "$0/TaskId",
            }))
            .gives(|order| assert!(order["TaskId"].is_string(), "{order}")),
        case("process.start", "POST /workflow/process/start/{processDefId}")
            .in_json(json!({
                "processDefId": DEFINITION_ID,
                "variables": {
                    "cascaderarea53999": "", "input58922": "", "daterange29917": null, "timerange70409": null,
                    "textarea79127": "", "pictureupload96832": null, "input64189": "",
                },
            }))
            .gives(|process| {
                assert!(process["TaskId"].is_string(), "{process}");
                assert!(process["ProcessInstanceId"].is_string(), "{process}");
            }),
        case("own-process.list", "GET /workflow/process/ownList")
            .in_query(json!({
                "pageNum": 2, "pageSize": 10, "processKey": PROCESS_KEY, "processName": "租户",
                "category": "1878032733533601793",
                "proStartBeginTime": "2023-01-01 00:00:00", "proStartEndTime": "2023-12-31 23:59:59",
            }))
            .gives(|page| {
                assert_page(page, 11, 1);
                assert_eq!(page["rows"][0]["procInsId"], "instance-11");
            }),
        case("todo-task.list", "GET /workflow/process/todoList")
            .in_query(json!({
                "pageNum": 1, "pageSize": 10, "processName": "设备报修",
                "proStartBeginTime": "2023-01-01 00:00:00", "proStartEndTime": "2023-12-31 23:59:59",
            }))
            .gives(|page| {
                assert_page(page, 1, 1);
                assert_eq!(page["rows"][0]["taskId"], TASK_ID);
                assert_eq!(page["rows"][0]["procVars"]["assetNo"].to_string(), "9007199254740993");
            }),
        started("task.complete", "POST /workflow/task/complete")
            .in_json(task("0", USER, "Activity_dept"))
            .gives(|next| {
                assert!(next["TaskId"].is_string(), "{next}");
                assert!(next["ProcessInstanceId"].is_string(), "{next}");
            }),
        case("finished-task.list", "GET /workflow/process/finishedList")
            .in_query(json!({
                "pageNum": 1, "pageSize": 3, "processName": "租户审核",
                "proStartBeginTime": "2023-01-01 00:00:00", "proStartEndTime": "2023-12-31 23:59:59",
            }))
            .gives(|page| assert_page(page, 11, 3)),
        started("task.reject", "POST /workflow/task/reject")
            .in_json(task("0", USER, "Activity_dept"))
            .gives_exactly(json!({})),
        started("task.delegate", "POST /workflow/task/delegate")
            .in_json(task("0", APPROVER, "Activity_dept"))
            .gives_exactly(json!({})),
        started("task.transfer", "POST /workflow/task/transfer")
            .in_json(task("0", APPROVER, "Activity_dept"))
            .gives_exactly(json!({})),
        started("process.stop", "POST /workflow/task/stopProcess")
            .in_json(task("0", USER, "Activity_dept"))
            .gives_exactly(json!({})),
        started("task.return", "POST /workflow/task/return")
            .after("task.complete", json!({ "taskId": "$0/TaskId", "nextUserIds": USER }))
            .in_json(task("1", USER, "Activity_apply"))
            .gives_exactly(json!({})),
        started("task.delete", "POST /workflow/task/delete")
            .in_json(task("0", USER, "Activity_dept"))
            .gives_exactly(json!({})),
    ]
}

#[test]
fn every_operation_sends_and_gives_what_the_document_says() {
    run(async {
        for who in [&SERVICE, &APPLICATION] {
            let rig = Rig::workorder_as(who, &[]).await;
            verify(&rig, &cases()).await;
        }
    });
}

#[test]
fn every_string_arrives_as_it_is() {
    run(async {
        let others = verify_hostile(&Rig::workorder().await, &cases()).await;
        assert_eq!(others, Vec::<String>::new());
    });
}

#[test]
fn the_size_of_a_page_is_taken_as_the_document_s_tables_have_it() {
    run(async {
        let rig = Rig::workorder().await;
        for operation in ["todo-task.list", "finished-task.list"] {
            for size in [json!(10), json!("10")] {
                let input = json!({ "pageNum": 1, "pageSize": size });
                rig.invoke(operation, input).await.unwrap();
                let request = rig.sim.requests().pop().unwrap();
                assert_eq!(request.query, "pageNum=1&pageSize=10", "{operation}");
            }
            rig.sim.clear_requests();
            for size in [json!(0), json!("0"), json!(-5), json!("ten")] {
                let input = json!({ "pageNum": 1, "pageSize": size });
                let error = rig.invoke(operation, input).await.unwrap_err();
                assert_eq!(error.kind, Kind::InvalidInput, "{operation}: {size}");
            }
            assert_eq!(rig.sim.requests().len(), 0, "{operation}");
        }
    });
}
