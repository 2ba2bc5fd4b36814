//! What is peculiar to Dabei: credentials of two sorts, free fields, JSON in strings, a path that the
//! document lacks.

use patchbay::{Error, Kind, Origin};
use patchbay_simulators::dabei::{
    APP, APPROVER, CLIENT_ID, CLIENT_SECRET, Dabei, FLOW_CODE, FLOW_RECORD, FLOW_TASK, FORM, SECOND_APPROVER,
    Simulator, USER,
};
use patchbay_simulators::{Fault, On, Times};
use serde_json::{Value, json};

use crate::support::{Rig, options, run};

/// The path and the body that every answer to a task has, and this besides.
fn on_flow(more: Value) -> Value {
    with(
        json!({ "app_id": APP, "form_id": FORM, "record_id": FLOW_RECORD, "task_id": FLOW_TASK }),
        more,
    )
}

fn on_form(more: Value) -> Value {
    with(json!({ "app_id": APP, "form_id": FORM, "user_id": USER }), more)
}

fn with(mut input: Value, more: Value) -> Value {
    let Value::Object(more) = more else {
        panic!("no object");
    };
    input.as_object_mut().unwrap().extend(more);
    input
}

/// What an operation gives when the vendor answers like this.
async fn answered(rig: &Rig<Dabei>, operation: &str, input: Value, answer: &str) -> Result<Value, Error> {
    let answer = Fault::raw_json(answer.to_owned());
    rig.sim.fault(On::operation(operation), answer, Times::Next(1));
    rig.invoke(operation, input).await
}

#[test]
fn header_fields_go_on_business_calls_and_nowhere_else() {
    run(async {
        let rig = Rig::dabei().await;
        rig.invoke("app.list", json!({})).await.unwrap();
        rig.invoke("user.get", json!({ "user_id": USER })).await.unwrap();
        let login = rig
            .invoke("authority-code.get", json!({ "username": "li.na" }))
            .await
            .unwrap();
        rig.invoke("oauth-user.get", json!({ "code": login["code"] }))
            .await
            .unwrap();
        for request in rig.sim.requests() {
            let identity = request.path.starts_with("/oauth2/");
            let expected = if identity {
                (None, None)
            } else {
                (Some("key-of-the-tenant"), Some("tenant-7"))
            };
            let sent = (request.header("x-api-key"), request.header("x-tenant"));
            assert_eq!(sent, expected, "{}", request.path);
            assert_eq!(
                request.query.contains(CLIENT_SECRET),
                identity,
                "{}",
                request.path
            );
            assert_eq!(request.query.contains("client_id"), identity, "{}", request.path);
        }
        assert_eq!(rig.sim.requests().len(), 4);
        rig.assert_well_behaved();
    });
}

#[test]
fn query_parameters_go_on_business_calls_and_nowhere_else() {
    run(async {
        let key = "a+b/c=d&e 密";
        let sim = Simulator::builder()
            .auth_query([("access key", key)])
            .start()
            .await
            .unwrap();
        let setting = json!({ "access key": key }).to_string();
        let rig = Rig::dabei_at(sim, &[("auth_query", &setting)]).await;
        // Beside a query, on a POST that has none, and on a POST that has one.
        rig.invoke("app.list", json!({ "name": "财务" })).await.unwrap();
        rig.invoke("record.list", on_form(json!({}))).await.unwrap();
        let started = on_form(json!({ "start_flow": true, "flow_code": FLOW_CODE }));
        rig.invoke("record.create", started).await.unwrap();
        let login = rig
            .invoke("authority-code.get", json!({ "username": "li.na" }))
            .await
            .unwrap();
        rig.invoke("oauth-user.get", json!({ "code": login["code"] }))
            .await
            .unwrap();
        for request in rig.sim.requests() {
            let identity = request.path.starts_with("/oauth2/");
            assert_eq!(
                request.query.contains("access%20key="),
                !identity,
                "{}",
                request.query
            );
        }
        rig.assert_well_behaved();
    });
}

#[test]
fn business_calls_work_without_credentials_where_the_vendor_lets_them() {
    run(async {
        let sim = Simulator::start().await.unwrap();
        let rig = Rig::connect("dabei", sim, &[]).await;
        rig.invoke("app.list", json!({})).await.unwrap();
        rig.assert_well_behaved();
    });
}

