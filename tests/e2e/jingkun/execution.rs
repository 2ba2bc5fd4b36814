//! Executing: where to, with what, and in which form.

use std::time::Duration;

use patchbay::Kind;
use patchbay_simulators::jingkun::{CLIENT_ID, CLIENT_SECRET, Jingkun};
use patchbay_simulators::jingkun_plan::{self, Plans};
use patchbay_simulators::jingkun_workflow::{self, Workflows};
use patchbay_simulators::{Fault, On, Times};
use serde_json::json;

use super::rig::{executions, knowing_urls, workflows};
use crate::support::{Rig, options, run, with_connectors};

#[test]
fn a_workflow_is_executed_where_the_input_says() {
    run(async {
        let rig = Rig::<Jingkun<Workflows>>::jingkun().await;
        rig.sim.set_run_step(Duration::ZERO);
        // Its id has to be encoded, and the URL is taken as it is.
        let path = rig.sim.execute_path("流程/A+1 #7?");
        assert!(path.contains("%2F"));
        for url in [
            path.clone(),
            path[1..].to_owned(),
            rig.sim.execute_url("流程/A+1 #7?"),
        ] {
            rig.sim.clear_requests();
            let output = rig.invoke("workflow.execute", json!({ "executeUrl": url })).await;
            assert_eq!(output.unwrap()["modelId"], "流程/A+1 #7?");
            let [request] = &executions(&rig)[..] else {
                panic!("not one request");
            };
            assert_eq!(
                (request.path.as_str(), request.query.as_str()),
                (path.as_str(), "")
            );
            assert_eq!(request.json(), Some(json!({})), "the URL isn't a parameter");
        }
        rig.assert_well_behaved();
    });
}

#[test]
fn a_workflow_is_executed_where_the_settings_say() {
    run(async {
        let rig = workflows().await;
        for id in ["md20240002", "流程/A+1 #7?"] {
            rig.sim.clear_requests();
            let output = rig
                .invoke("workflow.execute", json!({ "processModelId": id }))
                .await
                .unwrap();
            assert_eq!(output["modelId"], id);
            let [request] = &executions(&rig)[..] else {
                panic!("not one request");
            };
            assert_eq!(request.path, rig.sim.execute_path(id));
            assert_eq!(
                request.json(),
                Some(json!({})),
                "the workflow's id isn't a parameter"
            );
        }
        // Where all addresses look alike.
        let overrides = r#"{"workflow.execute":"/api/dpa/process/processrun/execute/{processModelId}"}"#;
        let sim = jingkun_workflow::Simulator::start().await.unwrap();
        let alike = Rig::at(sim, &[("path_overrides", overrides)]).await;
        let named = json!({ "processModelId": "流程/A+1 #7?" });
        let output = alike.invoke("workflow.execute", named).await.unwrap();
        assert_eq!(output["modelId"], "流程/A+1 #7?");
        rig.assert_well_behaved();
        alike.assert_well_behaved();
    });
}

#[test]
fn an_execution_without_an_address_is_refused_before_anything_is_sent() {
    run(async {
        let rig = workflows().await;
        let path = rig.sim.execute_path("md20240002");
        for (input, at) in [
            (json!({}), ""),
            (json!({ "executeUrl": path, "processModelId": "md20240002" }), ""),
            (json!({ "processModelId": "md9" }), "/processModelId"),
            (json!({ "executeUrl": "" }), ""),
            (json!({ "executeUrl": "/run\r\nx: y" }), "/executeUrl"),
            (json!({ "executeUrl": "//127.0.0.1/run" }), "/executeUrl"),
            (json!({ "executeUrl": "ftp://127.0.0.1/run" }), "/executeUrl"),
            (
                json!({ "executeUrl": "https://user:word@127.0.0.1/run" }),
                "/executeUrl",
            ),
            (json!({ "executeUrl": path, "sync": "yes" }), "/sync"),
        ] {
            let error = rig.invoke("workflow.execute", input.clone()).await.unwrap_err();
            assert_eq!(error.kind, Kind::InvalidInput, "{input}");
            assert_eq!(error.violations[0].path, at, "{input}");
        }
        assert_eq!(rig.sim.requests().len(), 0, "not even a login");
    });
}

