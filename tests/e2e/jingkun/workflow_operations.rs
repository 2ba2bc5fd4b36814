//! Every operation of JingKun's workflow document, against what it says of each. `workflow.run`, which is
//! made of three of them, is in [`super::runs`].

use std::time::Duration;

use patchbay_simulators::jingkun::Jingkun;
use patchbay_simulators::jingkun_workflow::{Simulator, Workflows};
use serde_json::json;

use crate::support::{Case, HOSTILE, Rig, Suite, case, run, verify, verify_hostile};

pub(crate) const SUITE: Suite = Suite {
    composed: &["workflow.run"],
    alternatives: &[("workflow.execute", "processModelId")],
    ..Suite::new::<Jingkun<Workflows>>(|| cases(""))
};

/// `instance` is a run of `md20240001` that has ended.
fn cases(instance: &str) -> Vec<Case> {
    vec![
        case("workflow.list", "POST /api/dpa/process/processModel/listAll")
            .json(json!({}))
            .gives(|workflows| {
                assert_eq!(workflows.as_array().map(Vec::len), Some(7));
                let first = &workflows[0];
                assert_eq!(first["processModelId"], "md20240001");
                assert_eq!(first["modelName"], "磁盘清理");
                assert_eq!(first["stepNums"], 4);
                assert_eq!(first["status"], "SUCCESS", "it has run");
                assert_eq!(first["createTime"].to_string(), "1700000000000");
                // The document doesn't name it.
                assert_eq!(first["recordId"].to_string(), "9007199254740993");
            }),
        case("workflow-variable.list", "POST /api/dpa/process/variable/listVar")
            .in_json(json!({ "processModelId": "md20240003", "type": "running" }))
            .gives_exactly(json!([
                { "name": "STANDBY_DB", "type": "running", "valueType": "string", "defaultValue": null },
            ])),
        case(
            "workflow-run-status.get",
            "GET /api/dpa/process/processrun/getProcessRunStatus",
        )
        .in_query(json!({ "modelId": "md20240001", "instanceId": instance }))
        .gives_exactly(json!({
            "instanceId": instance, "modelId": "md20240001", "status": "FINISH", "traceId": 9_007_199_254_740_993_u64,
        })),
        case(
            "workflow-run-output.list",
            "POST /api/dpa/process/processModel/getOutParamByModelId",
        )
        .in_json(json!({ "modelId": "md20240001", "instanceId": instance, "paramFlag": false }))
        .gives_exactly(json!([
            { "result": "db-01:/opt", "nodeName": "查询磁盘", "nodeType": "shell" },
            { "result": "已清理，保留 7 天，强制 false ", "nodeName": "清理脚本", "nodeType": "shell" },
        ])),
        // Its path isn't documented: this one is the simulator's.
        case(
            "workflow.execute",
            "POST /api/dpa/process/processrun/execute/md20240001",
        )
        .input(json!({
            "executeUrl": "/api/dpa/process/processrun/execute/md20240001",
            "callbackUrl": "http://127.0.0.1:9/done?key=a%2Bb",
            "mapParam": { "DPA_MODEL_WORKDIR": "/opt", "TARGET_HOST": "db-01", "RETAIN_DAYS": 30, "FORCE": true },
            "sync": true, "second": 3, "paramFlag": true,
        }))
        .json(json!({
            "callbackUrl": "http://127.0.0.1:9/done?key=a%2Bb",
            "mapParam": { "DPA_MODEL_WORKDIR": "/opt", "TARGET_HOST": "db-01", "RETAIN_DAYS": 30, "FORCE": true },
            "sync": true, "second": 3, "paramFlag": true,
        }))
        // The simulator takes URLs of this machine only.
        .hostile_as("/callbackUrl", CALLBACK)
        .gives(|run| {
            assert!(run["instanceId"].is_string());
            assert_eq!(run["modelId"], "md20240001");
            assert_eq!(run["status"], "FINISH", "it waits");
            let result = json!([
                { "result": "已清理，保留 30 天，强制 true ", "nodeName": "清理脚本", "nodeType": "shell" },
            ]);
            assert_eq!(run["outParam"], result, "the designated node's only");
        }),
    ]
}

/// What can stand in a URL, and means something in it.
pub(super) const CALLBACK: &str = "http://127.0.0.1:9/a+b/c=d~e*f%20g&h/中文?i=j%2Bk&l='m'+(n)&o=🤖";

/// A platform whose runs end at once, and one of them.
async fn rig() -> (Rig<Jingkun<Workflows>>, String) {
    let sim = Simulator::builder()
        .run_step(Duration::ZERO)
        .start()
        .await
        .unwrap();
    let rig = Rig::at(sim, &[]).await;
    let input = json!({
        "executeUrl": rig.sim.execute_path("md20240001"),
        "mapParam": { "DPA_MODEL_WORKDIR": "/opt", "TARGET_HOST": "db-01" },
    });
    let started = rig.invoke("workflow.execute", input).await.unwrap();
    let instance = started["instanceId"].as_str().unwrap().to_owned();
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
        // An address, which has tests of its own.
        assert_eq!(others, ["workflow.execute/executeUrl"]);
        // Names of variables are the caller's as well.
        let named =
            json!({ "executeUrl": rig.sim.execute_path("md20240002"), "mapParam": { HOSTILE: HOSTILE } });
        let error = rig.invoke("workflow.execute", named).await.unwrap_err();
        assert_eq!(
            error.message,
            format!("参数校验异常：工作流 md20240002 没有变量 {HOSTILE}")
        );
        rig.assert_well_behaved();
    });
}
