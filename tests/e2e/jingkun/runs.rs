//! Following a run to its end.

use std::time::Duration;

use patchbay::Kind;
use patchbay_simulators::{Fault, On, Times};
use serde_json::json;

use super::rig::{WorkflowRig, executions, workflows};
use crate::support::run;

/// The operations that the vendor was asked for, logins left aside.
fn asked(rig: &WorkflowRig) -> Vec<&'static str> {
    let requests = rig.sim.requests();
    let operations = requests.iter().filter_map(|request| request.operation);
    operations.filter(|id| !id.starts_with("oauth-")).collect()
}

const STATUS: &str = "workflow-run-status.get";

#[test]
fn a_run_is_followed_to_its_outputs() {
    run(async {
        let rig = workflows().await;
        let input = json!({
            "processModelId": "md20240001",
            "mapParam": { "DPA_MODEL_WORKDIR": "/opt", "TARGET_HOST": "db-01" },
            "paramFlag": true,
        });
        let output = rig.invoke("workflow.run", input.clone()).await.unwrap();
        let requests = rig.sim.requests();
        let operations = asked(&rig);
        assert_eq!(
            operations,
            ["workflow.execute", STATUS, "workflow-run-output.list"]
        );
        let [execute, status, outputs] = &requests[requests.len() - 3..] else {
            panic!("not three requests");
        };
        let sent = json!({ "mapParam": input["mapParam"], "paramFlag": true });
        assert_eq!(execute.json(), Some(sent));
        let instance = output["instanceId"].as_str().unwrap();
        assert_eq!(status.query, format!("modelId=md20240001&instanceId={instance}"));
        let asked_for = json!({ "modelId": "md20240001", "instanceId": instance, "paramFlag": true });
        assert_eq!(outputs.json(), Some(asked_for));
        let result = json!([
            { "result": "已清理，保留 7 天，强制 false ", "nodeName": "清理脚本", "nodeType": "shell" },
        ]);
        assert_eq!(
            output,
            json!({
                "instanceId": instance, "modelId": "md20240001", "status": "FINISH", "outputs": result, "timedOut": false,
            })
        );
        assert_eq!(rig.sim.logins(), 1);
        rig.assert_well_behaved();
    });
}

#[test]
fn a_run_that_fails_is_a_result() {
    run(async {
        let rig = workflows().await;
        let input =
            json!({ "executeUrl": rig.sim.execute_url("md20240003"), "mapParam": { "STANDBY_DB": "db-02" } });
        let output = rig.invoke("workflow.run", input).await.unwrap();
        assert_eq!(
            (&output["status"], &output["outputs"], &output["timedOut"]),
            (&json!("FAIL"), &json!([]), &json!(false))
        );
        assert_eq!(executions(&rig).len(), 1);
        rig.assert_well_behaved();
    });
}

#[test]
fn a_run_that_does_not_end_in_time_comes_back_with_its_ids() {
    run(async {
        // In the first case the input's limit is the shorter one, in the second the host's deadline, which
        // would end the call without a result.
        for (seconds, deadline) in [(1, 30_000), (300, 2_500)] {
            let rig = workflows().await;
            let input = json!({ "processModelId": "md20240004", "timeoutSeconds": seconds });
            let deadline = Duration::from_millis(deadline);
            let output = rig
                .connection
                .invoke_within("workflow.run", &input, deadline)
                .await;
            let output = output.unwrap_or_else(|error| panic!("within {deadline:?}: {error:?}"));
            let instance = output["instanceId"].as_str().unwrap();
            assert_eq!(
                output,
                json!({
                    "instanceId": instance, "modelId": "md20240004", "status": "RUNNING", "outputs": null, "timedOut": true,
                })
            );
            assert_eq!(executions(&rig).len(), 1);
            assert_eq!(rig.sim.count("workflow-run-output.list"), 0);
            // It goes on, and can be followed.
            let input = json!({ "modelId": "md20240004", "instanceId": instance });
            assert_eq!(rig.invoke(STATUS, input).await.unwrap()["status"], "RUNNING");
            rig.assert_well_behaved();
        }
    });
}

#[test]
fn a_run_outlives_questions_that_fail() {
    run(async {
        let rig = workflows().await;
        for fault in [Fault::status(502), Fault::DropBefore, Fault::ExpiredToken] {
            rig.sim.fault(On::operation(STATUS), fault, Times::Next(1));
        }
        let input = json!({ "processModelId": "md20240002" });
        let output = rig.invoke("workflow.run", input).await.unwrap();
        assert_eq!(
            (&output["status"], &output["timedOut"]),
            (&json!("FINISH"), &json!(false))
        );
        assert_eq!(output["outputs"].as_array().map(Vec::len), Some(2));
        assert_eq!(output.get("pollError"), None);
        assert_eq!(
            asked(&rig),
            [
                "workflow.execute",
                STATUS,
                STATUS,
                STATUS,
                STATUS,
                "workflow-run-output.list"
            ]
        );
        assert_eq!(rig.sim.logins(), 2, "the refused token was replaced");
        rig.assert_well_behaved();
    });
}

#[test]
fn an_execution_whose_answer_is_lost_is_not_repeated() {
    run(async {
        for (fault, kind) in [
            (Fault::DropAfter, Kind::Unreachable),
            (Fault::Truncate, Kind::Unreachable),
            (Fault::status(503), Kind::Unreachable),
            (Fault::status(500), Kind::Rejected),
            (Fault::NotJson, Kind::MalformedResponse),
            (
                Fault::raw_json(r#"{"code":200,"data":{}}"#),
                Kind::MalformedResponse,
            ),
        ] {
            let rig = workflows().await;
            let name = format!("{fault:?}");
            rig.sim
                .fault(On::operation("workflow.execute"), fault, Times::UntilCleared);
            let input = json!({ "processModelId": "md20240002" });
            let error = rig.invoke("workflow.run", input).await.unwrap_err();
            assert_eq!(error.kind, kind, "{name}");
            assert_eq!(error.request_sent, Some(true), "{name}");
            assert_eq!(asked(&rig), ["workflow.execute"], "{name}");
        }
    });
}

#[test]
fn a_workflow_that_runs_already_is_refused_in_the_vendors_words() {
    run(async {
        let rig = workflows().await;
        let input = json!({ "processModelId": "md20240004" });
        rig.invoke("workflow.execute", input.clone()).await.unwrap();
        let error = rig.invoke("workflow.run", input).await.unwrap_err();
        assert_eq!((error.kind, error.code.as_deref()), (Kind::Rejected, Some("999")));
        assert_eq!(error.message, "业务逻辑异常：工作流状态为 RUNNING，无法执行");
        rig.assert_well_behaved();
    });
}
