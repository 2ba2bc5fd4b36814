//! Answers: JSON in strings, data that is absent, refusals and what is malformed.

use patchbay::Kind;
use patchbay_simulators::Fault;
use patchbay_simulators::dabei::{APP, APPROVER, FLOW_RECORD, FORM, USER};
use serde_json::{Value, json};

use super::rig::on_form;
use crate::support::{Rig, run};

#[test]
fn data_that_is_json_in_a_string_is_parsed_once() {
    run(async {
        let rig = Rig::dabei().await;
        let envelope = |data: Value| json!({ "errcode": 0, "errmsg": "success", "data": data }).to_string();
        let org = json!({ "id": "1", "name": "[2]", "code": 9_007_199_254_740_993_u64, "pid": null });
        for data in [org.clone(), Value::from(org.to_string())] {
            let found = rig
                .answered("org.get", json!({ "org_id": "1" }), &envelope(data))
                .await
                .unwrap();
            assert_eq!(
                found, org,
                "also where the vendor sends it as it is; a text inside stays a text"
            );
        }
        for text in ["plain", "12345678901234567890", "true", ""] {
            let input = on_form(json!({}));
            let created = rig
                .answered("record.create", input, &envelope(text.into()))
                .await
                .unwrap();
            assert_eq!(created, text, "an id stays a string");
        }
        let twice = Value::from(Value::from("[1]").to_string());
        let once = rig
            .answered("org.list", json!({}), &envelope(twice))
            .await
            .unwrap();
        assert_eq!(once, "[1]");
    });
}

#[test]
fn absent_data_is_null_and_an_empty_list_where_there_is_a_list() {
    run(async {
        let rig = Rig::dabei().await;
        let record = on_form(json!({ "record_id": "record-01" }));
        let lists = [
            ("app.list", json!({})),
            ("form.list", json!({ "app_id": APP })),
            ("form-field.list", json!({ "app_id": APP, "form_id": FORM })),
            ("record.list", on_form(json!({}))),
            ("task.list", record.clone()),
            ("org.list", json!({})),
            ("user.list", json!({ "org_id": "org-fin" })),
        ];
        for answer in [
            r#"{"errcode":0,"errmsg":"success","data":null}"#,
            r#"{"errcode":0,"errmsg":"success"}"#,
            r#"{"errcode":0,"errmsg":"success","data":"null"}"#,
        ] {
            for (operation, input) in &lists {
                let list = rig.answered(operation, input.clone(), answer).await.unwrap();
                assert_eq!(list, json!([]), "{operation}: {answer}");
            }
            for (operation, input) in [
                ("record.get", record.clone()),
                ("user.get", json!({ "user_id": USER })),
            ] {
                let nothing = rig.answered(operation, input, answer).await.unwrap();
                assert_eq!(nothing, Value::Null, "{operation}: {answer}");
            }
        }
    });
}

#[test]
fn only_the_code_decides_and_the_vendors_words_come_through() {
    run(async {
        let rig = Rig::dabei().await;
        let apps = |answer| rig.answered("app.list", json!({}), answer);
        for fine in [
            r#"{"errcode":0,"errmsg":"success","data":[],"success":false}"#,
            r#"{"errcode":"0","errmsg":"failed","data":[]}"#,
        ] {
            assert_eq!(apps(fine).await.unwrap(), json!([]));
        }
        for (answer, code, message) in [
            (
                r#"{"errcode":500,"errmsg":"系统繁忙","data":[],"success":true}"#,
                "500",
                "系统繁忙",
            ),
            (r#"{"errcode":-1}"#, "-1", "errcode -1 without a message"),
        ] {
            let error = apps(answer).await.unwrap_err();
            assert_eq!(
                (
                    error.kind,
                    error.code.as_deref(),
                    error.message.as_str(),
                    error.http_status
                ),
                (Kind::Rejected, Some(code), message, Some(200))
            );
        }
    });
}

#[test]
fn malformed_answers_are_told_apart_from_refusals() {
    run(async {
        let rig = Rig::dabei().await;
        let tasks = json!({ "app_id": APP, "form_id": FORM, "record_id": FLOW_RECORD, "user_id": APPROVER });
        let login = json!({ "username": "li.na" });
        for (operation, input) in [
            ("app.list", json!({})),
            ("task.list", tasks),
            ("record.create", on_form(json!({}))),
            ("authority-code.get", login),
        ] {
            for fault in [
                Fault::NotEnvelope,
                Fault::NotJson,
                Fault::Empty,
                Fault::raw_json(r#"{"data":[]}"#),
                Fault::raw_json(r#"{"errcode":null,"data":[]}"#),
                Fault::raw_json("null"),
            ] {
                rig.assert_malformed(operation, &input, fault).await;
            }
        }
        // A list without an envelope is for tasks alone.
        let bare = rig.answered("app.list", json!({}), "[]").await.unwrap_err();
        assert_eq!(bare.kind, Kind::MalformedResponse);
    });
}
