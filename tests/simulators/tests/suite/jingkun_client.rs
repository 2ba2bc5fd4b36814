//! A client of the JingKun platform, and a receiver of its callbacks.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use patchbay_simulators::Simulator;
use patchbay_simulators::jingkun::{Api, Builder, Callback, Jingkun};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::client::query;
use crate::http::{Answered, Failure, Http};

pub(crate) const AUTHORIZE: &str = "/api/dp/auth/oauth/authorize";
pub(crate) const TOKEN: &str = "/api/dp/auth/oauth/token";
const JSON: (&str, &str) = ("content-type", "application/json");

pub(crate) struct Client<A> {
    pub(crate) sim: Simulator<Jingkun<A>>,
    pub(crate) token: String,
    http: Http,
}

impl<A: Api> Client<A> {
    /// Starts a simulator, without a login.
    pub(crate) async fn stranger(builder: Builder<A>) -> Self {
        Self {
            sim: builder.start().await.unwrap(),
            token: String::new(),
            http: Http::new(),
        }
    }

    pub(crate) async fn new(builder: Builder<A>) -> Self {
        let mut client = Self::stranger(builder).await;
        client.login(None).await;
        client
    }

    pub(crate) async fn start() -> Self {
        Self::new(Builder::default()).await
    }

    pub(crate) async fn raw(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Answered, Failure> {
        let headers = headers.iter().copied();
        self.http
            .exchange(&self.sim, (method, target), headers, body)
            .await
    }

    pub(crate) fn authorize_path(&self) -> String {
        let pairs = [
            ("client_id", self.sim.client_id()),
            ("response_type", "code"),
            ("scope", "default"),
        ];
        format!("{AUTHORIZE}?{}", query(&pairs))
    }

    pub(crate) async fn code(&self) -> String {
        let answer = self.raw("GET", &self.authorize_path(), &[], "").await;
        let answer = answer.unwrap().json();
        assert_eq!((&answer["code"], &answer["message"]), (&json!(200), &json!("")));
        answer["data"]["code"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn grant(&self, code: &str, more: Value) -> Value {
        let mut body = json!({
            "code": code,
            "client_id": self.sim.client_id(),
            "client_secret": self.sim.client_secret(),
            "grant_type": "authorization_code",
        });
        let more = more.as_object().cloned().unwrap_or_default();
        body.as_object_mut().unwrap().extend(more);
        let answer = self.raw("POST", TOKEN, &[JSON], body.to_string()).await;
        answer.unwrap().json()
    }

    pub(crate) async fn login(&mut self, user: Option<&str>) {
        let more = user.map_or(Value::Null, |user| json!({ "user_id": user }));
        let answer = self.grant(&self.code().await, more).await;
        assert_eq!(answer["code"], 200, "{answer}");
        self.token = answer["data"]["access_token"].as_str().unwrap().into();
    }

    /// With the token.
    pub(crate) async fn call(
        &self,
        method: &str,
        target: &str,
        content_type: Option<&str>,
        body: impl Into<Bytes>,
    ) -> Result<Answered, Failure> {
        let bearer = format!("Bearer {}", self.token);
        let mut headers = vec![("authorization", bearer.as_str())];
        headers.extend(content_type.map(|kind| ("content-type", kind)));
        self.raw(method, target, &headers, body).await
    }

    pub(crate) async fn get(&self, path: &str, pairs: &[(&str, &str)]) -> Value {
        let target = if pairs.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{}", query(pairs))
        };
        self.call("GET", &target, None, "").await.unwrap().json()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.call("POST", path, Some(JSON.1), body.to_string()).await;
        answer.unwrap().json()
    }

    /// Sends a request that breaks a rule; the breach comes back.
    pub(crate) async fn breach(&self, method: &str, target: &str, kind: &str, body: &str) -> String {
        self.sim.clear_violations();
        let kind = (!kind.is_empty()).then_some(kind);
        let answer = self.call(method, target, kind, body.to_owned()).await.unwrap();
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        let breach = self.sim.violations().pop().unwrap();
        assert_eq!(
            answer.json(),
            json!({"message": breach, "code": 400, "data": null})
        );
        breach
    }

    /// So many attempts at callbacks, when they are over.
    pub(crate) async fn callbacks(&self, count: usize) -> Vec<Callback> {
        let start = Instant::now();
        while self.sim.callbacks().len() < count {
            assert!(start.elapsed() < Duration::from_secs(10), "too few callbacks");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.sim.callbacks()
    }
}

/// What it got.
pub(crate) type Got = Arc<Mutex<Vec<Value>>>;

/// A server that gives these replies in turn, the last one again and again.
pub(crate) async fn receiver(replies: &'static [(u16, &'static str)]) -> (String, Got) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook?key=%E9%92%A5", listener.local_addr().unwrap());
    let got = Got::default();
    let seen = Arc::clone(&got);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let seen = Arc::clone(&seen);
            let service = service_fn(move |request: Request<hyper::body::Incoming>| {
                let seen = Arc::clone(&seen);
                async move {
                    assert_eq!(request.method(), "POST");
                    assert_eq!(request.headers()["content-type"], "application/json");
                    assert_eq!(request.uri(), "/hook?key=%E9%92%A5");
                    let body = request.into_body().collect().await.unwrap().to_bytes();
                    let mut seen = seen.lock().unwrap();
                    let (status, text) = replies[seen.len().min(replies.len() - 1)];
                    seen.push(serde_json::from_slice(&body).unwrap());
                    Response::builder()
                        .status(status)
                        .header("content-type", "text/plain")
                        .body(Full::new(Bytes::from(text)))
                }
            });
            tokio::spawn(
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
            );
        }
    });
    (url, got)
}
