//! What is peculiar to JingKun's two connectors: their login, where workflows are executed, what plans and
//! forms look like, and `workflow.run`, which is several requests.

use std::time::Duration;

use patchbay::catalog::Effect;
use patchbay::{Error, Kind};
use patchbay_simulators::jingkun::{CLIENT_ID, CLIENT_SECRET, Jingkun, RefuseWith};
use patchbay_simulators::jingkun_plan::{self, Plans};
use patchbay_simulators::jingkun_workflow::{self, Workflows};
use patchbay_simulators::{Fault, On, Recorded, Simulator, Times};
use serde_json::{Value, json};

use crate::support::{Document, Rig, options, run, with_connectors};

/// Operations that send several requests.
pub(crate) const COMPOSED: &[&str] = &["workflow.run"];

const REFUSALS: [RefuseWith; 4] = [
    RefuseWith::Envelope401,
    RefuseWith::Envelope403,
    RefuseWith::Http401,
    RefuseWith::Http403,
];

/// Runs a test for both documents.
macro_rules! for_both {
    ($($name:ident),+ $(,)?) => {
        $(#[test]
        fn $name() {
            run(async {
                both::$name::<Workflows>().await;
                both::$name::<Plans>().await;
            });
        })+
    };
}

for_both!(
    one_login_serves_many_calls,
    the_login_carries_what_is_configured,
    many_calls_without_a_session_log_in_once,
    an_expired_token_costs_one_login_and_no_failure,
    refused_credentials_fail_everybody_with_one_login,
    a_token_that_is_always_refused_is_unauthorized_after_one_fresh_login,
    a_token_that_tells_nothing_is_used_until_it_is_refused,
    a_token_near_its_end_is_renewed_before_it_is_refused,
    null_in_place_of_a_list_is_an_empty_list,
    ids_beyond_what_a_double_holds_keep_their_digits,
);

mod both {
    use super::*;

    pub(super) async fn one_login_serves_many_calls<A: Document>() {
        let rig = Rig::<Jingkun<A>>::jingkun().await;
        for _ in 0..10 {
            list(&rig).await.unwrap();
        }
        let operations: Vec<_> = rig
            .sim
            .requests()
            .iter()
            .map(|request| request.operation.unwrap())
            .collect();
        assert_eq!(operations[..3], ["oauth-code.get", "oauth-token.create", A::LIST]);
        assert_eq!(operations[3..], [A::LIST; 9]);
        rig.assert_well_behaved();
    }

    pub(super) async fn the_login_carries_what_is_configured<A: Document>() {
        let rig = Rig::<Jingkun<A>>::jingkun().await;
        let all = list(&rig).await.unwrap();
        let [code, token, call] = &rig.sim.requests()[..] else {
            panic!("not three requests");
        };
        assert_eq!(code.path, "/api/dp/auth/oauth/authorize");
        let mut query: Vec<&str> = code.query.split('&').collect();
        query.sort_unstable();
        // What would mean something in a query is encoded.
        let id = "client_id=cGF0Y2gr%2FYmF5%2Bc2lt%2FMQ%3D%3D";
        assert_eq!(query, [id, "response_type=code", "scope=default"]);
        assert!(code.body.is_empty());
        assert_eq!(token.path, "/api/dp/auth/oauth/token");
        let mut body = token.json().unwrap();
        let exchanged = body.as_object_mut().unwrap().remove("code").unwrap();
        assert!(exchanged.as_str().is_some_and(|code| !code.is_empty()));
        let expected = json!({
            "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "grant_type": "authorization_code",
        });
        assert_eq!(body, expected);
        // The simulator knows its tokens; one of the documents prints `Bearer` with a blank at its end.
        let header = call.header("authorization").unwrap();
        assert_eq!(header.matches(' ').count(), 1, "{header:?}");

        let sim = Simulator::<Jingkun<A>>::start().await.unwrap();
        let rig = Rig::jingkun_at(sim, &[("scope", "all"), ("user_id", "2")]).await;
        let theirs = list(&rig).await.unwrap();
        assert_eq!(theirs.as_array().map(Vec::len), Some(1), "what is the user's own");
        assert!(all.as_array().unwrap().contains(&theirs[0]));
        let requests = rig.sim.requests();
        assert!(requests[0].query.contains("scope=all"));
        assert_eq!(requests[1].json().unwrap()["user_id"], "2");
        rig.assert_well_behaved();
    }

