//! What vendors call back about: the events in it, and the reply, which is the connector's business to the
//! last byte.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use patchbay::{CallId, CallKind, ConnectionOptions, Event, InboundRequest, Kind, Receipt};
use patchbay_simulators::jingkun::{Callback, Jingkun};
use patchbay_simulators::jingkun_plan::{self, Plans};
use patchbay_simulators::jingkun_workflow::{self, Workflows};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::jingkun::Document;
use crate::support::{Rig, host, run, with_connectors};

/// A connector with callbacks, and what a body of its vendor's has: the run's id and what runs.
struct Vendor {
    connector: &'static str,
    kind: &'static str,
    instance: &'static str,
    subject: &'static str,
    documented: &'static [&'static str],
}

const VENDORS: &[Vendor] = &[
    Vendor {
        connector: "jingkun-workflow",
        kind: "workflow-run",
        instance: "instanceId",
        subject: "modelId",
        documented: &["FINISH", "FAIL"],
    },
    Vendor {
        connector: "jingkun-plan",
        kind: "plan-run",
        instance: "planInstanceId",
        subject: "processPlanId",
        documented: &["DEFAULT", "RUNNING", "PENDING", "SUCCESS", "FAIL"],
    },
];

impl Vendor {
    fn body(&self, status: &str) -> Value {
        json!({ self.instance: "in16 067/中", self.subject: "md1", "status": status })
    }
}

async fn receive(connector: &str, request: InboundRequest) -> Receipt {
    let loaded = host().load(patchbay_artifacts::connector(connector));
    let options = ConnectionOptions {
        partial: true,
        ..ConnectionOptions::default()
    };
    let connection = host().connect(connector, loaded.await.unwrap(), options).unwrap();
    connection.receive(CallId::new(), request).await.result.unwrap()
}

fn post(body: impl Into<Vec<u8>>) -> InboundRequest {
    InboundRequest {
        method: "POST".to_owned(),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: body.into(),
        ..InboundRequest::default()
    }
}

fn assert_acknowledged(receipt: &Receipt) {
    assert_eq!(receipt.reply.status, 200);
    assert_eq!(
        receipt.reply.headers,
        [("content-type".to_owned(), "text/plain".to_owned())]
    );
    assert_eq!(receipt.reply.body, b"SUCCESS");
}

#[test]
fn a_callback_is_one_event_and_is_acknowledged() {
    run(async {
        for vendor in VENDORS {
            // What the document doesn't list passes through as it is.
            for status in vendor.documented.iter().chain(&["挂起", "finish"]) {
                let receipt = receive(vendor.connector, post(vendor.body(status).to_string())).await;
                assert_acknowledged(&receipt);
                let event = json!({
                    "kind": vendor.kind,
                    "subject": "in16 067/中",
                    "status": status,
                    "key": format!("in16 067/中:{status}"),
                    "payload": vendor.body(status),
                });
                assert_eq!(json!(receipt.events), json!([event]));
            }
        }
    });
}

#[test]
fn what_the_document_does_not_name_stays_in_the_payload() {
    run(async {
        for vendor in VENDORS {
            let mut body = vendor.body("FAIL").to_string();
            body.truncate(body.len() - 1);
            body.push_str(r#","cost":12345678901234567890.10,"nodes":[{"id":9007199254740993}],"why":null}"#);
            let receipt = receive(vendor.connector, post(body.clone())).await;
            assert_acknowledged(&receipt);
            assert_eq!(receipt.events[0].payload.to_string(), body, "to the digit");
        }
    });
}

#[test]
fn what_is_no_such_callback_gets_400_and_no_event() {
    run(async {
        for (vendor, other) in [(&VENDORS[0], &VENDORS[1]), (&VENDORS[1], &VENDORS[0])] {
            let mut bodies: Vec<Vec<u8>> = vec![
                Vec::new(),
                b"SUCCESS".to_vec(),
                b"instanceId=1&modelId=2&status=FAIL".to_vec(),
                b"{\"status\":\"\xff\"}".to_vec(),
                b"null".to_vec(),
                b"7".to_vec(),
                other.body("FAIL").to_string().into_bytes(),
                json!([vendor.body("FAIL")]).to_string().into_bytes(),
                format!("{} {}", vendor.body("FAIL"), vendor.body("FAIL")).into_bytes(),
            ];
            for member in [vendor.instance, vendor.subject, "status"] {
                let mut body = vendor.body("FAIL");
                for value in [json!(""), json!(" "), json!(7), json!(null), json!(["FAIL"])] {
                    body[member] = value;
                    bodies.push(body.to_string().into_bytes());
                }
                body.as_object_mut().unwrap().remove(member);
                bodies.push(body.to_string().into_bytes());
            }
            for body in bodies {
                let text = String::from_utf8_lossy(&body).into_owned();
                let receipt = receive(vendor.connector, post(body)).await;
                assert_eq!(receipt.events, [], "{}: {text}", vendor.connector);
                assert_eq!(receipt.reply.status, 400, "{}: {text}", vendor.connector);
                assert_ne!(receipt.reply.body, b"SUCCESS", "{}: {text}", vendor.connector);
            }
            let mut get = post(vendor.body("FAIL").to_string());
            get.method = "GET".to_owned();
            let receipt = receive(vendor.connector, get).await;
            assert_eq!((receipt.events.len(), receipt.reply.status), (0, 400));
        }
    });
}

#[test]
fn the_command_line_takes_callbacks_without_settings() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("body.json");
    for vendor in VENDORS {
        let body = vendor.body("FAIL");
        std::fs::write(&file, body.to_string()).unwrap();
        let at_file = format!("@{}", file.display());
        for given in [body.to_string(), at_file] {
            let ran = with_connectors(&["callback", vendor.connector, "--body", &given]);
            assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran:?}");
            assert_eq!(
                ran.json(),
                json!({
                    "events": [{
                        "kind": vendor.kind,
                        "subject": "in16 067/中",
                        "status": "FAIL",
                        "key": "in16 067/中:FAIL",
                        "payload": body,
                    }],
                    "reply": { "status": 200, "headers": [["content-type", "text/plain"]], "body": "SUCCESS" },
                })
            );
        }
        for body in ["-", "[]", r#"{"status":"FAIL"}"#] {
            let ran = with_connectors(&["callback", vendor.connector, "--body", body]);
            assert_eq!(ran.code, 0, "the reply is the result, whatever it says: {ran:?}");
            assert_eq!(
                (&ran.json()["events"], &ran.json()["reply"]["status"]),
                (&json!([]), &json!(400)),
                "{body}"
            );
        }
    }
}

