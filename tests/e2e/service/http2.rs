//! HTTP/2 without TLS, as proxies and generated clients speak it.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use super::rig::served;
use crate::support::{Served, run};

type Sender = SendRequest<Empty<Bytes>>;

/// A connection that takes so many bytes of a response before it must be asked for more.
async fn connect(served: &Served, window: u32) -> (Sender, JoinHandle<hyper::Result<()>>) {
    let stream = TcpStream::connect(served.address()).await.unwrap();
    let (sender, connection) = Builder::new(TokioExecutor::new())
        .initial_stream_window_size(window)
        .handshake(TokioIo::new(stream))
        .await
        .unwrap();
    (sender, tokio::spawn(connection))
}

async fn get(sender: &mut Sender, served: &Served, path: &str) -> hyper::Result<Response<Incoming>> {
    sender.ready().await?;
    let request = Request::get(format!("http://{}{path}", served.address()));
    sender.send_request(request.body(Empty::new()).unwrap()).await
}

#[test]
fn many_requests_share_a_connection() {
    run(async {
        let (_sim, served) = served("limits = { headers = \"1KiB\" }").await;
        let (mut sender, _connection) = connect(&served, 1 << 20).await;
        let waiting: Vec<_> = (0..20)
            .map(|_| {
                let request = Request::get(format!("http://{}/v1/connections/rpa", served.address()));
                sender.send_request(request.body(Empty::new()).unwrap())
            })
            .collect();
        for response in waiting {
            let response = response.await.unwrap();
            assert_eq!(response.status(), 200);
            assert!(response.headers().contains_key("x-call-id"));
            let body = response.into_body().collect().await.unwrap().to_bytes();
            serde_json::from_slice::<serde_json::Value>(&body).unwrap();
        }
        let long = get(&mut sender, &served, &format!("/{}", "x".repeat(1100)))
            .await
            .unwrap();
        assert_eq!(long.status(), 431);
        assert!(long.headers().contains_key("x-call-id"));
        // Without tokens the name in the request counts, which HTTP/2 has in a field of its own.
        let foreign = Request::get("http://evil.example/v1/connections")
            .body(Empty::new())
            .unwrap();
        assert_eq!(sender.send_request(foreign).await.unwrap().status(), 403);
    });
}

#[test]
fn a_connection_without_requests_is_closed() {
    run(async {
        let (_sim, served) = served("limits = { request = \"500ms\" }").await;
        let (mut sender, connection) = connect(&served, 1 << 20).await;
        assert_eq!(get(&mut sender, &served, "/healthz").await.unwrap().status(), 200);
        let ended = tokio::time::timeout(Duration::from_mins(1), connection).await;
        ended.expect("the service doesn't close it").unwrap().unwrap();
    });
}

/// Nor do other requests on the same connection keep it open.
#[test]
fn a_client_that_does_not_take_a_response_is_cut() {
    run(async {
        let (_sim, served) = served("limits = { request = \"500ms\" }").await;
        let (mut sender, connection) = connect(&served, 16).await;
        let untaken = get(&mut sender, &served, "/v1/connections/rpa").await.unwrap();
        assert_eq!(untaken.status(), 200);
        let others = async {
            while let Ok(response) = get(&mut sender, &served, "/nowhere").await {
                drop(response);
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), others)
            .await
            .expect("the service doesn't cut it");
        drop(untaken);
        let _ = connection.await;
    });
}