    pub(super) async fn many_calls_without_a_session_log_in_once<A: Document>() {
        let rig = slow::<A>(&[]).await;
        for result in at_once(&rig, 100).await {
            result.unwrap();
        }
        assert_eq!(logins(&rig), (1, 1), "cold");
        rig.sim.expire_tokens();
        for result in at_once(&rig, 100).await {
            result.unwrap();
        }
        assert_eq!(logins(&rig), (2, 2), "refused");
        rig.assert_well_behaved();
    }

    pub(super) async fn an_expired_token_costs_one_login_and_no_failure<A: Document>() {
        for how in REFUSALS {
            let sim = Simulator::<Jingkun<A>>::builder()
                .refuse_with(how)
                .start()
                .await
                .unwrap();
            let rig = Rig::jingkun_at(sim, &[]).await;
            list(&rig).await.unwrap();
            rig.sim.expire_tokens();
            list(&rig).await.unwrap();
            assert_eq!((logins(&rig), rig.sim.count(A::LIST)), ((2, 2), 3), "{how:?}");
            list(&rig).await.unwrap();
            assert_eq!(logins(&rig), (2, 2), "{how:?}: the new token is kept");
            rig.assert_well_behaved();
        }
    }

    pub(super) async fn refused_credentials_fail_everybody_with_one_login<A: Document>() {
        let rig = slow::<A>(&[("client_secret", "wrong-secret")]).await;
        for result in at_once(&rig, 50).await {
            let error = result.unwrap_err();
            assert_eq!(error.kind, Kind::Unauthorized);
            assert_eq!(error.message, "身份验证失败：应用ID或应用secret错误");
            assert_eq!(error.code.as_deref(), Some("403"));
        }
        assert_eq!(logins(&rig), (1, 1), "no storm");

        // An unknown application gets no code, and an unknown user no token.
        let rig = slow::<A>(&[("client_id", "nobody")]).await;
        for result in at_once(&rig, 50).await {
            let error = result.unwrap_err();
            assert_eq!(
                (error.kind, error.message.as_str()),
                (Kind::Unauthorized, "身份验证失败：应用不存在")
            );
        }
        assert_eq!(logins(&rig), (1, 0));
        let rig = slow::<A>(&[("user_id", "9")]).await;
        let error = list(&rig).await.unwrap_err();
        assert_eq!(
            (error.kind, error.code.as_deref()),
            (Kind::Unauthorized, Some("998"))
        );
        assert_eq!(rig.sim.count(A::LIST), 0, "nothing is asked without a token");
    }

    pub(super) async fn a_token_that_is_always_refused_is_unauthorized_after_one_fresh_login<A: Document>() {
        for (how, code, status) in [
            (RefuseWith::Envelope401, Some("401"), 200),
            (RefuseWith::Envelope403, Some("403"), 200),
            (RefuseWith::Http401, None, 401),
            (RefuseWith::Http403, None, 403),
        ] {
            let sim = Simulator::<Jingkun<A>>::builder()
                .refuse_with(how)
                .start()
                .await
                .unwrap();
            let rig = Rig::jingkun_at(sim, &[]).await;
            rig.sim
                .fault(On::operation(A::LIST), Fault::ExpiredToken, Times::UntilCleared);
            let error = list(&rig).await.unwrap_err();
            assert_eq!(error.kind, Kind::Unauthorized, "{how:?}");
            assert_eq!(
                (error.code.as_deref(), error.http_status),
                (code, Some(status)),
                "{how:?}"
            );
            if code.is_some() {
                assert_eq!(error.message, "身份验证失败");
            }
            assert_eq!((logins(&rig), rig.sim.count(A::LIST)), ((2, 2), 2), "{how:?}");
        }
    }