#[test]
fn callbacks_that_nobody_takes_are_wrong_usage() {
    for (target, body, kind, words) in [
        ("isearch-rpa", "{}", "usage", "takes no callbacks"),
        (
            "jingkun-plans",
            "{}",
            "unknown-connection",
            "did you mean \"jingkun-plan\"?",
        ),
        ("jingkun-plan", "@/nowhere.json", "usage", "/nowhere.json"),
    ] {
        let ran = with_connectors(&["callback", target, "--body", body]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran:?}");
        let error = ran.error();
        assert_eq!(error["kind"], kind, "{error}");
        assert!(error["message"].as_str().unwrap().contains(words), "{error}");
    }
}

/// What takes callbacks over HTTP: lets a connector interpret them, keeps the events, sends the reply.
struct Receiver {
    url: String,
    events: Arc<Mutex<Vec<Event>>>,
    // Ends with the receiver.
    _server: JoinSet<()>,
}

impl Receiver {
    async fn start(connector: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!(
            "http://{}/callbacks/a%2Fb?key=c%2Bd",
            listener.local_addr().unwrap()
        );
        let events = Arc::new(Mutex::new(Vec::new()));
        let mut server = JoinSet::new();
        server.spawn(serve(listener, connector, events.clone()));
        Self {
            url,
            events,
            _server: server,
        }
    }

    fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap().clone()
    }
}

async fn serve(listener: TcpListener, connector: &'static str, events: Arc<Mutex<Vec<Event>>>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let answer = service_fn(|request| answer(connector, &events, request));
        http1::Builder::new()
            .serve_connection(TokioIo::new(stream), answer)
            .await
            .unwrap();
    }
}

