//! Waiting for a job.

use std::time::Duration;

use patchbay::Kind;
use patchbay_simulators::isearch_rpa::IsearchRpa;
use patchbay_simulators::{Fault, On, Times};
use serde_json::{Value, json};

use crate::support::{Rig, run};

/// The job that a schedule of process 54 has just created: it has the largest id.
async fn created(rig: &Rig<IsearchRpa>) -> Value {
    rig.invoke("job.create", json!({ "id": 74 })).await.unwrap();
    let page = json!({ "id": 54, "page": 1, "size": 100 });
    let jobs = rig.invoke("job.list", page).await.unwrap();
    let ids = jobs["items"].as_array().unwrap().iter().map(|job| &job["ID"]);
    ids.max_by_key(|id| id.as_i64()).unwrap().clone()
}

#[test]
fn a_job_is_followed_to_its_end_and_again_after_a_retry() {
    run(async {
        let rig = Rig::isearch().await;
        let job = created(&rig).await;
        let wait = json!({ "processId": 54, "jobId": job });
        let first = rig.invoke("job.wait", wait).await.unwrap();
        assert_eq!(
            (
                &first["jobId"],
                &first["status"],
                &first["ended"],
                &first["timedOut"]
            ),
            (&job, &json!("success"), &json!(true), &json!(false))
        );
        assert_eq!(
            (&first["job"]["ID"], &first["job"]["RUN_TIMES"]),
            (&job, &json!(1))
        );
        let end = &first["job"]["END_TIME"];
        assert!(end.is_i64(), "{end}");

        rig.invoke("job.retry", json!({ "id": job })).await.unwrap();
        let wait = json!({ "processId": 54, "jobId": job, "previousEndTime": end });
        let second = rig.invoke("job.wait", wait).await.unwrap();
        assert_eq!(
            (&second["status"], &second["ended"]),
            (&json!("success"), &json!(true))
        );
        assert_eq!(second["job"]["RUN_TIMES"], 2);
        assert!(second["job"]["END_TIME"].as_i64() > end.as_i64());
        assert_eq!(rig.sim.logins(), 1);
        rig.assert_well_behaved();
    });
}

#[test]
fn a_job_that_does_not_end_in_time_comes_back_as_it_was_last() {
    run(async {
        // In the first case the input's limit is the shorter one, in the second the host's deadline, which
        // would end the call without a result.
        for (seconds, deadline) in [(1, 30_000), (300, 2_500)] {
            let rig = Rig::isearch().await;
            // Job 230 runs for ever.
            let input = json!({ "processId": 54, "jobId": 230, "timeoutSeconds": seconds });
            let deadline = Duration::from_millis(deadline);
            let output = rig.connection.invoke_within("job.wait", &input, deadline).await;
            let output = output.unwrap_or_else(|error| panic!("within {deadline:?}: {error:?}"));
            assert_eq!(
                (
                    &output["status"],
                    &output["ended"],
                    &output["timedOut"],
                    &output["job"]["ID"]
                ),
                (&json!("running"), &json!(false), &json!(true), &json!(230))
            );
            rig.assert_well_behaved();
        }
    });
}

#[test]
fn a_job_outlives_questions_that_fail() {
    run(async {
        let rig = Rig::isearch().await;
        let job = created(&rig).await;
        for fault in [Fault::status(502), Fault::DropBefore, Fault::ExpiredToken] {
            rig.sim.fault(On::operation("job.list"), fault, Times::Next(1));
        }
        let output = rig
            .invoke("job.wait", json!({ "processId": 54, "jobId": job }))
            .await
            .unwrap();
        assert_eq!(
            (&output["status"], &output["timedOut"], output.get("pollError")),
            (&json!("success"), &json!(false), None)
        );
        assert_eq!(rig.sim.logins(), 2, "the refused token was replaced");
        rig.assert_well_behaved();
    });
}

#[test]
fn a_job_of_another_process_is_not_found() {
    run(async {
        let rig = Rig::isearch().await;
        let output = rig
            .invoke("job.wait", json!({ "processId": 55, "jobId": 230 }))
            .await
            .unwrap();
        assert_eq!(
            output,
            json!({
                "jobId": 230, "status": null, "ended": false, "job": null, "timedOut": false,
                "pollError": "job 230 isn't in the list of the jobs of process 55",
            })
        );
        let nowhere = rig
            .invoke("job.wait", json!({ "processId": 1, "jobId": 230 }))
            .await;
        assert_eq!(nowhere.unwrap_err().kind, Kind::Rejected);
        rig.assert_well_behaved();
    });
}
