//! Each vendor receives each secret as it is, although the connector has only a placeholder.

use patchbay_simulators::{dabei, isearch_rpa, jingkun_plan, jingkun_workflow, workorder};
use serde_json::json;

use super::SECRET;
use crate::support::{Document, Rig, run};

#[test]
fn a_password_in_a_query() {
    run(async {
        let sim = isearch_rpa::Simulator::builder()
            .secret_key(SECRET)
            .start()
            .await
            .unwrap();
        let rig = Rig::isearch_at(sim, &[("secret_key", SECRET)]).await;
        rig.invoke("robot.list", json!({ "page": 1, "size": 10 }))
            .await
            .unwrap();
        rig.assert_well_behaved();
        let login = &rig.sim.requests_of("token.create")[0];
        let encoded = "secretKey=p%26ss%20w%2Frd%2B%E5%AF%86%E7%A0%81~%2A%22%5C";
        assert!(login.query.contains(encoded), "{}", login.query);
    });
}

#[test]
fn a_secret_in_a_json_body() {
    async fn check<A: Document>(rig: Rig<patchbay_simulators::jingkun::Jingkun<A>>) {
        rig.invoke(A::LIST, json!({})).await.unwrap();
        rig.assert_well_behaved();
        let login = &rig.sim.requests_of("oauth-token.create")[0];
        assert_eq!(login.json().unwrap()["client_secret"], SECRET);
    }
    run(async {
        let settings = [("client_secret", SECRET)];
        let sim = jingkun_workflow::Simulator::builder()
            .client_secret(SECRET)
            .start()
            .await
            .unwrap();
        check(Rig::jingkun_at(sim, &settings).await).await;
        let sim = jingkun_plan::Simulator::builder()
            .client_secret(SECRET)
            .start()
            .await
            .unwrap();
        check(Rig::jingkun_at(sim, &settings).await).await;
    });
}

#[test]
fn header_fields_and_query_parameters_from_json_objects() {
    run(async {
        let other = "geheim密&=";
        let sim = dabei::Simulator::builder()
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
        let rig = Rig::dabei_at(sim, &settings).await;
        rig.invoke("app.list", json!({})).await.unwrap();
        let login = rig
            .invoke("authority-code.get", json!({ "username": "li.na" }))
            .await
            .unwrap();
        rig.invoke("oauth-user.get", json!({ "code": login["code"] }))
            .await
            .unwrap();
        rig.assert_well_behaved();
        let call = &rig.sim.requests_of("app.list")[0];
        assert_eq!(
            (call.header("x-api-key"), call.header("x-tenant")),
            (Some(SECRET), Some(other))
        );
    });
}

#[test]
fn secrets_in_header_fields() {
    run(async {
        let (token, authorization) = ("tök/en+密~*\"\\", "Bearer geheim密\"\\");
        let sim = workorder::Simulator::builder()
            .app(workorder::APP_ID, SECRET)
            .token(token, workorder::USER)
            .authorization(authorization)
            .start()
            .await
            .unwrap();
        let settings = [
            ("request_type", "app"),
            ("app_id", workorder::APP_ID),
            ("secret_key", SECRET),
            ("access_token", token),
            ("authorization", authorization),
        ];
        let rig = Rig::connect("workorder", sim, &settings).await;
        rig.invoke("process.list", json!({ "pageNum": 1, "pageSize": 10 }))
            .await
            .unwrap();
        rig.assert_well_behaved();
        let call = &rig.sim.requests_of("process.list")[0];
        let sent = ["secretkey", "accesstoken", "authorization"].map(|name| call.header(name));
        assert_eq!(sent, [Some(SECRET), Some(token), Some(authorization)]);
    });
}
