//! Answers: pages, refusals and what is malformed.

use patchbay::Kind;
use patchbay_simulators::workorder::{DEFINITION_ID, DISABLED_TOKEN, Simulator};
use patchbay_simulators::{Fault, On, Times};
use serde_json::{Value, json};

use super::rig::{SERVICE, but, page, types};
use crate::support::{Rig, run};

#[test]
fn every_other_code_is_rejected_with_the_vendors_words() {
    run(async {
        let rig = Rig::workorder().await;
        for (code, message) in [
            (404, "失败"),
            (4000, "调用方式错误"),
            (4002, "账号已被禁止"),
            (4101, "参数错误"),
            (4200, "没找到用户"),
            (5001, "访问SSO服务失败"),
            (5002, "操作REDIS失败"),
            (5003, "操作MYSQL失败"),
            // Placeholders in the examples; success is 200 alone.
            (0, "string"),
        ] {
            let input = json!({ "processDefId": DEFINITION_ID, "variables": {} });
            for (operation, input) in [("process.list", page()), ("process.start", input)] {
                rig.sim
                    .fault(On::any(), Fault::envelope(code, message), Times::Next(1));
                let error = rig.invoke(operation, input).await.unwrap_err();
                let code = code.to_string();
                assert_eq!(
                    (
                        error.kind,
                        error.code.as_deref(),
                        error.message.as_str(),
                        error.http_status
                    ),
                    (Kind::Rejected, Some(code.as_str()), message, Some(200)),
                    "{operation}"
                );
            }
        }
        assert_eq!(rig.sim.count("process.start"), 9, "once each");

        // The same, as it comes about.
        let disabled = rig
            .beside("disabled", &but(&SERVICE, "access_token", Some(DISABLED_TOKEN)))
            .unwrap();
        let error = disabled.invoke("process.list", &page()).await.unwrap_err();
        assert_eq!(
            (error.kind, error.code.as_deref()),
            (Kind::Rejected, Some("4002"))
        );
        let nobody = json!({ "taskId": "task-repair", "userId": "4711" });
        let error = rig.invoke("task.transfer", nobody).await.unwrap_err();
        assert_eq!(
            (error.code.as_deref(), error.message.as_str()),
            (Some("4200"), "没找到用户: 4711")
        );
        let frozen = json!({ "processDefId": "Process_frozen:1:d-4", "variables": {} });
        let error = rig.invoke("process.start", frozen).await.unwrap_err();
        assert_eq!(
            (error.code.as_deref(), error.message.as_str()),
            (Some("404"), "流程已被挂起，请先激活流程")
        );
    });
}

#[test]
fn pages_come_out_as_total_and_rows_with_or_without_a_code() {
    run(async {
        let sim = Simulator::builder().own_list_code(false).start().await.unwrap();
        let rig = Rig::connect(sim, &SERVICE).await;
        let own = rig
            .invoke("own-process.list", json!({ "pageNum": 2, "pageSize": 10 }))
            .await
            .unwrap();
        assert_eq!(
            (&own["total"], own["rows"].as_array().map(Vec::len)),
            (&json!(11), Some(1))
        );
        let beyond = rig
            .invoke("process.list", json!({ "pageNum": 9, "pageSize": 10 }))
            .await
            .unwrap();
        assert_eq!(beyond, json!({ "total": 12, "rows": [] }));
        for operation in [
            "process.list",
            "own-process.list",
            "todo-task.list",
            "finished-task.list",
        ] {
            let none = rig
                .answered(operation, page(), r#"{"code":200,"msg":"查询成功"}"#)
                .await
                .unwrap();
            assert_eq!(none, json!({ "total": 0, "rows": [] }), "{operation}");
            let null = r#"{"code":200,"msg":"查询成功","total":0,"rows":null}"#;
            let none = rig.answered(operation, page(), null).await.unwrap();
            assert_eq!(none, json!({ "total": 0, "rows": [] }), "{operation}");
        }
        for operation in ["app-workorder-type.list", "synthesis-workorder-type.list"] {
            let none = rig
                .answered(operation, types(), r#"{"code":200,"msg":"操作成功","data":null}"#)
                .await;
            assert_eq!(none.unwrap(), json!([]), "{operation}");
        }
        let plain = json!({ "definitionId": "Process_plain:1:d-5", "deployId": "deploy-5" });
        assert_eq!(
            rig.invoke("process-form.get", plain).await.unwrap(),
            Value::Null,
            "a process without a form"
        );
    });
}

#[test]
fn malformed_answers_are_told_apart_from_refusals() {
    run(async {
        let rig = Rig::workorder().await;
        let start = json!({ "processDefId": DEFINITION_ID, "variables": {} });
        let common = [
            Fault::NotEnvelope,
            Fault::NotJson,
            Fault::Empty,
            Fault::raw_json(r#"{"msg":"操作成功","data":{}}"#),
            Fault::raw_json(r#"{"code":null,"data":{}}"#),
            Fault::raw_json("null"),
        ];
        let no_page = [
            Fault::raw_json(r#"{"code":200,"msg":"","rows":[]}"#),
            Fault::raw_json(r#"{"code":200,"msg":"","total":1,"rows":{}}"#),
            Fault::raw_json(r#"{"code":200,"msg":"","data":[]}"#),
        ];
        let no_data = [Fault::raw_json(r#"{"code":200,"msg":"","total":1,"rows":[1]}"#)];
        for (operation, input, own) in [
            ("process.list", page(), &no_page[..]),
            ("app-workorder-type.list", types(), &no_data[..]),
            ("process.start", start, &no_data[..]),
        ] {
            for fault in common.iter().chain(own) {
                rig.assert_malformed(operation, &input, fault.clone()).await;
            }
        }
    });
}
