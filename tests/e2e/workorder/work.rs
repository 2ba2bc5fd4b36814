//! Work that goes from person to person, and where it is sent.

use patchbay::{Connection, Kind};
use patchbay_simulators::workorder::{
    APPROVER, APPROVER_TOKEN, DEFINITION_ID, PROCESS_KEY, SECOND_APPROVER_TOKEN, Simulator, USER,
};
use serde_json::{Value, json};

use super::rig::{SERVICE, but, page, types};
use crate::support::{Rig, run};

#[test]
fn work_goes_from_person_to_person() {
    run(async {
        let rig = Rig::workorder().await;
        let person = |name: &str, token| {
            rig.beside(name, &but(&SERVICE, "access_token", Some(token)))
                .unwrap()
        };
        let li = rig.connection.clone();
        let (wang, zhang) = (
            person("wang", APPROVER_TOKEN),
            person("zhang", SECOND_APPROVER_TOKEN),
        );

        let form =
            json!({ "input58922": "空调", "daterange29917": null, "assetNo": 9_007_199_254_740_993_u64 });
        let start = json!({ "processDefId": DEFINITION_ID, "variables": form });
        let started = li.invoke("process.start", &start).await.unwrap();
        let instance = &started["ProcessInstanceId"];
        let order = json!({
            "processId": PROCESS_KEY, "taskId": started["TaskId"], "procInstId": instance, "params": form,
            "systemId": "测试001", "projectId": "", "title": "空调不制冷",
        });
        assert_eq!(li.invoke("workorder.create", &order).await.unwrap(), started);

        let next = done(
            &li,
            "task.complete",
            &started["TaskId"],
            json!({ "comment": "请审批" }),
        )
        .await;
        assert_eq!(&next["ProcessInstanceId"], instance);
        let task = waiting(&wang, instance).await;
        assert_eq!(task["taskId"], next["TaskId"]);
        assert_eq!(
            (&task["taskDefKey"], &task["startUserName"]),
            (&json!("Activity_dept"), &json!("李娜"))
        );
        assert_eq!(task["procVars"]["assetNo"].to_string(), "9007199254740993");

        // Delegated, it comes back; transferred, it doesn't.
        done(&wang, "task.delegate", &task["taskId"], json!({ "userId": USER })).await;
        assert_eq!(waiting(&wang, instance).await, Value::Null);
        done(&li, "task.complete", &task["taskId"], json!({})).await;
        done(&wang, "task.complete", &task["taskId"], json!({})).await;
        let task = waiting(&zhang, instance).await;
        done(
            &zhang,
            "task.return",
            &task["taskId"],
            json!({ "targetKey": "Activity_dept" }),
        )
        .await;
        let task = waiting(&wang, instance).await;
        done(&wang, "task.transfer", &task["taskId"], json!({ "userId": USER })).await;
        let more = json!({ "variables": { "result": "同意" }, "copyUserIds": APPROVER });
        done(&li, "task.complete", &task["taskId"], more).await;
        let task = waiting(&zhang, instance).await;
        assert_eq!(task["procVars"]["result"], "同意");
        let end = done(&zhang, "task.complete", &task["taskId"], json!({})).await;
        assert_eq!(end, Value::Null, "the process has ended");

        let own = li.invoke("own-process.list", &page()).await.unwrap();
        let row = own["rows"]
            .as_array()
            .unwrap()
            .iter()
            .find(|row| &row["procInsId"] == instance)
            .unwrap();
        assert_eq!(row["processStatus"], "completed");
        let finished = li.invoke("finished-task.list", &page()).await.unwrap();
        let commented = |row: &&Value| &row["procInsId"] == instance && row["comment"]["comment"] == "请审批";
        assert!(
            finished["rows"]
                .as_array()
                .unwrap()
                .iter()
                .any(|row| commented(&row)),
            "{finished}"
        );

        // Two that end early.
        let started = li.invoke("process.start", &start).await.unwrap();
        done(
            &li,
            "task.reject",
            &started["TaskId"],
            json!({ "comment": "不同意" }),
        )
        .await;
        let started = li.invoke("process.start", &start).await.unwrap();
        let stop = json!({ "procInsId": started["ProcessInstanceId"] });
        li.invoke("process.stop", &stop).await.unwrap();
        let own = li.invoke("own-process.list", &page()).await.unwrap();
        let states: Vec<&Value> = own["rows"].as_array().unwrap()[12..]
            .iter()
            .map(|row| &row["processStatus"])
            .collect();
        assert_eq!(states, ["terminated", "canceled"]);
        rig.assert_well_behaved();
    });
}

