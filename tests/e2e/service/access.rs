//! Who may call.

use patchbay_simulators::isearch_rpa::Simulator;
use patchbay_simulators::{Fault, On, Times};
use reqwest::header::{AUTHORIZATION, HOST, ORIGIN};

use super::rig::{Raw, page, rpa, served};
use crate::support::{Setup, run};

const TOKEN: &str = "first-token-of-two";

#[test]
fn with_tokens_everything_but_probes_needs_one() {
    run(async {
        let (sim, served) = served(&format!("tokens = [\"{TOKEN}\", \"second-token\"]")).await;
        for path in ["/v1/connections", "/v1/connections/rpa", "/nowhere", "/"] {
            let answer = served.get(path).await;
            assert_eq!((answer.status, answer.kind()), (401, "unauthenticated"), "{path}");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
            assert_eq!(answer.header("content-type"), Some("application/problem+json"));
            assert!(answer.header("x-call-id").is_some());
        }
        for path in ["/healthz", "/readyz"] {
            assert_eq!(served.get(path).await.status, 200, "{path}");
        }
        for wrong in [
            "Bearer",
            "Bearer first-token-of-tw",
            "Bearer first-token-of-twoo",
            "Basic eDp5",
        ] {
            let call = served
                .call("rpa", "robot.list", &page())
                .header(AUTHORIZATION, wrong);
            assert_eq!(served.send(call).await.status, 401, "{wrong}");
        }
        assert_eq!(sim.requests().len(), 0);
        for right in ["Bearer first-token-of-two", "bearer second-token"] {
            let call = served
                .call("rpa", "robot.list", &page())
                .header(AUTHORIZATION, right);
            assert_eq!(served.send(call).await.status, 200, "{right}");
        }
    });
}

#[test]
fn no_token_and_no_secret_is_logged_at_any_level() {
    run(async {
        let sim = Simulator::start().await.unwrap();
        let serve = format!("tokens = [\"{TOKEN}\"]");
        let served = Setup::new(&serve, &rpa(&sim.base_url(), "")).start_with(|command| {
            command.env("RUST_LOG", "trace");
        });
        let repeats = Fault::envelope(5001, "no good: patchbay-secret");
        sim.fault(On::operation("robot.list"), repeats, Times::Next(1));
        for (token, status) in [(TOKEN, 502), (TOKEN, 200), ("another-token", 401)] {
            let call = served.call("rpa", "robot.list", &page()).bearer_auth(token);
            assert_eq!(served.send(call).await.status, status, "{token}");
        }
        served.said("the call succeeded");
        let log = served.log();
        assert!(log.contains("DEBUG") && log.contains("***"), "{log}");
        for needle in [TOKEN, "another-token", "patchbay-secret"] {
            assert!(!log.contains(needle), "{needle} in {log}");
        }
        for request in sim.requests() {
            for secret in ["accesstoken", "signature"]
                .iter()
                .filter_map(|name| request.header(name))
            {
                assert!(!log.contains(secret), "{secret} in {log}");
            }
        }
    });
}

/// A token replaces the checks for web pages, which can't have one.
#[test]
fn with_tokens_the_service_may_be_called_by_any_name() {
    run(async {
        let (_sim, served) = served(&format!("tokens = [\"{TOKEN}\"]\nlisten = \"0.0.0.0:0\"")).await;
        served.said("others can read what is sent");
        let port = served.address().port();
        let call = served
            .client
            .get(format!("http://127.0.0.1:{port}/v1/connections"));
        let call = call.bearer_auth(TOKEN).header(HOST, "patchbay.example.com");
        assert_eq!(served.send(call).await.status, 200);
    });
}

/// The token is looked at before the body: who has none can't make the service read.
#[test]
fn without_a_token_no_body_is_read() {
    run(async {
        let (_sim, served) = served(&format!("tokens = [\"{TOKEN}\"]")).await;
        let mut raw = Raw::connect(&served).await;
        raw.write(
            "POST /v1/connections/rpa/operations/robot.list HTTP/1.1\r\nhost: localhost\r\n\
             content-length: 1000\r\nexpect: 100-continue\r\n\r\n",
        )
        .await;
        let answer = raw.read_to_end().await;
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    });
}

#[test]
fn without_tokens_no_web_page_may_call() {
    run(async {
        let (sim, served) = served("").await;
        let call = || served.call("rpa", "robot.list", &page());
        for (name, value, words) in [
            (HOST, "rebound.example:7878", "rebound.example:7878"),
            (HOST, "192.168.0.7", "192.168.0.7"),
            (ORIGIN, "https://evil.example", "https://evil.example"),
            (ORIGIN, "null", "null"),
            (ORIGIN, "http://localhost:3000", "localhost:3000"),
        ] {
            let answer = served.send(call().header(&name, value)).await;
            assert_eq!((answer.status, answer.kind()), (403, "denied"), "{name}: {value}");
            let detail = answer.body["detail"].as_str().unwrap();
            assert!(
                detail.contains(words) && detail.contains("serve.tokens"),
                "{detail}"
            );
        }
        assert_eq!(sim.requests().len(), 0, "nothing was sent");
        let port = served.address().port();
        for host in [
            format!("localhost:{port}"),
            format!("127.0.0.1:{port}"),
            "[::1]".to_owned(),
        ] {
            let own_page = call()
                .header(HOST, &host)
                .header(ORIGIN, format!("http://{host}"));
            assert_eq!(served.send(own_page).await.status, 200, "{host}");
        }
        let mut raw = Raw::connect(&served).await;
        raw.write("GET /v1/connections HTTP/1.0\r\n\r\n").await;
        assert!(raw.read_to_end().await.contains(" 403 "), "no host at all");
    });
}
