//! Files, parameters that need each other, ids, secrets, paths.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchbay::Kind;
use patchbay_simulators::isearch_rpa::Simulator;
use patchbay_simulators::{Fault, On, Times};
use serde_json::{Value, json};

use super::rig::page;
use crate::support::{Rig, run};

#[test]
fn files_come_back_as_they_went() {
    run(async {
        let rig = Rig::isearch().await;
        // Every byte, and what looks like a boundary.
        let mut bytes: Vec<u8> = (0..=255).collect();
        bytes.extend_from_slice(b"\r\n--patchbay-0000\r\n\r\n");
        for name in ["data.bin", "报表 + 1=~*%&?#;.csv", "semi;colon 'single'.txt"] {
            let file = json!({ "fileName": name, "content": STANDARD.encode(&bytes), "userId": 7 });
            rig.invoke("file.upload", file).await.unwrap();
            let file = rig
                .invoke("file.download", json!({ "fileName": name, "userId": 7 }))
                .await
                .unwrap();
            assert_eq!(file["fileName"], name);
            assert_eq!(STANDARD.decode(file["content"].as_str().unwrap()).unwrap(), bytes);
        }
        // An empty file, and one that is JSON itself.
        let empty = rig
            .invoke("file.download", json!({ "fileName": "empty.dat", "userId": 2 }))
            .await
            .unwrap();
        assert_eq!(empty["content"], "");
        let settings = json!({ "fileName": "settings.json", "userId": 1 });
        assert_ne!(
            rig.invoke("file.download", settings).await.unwrap()["content"],
            ""
        );
        rig.assert_well_behaved();
    });
}

#[test]
fn a_missing_file_is_refused_in_the_vendors_words() {
    run(async {
        let rig = Rig::isearch().await;
        let missing = json!({ "fileName": "nowhere.txt", "userId": 1 });
        let error = rig.invoke("file.download", missing).await.unwrap_err();
        assert_eq!(
            (error.kind, error.message.as_str()),
            (Kind::Rejected, "文件不存在")
        );
        assert_eq!(error.code.as_deref(), Some("10001"));
    });
}

#[test]
fn a_file_has_a_size_limit_that_is_told() {
    run(async {
        let rig = Rig::isearch().await;
        let most = 8 * 1024 * 1024;
        let file = |size: usize| json!({ "fileName": "large.bin", "content": STANDARD.encode(vec![7; size]), "userId": 1 });
        rig.invoke("file.upload", file(most)).await.unwrap();
        let large = json!({ "fileName": "large.bin", "userId": 1 });
        let back = rig.invoke("file.download", large).await.unwrap();
        assert_eq!(back["content"].as_str().unwrap().len(), most.div_ceil(3) * 4);
        rig.sim.clear_requests();
        let error = rig.invoke("file.upload", file(most + 1)).await.unwrap_err();
        assert_eq!(error.kind, Kind::InvalidInput);
        assert_eq!(error.violations[0].path, "/content");
        assert_eq!(rig.sim.count("file.upload"), 1, "nothing was sent");
    });
}

#[test]
fn the_id_or_the_name_must_be_given() {
    run(async {
        let rig = Rig::isearch().await;
        for operation in ["asset.delete", "queue.delete", "queue.clear"] {
            let error = rig.invoke(operation, json!({})).await.unwrap_err();
            assert_eq!(error.kind, Kind::InvalidInput, "{operation}");
            assert_eq!(rig.sim.count(operation), 0);
        }
    });
}

#[test]
fn an_empty_queue_gives_null() {
    run(async {
        let rig = Rig::isearch().await;
        let item = rig
            .invoke("queue-item.pop", json!({ "queueName": "RPA_small" }))
            .await
            .unwrap();
        assert_eq!(item, Value::Null);
    });
}

#[test]
fn ids_beyond_what_a_double_holds_keep_their_digits() {
    run(async {
        let rig = Rig::isearch().await;
        let page = rig
            .invoke("robot.list", json!({ "page": 3, "size": 10 }))
            .await
            .unwrap();
        let ids: Vec<String> = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|robot| robot["id"].to_string())
            .collect();
        assert_eq!(ids.last().map(String::as_str), Some("9007199254740993"));
    });
}