/// What somebody's step with a task gives.
async fn done(who: &Connection, operation: &str, task: &Value, more: Value) -> Value {
    let mut input = json!({ "taskId": task });
    let Value::Object(more) = more else {
        panic!("no object");
    };
    input.as_object_mut().unwrap().extend(more);
    who.invoke(operation, &input).await.unwrap()
}

/// The task of a process that waits for somebody, `null` where none does.
async fn waiting(who: &Connection, instance: &Value) -> Value {
    let list = who.invoke("todo-task.list", &page()).await.unwrap();
    let rows = list["rows"].as_array().unwrap();
    rows.iter()
        .find(|row| row["procInsId"] == *instance)
        .cloned()
        .unwrap_or_default()
}

#[test]
fn somebody_elses_work_is_refused_in_the_vendors_words() {
    run(async {
        let rig = Rig::workorder().await;
        let stranger = rig
            .beside("stranger", &but(&SERVICE, "access_token", Some(APPROVER_TOKEN)))
            .unwrap();
        let start = json!({ "processDefId": DEFINITION_ID, "variables": {} });
        let started = rig.invoke("process.start", start).await.unwrap();
        let input = json!({ "taskId": started["TaskId"] });
        let error = stranger.invoke("task.complete", &input).await.unwrap_err();
        assert_eq!(
            (error.kind, error.code.as_deref(), error.message.as_str()),
            (Kind::Rejected, Some("4001"), "没有权限")
        );
        assert_eq!(rig.sim.count("task.complete"), 1);
    });
}

#[test]
fn paths_and_prefixes_follow_the_deployment() {
    run(async {
        let overrides = json!({
            "process.start": "/process/start",
            "synthesis-workorder-type.list": "/workorder/synthesis/list",
            "workorder.create": "/orders-userdefine/workorder/workorder",
            // One that is there: the override holds, whatever else there is.
            "own-process.list": "/workflow/process/todoList",
        });
        let rig = Rig::workorder_as(&SERVICE, &[("path_overrides", &overrides.to_string())]).await;
        let order = json!({
            "processId": "k", "taskId": "t", "params": {}, "systemId": "s", "projectId": "", "title": "t",
        });
        let start = json!({ "processDefId": "Process_1:2:a/b", "variables": { "a": null } });
        for (operation, input, path, body) in [
            ("process.start", start.clone(), "/process/start", Some(start)),
            (
                "synthesis-workorder-type.list",
                types(),
                "/workorder/synthesis/list",
                None,
            ),
            (
                "workorder.create",
                order.clone(),
                "/orders-userdefine/workorder/workorder",
                Some(order),
            ),
        ] {
            let error = rig.invoke(operation, input).await.unwrap_err();
            assert_eq!(
                (error.kind, error.http_status),
                (Kind::Rejected, Some(404)),
                "{operation}"
            );
            let request = rig.sim.requests().pop().unwrap();
            assert_eq!(
                (request.path.as_str(), request.json()),
                (path, body),
                "{operation}"
            );
        }
        let tasks = rig.invoke("own-process.list", page()).await.unwrap();
        assert_eq!(tasks["rows"][0]["taskId"], "task-repair");

        let sim = Simulator::start().await.unwrap();
        let behind = format!("{}/bus/apaas", sim.base_url());
        let rig = Rig::connect(sim, &[&SERVICE[..], &[("base_url", &behind)]].concat()).await;
        rig.invoke("process.list", page()).await.unwrap_err();
        assert_eq!(rig.sim.requests()[0].path, "/bus/apaas/workflow/process/list");
    });
}