    pub(super) async fn a_token_that_tells_nothing_is_used_until_it_is_refused<A: Document>() {
        let sim = Simulator::<Jingkun<A>>::builder()
            .opaque_tokens(true)
            .start()
            .await
            .unwrap();
        let rig = Rig::jingkun_at(sim, &[]).await;
        for _ in 0..3 {
            list(&rig).await.unwrap();
        }
        assert_eq!((logins(&rig), rig.sim.count(A::LIST)), ((1, 1), 3));
        rig.sim.expire_tokens();
        list(&rig).await.unwrap();
        assert_eq!((logins(&rig), rig.sim.count(A::LIST)), ((2, 2), 5));
    }

    /// A minute before its end: a token that holds for less is renewed for each call, one that holds for
    /// longer isn't.
    pub(super) async fn a_token_near_its_end_is_renewed_before_it_is_refused<A: Document>() {
        for (lifetime, expected) in [(50, 3), (300, 1)] {
            let sim = Simulator::<Jingkun<A>>::builder()
                .token_lifetime(Duration::from_secs(lifetime))
                .start()
                .await
                .unwrap();
            let rig = Rig::jingkun_at(sim, &[]).await;
            for _ in 0..3 {
                list(&rig).await.unwrap();
            }
            assert_eq!(logins(&rig), (expected, expected), "{lifetime} s");
            assert_eq!(rig.sim.count(A::LIST), 3, "{lifetime} s: none was refused");
            rig.assert_well_behaved();
        }
    }

    pub(super) async fn null_in_place_of_a_list_is_an_empty_list<A: Document>() {
        let rig = Rig::<Jingkun<A>>::jingkun().await;
        let ids = json!({
            "processModelId": "m", "type": "running", "modelId": "m", "instanceId": "i",
            "processPlanId": "p", "planInstanceId": "i",
        });
        let mut lists = 0;
        for operation in &rig.connection.connector().manifest().operations {
            if operation.effect != Effect::Read {
                continue;
            }
            let mut input = ids.clone();
            let takes = |name: &str| operation.input_schema["properties"].get(name).is_some();
            input.as_object_mut().unwrap().retain(|name, _| takes(name));
            let empty = if operation.id.rsplit('.').next() == Some("list") {
                lists += 1;
                json!([])
            } else {
                Value::Null
            };
            for body in [
                r#"{"code":200,"message":"success","data":null}"#,
                r#"{"code":200,"message":"success"}"#,
            ] {
                rig.sim.fault(
                    On::operation(operation.id.as_str()),
                    Fault::raw_json(body),
                    Times::Next(1),
                );
                let output = rig.invoke(&operation.id, input.clone()).await;
                assert_eq!(output.unwrap(), empty, "{}: {body}", operation.id);
            }
        }
        assert_eq!(lists, 3);
        rig.assert_well_behaved();
    }

    pub(super) async fn ids_beyond_what_a_double_holds_keep_their_digits<A: Document>() {
        let rig = Rig::<Jingkun<A>>::jingkun().await;
        let rows = list(&rig).await.unwrap();
        let ids: Vec<String> = rows
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["recordId"].to_string())
            .collect();
        assert_eq!(
            ids[..3],
            ["9007199254740993", "9007199254740995", "9007199254740997"]
        );
    }
}

async fn list<A: Document>(rig: &Rig<Jingkun<A>>) -> Result<Value, Error> {
    rig.invoke(A::LIST, json!({})).await
}

