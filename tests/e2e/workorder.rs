//! What is peculiar to the work order centre: headers by type of caller, a token that nobody renews, work
//! that goes from person to person.

use patchbay::{Connection, Error, Kind};
use patchbay_simulators::workorder::{
    ACCESS_TOKEN, APP_ID, APP_SECRET, APPROVER, APPROVER_TOKEN, DEFINITION_ID, DISABLED_TOKEN, PROCESS_KEY,
    SECOND_APPROVER_TOKEN, SERVER_ID, SERVER_SECRET, Simulator, USER, WorkOrder,
};
use patchbay_simulators::{Fault, On, Times};
use serde_json::{Value, json};

use crate::support::{APPLICATION, Rig, SERVICE, run};

fn page() -> Value {
    json!({ "pageNum": 1, "pageSize": 100 })
}

fn types() -> Value {
    json!({ "pageNo": 1, "pageSize": 10 })
}

async fn at(sim: Simulator, who: &[(&str, &str)], more: &[(&str, &str)]) -> Rig<WorkOrder> {
    Rig::connect("workorder", sim, &[who, more].concat()).await
}

/// These settings but for one, and with another value of it where there is one.
fn but<'a>(who: &[(&'a str, &'a str)], name: &str, value: Option<&'a str>) -> Vec<(&'a str, &'a str)> {
    let others = who.iter().copied();
    others
        .filter_map(|(key, kept)| Some((key, if key == name { value? } else { kept })))
        .collect()
}

/// The headers of the last request that are the vendor's, whatever their order.
fn identity(rig: &Rig<WorkOrder>) -> Vec<(String, String)> {
    let of_http = [
        "host",
        "accept",
        "accept-encoding",
        "content-length",
        "content-type",
        "user-agent",
    ];
    let mut headers = rig.sim.requests().pop().unwrap().headers;
    headers.retain(|(name, _)| !of_http.contains(&name.as_str()));
    headers.sort();
    headers
}