#[test]
fn single_sign_on_without_the_clients_credentials_names_what_is_missing() {
    run(async {
        let calls = [
            ("authority-code.get", json!({ "username": "li.na" })),
            ("oauth-user.get", json!({ "code": "c" })),
        ];
        for (settings, missing) in [
            (&[("client_secret", CLIENT_SECRET)], "\"client_id\""),
            (&[("client_id", CLIENT_ID)], "\"client_secret\""),
        ] {
            let rig = Rig::connect("dabei", Simulator::start().await.unwrap(), settings).await;
            for (operation, input) in &calls {
                let error = rig.invoke(operation, input.clone()).await.unwrap_err();
                assert_eq!(error.kind, Kind::InvalidSettings, "{operation}");
                assert!(error.message.contains(missing), "{operation}: {error}");
            }
            assert_eq!(rig.sim.requests().len(), 0, "nothing was sent");
        }
    });
}

#[test]
fn a_user_signs_on_with_a_code_once() {
    run(async {
        let rig = Rig::dabei().await;
        for (input, expected) in [
            (json!({ "username": "li.na" }), USER),
            (json!({ "phone": "+86 13800000003" }), SECOND_APPROVER),
        ] {
            let login = rig.invoke("authority-code.get", input).await.unwrap();
            let user = rig.invoke("oauth-user.get", login.clone()).await.unwrap();
            assert_eq!(user["id"], expected);
            let again = rig.invoke("oauth-user.get", login).await.unwrap_err();
            assert_eq!(
                (again.kind, again.code.as_deref(), again.message.as_str()),
                (Kind::Rejected, Some("40029"), "code 无效或已使用")
            );
        }
        let nobody = rig.invoke("authority-code.get", json!({})).await.unwrap_err();
        assert_eq!(nobody.kind, Kind::InvalidInput);
        assert_eq!(rig.sim.count("authority-code.get"), 2, "nothing was sent");
        rig.assert_well_behaved();
    });
}

#[test]
fn single_sign_on_may_be_at_a_host_of_its_own_that_is_allowed() {
    run(async {
        let identity = Simulator::start().await.unwrap();
        let user = json!({ "username": "li.na" });
        let at = identity.base_url();
        let settings = [
            ("client_id", CLIENT_ID),
            ("client_secret", CLIENT_SECRET),
            ("oauth_base_url", &at),
        ];

        let rig = Rig::connect("dabei", Simulator::start().await.unwrap(), &settings).await;
        let error = rig.invoke("authority-code.get", user.clone()).await.unwrap_err();
        assert_eq!(error.kind, Kind::Denied);
        assert!(error.message.contains(&at), "what would allow it: {error}");
        assert_eq!(identity.requests().len(), 0);

        let sim = Simulator::start().await.unwrap();
        let mut options = options(&settings);
        options.settings.insert("base_url".to_owned(), sim.base_url());
        options.allow = vec![at.parse::<Origin>().unwrap()];
        let rig = Rig::with("dabei", sim, options).await;
        rig.invoke("authority-code.get", user).await.unwrap();
        rig.invoke("app.list", json!({})).await.unwrap();
        assert_eq!(
            (identity.count("authority-code.get"), identity.count("app.list")),
            (1, 0)
        );
        assert_eq!(
            (rig.sim.count("authority-code.get"), rig.sim.count("app.list")),
            (0, 1)
        );
    });
}

