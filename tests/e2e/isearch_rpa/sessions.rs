//! Sessions: one login for everybody, and what costs another.

use std::time::Duration;

use patchbay::Kind;
use patchbay_simulators::isearch_rpa::{IsearchRpa, Simulator};
use patchbay_simulators::{Fault, On, Times};
use serde_json::json;

use super::rig::page;
use crate::secrets::SECRET;
use crate::support::{Rig, run};

#[test]
fn an_expired_token_costs_one_login_and_no_failure() {
    run(async {
        let rig = Rig::isearch().await;
        rig.invoke("robot.list", page()).await.unwrap();
        rig.sim.revoke_all();
        rig.invoke("robot.list", page()).await.unwrap();
        assert_eq!((rig.sim.logins(), rig.sim.count("robot.list")), (2, 3));
        rig.invoke("robot.list", page()).await.unwrap();
        assert_eq!(rig.sim.logins(), 2, "the new session is kept");
    });
}

#[test]
fn a_session_is_renewed_before_it_ends() {
    run(async {
        let sim = Simulator::builder()
            .token_lifetime(Duration::from_millis(600))
            .start()
            .await
            .unwrap();
        let rig = Rig::at(sim, &[]).await;
        rig.invoke("robot.list", page()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(520)).await;
        rig.invoke("robot.list", page()).await.unwrap();
        assert_eq!(
            (rig.sim.logins(), rig.sim.refreshes()),
            (1, 1),
            "with the refresh token"
        );
        // The refresh token fails as well: the keys are used.
        rig.sim.revoke_all();
        tokio::time::sleep(Duration::from_millis(520)).await;
        rig.invoke("robot.list", page()).await.unwrap();
        assert_eq!((rig.sim.logins(), rig.sim.refreshes()), (2, 2));
        assert_eq!(rig.sim.violations(), Vec::<String>::new());
    });
}

#[test]
fn many_calls_without_a_session_log_in_once() {
    run(async {
        let rig = slow(&[]).await;
        for result in rig.at_once(100, "robot.list", &page()).await {
            result.unwrap();
        }
        assert_eq!(rig.sim.logins(), 1, "cold");
        rig.sim.revoke_all();
        for result in rig.at_once(100, "robot.list", &page()).await {
            result.unwrap();
        }
        assert_eq!(rig.sim.logins(), 2, "refused");
        rig.assert_well_behaved();
    });
}

/// A platform that takes a while, so that calls overlap.
async fn slow(settings: &[(&str, &str)]) -> Rig<IsearchRpa> {
    let sim = Simulator::builder().latency(Duration::from_millis(30));
    Rig::at(sim.start().await.unwrap(), settings).await
}

#[test]
fn refused_credentials_fail_everybody_with_one_login() {
    run(async {
        let rig = slow(&[("secret_key", "wrong-password")]).await;
        for result in rig.at_once(50, "robot.list", &page()).await {
            let error = result.unwrap_err();
            assert_eq!(error.kind, Kind::Unauthorized);
            assert_eq!(error.message, "用户名或密码错误");
            assert_eq!(error.code.as_deref(), Some("4001"));
        }
        assert_eq!(rig.sim.logins(), 1, "no storm");
    });
}

#[test]
fn a_login_that_breaks_is_tried_again_once_for_all_calls() {
    run(async {
        let rig = slow(&[]).await;
        rig.sim
            .fault(On::operation("token.create"), Fault::DropBefore, Times::Next(1));
        for result in rig.at_once(100, "robot.list", &page()).await {
            result.unwrap();
        }
        assert_eq!(rig.sim.requests_of("token.create").len(), 2, "no storm");
        rig.assert_well_behaved();
    });
}

#[test]
fn a_vendor_that_refuses_connections_for_a_moment_costs_no_call() {
    run(async {
        let sim = Simulator::start().await.unwrap();
        let address = sim.address();
        let rig = Rig::at(sim, &[]).await;
        let connection = rig.connection.clone();
        drop(rig);
        let calls: Vec<_> = (0..20)
            .map(|_| {
                let connection = connection.clone();
                tokio::spawn(async move { connection.invoke("robot.list", &page()).await })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(500)).await;
        let sim = Simulator::builder().bind(address).start().await.unwrap();
        for call in calls {
            call.await.unwrap().unwrap();
        }
        assert_eq!(sim.logins(), 1);
        assert_eq!(sim.violations(), Vec::<String>::new());
    });
}

#[test]
fn a_session_that_is_always_refused_is_unauthorized_after_one_fresh_login() {
    run(async {
        let rig = Rig::isearch().await;
        rig.sim.fault(
            On::operation("queue-item.pop"),
            Fault::ExpiredToken,
            Times::UntilCleared,
        );
        let error = rig
            .invoke("queue-item.pop", json!({ "queueName": "RPA_admin" }))
            .await
            .unwrap_err();
        assert_eq!(error.kind, Kind::Unauthorized);
        assert_eq!(error.message, "Token 不合法");
        assert_eq!((rig.sim.logins(), rig.sim.count("queue-item.pop")), (2, 2));
    });
}

#[test]
fn one_connection_serves_many_calls() {
    run(async {
        let rig = Rig::isearch().await;
        for _ in 0..20 {
            rig.invoke("robot.list", page()).await.unwrap();
        }
        assert_eq!(rig.sim.connections(), 1, "TCP connections are kept");
    });
}

#[test]
fn the_clock_can_be_corrected() {
    run(async {
        let sim = Simulator::builder()
            .clock_offset_ms(3_600_000)
            .start()
            .await
            .unwrap();
        let rig = Rig::at(sim, &[("clock_skew_ms", "3600000")]).await;
        rig.invoke("robot.list", page()).await.unwrap();
        rig.assert_well_behaved();
    });
}

/// The connector has only a placeholder of it.
#[test]
fn the_secret_key_arrives_as_it_is() {
    run(async {
        let sim = Simulator::builder().secret_key(SECRET).start().await.unwrap();
        let rig = Rig::at(sim, &[("secret_key", SECRET)]).await;
        rig.invoke("robot.list", json!({ "page": 1, "size": 10 }))
            .await
            .unwrap();
        rig.assert_well_behaved();
        let login = &rig.sim.requests_of("token.create")[0];
        let encoded = "secretKey=p%26ss%20w%2Frd%2B%E5%AF%86%E7%A0%81~%2A%22%5C";
        assert!(login.query.contains(encoded), "{}", login.query);
    });
}