fn owned(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    let headers = headers.iter();
    headers
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn the_type_of_caller_decides_which_headers_are_sent() {
    run(async {
        let service = owned(&[
            ("accesstoken", ACCESS_TOKEN),
            ("requesttype", "service"),
            ("secretkey", SERVER_SECRET),
            ("serverid", SERVER_ID),
        ]);
        let app = |authorization| {
            owned(&[
                ("accesstoken", ACCESS_TOKEN),
                ("appid", APP_ID),
                ("authorization", authorization),
                ("requesttype", "app"),
                ("secretkey", APP_SECRET),
            ])
        };
        let start = json!({ "processDefId": DEFINITION_ID, "variables": {} });
        for (who, more, expected) in [
            (&SERVICE, &[][..], service.clone()),
            // What belongs to the other type isn't sent, though it is set.
            (
                &SERVICE,
                &[("app_id", APP_ID), ("authorization", "Bearer x")][..],
                service,
            ),
            (&APPLICATION, &[][..], app(ACCESS_TOKEN)),
            (&APPLICATION, &[("server_id", SERVER_ID)][..], app(ACCESS_TOKEN)),
        ] {
            let rig = Rig::workorder_as(who, more).await;
            for (operation, input) in [("process.list", page()), ("process.start", start.clone())] {
                rig.invoke(operation, input).await.unwrap();
                assert_eq!(identity(&rig), expected, "{operation}");
            }
            rig.assert_well_behaved();
        }

        let sim = Simulator::builder()
            .authorization("Bearer another")
            .start()
            .await
            .unwrap();
        let rig = at(sim, &APPLICATION, &[("authorization", "Bearer another")]).await;
        rig.invoke("process.list", page()).await.unwrap();
        assert_eq!(identity(&rig), app("Bearer another"));
    });
}

#[test]
fn a_missing_setting_is_named_and_nothing_is_sent() {
    run(async {
        let rig = Rig::workorder().await;
        for (who, missing) in [
            (&SERVICE, "request_type"),
            (&SERVICE, "server_id"),
            (&SERVICE, "secret_key"),
            (&SERVICE, "access_token"),
            (&APPLICATION, "app_id"),
            (&APPLICATION, "secret_key"),
            (&APPLICATION, "access_token"),
        ] {
            for value in [None, Some("")] {
                let error = tried(&rig, &but(who, missing, value)).await;
                assert_eq!(error.kind, Kind::InvalidSettings, "{missing}");
                assert!(
                    error.message.contains(&format!("{missing:?}")),
                    "{missing}: {error}"
                );
            }
        }
        let odd = tried(&rig, &but(&SERVICE, "request_type", Some("server"))).await;
        assert_eq!(odd.kind, Kind::InvalidSettings);
        assert!(odd.message.contains("\"app\" or \"service\""), "{odd}");
        assert_eq!(rig.sim.requests().len(), 0);
    });
}

/// How a connection with these settings fails, when it is made or when it is used.
async fn tried(rig: &Rig<WorkOrder>, settings: &[(&str, &str)]) -> Error {
    match rig.beside("tried", settings) {
        Ok(connection) => connection.invoke("process.list", &page()).await.unwrap_err(),
        Err(error) => error,
    }
}

#[test]
fn refused_credentials_are_told_in_the_vendors_words_and_not_tried_again() {
    run(async {
        for (http_refusals, statuses) in [(false, [200, 200]), (true, [401, 403])] {
            let start = || Simulator::builder().http_refusals(http_refusals).start();
            let invalid = ("4004", "无效的accesstoken", statuses[0]);
            let forbidden = ("4001", "没有权限", statuses[1]);
            for (who, name, value, (code, message, status)) in [
                (&SERVICE, "access_token", "token-of-nobody", invalid),
                (&SERVICE, "secret_key", "wrong-secret", forbidden),
                (&SERVICE, "server_id", "another-service", forbidden),
                (&APPLICATION, "access_token", "token-of-nobody", invalid),
                (&APPLICATION, "secret_key", "wrong-secret", forbidden),
                (&APPLICATION, "app_id", "another-app", forbidden),
            ] {
                let rig = at(start().await.unwrap(), &but(who, name, Some(value)), &[]).await;
                let error = rig.invoke("process.list", page()).await.unwrap_err();
                assert_eq!(
                    (
                        error.kind,
                        error.code.as_deref(),
                        error.message.as_str(),
                        error.http_status
                    ),
                    (Kind::Unauthorized, Some(code), message, Some(status)),
                    "{name}"
                );
                assert_eq!(rig.sim.requests().len(), 1, "{name}: there is no login to repeat");
            }
        }
    });
}

#[test]
fn a_token_that_has_ended_is_refused_until_it_is_good_again() {
    run(async {
        let rig = Rig::workorder().await;
        rig.invoke("process.list", page()).await.unwrap();
        rig.sim.expire_tokens();
        let error = rig.invoke("process.list", page()).await.unwrap_err();
        assert_eq!(
            (error.kind, error.code.as_deref()),
            (Kind::Unauthorized, Some("4004"))
        );
        assert_eq!(rig.sim.count("process.list"), 2);
        rig.sim.grant_token(ACCESS_TOKEN, USER);
        rig.invoke("process.list", page()).await.unwrap();
        rig.assert_well_behaved();
    });
}

#[test]
fn a_page_for_people_with_401_or_403_is_unauthorized_as_well() {
    run(async {
        let rig = Rig::workorder().await;
        for status in [401, 403] {
            rig.sim
                .fault(On::any(), Fault::status(status), Times::UntilCleared);
            let error = rig.invoke("process.list", page()).await.unwrap_err();
            assert_eq!(
                (error.kind, error.http_status),
                (Kind::Unauthorized, Some(status))
            );
            rig.sim.clear_faults();
        }
        assert_eq!(rig.sim.count("process.list"), 2, "once each");
    });
}

#[test]
fn somebody_elses_work_is_refused_in_the_vendors_words() {
    run(async {
        let rig = Rig::workorder().await;
        let stranger = rig
            .beside("stranger", &but(&SERVICE, "access_token", Some(APPROVER_TOKEN)))
            .unwrap();
        let start = json!({ "processDefId": DEFINITION_ID, "variables": {} });
        let started = rig.invoke("process.start", start).await.unwrap();
        let input = json!({ "taskId": started["TaskId"] });
        let error = stranger.invoke("task.complete", &input).await.unwrap_err();
        assert_eq!(
            (error.kind, error.code.as_deref(), error.message.as_str()),
            (Kind::Unauthorized, Some("4001"), "没有权限")
        );
        assert_eq!(rig.sim.count("task.complete"), 1);
    });
}

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
fn the_access_token_is_never_in_a_query() {
    run(async {
        // Both lists of types print it among their parameters.
        for who in [&SERVICE, &APPLICATION] {
            let rig = Rig::workorder_as(who, &[]).await;
            for operation in ["app-workorder-type.list", "synthesis-workorder-type.list"] {
                rig.invoke(operation, types()).await.unwrap();
                let request = rig.sim.requests().pop().unwrap();
                assert_eq!(request.query, "pageNo=1&pageSize=10", "{operation}");
                assert_eq!(request.header("accessToken"), Some(ACCESS_TOKEN), "{operation}");
                let input = json!({ "pageNo": 1, "pageSize": 10, "accessToken": "x" });
                let error = rig.invoke(operation, input).await.unwrap_err();
                assert_eq!(
                    error.kind,
                    Kind::InvalidInput,
                    "{operation}: it isn't the caller's to give"
                );
            }
        }
    });
}

#[test]
fn what_the_vendor_repeats_of_the_credentials_is_masked() {
    run(async {
        let rig = Rig::workorder().await;
        let echo = Fault::envelope(4004, format!("no: {ACCESS_TOKEN}, {SERVER_SECRET}"));
        rig.sim.fault(On::any(), echo, Times::Next(1));
        let error = rig.invoke("process.list", page()).await.unwrap_err();
        assert_eq!(error.message, "no: ***, ***");
    });
}

#[test]
fn secrets_of_applications_are_masked_unless_asked_for() {
    run(async {
        let secrets = async |more: &[(&str, &str)]| {
            let rig = Rig::workorder_as(&SERVICE, more).await;
            let found = rig.invoke("app-workorder-type.list", types()).await.unwrap();
            let secrets = found.as_array().unwrap().iter();
            secrets
                .map(|kind| kind["applicationSecret"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(secrets(&[]).await, ["***"; 5]);
        assert_eq!(secrets(&[("reveal_secrets", "false")]).await, ["***"; 5]);
        assert_eq!(
            secrets(&[("reveal_secrets", "true")]).await[0],
            "application-secret-1"
        );
    });
}

#[test]
fn work_goes_from_person_to_person() {
    run(async {
        let rig = Rig::workorder().await;
        let person = |name: &str, token| {
            rig.beside(name, &but(&SERVICE, "access_token", Some(token)))
                .unwrap()
        };
        let li = rig.connection.clone();
        let (wang, zhang) = (
            person("wang", APPROVER_TOKEN),
            person("zhang", SECOND_APPROVER_TOKEN),
        );

        let form =
            json!({ "input58922": "空调", "daterange29917": null, "assetNo": 9_007_199_254_740_993_u64 });
        let start = json!({ "processDefId": DEFINITION_ID, "variables": form });
        let started = li.invoke("process.start", &start).await.unwrap();
        let instance = &started["ProcessInstanceId"];
        let order = json!({
            "processId": PROCESS_KEY, "taskId": started["TaskId"], "procInstId": instance, "params": form,
            "systemId": "测试001", "projectId": "", "title": "空调不制冷",
        });
        assert_eq!(li.invoke("workorder.create", &order).await.unwrap(), started);

        let next = done(
            &li,
            "task.complete",
            &started["TaskId"],
            json!({ "comment": "请审批" }),
        )
        .await;
        assert_eq!(&next["ProcessInstanceId"], instance);
        let task = waiting(&wang, instance).await;
        assert_eq!(task["taskId"], next["TaskId"]);
        assert_eq!(
            (&task["taskDefKey"], &task["startUserName"]),
            (&json!("Activity_dept"), &json!("李娜"))
        );
        assert_eq!(task["procVars"]["assetNo"].to_string(), "9007199254740993");

        // Delegated, it comes back; transferred, it doesn't.
        done(&wang, "task.delegate", &task["taskId"], json!({ "userId": USER })).await;
        assert_eq!(waiting(&wang, instance).await, Value::Null);
        done(&li, "task.complete", &task["taskId"], json!({})).await;
        done(&wang, "task.complete", &task["taskId"], json!({})).await;
        let task = waiting(&zhang, instance).await;
        done(
            &zhang,
            "task.return",
            &task["taskId"],
            json!({ "targetKey": "Activity_dept" }),
        )
        .await;
        let task = waiting(&wang, instance).await;
        done(&wang, "task.transfer", &task["taskId"], json!({ "userId": USER })).await;
        let more = json!({ "variables": { "result": "同意" }, "copyUserIds": APPROVER });
        done(&li, "task.complete", &task["taskId"], more).await;
        let task = waiting(&zhang, instance).await;
        assert_eq!(task["procVars"]["result"], "同意");
        let end = done(&zhang, "task.complete", &task["taskId"], json!({})).await;
        assert_eq!(end, Value::Null, "the process has ended");

        let own = li.invoke("own-process.list", &page()).await.unwrap();
        let row = own["rows"]
            .as_array()
            .unwrap()
            .iter()
            .find(|row| &row["procInsId"] == instance)
            .unwrap();
        assert_eq!(row["processStatus"], "completed");
        let finished = li.invoke("finished-task.list", &page()).await.unwrap();
        let commented = |row: &&Value| &row["procInsId"] == instance && row["comment"]["comment"] == "请审批";
        assert!(
            finished["rows"]
                .as_array()
                .unwrap()
                .iter()
                .any(|row| commented(&row)),
            "{finished}"
        );

        // Two that end early.
        let started = li.invoke("process.start", &start).await.unwrap();
        done(
            &li,
            "task.reject",
            &started["TaskId"],
            json!({ "comment": "不同意" }),
        )
        .await;
        let started = li.invoke("process.start", &start).await.unwrap();
        let stop = json!({ "procInsId": started["ProcessInstanceId"] });
        li.invoke("process.stop", &stop).await.unwrap();
        let own = li.invoke("own-process.list", &page()).await.unwrap();
        let states: Vec<&Value> = own["rows"].as_array().unwrap()[12..]
            .iter()
            .map(|row| &row["processStatus"])
            .collect();
        assert_eq!(states, ["terminated", "canceled"]);
        rig.assert_well_behaved();
    });
}

/// What somebody's step with a task gives.
async fn done(who: &Connection, operation: &str, task: &Value, more: Value) -> Value {
    let mut input = json!({ "taskId": task });
    let Value::Object(more) = more else {
        panic!("no object");
    };
    input.as_object_mut().unwrap().extend(more);
    who.invoke(operation, &input).await.unwrap()
}

/// The task of a process that waits for somebody, `null` where none does.
async fn waiting(who: &Connection, instance: &Value) -> Value {
    let list = who.invoke("todo-task.list", &page()).await.unwrap();
    let rows = list["rows"].as_array().unwrap();
    rows.iter()
        .find(|row| row["procInsId"] == *instance)
        .cloned()
        .unwrap_or_default()
}

#[test]
fn paths_and_prefixes_follow_the_deployment() {
    run(async {
        let overrides = json!({
            "process.start": "/workflow/process/start/{processDefId}",
            "synthesis-workorder-type.list": "/workorder/synthesis/list",
            "workorder.create": "/orders-userdefine/workorder/workorder",
            // One that is there: the override holds, whatever else there is.
            "own-process.list": "/workflow/process/todoList",
        });
        let rig = Rig::workorder_as(&SERVICE, &[("path_overrides", &overrides.to_string())]).await;
        let order = json!({
            "processId": "k", "taskId": "t", "params": {}, "systemId": "s", "projectId": "", "title": "t",
        });
        let start = json!({ "processDefId": "Process_1:2:a/b", "variables": { "a": null } });
        for (operation, input, path, body) in [
            (
                "process.start",
                start,
                "/workflow/process/start/Process_1%3A2%3Aa%2Fb",
                Some(json!({ "variables": { "a": null } })),
            ),
            (
                "synthesis-workorder-type.list",
                types(),
                "/workorder/synthesis/list",
                None,
            ),
            (
                "workorder.create",
                order.clone(),
                "/orders-userdefine/workorder/workorder",
                Some(order),
            ),
        ] {
            let error = rig.invoke(operation, input).await.unwrap_err();
            assert_eq!(
                (error.kind, error.http_status),
                (Kind::Rejected, Some(404)),
                "{operation}"
            );
            let request = rig.sim.requests().pop().unwrap();
            assert_eq!(
                (request.path.as_str(), request.json()),
                (path, body),
                "{operation}"
            );
        }
        let tasks = rig.invoke("own-process.list", page()).await.unwrap();
        assert_eq!(tasks["rows"][0]["taskId"], "task-repair");

        let sim = Simulator::start().await.unwrap();
        let behind = format!("{}/bus/apaas", sim.base_url());
        let rig = at(sim, &SERVICE, &[("base_url", &behind)]).await;
        rig.invoke("process.list", page()).await.unwrap_err();
        assert_eq!(rig.sim.requests()[0].path, "/bus/apaas/workflow/process/list");
    });
}

/// What an operation gives when the vendor answers like this.
async fn answered(rig: &Rig<WorkOrder>, operation: &str, input: Value, answer: &str) -> Result<Value, Error> {
    let answer = Fault::raw_json(answer.to_owned());
    rig.sim.fault(On::operation(operation), answer, Times::Next(1));
    rig.invoke(operation, input).await
}

#[test]
fn pages_come_out_as_total_and_rows_with_or_without_a_code() {
    run(async {
        let sim = Simulator::builder().own_list_code(false).start().await.unwrap();
        let rig = at(sim, &SERVICE, &[]).await;
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
            let none = answered(&rig, operation, page(), r#"{"code":200,"msg":"查询成功"}"#)
                .await
                .unwrap();
            assert_eq!(none, json!({ "total": 0, "rows": [] }), "{operation}");
            let null = r#"{"code":200,"msg":"查询成功","total":0,"rows":null}"#;
            let none = answered(&rig, operation, page(), null).await.unwrap();
            assert_eq!(none, json!({ "total": 0, "rows": [] }), "{operation}");
        }
        for operation in ["app-workorder-type.list", "synthesis-workorder-type.list"] {
            let none = answered(
                &rig,
                operation,
                types(),
                r#"{"code":200,"msg":"操作成功","data":null}"#,
            )
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
                let name = format!("{operation}: {fault:?}");
                rig.sim
                    .fault(On::operation(operation), fault.clone(), Times::Next(1));
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
    });
}