#[test]
fn secrets_of_the_vendor_are_masked_unless_asked_for() {
    run(async {
        let rig = Rig::isearch().await;
        let users = rig
            .invoke("user.list", json!({ "page": 1, "size": 10 }))
            .await
            .unwrap();
        let wang = users["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|user| user["id"] == 3)
            .unwrap();
        assert_eq!(
            (&wang["lodePass"], &wang["newPass"]),
            (&json!("***"), &json!("***"))
        );
        assert_eq!(users["items"][0]["newPass"], Value::Null, "null stays null");
        let text = rig
            .invoke(
                "asset.list",
                json!({ "assetName": "report_folder", "page": 1, "size": 1 }),
            )
            .await
            .unwrap();
        assert_ne!(text["items"][0]["assetValue"], "***", "plain text isn't a secret");

        let sim = Simulator::start().await.unwrap();
        let rig = Rig::at(sim, &[("reveal_secrets", "true")]).await;
        let robots = rig.invoke("robot.list", page()).await.unwrap();
        assert_eq!(robots["items"][0]["commToken"], "comm-token-robot-01");
    });
}

#[test]
fn paths_and_prefixes_follow_the_deployment() {
    run(async {
        let sim = Simulator::start().await.unwrap();
        let overrides = r#"{"robot.get":"/oapi/v1/elsewhere/{id}","robot.list":"/oapi/v1/studio"}"#;
        let rig = Rig::at(sim, &[("path_overrides", overrides)]).await;
        let designers = rig.invoke("robot.list", page()).await.unwrap();
        assert_eq!(designers["items"][0]["agentType"], "studio");
        let error = rig
            .invoke("robot.get", json!({ "id": "a/b c" }))
            .await
            .unwrap_err();
        assert_eq!((error.kind, error.http_status), (Kind::Rejected, Some(404)));
        assert_eq!(
            rig.sim.requests().last().unwrap().path,
            "/oapi/v1/elsewhere/a%2Fb%20c"
        );
    });
}

#[test]
fn a_failed_download_is_no_file_whatever_its_content_type() {
    run(async {
        let rig = Rig::isearch().await;
        let download = json!({ "fileName": "settings.json", "userId": 1 });
        // Section 3.12.3 prints the code with a letter, without quotes.
        let printed = "{\n  \"code\":1000x,\n  \"msg\":\"文件不存在\"\n}";
        for (body, code) in [
            (printed, "1000x"),
            (r#"{"code":10001,"msg":"文件不存在"}"#, "10001"),
        ] {
            let fault = Fault::Raw {
                status: 200,
                content_type: "application/octet-stream".into(),
                body: body.into(),
            };
            rig.sim
                .fault(On::operation("file.download"), fault, Times::Next(1));
            let error = rig.invoke("file.download", download.clone()).await.unwrap_err();
            assert_eq!((error.kind, error.code.as_deref()), (Kind::Rejected, Some(code)));
            assert_eq!(error.message, "文件不存在");
        }
        // A refused token gets one fresh login.
        let logins = rig.sim.count("token.create");
        let fault = Fault::Raw {
            status: 200,
            content_type: "application/octet-stream".into(),
            body: r#"{"code":4007,"msg":"Token 不合法"}"#.into(),
        };
        rig.sim
            .fault(On::operation("file.download"), fault, Times::Next(1));
        let file = rig.invoke("file.download", download).await.unwrap();
        assert_ne!(file["content"], "");
        assert_eq!(rig.sim.count("token.create"), logins + 1);
    });
}

#[test]
fn an_empty_string_counts_as_absent() {
    run(async {
        let rig = Rig::isearch().await;
        for operation in ["queue.delete", "queue.clear"] {
            let none = json!({ "queueId": "", "queueName": "" });
            let error = rig.invoke(operation, none).await.unwrap_err();
            assert_eq!(error.kind, Kind::InvalidInput, "{operation}");
            assert_eq!(rig.sim.count(operation), 0);
            let named = json!({ "queueId": "", "queueName": "RPA_small" });
            let _ = rig.invoke(operation, named).await;
            let [request] = &rig.sim.requests_of(operation)[..] else {
                panic!("not one request of {operation}");
            };
            assert_eq!(request.json(), Some(json!({ "queueName": "RPA_small" })));
        }
        let nameless = json!({ "assetName": "" });
        let error = rig.invoke("asset.delete", nameless).await.unwrap_err();
        assert_eq!(error.kind, Kind::InvalidInput);
    });
}

#[test]
fn five_operations_are_forms_for_a_server_that_takes_forms() {
    run(async {
        let sim = Simulator::builder().form_bodies().start().await.unwrap();
        let rig = Rig::at(sim, &[("form_bodies", "true")]).await;
        for (operation, input) in [
            (
                "user.create",
                json!({
                    "userName": "chen 1", "roleId": 1, "orgCode": "-010-025-", "userPassword": "a+b&c=d~e*%",
                    "description": "永久",
                }),
            ),
            (
                "user.update",
                json!({ "userName": "li.na", "roleId": "1", "orgCode": "-010-025-", "id": 2, "description": "a&b" }),
            ),
            (
                "org.create",
                json!({ "curCode": 333, "parentOrgCode": "-010-", "curName": "部 门", "orgPos": 1 }),
            ),
            ("org.update", json!({ "id": 84, "curName": "aaa", "orgPos": 1 })),
            ("org.delete", json!({ "id": 84 })),
            // All others stay as they are.
            ("user.delete", json!({ "ids": 4 })),
        ] {
            assert_eq!(
                rig.invoke(operation, input).await.unwrap(),
                Value::Null,
                "{operation}"
            );
        }
        rig.assert_well_behaved();
    });
}
