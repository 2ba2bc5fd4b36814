//! Every operation of JingKun's plan document, against what it says of each. `plan.run`, which is made of two of
//! them, is in [`super::plan_runs`].

use std::time::Duration;

use patchbay_simulators::jingkun::Jingkun;
use patchbay_simulators::jingkun_plan::{Plans, Simulator};
use serde_json::json;

use super::workflow_operations::CALLBACK;
use crate::support::{Case, Rig, Suite, case, run, verify, verify_hostile};

pub(crate) const SUITE: Suite = Suite {
    composed: &["plan.run"],
    ..Suite::new::<Jingkun<Plans>>(|| cases(""))
};

/// `instance` is a run of `pl20240001` that has ended.
fn cases(instance: &str) -> Vec<Case> {
    vec![
        case("plan.list", "GET /api/dpa/process/processPlan/queryPlanByUserId").gives(|plans| {
            assert_eq!(plans.as_array().map(Vec::len), Some(6));
            let first = &plans[0];
            assert_eq!(first["processPlanId"], "pl20240001");
            assert_eq!(first["title"], "月末关账预案");
            assert_eq!(
                (&first["status"], &first["stepNums"]),
                (&json!("DEFAULT"), &json!(2))
            );
            assert_eq!(first["updateUser"], "");
            // The document doesn't name it.
            assert_eq!(first["recordId"].to_string(), "9007199254740993");
        }),
        case(
            "plan-workflow.list",
            "POST /api/dpa/process/processPlan/queryModelByPlanId",
        )
        .in_json(json!({ "processPlanId": "pl20240003" }))
        .gives_exactly(json!([
            { "modelName": "每日巡检报表", "processModelId": "md20240002", "mapParam": null },
            {
                "modelName": "数据库切换演练",
                "processModelId": "md20240003",
                "mapParam": [{ "name": "STANDBY_DB", "type": "running", "valueType": "string", "defaultValue": null }],
            },
        ])),
        case(
            "plan-schedule.create",
            "POST /api/dpa/process/processPlan/saveTimingParam",
        )
        .input(json!({
            "processPlanId": "pl20240001", "callbackUrl": "http://127.0.0.1:9/done?key=a%2Bb&x=1",
            "dimension": "weeks", "intervals": "2", "executeStrategy": "cycle", "sceneName": "每周 巡检+清理",
            "modelVarReq": [{
                "modelId": "md20240001",
                "mapParam": { "DPA_MODEL_WORKDIR": "/opt", "TARGET_HOST": "db-01", "RETAIN_DAYS": 30, "FORCE": true },
            }],
        }))
        .form(json!({
            "processPlanId": "pl20240001", "callbackUrl": "http://127.0.0.1:9/done?key=a%2Bb&x=1",
            "dimension": "weeks", "intervals": "2", "executeStrategy": "cycle", "sceneName": "每周 巡检+清理",
            "modelVarReq": concat!(
                r#"[{"modelId":"md20240001","mapParam":{"DPA_MODEL_WORKDIR":"/opt","#,
                r#""TARGET_HOST":"db-01","RETAIN_DAYS":30,"FORCE":true}}]"#,
            ),
        }))
        // The simulator takes URLs of this machine only.
        .hostile_as("/callbackUrl", CALLBACK)
        // The example's answer is another operation's, and passes through.
        .gives_exactly(json!({ "instanceId": "in1700000000000", "modelId": "md20240001", "status": "FAIL" })),
        case(
            "plan.execute",
            "POST /api/dpa/process/processPlan/opExecutePlanByApi/{processPlanId}",
        )
        .in_json(json!({
            "processPlanId": "pl20240001", "callbackUrl": "http://127.0.0.1:9/done",
            "modelVarReq": [{
                "modelId": "md20240001",
                "mapParam": { "DPA_MODEL_WORKDIR": "/opt", "TARGET_HOST": "db-01", "RETAIN_DAYS": 30, "FORCE": true },
            }],
        }))
        .hostile_as("/callbackUrl", CALLBACK)
        .gives(|runs| {
            assert_eq!(runs[0]["processPlanId"], "pl20240001");
            assert!(runs[0]["planInstanceId"].is_string());
        }),
        case(
            "plan-run-output.list",
            "GET /api/dpa/process/processPlan/queryPlanRunOutParam",
        )
        .in_query(json!({ "processPlanId": "pl20240001", "planInstanceId": instance }))
        .gives_exactly(json!([
            {
                "modelName": "磁盘清理",
                "processModelId": "md20240001",
                "mapParam": [
                    { "result": "db-01:/opt", "nodeName": "查询磁盘", "nodeType": "shell" },
                    { "result": "已清理，保留 7 天，强制 false ", "nodeName": "清理脚本", "nodeType": "shell" },
                ],
            },
            {
                "modelName": "每日巡检报表",
                "processModelId": "md20240002",
                "mapParam": [
                    { "result": "第一机房正常", "nodeName": "巡检", "nodeType": "shell" },
                    { "result": "第二机房正常", "nodeName": "巡检", "nodeType": "shell" },
                ],
            },
        ])),
    ]
}

/// A platform whose runs end at once, and one of them.
async fn rig() -> (Rig<Jingkun<Plans>>, String) {
    let sim = Simulator::builder()
        .run_step(Duration::ZERO)
        .start()
        .await
        .unwrap();
    let rig = Rig::at(sim, &[]).await;
    let variables = json!({ "DPA_MODEL_WORKDIR": "/opt", "TARGET_HOST": "db-01" });
    let input = json!({
        "processPlanId": "pl20240001",
        "modelVarReq": [{ "modelId": "md20240001", "mapParam": variables }],
    });
    let started = rig.invoke("plan.execute", input).await.unwrap();
    let instance = started[0]["planInstanceId"].as_str().unwrap().to_owned();
    (rig, instance)
}

#[test]
fn every_operation_sends_and_gives_what_the_document_says() {
    run(async {
        let (rig, instance) = rig().await;
        verify(&rig, &cases(&instance)).await;
        assert_eq!(rig.sim.logins(), 1, "one login serves them all");
    });
}

#[test]
fn every_string_arrives_as_it_is() {
    run(async {
        let (rig, instance) = rig().await;
        let others = verify_hostile(&rig, &cases(&instance)).await;
        // That the id in the path of `plan.execute` is the one in its body is what the simulator makes sure of.
        assert_eq!(others, Vec::<String>::new());
    });
}
