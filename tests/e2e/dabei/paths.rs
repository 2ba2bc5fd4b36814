//! Paths: of the deployment, of a revocation, and of an id with everything in it.

use patchbay::Kind;
use patchbay_simulators::dabei::{APP, APPROVER, FLOW_RECORD, FLOW_TASK, FORM, Simulator, USER};
use serde_json::{Value, json};

use super::rig::{on_flow, on_form};
use crate::support::{Rig, run};

#[test]
fn revoking_without_a_path_sends_nothing() {
    run(async {
        let other = r#"{"task.transfer":"/elsewhere"}"#;
        for settings in [&[][..], &[("path_overrides", other)]] {
            let rig = Rig::at(Simulator::start().await.unwrap(), settings).await;
            let error = rig
                .invoke("task.revoke", on_flow(json!({ "user_id": USER })))
                .await
                .unwrap_err();
            assert_eq!(error.kind, Kind::InvalidSettings);
            for part in ["path_overrides", "task.revoke", "task.transfer", "{task_id}"] {
                assert!(error.message.contains(part), "{part} in {error}");
            }
            assert_eq!(rig.sim.requests().len(), 0, "a transfer would do harm");
        }
    });
}

#[test]
fn revoking_uses_the_path_of_the_deployment() {
    run(async {
        let path = "/v2/flows/{record_id}/{task_id}/withdraw/{app_id}/{form_id}";
        let sim = Simulator::builder().revoke_path(path).start().await.unwrap();
        let overrides = json!({ "task.revoke": path }).to_string();
        let rig = Rig::at(sim, &[("path_overrides", &overrides)]).await;
        let stranger = rig
            .invoke("task.revoke", on_flow(json!({ "user_id": APPROVER })))
            .await
            .unwrap_err();
        assert_eq!(
            (stranger.kind, stranger.code.as_deref(), stranger.message.as_str()),
            (Kind::Rejected, Some("40300"), "只有发起人可以撤销")
        );
        let done = rig
            .invoke("task.revoke", on_flow(json!({ "user_id": USER })))
            .await
            .unwrap();
        assert_eq!(done, Value::Null);
        let request = rig.sim.requests().pop().unwrap();
        assert_eq!(
            request.path,
            format!("/v2/flows/{FLOW_RECORD}/{FLOW_TASK}/withdraw/{APP}/{FORM}")
        );
        assert_eq!(request.json(), Some(json!({ "user_id": USER })));
        let record = rig
            .invoke("record.get", on_form(json!({ "record_id": FLOW_RECORD })))
            .await
            .unwrap();
        assert_eq!(record["flowState"], "revoked");
        rig.assert_well_behaved();
    });
}

#[test]
fn paths_follow_the_deployment() {
    run(async {
        let overrides = r#"{"user.get":"/users/{user_id}"}"#;
        let rig = Rig::at(
            Simulator::start().await.unwrap(),
            &[("path_overrides", overrides)],
        )
        .await;
        let error = rig
            .invoke("user.get", json!({ "user_id": "a/b c" }))
            .await
            .unwrap_err();
        assert_eq!((error.kind, error.http_status), (Kind::Rejected, Some(404)));
        let request = rig.sim.requests().pop().unwrap();
        assert_eq!(
            (request.method.as_str(), request.path.as_str()),
            ("POST", "/users/a%2Fb%20c")
        );
        assert_eq!(
            request.json(),
            Some(json!({})),
            "the id travels once, and a POST has a body"
        );

        let sim = Simulator::start().await.unwrap();
        let behind = format!("{}/gateway/v1/", sim.base_url());
        let rig = Rig::at(sim, &[("base_url", &behind)]).await;
        rig.invoke("app.list", json!({})).await.unwrap_err();
        assert_eq!(rig.sim.requests()[0].path, "/gateway/v1/apps");
    });
}

#[test]
fn an_id_stays_one_segment_of_the_path() {
    run(async {
        let rig = Rig::dabei().await;
        for id in ["", ".", ".."] {
            let error = rig.invoke("org.get", json!({ "org_id": id })).await.unwrap_err();
            assert_eq!(
                (error.kind, error.violations[0].path.as_str()),
                (Kind::InvalidInput, "/org_id")
            );
        }
        assert_eq!(rig.sim.requests().len(), 0, "nothing was sent");
        for (id, path) in [
            ("../apps", "/orgs/..%2Fapps"),
            ("a?b#c", "/orgs/a%3Fb%23c"),
            ("%2F", "/orgs/%252F"),
        ] {
            let error = rig.invoke("org.get", json!({ "org_id": id })).await.unwrap_err();
            assert_eq!(
                error.message,
                format!("组织不存在: {id}"),
                "the vendor has read it as it was"
            );
            assert_eq!(rig.sim.requests().last().unwrap().path, path);
        }
        rig.assert_well_behaved();
    });
}