async fn at_once<A: Document>(rig: &Rig<Jingkun<A>>, calls: usize) -> Vec<Result<Value, Error>> {
    let tasks: Vec<_> = (0..calls)
        .map(|_| {
            let connection = rig.connection.clone();
            tokio::spawn(async move { connection.invoke(A::LIST, &json!({})).await })
        })
        .collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

/// A platform that takes a while, so that calls overlap.
async fn slow<A: Document>(settings: &[(&str, &str)]) -> Rig<Jingkun<A>> {
    let sim = Simulator::<Jingkun<A>>::builder()
        .latency(Duration::from_millis(30))
        .start()
        .await
        .unwrap();
    Rig::jingkun_at(sim, settings).await
}

/// The requests for codes and for tokens.
fn logins<A: Document>(rig: &Rig<Jingkun<A>>) -> (u64, u64) {
    (rig.sim.count("oauth-code.get"), rig.sim.logins())
}

type WorkflowRig = Rig<Jingkun<Workflows>>;

/// A platform whose runs end at once, and a connection that knows where its workflows are executed.
async fn workflows() -> WorkflowRig {
    let sim = jingkun_workflow::Simulator::builder()
        .run_step(Duration::ZERO)
        .start()
        .await
        .unwrap();
    knowing_urls(sim).await
}

async fn knowing_urls(sim: jingkun_workflow::Simulator) -> WorkflowRig {
    let urls = sim.execute_urls().to_string();
    Rig::jingkun_at(sim, &[("execute_urls", &urls)]).await
}

fn executions(rig: &WorkflowRig) -> Vec<Recorded> {
    rig.sim.requests_of("workflow.execute")
}

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
        let alike = Rig::jingkun_at(sim, &[("path_overrides", overrides)]).await;
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
        let hostile = format!("{path}?x=a b\"{{c}}");
        for (input, at) in [
            (json!({}), ""),
            (json!({ "executeUrl": path, "processModelId": "md20240002" }), ""),
            (json!({ "processModelId": "md9" }), "/processModelId"),
            (json!({ "executeUrl": "" }), "/executeUrl"),
            (json!({ "executeUrl": hostile }), "/executeUrl"),
            (json!({ "executeUrl": "//127.0.0.1/run" }), "/executeUrl"),
            (json!({ "executeUrl": "ftp://127.0.0.1/run" }), "/executeUrl"),
            (
                json!({ "executeUrl": "https://user:word@127.0.0.1/run" }),
                "/executeUrl",
            ),
            (json!({ "executeUrl": path, "sync": "true" }), "/sync"),
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
        for operation in ["workflow.execute", "workflow.run"] {
            let error = rig
                .invoke(operation, json!({ "executeUrl": url }))
                .await
                .unwrap_err();
            assert_eq!(error.kind, Kind::Denied, "{error:?}");
            assert_eq!(error.request_sent, Some(false), "{error:?}");
            let line = format!("allow = [\"{}\"]", foreign.base_url());
            assert!(error.message.contains(&line), "{error:?}");
        }
        // Nor where the settings have it.
        let urls = json!({ "md20240002": url }).to_string();
        let sim = jingkun_workflow::Simulator::start().await.unwrap();
        let configured = Rig::jingkun_at(sim, &[("execute_urls", &urls)]).await;
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
        let allowed = Rig::with("jingkun-workflow", sim, allowing).await;
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
            let rig = Rig::jingkun_at(sim, &settings).await;
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
            let rig = Rig::jingkun_at(sim, &[("stringify_scalars", stringify)]).await;
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
        // The first run of the list that the vendor gives, and it is a run.
        let members: Vec<&String> = output.as_object().unwrap().keys().collect();
        assert_eq!(members, ["processPlanId", "planInstanceId"]);
        let input = json!({ "processPlanId": id, "planInstanceId": output["planInstanceId"] });
        let outputs = rig.invoke("plan-run-output.list", input).await.unwrap();
        assert_eq!(outputs[0]["mapParam"][1]["result"], "第二机房正常");

        for (data, expected) in [
            (
                r#"[{"planInstanceId":"1"},{"planInstanceId":"2"}]"#,
                json!({ "planInstanceId": "1" }),
            ),
            ("[]", Value::Null),
            ("null", Value::Null),
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
            (Fault::status(503), Kind::Rejected),
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
            assert_ne!(error.request_sent, Some(false), "{name}");
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