async fn answer(
    connector: &str,
    events: &Mutex<Vec<Event>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let headers = head.headers.iter();
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let receipt = receive(
        connector,
        InboundRequest {
            method: head.method.to_string(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            headers: headers.collect(),
            body: body.collect().await.unwrap().to_bytes().to_vec(),
        },
    )
    .await;
    // First they are safe, then the vendor is told so.
    events.lock().unwrap().extend(receipt.events);
    let mut response = Response::builder().status(receipt.reply.status);
    for (name, value) in &receipt.reply.headers {
        response = response.header(name, value);
    }
    Ok(response.body(Full::from(receipt.reply.body)).unwrap())
}

/// The attempts at callbacks, when there are so many.
async fn attempts<A: Document>(rig: &Rig<Jingkun<A>>, expected: usize) -> Vec<Callback> {
    for _ in 0..1_000 {
        if rig.sim.callbacks().len() >= expected {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let attempts = rig.sim.callbacks();
    assert_eq!(attempts.len(), expected, "{attempts:#?}");
    attempts
}

fn assert_taken_at_once(attempts: &[Callback], url: &str) {
    for attempt in attempts {
        assert_eq!(attempt.attempt, 1, "{attempt:?}");
        assert!(attempt.acknowledged, "{attempt:?}");
        assert_eq!(attempt.content_type.as_deref(), Some("text/plain"));
        assert_eq!(attempt.url, url, "the URL is the one that was given");
    }
}

#[test]
fn the_end_of_a_workflow_s_run_comes_back_as_an_event() {
    run(async {
        let receiver = Receiver::start("jingkun-workflow").await;
        let sim = jingkun_workflow::Simulator::builder()
            .run_step(Duration::ZERO)
            .start()
            .await
            .unwrap();
        let urls = sim.execute_urls().to_string();
        let rig: Rig<Jingkun<Workflows>> = Rig::at(sim, &[("execute_urls", &urls)]).await;
        let succeeds = json!({ "processModelId": "md20240002", "callbackUrl": receiver.url });
        let fails = json!({
            "processModelId": "md20240003", "callbackUrl": receiver.url, "mapParam": { "STANDBY_DB": "db-02" },
        });
        for (at, (input, status)) in [(succeeds, "FINISH"), (fails, "FAIL")].into_iter().enumerate() {
            let started = rig.invoke("workflow.execute", input.clone()).await.unwrap();
            let attempts = attempts(&rig, at + 1).await;
            assert_taken_at_once(&attempts, &receiver.url);
            let instance = started["instanceId"].as_str().unwrap();
            let event = &receiver.events()[at];
            assert_eq!(
                (event.subject.as_str(), event.status.as_deref()),
                (instance, Some(status))
            );
            assert_eq!(event.key, format!("{instance}:{status}"));
            let payload =
                json!({ "instanceId": instance, "modelId": input["processModelId"], "status": status });
            assert_eq!(event.payload, payload);
        }
        rig.assert_well_behaved();
    });
}

#[test]
fn each_state_of_a_plan_s_run_comes_back_as_an_event() {
    run(async {
        let receiver = Receiver::start("jingkun-plan").await;
        let sim = jingkun_plan::Simulator::builder()
            .run_step(Duration::ZERO)
            .schedule_second(Duration::from_millis(1))
            .running_callbacks(true)
            .start()
            .await
            .unwrap();
        let rig: Rig<Jingkun<Plans>> = Rig::at(sim, &[]).await;
        let input = json!({ "processPlanId": "pl20240002", "callbackUrl": receiver.url });
        let started = rig.invoke("plan.execute", input).await.unwrap();
        assert_taken_at_once(&attempts(&rig, 2).await, &receiver.url);
        let instance = started[0]["planInstanceId"].as_str().unwrap();
        let keys: Vec<String> = receiver.events().into_iter().map(|event| event.key).collect();
        assert_eq!(
            keys,
            [format!("{instance}:RUNNING"), format!("{instance}:SUCCESS")]
        );

        // What a schedule starts is heard of in no other way.
        let input = json!({
            "processPlanId": "pl20240002", "callbackUrl": receiver.url, "sceneName": "夜间",
            "dimension": "seconds", "intervals": "1", "executeStrategy": "single",
        });
        rig.invoke("plan-schedule.create", input).await.unwrap();
        assert_taken_at_once(&attempts(&rig, 4).await, &receiver.url);
        let events = receiver.events();
        assert_ne!(events[3].subject, instance);
        assert_eq!(
            (events[3].subject.as_str(), events[3].status.as_deref()),
            (events[2].subject.as_str(), Some("SUCCESS"))
        );
        rig.assert_well_behaved();
    });
}

#[test]
fn a_vendor_repeats_what_is_not_acknowledged() {
    run(async {
        // The wrong connector: it takes the body for no callback of its vendor's.
        let receiver = Receiver::start("jingkun-workflow").await;
        let sim = jingkun_plan::Simulator::builder()
            .run_step(Duration::ZERO)
            .callback_interval(Duration::from_millis(5))
            .start()
            .await
            .unwrap();
        let rig: Rig<Jingkun<Plans>> = Rig::at(sim, &[]).await;
        let input = json!({ "processPlanId": "pl20240002", "callbackUrl": receiver.url });
        rig.invoke("plan.execute", input).await.unwrap();
        for attempt in attempts(&rig, 3).await {
            assert_eq!(
                (attempt.status, attempt.acknowledged),
                (Some(400), false),
                "{attempt:?}"
            );
        }
        assert_eq!(receiver.events(), []);
    });
}

#[test]
fn a_callback_is_a_call_with_a_record() {
    run(async {
        let loaded = host()
            .load(patchbay_artifacts::connector("jingkun-plan"))
            .await
            .unwrap();
        let options = ConnectionOptions {
            partial: true,
            rate: Some("1/h".parse().unwrap()),
            ..ConnectionOptions::default()
        };
        let connection = host().connect("callback-record", loaded, options).unwrap();
        let id = CallId::new();
        let body = VENDORS[1].body("SUCCESS").to_string();
        let outcome = connection.receive(id, post(body.clone())).await;
        outcome.result.unwrap();
        let record = host().call(id).unwrap();
        assert_eq!(
            (record.kind, record.connection.as_str(), record.outcome()),
            (CallKind::Callback, "callback-record", "success")
        );
        assert!(
            record.explain().contains("a callback sends nothing"),
            "{}",
            record.explain()
        );
        let second = connection
            .receive(CallId::new(), post(body))
            .await
            .result
            .unwrap_err();
        assert_eq!(second.kind, Kind::Throttled, "the rate holds for callbacks too");
    });
}
