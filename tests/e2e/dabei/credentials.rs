//! Credentials of two sorts: those of business calls, and those of single sign-on.

use patchbay::Kind;
use patchbay_simulators::dabei::{
    CLIENT_ID, CLIENT_SECRET, Dabei, FLOW_CODE, SECOND_APPROVER, Simulator, USER,
};
use patchbay_simulators::{Fault, On, Times};
use serde_json::json;

use super::rig::on_form;
use crate::secrets::SECRET;
use crate::support::{Rig, run};

/// Both operations of single sign-on.
async fn sign_on(rig: &Rig<Dabei>) {
    let user = json!({ "username": "li.na" });
    let login = rig.invoke("authority-code.get", user).await.unwrap();
    let code = json!({ "code": login["code"] });
    rig.invoke("oauth-user.get", code).await.unwrap();
}

#[test]
fn header_fields_go_on_business_calls_and_nowhere_else() {
    run(async {
        let rig = Rig::dabei().await;
        rig.invoke("app.list", json!({})).await.unwrap();
        rig.invoke("user.get", json!({ "user_id": USER })).await.unwrap();
        sign_on(&rig).await;
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
        let rig = Rig::at(sim, &[("auth_query", &setting)]).await;
        // Beside a query, on a POST that has none, and on a POST that has one.
        rig.invoke("app.list", json!({ "name": "财务" })).await.unwrap();
        rig.invoke("record.list", on_form(json!({}))).await.unwrap();
        let started = on_form(json!({ "start_flow": true, "flow_code": FLOW_CODE }));
        rig.invoke("record.create", started).await.unwrap();
        sign_on(&rig).await;
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
        let rig = Rig::connect(sim, &[]).await;
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
            let rig = Rig::connect(Simulator::start().await.unwrap(), settings).await;
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
fn single_sign_on_may_be_at_a_host_of_its_own() {
    run(async {
        let identity = Simulator::start().await.unwrap();
        let user = json!({ "username": "li.na" });
        let at = identity.base_url();
        let settings = [
            ("client_id", CLIENT_ID),
            ("client_secret", CLIENT_SECRET),
            ("oauth_base_url", &at),
        ];

        // The setting is an origin: it opens the way there, and nothing else need be allowed.
        let rig = Rig::connect(Simulator::start().await.unwrap(), &settings).await;
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
            let rig = Rig::at(sim().await, settings).await;
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
        let rig = Rig::at(sim().await, &[("client_secret", "wrong-secret")]).await;
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

/// The connector has only a placeholder of it.
#[test]
fn secrets_in_json_objects_arrive_as_they_are() {
    run(async {
        let other = "geheim密&=";
        let sim = Simulator::builder()
            .client_secret(SECRET)
            .auth_headers([("x-api-key", SECRET), ("x-tenant", other)])
            .auth_query([("access key", SECRET)])
            .start()
            .await
            .unwrap();
        let headers = json!({ "x-api-key": SECRET, "x-tenant": other }).to_string();
        let query = json!({ "access key": SECRET }).to_string();
        let settings = [
            ("client_secret", SECRET),
            ("auth_headers", &headers),
            ("auth_query", &query),
        ];
        let rig = Rig::at(sim, &settings).await;
        rig.invoke("app.list", json!({})).await.unwrap();
        sign_on(&rig).await;
        rig.assert_well_behaved();
        let call = &rig.sim.requests_of("app.list")[0];
        assert_eq!(
            (call.header("x-api-key"), call.header("x-tenant")),
            (Some(SECRET), Some(other))
        );
    });
}