#[test]
fn refused_credentials_are_told_in_the_vendors_words_and_not_tried_again() {
    run(async {
        let sim = || async {
            Simulator::builder()
                .auth_headers([("x-api-key", "right-key")])
                .start()
                .await
                .unwrap()
        };
        for settings in [&[][..], &[("auth_headers", r#"{"x-api-key":"wrong-key"}"#)]] {
            let rig = Rig::dabei_at(sim().await, settings).await;
            let error = rig.invoke("app.list", json!({})).await.unwrap_err();
            assert_eq!(
                (
                    error.kind,
                    error.code.as_deref(),
                    error.message.as_str(),
                    error.http_status
                ),
                (Kind::Unauthorized, Some("40100"), "认证失败", Some(401))
            );
            assert_eq!(rig.sim.count("app.list"), 1, "there is no login to repeat");
        }
        let rig = Rig::dabei_at(sim().await, &[("client_secret", "wrong-secret")]).await;
        let login = rig
            .invoke("authority-code.get", json!({ "username": "li.na" }))
            .await
            .unwrap_err();
        assert_eq!(login.kind, Kind::Unauthorized);
    });
}

#[test]
fn what_the_vendor_repeats_of_the_credentials_is_masked() {
    run(async {
        let rig = Rig::dabei().await;
        let echo = Fault::envelope(40100, format!("no: key-of-the-tenant, {CLIENT_SECRET}"));
        rig.sim.fault(On::any(), echo, Times::Next(1));
        let error = rig.invoke("app.list", json!({})).await.unwrap_err();
        assert_eq!(error.message, "no: ***, ***");
    });
}

#[test]
fn revoking_without_a_path_sends_nothing() {
    run(async {
        let other = r#"{"task.transfer":"/elsewhere"}"#;
        for settings in [&[][..], &[("path_overrides", other)]] {
            let rig = Rig::dabei_at(Simulator::start().await.unwrap(), settings).await;
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
        let rig = Rig::dabei_at(sim, &[("path_overrides", &overrides)]).await;
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
        let rig = Rig::dabei_at(
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
        let rig = Rig::dabei_at(sim, &[("base_url", &behind)]).await;
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
            let rig = Rig::dabei_at(sim, &[]).await;
            let input =
                json!({ "app_id": APP, "form_id": FORM, "record_id": FLOW_RECORD, "user_id": APPROVER });
            lists.push(rig.invoke("task.list", input).await.unwrap());
        }
        assert_eq!(lists[0][0]["taskId"], FLOW_TASK);
        assert_eq!(lists[0], lists[1]);
    });
}

#[test]
fn data_that_is_json_in_a_string_is_parsed_once() {
    run(async {
        let rig = Rig::dabei().await;
        let envelope = |data: Value| json!({ "errcode": 0, "errmsg": "success", "data": data }).to_string();
        let org = json!({ "id": "1", "name": "[2]", "code": 9_007_199_254_740_993_u64, "pid": null });
        for data in [org.clone(), Value::from(org.to_string())] {
            let found = answered(&rig, "org.get", json!({ "org_id": "1" }), &envelope(data))
                .await
                .unwrap();
            assert_eq!(
                found, org,
                "also where the vendor sends it as it is; a text inside stays a text"
            );
        }
        for text in ["plain", "12345678901234567890", "true", ""] {
            let input = on_form(json!({}));
            let created = answered(&rig, "record.create", input, &envelope(text.into()))
                .await
                .unwrap();
            assert_eq!(created, text, "an id stays a string");
        }
        let twice = Value::from(Value::from("[1]").to_string());
        let once = answered(&rig, "org.list", json!({}), &envelope(twice))
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
                let list = answered(&rig, operation, input.clone(), answer).await.unwrap();
                assert_eq!(list, json!([]), "{operation}: {answer}");
            }
            for (operation, input) in [
                ("record.get", record.clone()),
                ("user.get", json!({ "user_id": USER })),
            ] {
                let nothing = answered(&rig, operation, input, answer).await.unwrap();
                assert_eq!(nothing, Value::Null, "{operation}: {answer}");
            }
        }
    });
}

#[test]
fn only_the_code_decides_and_the_vendors_words_come_through() {
    run(async {
        let rig = Rig::dabei().await;
        let apps = |answer| answered(&rig, "app.list", json!({}), answer);
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
                let name = format!("{operation}: {fault:?}");
                rig.sim.fault(On::operation(operation), fault, Times::Next(1));
                let before = rig.sim.count(operation);
                let error = rig.invoke(operation, input.clone()).await.unwrap_err();
                assert_eq!(
                    (error.kind, error.http_status),
                    (Kind::MalformedResponse, Some(200)),
                    "{name}: {error:?}"
                );
                assert_eq!(error.request_sent, Some(true), "{name}");
                assert_eq!(
                    rig.sim.count(operation) - before,
                    1,
                    "{name}: it isn't tried again"
                );
            }
        }
        // A list without an envelope is for tasks alone.
        let bare = answered(&rig, "app.list", json!({}), "[]").await.unwrap_err();
        assert_eq!(bare.kind, Kind::MalformedResponse);
    });
}