#[test]
fn a_workflow_of_another_origin_is_denied_unless_it_is_allowed() {
    run(async {
        let foreign = jingkun_workflow::Simulator::start().await.unwrap();
        let url = foreign.execute_url("md20240002");
        let rig = Rig::<Jingkun<Workflows>>::jingkun().await;
        // The first call logs in before it is denied.
        for (operation, sent) in [("workflow.execute", true), ("workflow.run", false)] {
            let error = rig
                .invoke(operation, json!({ "executeUrl": url }))
                .await
                .unwrap_err();
            assert_eq!(error.kind, Kind::Denied, "{error:?}");
            assert_eq!(error.request_sent, Some(sent), "{error:?}");
            let line = format!("allow = [\"{}\"]", foreign.base_url());
            assert!(error.message.contains(&line), "{error:?}");
        }
        // Nor where the settings have it.
        let urls = json!({ "md20240002": url }).to_string();
        let sim = jingkun_workflow::Simulator::start().await.unwrap();
        let configured = Rig::at(sim, &[("execute_urls", &urls)]).await;
        let named = json!({ "processModelId": "md20240002" });
        let error = configured.invoke("workflow.execute", named).await.unwrap_err();
        assert_eq!(error.kind, Kind::Denied, "{error:?}");
        assert_eq!(
            (foreign.connections(), foreign.requests().len()),
            (0, 0),
            "nothing arrives there"
        );

        let ran = with_connectors(&[
            "invoke",
            "jingkun-workflow",
            "workflow.execute",
            "-c",
            &format!("base_url={}", rig.sim.base_url()),
            "-c",
            &format!("client_id={CLIENT_ID}"),
            "-c",
            &format!("client_secret={CLIENT_SECRET}"),
            "--input",
            &json!({ "executeUrl": url }).to_string(),
        ]);
        assert_eq!((ran.code, &ran.error()["kind"]), (6, &json!("denied")), "{ran:?}");
        assert_eq!(foreign.connections(), 0);

        // Allowed, it gets the token as well.
        let answer = r#"{"code":200,"message":"success","data":{"instanceId":"in1"}}"#;
        foreign.fault(
            On::operation("workflow.execute"),
            Fault::raw_json(answer),
            Times::UntilCleared,
        );
        let sim = jingkun_workflow::Simulator::start().await.unwrap();
        let mut allowing = options(&[("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET)]);
        allowing.settings.insert("base_url".to_owned(), sim.base_url());
        allowing.allow.push(foreign.base_url().parse().unwrap());
        let allowed = Rig::with(sim, allowing).await;
        let output = allowed
            .invoke("workflow.execute", json!({ "executeUrl": url }))
            .await;
        assert_eq!(output.unwrap(), json!({ "instanceId": "in1" }));
        assert_eq!(foreign.requests().len(), 1);
        assert_eq!(allowed.sim.count("workflow.execute"), 0);
    });
}

#[test]
fn integers_keep_their_digits_on_their_way_to_the_vendor() {
    run(async {
        let rig = workflows().await;
        let input = json!({
            "processModelId": "md20240001", "sync": true, "paramFlag": true,
            "mapParam": { "DPA_MODEL_WORKDIR": "/", "TARGET_HOST": "h", "RETAIN_DAYS": 9_007_199_254_740_993_u64 },
        });
        let output = rig.invoke("workflow.execute", input).await.unwrap();
        assert_eq!(
            output["outParam"][0]["result"],
            "已清理，保留 9007199254740993 天，强制 false "
        );
    });
}

#[test]
fn scalars_travel_as_strings_where_the_platform_wants_them_so() {
    run(async {
        let variables = json!({
            "DPA_MODEL_WORKDIR": "/opt", "TARGET_HOST": "db-01", "RETAIN_DAYS": 30, "FORCE": true,
        });
        let texts = json!({
            "DPA_MODEL_WORKDIR": "/opt", "TARGET_HOST": "db-01", "RETAIN_DAYS": "30", "FORCE": "true",
        });
        for stringify in ["true", "false"] {
            let wanted = stringify == "true";
            let sim = jingkun_workflow::Simulator::builder()
                .run_step(Duration::ZERO)
                .stringified_scalars(wanted)
                .start()
                .await
                .unwrap();
            let urls = sim.execute_urls().to_string();
            let settings = [("execute_urls", urls.as_str()), ("stringify_scalars", stringify)];
            let rig = Rig::at(sim, &settings).await;
            let input = json!({
                "processModelId": "md20240001", "mapParam": variables, "sync": true, "second": 3, "paramFlag": false,
            });
            let started = rig.invoke("workflow.execute", input).await.unwrap();
            let expected = if wanted {
                json!({ "mapParam": texts, "sync": "true", "second": "3", "paramFlag": "false" })
            } else {
                json!({ "mapParam": variables, "sync": true, "second": 3, "paramFlag": false })
            };
            assert_eq!(executions(&rig)[0].json(), Some(expected));
            let input =
                json!({ "modelId": "md20240001", "instanceId": started["instanceId"], "paramFlag": true });
            let outputs = rig.invoke("workflow-run-output.list", input).await.unwrap();
            assert_eq!(
                outputs[0]["result"], "已清理，保留 30 天，强制 true ",
                "it has arrived"
            );
            let flag = &rig.sim.requests_of("workflow-run-output.list")[0].json().unwrap()["paramFlag"];
            assert_eq!(*flag, if wanted { json!("true") } else { json!(true) });
            rig.assert_well_behaved();

            // Plans have them in variables only.
            let sim = jingkun_plan::Simulator::builder()
                .stringified_scalars(wanted)
                .start()
                .await
                .unwrap();
            let rig = Rig::at(sim, &[("stringify_scalars", stringify)]).await;
            let input = json!({
                "processPlanId": "pl20240001",
                "modelVarReq": [{ "modelId": "md20240001", "mapParam": variables }],
            });
            rig.invoke("plan.execute", input).await.unwrap();
            let body = rig.sim.requests_of("plan.execute")[0].json().unwrap();
            let expected = if wanted { &texts } else { &variables };
            assert_eq!(body["modelVarReq"][0]["mapParam"], *expected);
            rig.assert_well_behaved();
        }
    });
}

#[test]
fn a_platform_that_wants_strings_says_so() {
    run(async {
        let sim = jingkun_workflow::Simulator::builder()
            .stringified_scalars(true)
            .start()
            .await
            .unwrap();
        let rig = knowing_urls(sim).await;
        let input = json!({ "processModelId": "md20240002", "sync": true });
        let error = rig.invoke("workflow.execute", input).await.unwrap_err();
        assert_eq!(
            (error.kind, error.code.as_deref(), error.http_status),
            (Kind::Rejected, Some("400"), Some(400))
        );
        assert_eq!(rig.sim.violations().len(), 1, "the simulator can tell");
    });
}

#[test]
fn a_plan_is_executed_by_the_id_in_path_and_body() {
    run(async {
        let rig = Rig::<Jingkun<Plans>>::jingkun().await;
        rig.sim.set_run_step(Duration::ZERO);
        let id = "预案/A+1 #7?";
        let output = rig
            .invoke("plan.execute", json!({ "processPlanId": id }))
            .await
            .unwrap();
        let [request] = &rig.sim.requests_of("plan.execute")[..] else {
            panic!("not one request");
        };
        assert_eq!(
            request.path,
            "/api/dpa/process/processPlan/opExecutePlanByApi/%E9%A2%84%E6%A1%88%2FA%2B1%20%237%3F"
        );
        assert_eq!(request.json(), Some(json!({ "processPlanId": id })));
        // The list of runs that the vendor gives.
        let members: Vec<&String> = output[0].as_object().unwrap().keys().collect();
        assert_eq!(members, ["processPlanId", "planInstanceId"]);
        let input = json!({ "processPlanId": id, "planInstanceId": output[0]["planInstanceId"] });
        let outputs = rig.invoke("plan-run-output.list", input).await.unwrap();
        assert_eq!(outputs[0]["mapParam"][1]["result"], "第二机房正常");

        for (data, expected) in [
            (
                r#"[{"planInstanceId":"1"},{"planInstanceId":"2"}]"#,
                json!([{ "planInstanceId": "1" }, { "planInstanceId": "2" }]),
            ),
            ("[]", json!([])),
            ("null", json!([])),
        ] {
            let body = format!(r#"{{"code":200,"message":"success","data":{data}}}"#);
            rig.sim.fault(
                On::operation("plan.execute"),
                Fault::raw_json(body),
                Times::Next(1),
            );
            let output = rig.invoke("plan.execute", json!({ "processPlanId": id })).await;
            assert_eq!(output.unwrap(), expected, "{data}");
        }
        rig.assert_well_behaved();
    });
}

#[test]
fn a_schedule_is_a_form() {
    run(async {
        let rig = Rig::<Jingkun<Plans>>::jingkun().await;
        let mut input = json!({
            "processPlanId": "预案/A+1 #7?", "callbackUrl": "http://127.0.0.1:9/?a=b%2Bc&d=*",
            "dimension": "month", "intervals": "1", "executeStrategy": "single", "sceneName": "月 & 年+",
        });
        rig.invoke("plan-schedule.create", input.clone()).await.unwrap();
        let [request] = &rig.sim.requests_of("plan-schedule.create")[..] else {
            panic!("not one request");
        };
        let kind = request.header("content-type").unwrap();
        assert_eq!(kind.split(';').next(), Some("application/x-www-form-urlencoded"));
        let body = String::from_utf8(request.body.to_vec()).unwrap();
        let mut fields: Vec<&str> = body.split('&').collect();
        fields.sort_unstable();
        assert_eq!(
            fields,
            [
                "callbackUrl=http%3A%2F%2F127.0.0.1%3A9%2F%3Fa%3Db%252Bc%26d%3D%2A",
                "dimension=month",
                "executeStrategy=single",
                "intervals=1",
                "processPlanId=%E9%A2%84%E6%A1%88%2FA%2B1%20%237%3F",
                "sceneName=%E6%9C%88%20%26%20%E5%B9%B4%2B",
            ],
            "what is left out isn't sent"
        );
        let kept = &rig.sim.state()["schedules"][0];
        assert_eq!(kept["sceneName"], "月 & 年+");
        assert_eq!(kept["callbackUrl"], input["callbackUrl"]);
        rig.assert_well_behaved();

        for (name, value) in [
            ("dimension", json!("months")),
            ("executeStrategy", json!("2")),
            ("intervals", json!(1)),
        ] {
            input[name] = value;
            let error = rig
                .invoke("plan-schedule.create", input.clone())
                .await
                .unwrap_err();
            assert_eq!(error.kind, Kind::InvalidInput, "{name}");
        }
        assert_eq!(rig.sim.count("plan-schedule.create"), 1);
    });
}
