//! Headers by type of caller, and a token that nobody renews.

use patchbay::{Error, Kind};
use patchbay_simulators::workorder::{
    ACCESS_TOKEN, APP_ID, APP_SECRET, DEFINITION_ID, SERVER_ID, SERVER_SECRET, Simulator, USER, WorkOrder,
};
use patchbay_simulators::{Fault, On, Times};
use serde_json::json;

use super::rig::{APPLICATION, SERVICE, but, page, types};
use crate::secrets::SECRET;
use crate::support::{Rig, run};

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
        let rig = Rig::connect(
            sim,
            &[&APPLICATION[..], &[("authorization", "Bearer another")]].concat(),
        )
        .await;
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
            let invalid = (Kind::Unauthorized, "4004", "无效的accesstoken", statuses[0]);
            let forbidden = (Kind::Rejected, "4001", "没有权限", statuses[1]);
            for (who, name, value, (kind, code, message, status)) in [
                (&SERVICE, "access_token", "token-of-nobody", invalid),
                (&SERVICE, "secret_key", "wrong-secret", forbidden),
                (&SERVICE, "server_id", "another-service", forbidden),
                (&APPLICATION, "access_token", "token-of-nobody", invalid),
                (&APPLICATION, "secret_key", "wrong-secret", forbidden),
                (&APPLICATION, "app_id", "another-app", forbidden),
            ] {
                let rig = Rig::connect(start().await.unwrap(), &but(who, name, Some(value))).await;
                let error = rig.invoke("process.list", page()).await.unwrap_err();
                assert_eq!(
                    (
                        error.kind,
                        error.code.as_deref(),
                        error.message.as_str(),
                        error.http_status
                    ),
                    (kind, Some(code), message, Some(status)),
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
fn a_page_for_people_with_401_or_403_is_a_refusal_as_well() {
    run(async {
        let rig = Rig::workorder().await;
        for (status, kind) in [(401, Kind::Unauthorized), (403, Kind::Rejected)] {
            rig.sim
                .fault(On::any(), Fault::status(status), Times::UntilCleared);
            let error = rig.invoke("process.list", page()).await.unwrap_err();
            assert_eq!((error.kind, error.http_status), (kind, Some(status)));
            rig.sim.clear_faults();
        }
        assert_eq!(rig.sim.count("process.list"), 2, "once each");
    });
}

#[test]
fn both_lists_of_types_have_the_access_token_in_the_query_too() {
    run(async {
        for who in [&SERVICE, &APPLICATION] {
            let rig = Rig::workorder_as(who, &[]).await;
            for operation in ["app-workorder-type.list", "synthesis-workorder-type.list"] {
                rig.invoke(operation, types()).await.unwrap();
                let request = rig.sim.requests().pop().unwrap();
                let query = format!("pageNo=1&pageSize=10&accessToken={ACCESS_TOKEN}");
                assert_eq!(request.query, query, "{operation}");
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

/// The connector has only a placeholder of it.
#[test]
fn secrets_arrive_as_they_are_in_header_fields() {
    run(async {
        let (token, authorization) = ("tök/en+密~*\"\\", "Bearer geheim密\"\\");
        let sim = Simulator::builder()
            .app(APP_ID, SECRET)
            .token(token, USER)
            .authorization(authorization)
            .start()
            .await
            .unwrap();
        let settings = [
            ("request_type", "app"),
            ("app_id", APP_ID),
            ("secret_key", SECRET),
            ("access_token", token),
            ("authorization", authorization),
        ];
        let rig = Rig::connect(sim, &settings).await;
        rig.invoke("process.list", json!({ "pageNum": 1, "pageSize": 10 }))
            .await
            .unwrap();
        rig.assert_well_behaved();
        let call = &rig.sim.requests_of("process.list")[0];
        let sent = ["secretkey", "accesstoken", "authorization"].map(|name| call.header(name));
        assert_eq!(sent, [Some(SECRET), Some(token), Some(authorization)]);
    });
}
