//! Waiting for the outputs of a plan's runs: `plan.run`.

use std::time::Duration;

use patchbay::Kind;
use patchbay_simulators::jingkun::Jingkun;
use patchbay_simulators::jingkun_plan::{Plans, Simulator};
use patchbay_simulators::{Fault, On, Times};
use serde_json::{Value, json};

use crate::support::{Rig, run};

type PlanRig = Rig<Jingkun<Plans>>;

const OUTPUTS: &str = "plan-run-output.list";

/// A platform whose runs end at once.
async fn plans() -> PlanRig {
    let sim = Simulator::builder()
        .run_step(Duration::ZERO)
        .start()
        .await
        .unwrap();
    Rig::at(sim, &[]).await
}

/// The operations that the vendor was asked for, logins left aside.
fn asked(rig: &PlanRig) -> Vec<&'static str> {
    let requests = rig.sim.requests();
    let operations = requests.iter().filter_map(|request| request.operation);
    operations.filter(|id| !id.starts_with("oauth-")).collect()
}

fn ids(output: &Value) -> Vec<&Value> {
    let runs = output["runs"].as_array().unwrap().iter();
    runs.map(|run| &run["planInstanceId"]).collect()
}

#[test]
fn a_plan_is_run_to_its_outputs() {
    run(async {
        let rig = plans().await;
        let variables = json!([{
            "modelId": "md20240001",
            "mapParam": { "DPA_MODEL_WORKDIR": "/opt", "TARGET_HOST": "db-01" },
        }]);
        let input = json!({ "processPlanId": "pl20240001", "modelVarReq": variables });
        let output = rig.invoke("plan.run", input.clone()).await.unwrap();
        assert_eq!(asked(&rig), ["plan.execute", OUTPUTS]);
        assert_eq!(rig.sim.requests_of("plan.execute")[0].json(), Some(input));
        let instance = &output["runs"][0]["planInstanceId"];
        assert!(instance.is_string(), "{output}");
        assert_eq!(
            output,
            json!({
                "runs": [{
                    "processPlanId": "pl20240001",
                    "planInstanceId": instance,
                    "outputs": [
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
                    ],
                }],
                "timedOut": false,
            })
        );
        assert_eq!(rig.sim.logins(), 1);
        rig.assert_well_behaved();
    });
}

/// Nothing but the callback tells that it has failed.
#[test]
fn a_run_that_fails_looks_like_one_that_goes_on() {
    run(async {
        let rig = plans().await;
        let input = json!({
            "processPlanId": "pl20240003",
            "modelVarReq": [{ "modelId": "md20240003", "mapParam": { "STANDBY_DB": "db-02" } }],
            "timeoutSeconds": 1,
        });
        let output = rig.invoke("plan.run", input).await.unwrap();
        assert_eq!(
            (&output["runs"][0]["outputs"], &output["timedOut"]),
            (&json!([]), &json!(true))
        );
        rig.assert_well_behaved();
    });
}

#[test]
fn runs_that_do_not_end_in_time_come_back_with_their_ids() {
    run(async {
        // In the first case the input's limit is the shorter one, in the second the host's deadline, which
        // would end the call without a result.
        for (seconds, deadline) in [(1, 30_000), (300, 2_500)] {
            let rig = plans().await;
            let input = json!({ "processPlanId": "pl20240004", "timeoutSeconds": seconds });
            let deadline = Duration::from_millis(deadline);
            let output = rig.connection.invoke_within("plan.run", &input, deadline).await;
            let output = output.unwrap_or_else(|error| panic!("within {deadline:?}: {error:?}"));
            assert_eq!(output["timedOut"], true, "{output}");
            let [instance] = ids(&output)[..] else {
                panic!("not one run: {output}");
            };
            assert_eq!(rig.sim.count("plan.execute"), 1);
            // It goes on, and can be asked about.
            let input = json!({ "processPlanId": "pl20240004", "planInstanceId": instance });
            assert_eq!(rig.invoke(OUTPUTS, input).await.unwrap(), json!([]));
            rig.assert_well_behaved();
        }
    });
}

#[test]
fn every_run_comes_back_also_where_it_cannot_be_asked_about() {
    run(async {
        let rig = plans().await;
        let started =
            r#"{"code":200,"message":"success","data":[{"planInstanceId":"in1"},{"planInstanceId":"in2"}]}"#;
        rig.sim.fault(
            On::operation("plan.execute"),
            Fault::raw_json(started),
            Times::Next(1),
        );
        let input = json!({ "processPlanId": "pl20240002", "timeoutSeconds": 1 });
        let output = rig.invoke("plan.run", input).await.unwrap();
        assert_eq!(ids(&output), ["in1", "in2"]);
        for run in output["runs"].as_array().unwrap() {
            assert_eq!(
                (&run["processPlanId"], &run["outputs"]),
                (&json!("pl20240002"), &Value::Null)
            );
            let error = run["pollError"].as_str().unwrap();
            assert!(error.contains("执行实例不存在"), "{error}");
        }
        assert_eq!(output["timedOut"], true);
    });
}

#[test]
fn a_run_outlives_questions_that_fail() {
    run(async {
        let rig = plans().await;
        for fault in [Fault::status(502), Fault::DropBefore, Fault::ExpiredToken] {
            rig.sim.fault(On::operation(OUTPUTS), fault, Times::Next(1));
        }
        let output = rig
            .invoke("plan.run", json!({ "processPlanId": "pl20240002" }))
            .await
            .unwrap();
        assert_eq!(output["timedOut"], false, "{output}");
        assert_eq!(
            output["runs"][0]["outputs"][0]["mapParam"]
                .as_array()
                .map(Vec::len),
            Some(2)
        );
        assert_eq!(output["runs"][0].get("pollError"), None);
        assert_eq!(rig.sim.count("plan.execute"), 1);
        assert_eq!(rig.sim.logins(), 2, "the refused token was replaced");
        rig.assert_well_behaved();
    });
}

#[test]
fn an_execution_whose_answer_is_lost_is_not_repeated() {
    run(async {
        for (fault, kind) in [
            (Fault::DropAfter, Kind::Unreachable),
            (Fault::status(503), Kind::Unreachable),
            (Fault::status(500), Kind::Rejected),
            (Fault::NotJson, Kind::MalformedResponse),
            (
                Fault::raw_json(r#"{"code":200,"data":[]}"#),
                Kind::MalformedResponse,
            ),
        ] {
            let rig = plans().await;
            let name = format!("{fault:?}");
            rig.sim
                .fault(On::operation("plan.execute"), fault, Times::UntilCleared);
            let input = json!({ "processPlanId": "pl20240002" });
            let error = rig.invoke("plan.run", input).await.unwrap_err();
            assert_eq!(error.kind, kind, "{name}");
            assert_eq!(error.request_sent, Some(true), "{name}");
            assert_eq!(asked(&rig), ["plan.execute"], "{name}");
        }
    });
}
