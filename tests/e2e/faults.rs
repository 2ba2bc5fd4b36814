//! What a vendor can do wrong, and which failure it becomes.

use std::time::Duration;

use patchbay::{Error, Kind};
use patchbay_simulators::isearch_rpa::IsearchRpa;
use patchbay_simulators::{Fault, On, Times};
use serde_json::json;

use crate::support::{Rig, run};

/// What `robot.list` becomes under a fault that lasts.
async fn under(rig: &Rig<IsearchRpa>, fault: Fault) -> Error {
    rig.sim
        .fault(On::operation("robot.list"), fault, Times::UntilCleared);
    let result = rig
        .connection
        .invoke_within(
            "robot.list",
            &json!({ "page": 1, "size": 1 }),
            Duration::from_secs(3),
        )
        .await;
    rig.sim.clear_faults();
    result.unwrap_err()
}

#[test]
fn each_fault_keeps_its_kind() {
    run(async {
        let rig = Rig::isearch().await;
        let cases = [
            (Fault::status(500), Kind::Rejected, Some(500)),
            (Fault::unavailable(2), Kind::Unreachable, Some(503)),
            (Fault::throttled(2), Kind::Throttled, Some(429)),
            (Fault::NotJson, Kind::MalformedResponse, Some(200)),
            (Fault::NotEnvelope, Kind::MalformedResponse, Some(200)),
            (Fault::Empty, Kind::MalformedResponse, Some(200)),
            (
                Fault::raw_json(r#"{"msg":"no code"}"#),
                Kind::MalformedResponse,
                Some(200),
            ),
            (Fault::envelope(5001, "系统繁忙"), Kind::Rejected, Some(200)),
            (Fault::status(401), Kind::Unauthorized, Some(401)),
            (Fault::status(403), Kind::Unauthorized, Some(403)),
            (Fault::ExpiredToken, Kind::Unauthorized, Some(200)),
            (Fault::DropBefore, Kind::Unreachable, None),
            (Fault::DropAfter, Kind::Unreachable, None),
            (Fault::Truncate, Kind::Unreachable, None),
            (Fault::huge(false), Kind::MalformedResponse, None),
            (Fault::huge(true), Kind::MalformedResponse, None),
            (
                Fault::Slow {
                    delay: Duration::from_secs(30),
                },
                Kind::Timeout,
                None,
            ),
            (
                Fault::Drip {
                    interval: Duration::from_millis(200),
                },
                Kind::Timeout,
                None,
            ),
        ];
        for (fault, kind, status) in cases {
            let name = format!("{fault:?}");
            let error = under(&rig, fault).await;
            assert_eq!(
                (error.kind, error.http_status),
                (kind, status),
                "{name}: {error:?}"
            );
            assert!(!error.message.is_empty(), "{name}");
            if matches!(kind, Kind::Unreachable | Kind::Timeout | Kind::MalformedResponse) {
                assert_eq!(
                    error.request_sent,
                    Some(true),
                    "{name}: the vendor has seen the request"
                );
            }
            // What happened leaves nothing behind.
            rig.invoke("robot.list", json!({ "page": 1, "size": 1 }))
                .await
                .unwrap();
        }
    });
}

#[test]
fn the_vendors_words_and_wishes_come_through() {
    run(async {
        let rig = Rig::isearch().await;
        let busy = under(&rig, Fault::envelope(5001, "系统繁忙")).await;
        assert_eq!(
            (busy.message.as_str(), busy.code.as_deref()),
            ("系统繁忙", Some("5001"))
        );
        assert_eq!(under(&rig, Fault::throttled(7)).await.retry_after_ms, Some(7000));
        let html = under(&rig, Fault::status(500)).await;
        assert!(
            html.message.contains("500"),
            "what isn't JSON is quoted: {html:?}"
        );
        let large = under(&rig, Fault::huge(true)).await;
        assert!(large.message.contains("limits.response"), "{large:?}");
    });
}

#[test]
fn a_write_is_sent_once_whatever_happens() {
    run(async {
        let rig = Rig::isearch().await;
        for fault in [
            Fault::DropAfter,
            Fault::DropBefore,
            Fault::status(503),
            Fault::Truncate,
        ] {
            rig.sim.clear_requests();
            let before = rig.sim.count("job.create");
            rig.sim
                .fault(On::operation("job.create"), fault, Times::UntilCleared);
            let error = rig.invoke("job.create", json!({ "id": 74 })).await.unwrap_err();
            rig.sim.clear_faults();
            assert_ne!(error.request_sent, Some(false), "{error:?}");
            assert_eq!(rig.sim.count("job.create") - before, 1);
        }
    });
}

#[test]
fn nothing_listens() {
    run(async {
        let rig = Rig::isearch().await;
        let address = rig.sim.address();
        rig.invoke("robot.list", json!({ "page": 1, "size": 1 }))
            .await
            .unwrap();
        let Rig { sim, connection } = rig;
        drop(sim);
        // Until the last connection is gone a request may still be taken.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let read = connection
            .invoke("robot.list", &json!({ "page": 1, "size": 1 }))
            .await
            .unwrap_err();
        assert_eq!(
            (read.kind, read.request_sent),
            (Kind::Unreachable, Some(false)),
            "{read:?}"
        );
        // A request with a body is told apart as well.
        let write = connection
            .invoke("job.create", &json!({ "id": 74 }))
            .await
            .unwrap_err();
        assert_eq!(
            (write.kind, write.request_sent),
            (Kind::Unreachable, Some(false)),
            "{write:?}"
        );
        assert!(write.message.contains(&address.to_string()), "{write:?}");
    });
}

#[test]
fn a_failed_login_tells_why() {
    run(async {
        for (fault, kind) in [
            (Fault::status(500), Kind::Rejected),
            (Fault::NotJson, Kind::MalformedResponse),
            (Fault::DropBefore, Kind::Unreachable),
            (Fault::throttled(1), Kind::Throttled),
            (
                Fault::raw_json(r#"{"code":0,"msg":"ok","result":{}}"#),
                Kind::MalformedResponse,
            ),
        ] {
            let rig = Rig::isearch().await;
            rig.sim
                .fault(On::operation("token.create"), fault, Times::UntilCleared);
            let error = rig
                .invoke("robot.list", json!({ "page": 1, "size": 1 }))
                .await
                .unwrap_err();
            assert_eq!(error.kind, kind, "{error:?}");
            assert_eq!(rig.sim.count("robot.list"), 0);
        }
    });
}

#[test]
fn what_may_be_repeated_is_repeated_when_the_vendor_falters() {
    run(async {
        let rig = Rig::isearch().await;
        rig.invoke("robot.list", json!({ "page": 1, "size": 1 }))
            .await
            .unwrap();
        let read = ("robot.list", json!({ "page": 1, "size": 1 }));
        let idempotent = ("robot.update", json!({ "id": "101", "robotAlias": "x" }));
        for (operation, input) in [read, idempotent] {
            for fault in [
                Fault::DropBefore,
                Fault::Truncate,
                Fault::unavailable(0),
                Fault::throttled(1),
            ] {
                let name = format!("{operation} {fault:?}");
                let before = rig.sim.count(operation);
                rig.sim.fault(On::operation(operation), fault, Times::Next(1));
                rig.invoke(operation, input.clone())
                    .await
                    .unwrap_or_else(|error| panic!("{name}: {error:?}"));
                assert_eq!(rig.sim.count(operation) - before, 2, "{name}");
            }
        }
        // Not for ever, and not beyond the deadline.
        let before = rig.sim.count("robot.list");
        assert_eq!(under(&rig, Fault::status(503)).await.http_status, Some(503));
        assert_eq!(rig.sim.count("robot.list") - before, 3);
        let before = rig.sim.count("robot.list");
        assert_eq!(
            under(&rig, Fault::throttled(60)).await.retry_after_ms,
            Some(60_000)
        );
        assert_eq!(
            rig.sim.count("robot.list") - before,
            1,
            "the wait would pass the deadline"
        );
        rig.assert_well_behaved();
    });
}
