//! Logging in, for both documents: one login for everybody, and what costs another.

use std::time::Duration;

use patchbay::manifest::Effect;
use patchbay::{Error, Kind};
use patchbay_simulators::jingkun::{Builder, CLIENT_ID, CLIENT_SECRET, Jingkun, RefuseWith};
use patchbay_simulators::jingkun_plan::Plans;
use patchbay_simulators::jingkun_workflow::Workflows;
use patchbay_simulators::{Fault, On, Times};
use serde_json::{Value, json};

use super::Document;
use crate::secrets::SECRET;
use crate::support::{Rig, run};

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

        let sim = builder::<A>().start().await.unwrap();
        let rig = Rig::at(sim, &[("scope", "all"), ("user_id", "2")]).await;
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
            let rig = started(builder::<A>().refuse_with(how)).await;
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
            let rig = started(builder::<A>().refuse_with(how)).await;
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
        let rig = started(builder::<A>().opaque_tokens(true)).await;
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
            let lifetimes = builder::<A>().token_lifetime(Duration::from_secs(lifetime));
            let rig = started(lifetimes).await;
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
    rig.at_once(calls, A::LIST, &json!({})).await
}

fn builder<A: Document>() -> Builder<A> {
    Builder::default()
}

async fn started<A: Document>(builder: Builder<A>) -> Rig<Jingkun<A>> {
    Rig::at(builder.start().await.unwrap(), &[]).await
}

/// A platform that takes a while, so that calls overlap.
async fn slow<A: Document>(settings: &[(&str, &str)]) -> Rig<Jingkun<A>> {
    let sim = builder::<A>().latency(Duration::from_millis(30));
    Rig::at(sim.start().await.unwrap(), settings).await
}

/// The requests for codes and for tokens.
fn logins<A: Document>(rig: &Rig<Jingkun<A>>) -> (u64, u64) {
    (rig.sim.count("oauth-code.get"), rig.sim.logins())
}

/// The connector has only a placeholder of it.
#[test]
fn the_client_secret_arrives_as_it_is() {
    async fn check<A: Document>(rig: Rig<Jingkun<A>>) {
        rig.invoke(A::LIST, json!({})).await.unwrap();
        rig.assert_well_behaved();
        let login = &rig.sim.requests_of("oauth-token.create")[0];
        assert_eq!(login.json().unwrap()["client_secret"], SECRET);
    }
    run(async {
        let settings = [("client_secret", SECRET)];
        let sim = builder::<Workflows>()
            .client_secret(SECRET)
            .start()
            .await
            .unwrap();
        check(Rig::at(sim, &settings).await).await;
        let sim = builder::<Plans>().client_secret(SECRET).start().await.unwrap();
        check(Rig::at(sim, &settings).await).await;
    });
}
