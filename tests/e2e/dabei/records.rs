//! Records with free fields, and their way through a flow.

use patchbay::Kind;
use patchbay_simulators::dabei::{
    APP, APPROVER, FLOW_CODE, FLOW_RECORD, FLOW_TASK, FORM, SECOND_APPROVER, Simulator, USER,
};
use serde_json::{Value, json};

use super::rig::{on_form, with};
use crate::support::{Rig, run};

#[test]
fn free_fields_keep_digits_and_nulls_both_ways() {
    run(async {
        let rig = Rig::dabei().await;
        let fields: Value = serde_json::from_str(
            r#"{"big":9007199254740993,"exact":12345678901234567890.10,"none":null,"nested":{"空":null,"ids":[18446744073709551617]}}"#,
        )
        .unwrap();
        let record = rig
            .invoke("record.create", on_form(fields.clone()))
            .await
            .unwrap();
        let sent = rig.sim.requests_of("record.create").pop().unwrap();
        assert_eq!(
            sent.json(),
            Some(with(json!({ "user_id": USER }), fields.clone()))
        );
        let text = String::from_utf8(sent.body.to_vec()).unwrap();
        for literal in [
            "12345678901234567890.10",
            "18446744073709551617",
            r#""none":null"#,
            r#""空":null"#,
        ] {
            assert!(text.contains(literal), "{literal} in {text}");
        }

        let id = &record["id"];
        let changed: Value = serde_json::from_str(r#"{"big":9007199254740995,"exact":null}"#).unwrap();
        let input = with(on_form(json!({ "record_id": id })), changed);
        rig.invoke("record.update", input).await.unwrap();
        let back = rig
            .invoke("record.get", on_form(json!({ "record_id": id })))
            .await
            .unwrap();
        assert_eq!(back["big"].to_string(), "9007199254740995");
        assert_eq!(
            (back.get("exact"), back.get("none")),
            (Some(&Value::Null), Some(&Value::Null))
        );
        assert_eq!(
            back["nested"].to_string(),
            r#"{"空":null,"ids":[18446744073709551617]}"#
        );
        assert_eq!(
            back["serialNo"].to_string(),
            "9007199254741019",
            "and the vendor's own"
        );
        rig.assert_well_behaved();
    });
}

#[test]
fn a_flow_starts_only_with_its_code() {
    run(async {
        let rig = Rig::dabei().await;
        for code in [json!({}), json!({ "flow_code": "" })] {
            let input = with(on_form(json!({ "start_flow": true })), code);
            let error = rig.invoke("record.create", input).await.unwrap_err();
            assert_eq!(
                (error.kind, error.violations[0].path.as_str()),
                (Kind::InvalidInput, "/flow_code")
            );
        }
        assert_eq!(rig.sim.requests().len(), 0, "nothing was sent");
        for input in [json!({}), json!({ "start_flow": false })] {
            rig.invoke("record.create", on_form(input)).await.unwrap();
        }
        rig.assert_well_behaved();
    });
}

#[test]
fn a_record_goes_through_its_flow() {
    run(async {
        let rig = Rig::dabei().await;
        let record = on_form(json!({ "start_flow": true, "flow_code": FLOW_CODE, "title": "差旅" }));
        let id = rig.invoke("record.create", record).await.unwrap()["id"].clone();
        let tasks = async |user: &str| {
            let input = json!({ "app_id": APP, "form_id": FORM, "record_id": id, "user_id": user });
            rig.invoke("task.list", input).await.unwrap()
        };
        let act = async |operation: &str, task: &Value, more: Value| {
            let input = json!({ "app_id": APP, "form_id": FORM, "record_id": id, "task_id": task });
            rig.invoke(operation, with(input, more)).await
        };
        let first = tasks(APPROVER).await[0]["taskId"].clone();
        let transfer = json!({ "userId": APPROVER, "transferIds": ["user-chen"] });
        act("task.transfer", &first, transfer).await.unwrap();
        assert_eq!(tasks(APPROVER).await, json!([]), "no longer");
        let submit = |user: &str| json!({ "userId": user, "variables": { "amount": 7 } });
        let late = act("task.submit", &first, submit(APPROVER)).await.unwrap_err();
        assert_eq!(
            (late.kind, late.code.as_deref(), late.message.as_str()),
            (Kind::Rejected, Some("40300"), "不是该任务的处理人")
        );
        act("task.submit", &first, submit("user-chen")).await.unwrap();
        let second = tasks(SECOND_APPROVER).await[0]["taskId"].clone();
        act("task.deny", &second, submit(SECOND_APPROVER)).await.unwrap();
        let end = rig
            .invoke("record.get", on_form(json!({ "record_id": id })))
            .await
            .unwrap();
        assert_eq!((&end["flowState"], &end["amount"]), (&json!("denied"), &json!(7)));
        rig.assert_well_behaved();
    });
}

#[test]
fn tasks_come_with_and_without_the_envelope() {
    run(async {
        let mut lists = Vec::new();
        for enveloped in [false, true] {
            let sim = Simulator::builder()
                .task_list_envelope(enveloped)
                .start()
                .await
                .unwrap();
            let rig = Rig::at(sim, &[]).await;
            let input =
                json!({ "app_id": APP, "form_id": FORM, "record_id": FLOW_RECORD, "user_id": APPROVER });
            lists.push(rig.invoke("task.list", input).await.unwrap());
        }
        assert_eq!(lists[0][0]["taskId"], FLOW_TASK);
        assert_eq!(lists[0], lists[1]);
    });
}
