//! Sessions that are shared through Redis, between stores that stand for hosts.
#![cfg(unix)]

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use patchbay::Kind;
use patchbay::sessions::{RecordKey, SessionStore, SessionView, Stored};

use crate::StateLocation;

#[path = "../../../../tests/e2e/support/redis.rs"]
mod server;

use server::RedisServer;

fn location(url: &str) -> StateLocation {
    StateLocation::Redis(url.parse().unwrap())
}

fn store_at(url: &str) -> Arc<SessionStore> {
    store_trusting(url, &[])
}

fn store_trusting(url: &str, roots: &[Vec<u8>]) -> Arc<SessionStore> {
    Arc::new(SessionStore::new(Some(location(url).open(roots).unwrap())))
}

fn view(store: &SessionStore, connection: &str) -> SessionView {
    store.namespace(connection).view()
}

async fn get(store: &SessionStore, key: &str) -> Option<Vec<u8>> {
    view(store, "rpa").get(key).await
}

async fn set(store: &SessionStore, key: &str, value: &[u8]) -> bool {
    view(store, "rpa").set(key, value.to_vec()).await
}

/// Does what a call does whose session the vendor has refused: deletes the record it has seen, and reads again.
async fn refused(store: &SessionStore, key: &str) -> (SessionView, Option<Vec<u8>>) {
    let mut view = view(store, "rpa");
    assert!(view.get(key).await.is_some());
    view.delete(key).await;
    let after = view.get(key).await;
    (view, after)
}

fn bytes(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

#[tokio::test]
async fn another_host_waits_for_the_login_and_sees_what_it_gave() {
    let Some(redis) = RedisServer::start(&[]) else {
        return;
    };
    let (a, b) = (store_at(&redis.url()), store_at(&redis.url()));
    let mut first = view(&a, "rpa");
    assert_eq!(first.get("k").await, None);
    assert_eq!(first.get("k").await, None, "it has the lock already");
    let other = b.clone();
    let second = tokio::spawn(async move { get(&other, "k").await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!second.is_finished());
    assert!(redis.command(&["KEYS", "*"]).contains("patchbay:lock:rpa:k"));
    assert!(first.set("k", b"token".to_vec()).await);
    assert_eq!(second.await.unwrap(), Some(bytes("token")));
    let keys = redis.command(&["KEYS", "*"]);
    assert!(keys.contains("patchbay:session:rpa:k"), "{keys}");
    assert!(
        !keys.contains("patchbay:lock"),
        "given back with the record: {keys}"
    );
    for kept in ["patchbay:session:rpa:k", "patchbay:keys:rpa"] {
        let ttl = redis.command(&["TTL", kept]);
        assert!(ttl.starts_with(":-1"), "{kept} has no expiry: {ttl}");
    }
}

#[tokio::test]
async fn a_lock_ends_with_its_call() {
    let Some(redis) = RedisServer::start(&[]) else {
        return;
    };
    let (a, b) = (store_at(&redis.url()), store_at(&redis.url()));
    let mut first = view(&a, "rpa");
    assert_eq!(first.get("k").await, None);
    drop(first);
    a.settle().await;
    let keys = redis.command(&["KEYS", "*"]);
    assert!(!keys.contains("patchbay"), "{keys}");
    assert_eq!(get(&b, "k").await, None);
}

#[tokio::test]
async fn a_call_that_is_cut_while_it_asks_leaves_no_lock() {
    let Some(redis) = RedisServer::start(&[]) else {
        return;
    };
    let store = store_at(&redis.url());
    assert_eq!(get(&store, "warm").await, None);
    store.settle().await;
    redis.signal("STOP");
    let mut cut = view(&store, "rpa");
    let asked = tokio::time::timeout(Duration::from_millis(50), cut.get("k")).await;
    drop(cut);
    redis.signal("CONT");
    assert!(asked.is_err());
    store.settle().await;
    assert!(!redis.command(&["KEYS", "*"]).contains("patchbay"));
}

#[tokio::test]
async fn the_lock_of_a_host_that_is_gone_ends_by_itself() {
    let Some(redis) = RedisServer::start(&[]) else {
        return;
    };
    let store = store_at(&redis.url());
    let keep = ["SET", "patchbay:lock:rpa:k", "other-host", "PX", "700"];
    redis.command(&keep);
    let mut waiting = view(&store, "rpa");
    assert_eq!(waiting.get("k").await, None);
    let owner = redis.command(&["GET", "patchbay:lock:rpa:k"]);
    assert!(!owner.contains("other-host"), "it has the lock now: {owner}");
    // Only the owner gives it back.
    redis.command(&["SET", "patchbay:lock:rpa:k", "other-host"]);
    drop(waiting);
    store.settle().await;
    assert!(
        redis
            .command(&["GET", "patchbay:lock:rpa:k"])
            .contains("other-host")
    );
}

#[tokio::test]
async fn a_lock_without_expiry_blocks_no_longer_than_one_of_a_host_that_is_gone() {
    let Some(redis) = RedisServer::start(&[]) else {
        return;
    };
    let store = store_at(&redis.url());
    let lock = "patchbay:lock:rpa:k";
    for expiry in [&[][..], &["PX", "86400000"]] {
        redis.command(&[&["SET", lock, "other-host"], expiry].concat());
        let mut waiting = view(&store, "rpa");
        let begun = Instant::now();
        let got = tokio::time::timeout(Duration::from_secs(10), waiting.get("k")).await;
        assert_eq!(got.unwrap(), None, "it has the lock");
        assert!(begun.elapsed() > Duration::from_secs(4), "not before it expired");
        assert!(!redis.command(&["GET", lock]).contains("other-host"));
        drop(waiting);
        store.settle().await;
    }
}

#[tokio::test]
async fn changes_are_made_in_the_order_of_the_calls() {
    let Some(redis) = RedisServer::start(&[]) else {
        return;
    };
    let backend = location(&redis.url()).open(&[]).unwrap();
    let (connection, key) = ("rpa", "k");
    let record = RecordKey { connection, key };
    let first = backend.clone().set(record, b"first", 1);
    let cut = backend.clone().set(record, b"cut", 2);
    let last = tokio::spawn(backend.clone().set(record, b"last", 3));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!last.is_finished(), "it waits for its turn");
    drop(cut);
    assert_eq!(first.await, Stored::Yes);
    assert_eq!(last.await.unwrap(), Stored::Yes);
    let record = redis.command(&["GET", "patchbay:session:rpa:k"]);
    assert!(record.contains("last"), "{record}");
}

#[tokio::test]
async fn a_login_may_take_longer_than_the_lock_holds_unrenewed() {
    let Some(redis) = RedisServer::start(&[]) else {
        return;
    };
    let store = store_at(&redis.url());
    let mut slow = view(&store, "rpa");
    assert_eq!(slow.get("k").await, None);
    tokio::time::sleep(Duration::from_millis(5500)).await;
    assert!(redis.command(&["KEYS", "*"]).contains("patchbay:lock:rpa:k"));
}

#[tokio::test]
async fn a_refused_call_sees_the_newer_record_of_another_host() {
    let Some(redis) = RedisServer::start(&[]) else {
        return;
    };
    let (a, b) = (store_at(&redis.url()), store_at(&redis.url()));
    assert!(set(&a, "k", b"old").await);
    assert_eq!(get(&b, "k").await, Some(bytes("old")));
    let (mut renewing, after) = refused(&a, "k").await;
    assert_eq!(after, None, "it has the lock");
    assert!(renewing.set("k", b"new".to_vec()).await);
    assert_eq!(
        get(&b, "k").await,
        Some(bytes("old")),
        "a warm call doesn't ask Redis"
    );
    let (_, after) = refused(&b, "k").await;
    assert_eq!(after, Some(bytes("new")));
    assert_eq!(
        get(&a, "k").await,
        Some(bytes("new")),
        "only what was seen is deleted"
    );
    assert!(redis.command(&["GET", "patchbay:session:rpa:k"]).contains("new"));
}

#[tokio::test]
async fn a_call_that_deletes_has_the_lock_at_once() {
    let Some(redis) = RedisServer::start(&[]) else {
        return;
    };
    let (a, b) = (store_at(&redis.url()), store_at(&redis.url()));
    assert!(set(&a, "k", b"old").await);
    let mut renewing = view(&a, "rpa");
    assert!(renewing.get("k").await.is_some());
    renewing.delete("k").await;
    let second = tokio::spawn(async move { get(&b, "k").await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!second.is_finished());
    assert_eq!(renewing.get("k").await, None);
    assert!(renewing.set("k", b"new".to_vec()).await);
    assert_eq!(second.await.unwrap(), Some(bytes("new")));
    // Many keys are deleted, however many locks a call may hold.
    let mut cleaning = view(&a, "rpa");
    for number in 0..40 {
        assert!(cleaning.set(&number.to_string(), vec![1]).await);
    }
    for number in 0..40 {
        cleaning.delete(&number.to_string()).await;
    }
    assert_eq!(view(&a, "rpa").keys().await, ["k"]);
}

#[tokio::test]
async fn a_record_that_has_ended_does_not_come_back() {
    let Some(redis) = RedisServer::start(&[]) else {
        return;
    };
    let store = store_at(&redis.url());
    assert!(set(&store, "k", b"old").await);
    let (view, after) = refused(&store, "k").await;
    assert_eq!(after, None);
    drop(view);
    store.settle().await;
    // As a server does that starts again from an older snapshot.
    redis.command(&["SET", "patchbay:session:rpa:k", "old"]);
    assert_eq!(get(&store, "k").await, None);
    let keys = redis.command(&["KEYS", "*"]);
    assert!(!keys.contains("session"), "nor to other hosts: {keys}");
}

#[tokio::test]
async fn all_hosts_together_have_one_connections_room() {
    let Some(redis) = RedisServer::start(&[]) else {
        return;
    };
    let (a, b) = (store_at(&redis.url()), store_at(&redis.url()));
    let half = vec![b'x'; 600 << 10];
    assert!(set(&a, "one", &half).await);
    assert!(!set(&b, "two", &half).await);
    assert!(set(&a, "one", &half).await, "in place of the old one");
    assert!(
        view(&b, "other").set("two", half).await,
        "each connection has its own room"
    );
    assert_eq!(view(&b, "rpa").keys().await, ["one"]);
    assert!(view(&b, "rpa").exists("one").await);
    assert!(!view(&b, "rpa").exists("two").await);
    let (_view, _) = refused(&a, "one").await;
    assert_eq!(view(&b, "rpa").keys().await, Vec::<String>::new());
}

#[tokio::test]
async fn without_redis_a_host_keeps_to_itself_and_nothing_hangs() {
    let Some(mut redis) = RedisServer::start(&[]) else {
        return;
    };
    let store = store_at(&redis.url());
    assert!(set(&store, "k", b"token").await);
    redis.signal("STOP");
    // Each of these would wait for ever.
    let mut first = view(&store, "rpa");
    assert_eq!(first.get("other").await, None);
    let other = store.clone();
    let second = tokio::spawn(async move { get(&other, "other").await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!second.is_finished(), "one login within the host");
    assert!(first.set("other", b"mine".to_vec()).await);
    assert_eq!(second.await.unwrap(), Some(bytes("mine")));
    let (_view, after) = refused(&store, "k").await;
    assert_eq!(after, None);
    redis.signal("CONT");
    redis.kill();
    assert!(set(&store, "more", b"x").await);

    // It comes back without what it had, and is used again.
    let again = RedisServer::start_at(redis.port(), &[]).unwrap();
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert!(set(&store, "shared", b"x").await);
    assert!(
        again
            .command(&["KEYS", "*"])
            .contains("patchbay:session:rpa:shared")
    );
}

#[tokio::test]
async fn a_connection_that_has_ended_is_made_again() {
    let Some(mut redis) = RedisServer::start(&[]) else {
        return;
    };
    let store = store_at(&redis.url());
    assert!(set(&store, "k", b"token").await);
    redis.kill();
    let again = RedisServer::start_at(redis.port(), &[]).unwrap();
    assert!(set(&store, "k", b"token-2").await);
    assert!(
        again
            .command(&["GET", "patchbay:session:rpa:k"])
            .contains("token-2"),
        "at once"
    );
}

#[tokio::test]
async fn a_password_that_the_server_learns_later_is_tried_again() {
    let Some(mut redis) = RedisServer::start(&["--requirepass", "other-word"]) else {
        return;
    };
    let store = store_at(&format!("redis://:right-word@127.0.0.1:{}", redis.port()));
    assert!(set(&store, "k", b"local").await);
    redis.kill();
    let again = RedisServer::start_at(redis.port(), &["--requirepass", "right-word"]).unwrap();
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert!(set(&store, "k", b"shared").await);
    let record = again.commands(&["AUTH right-word", "GET patchbay:session:rpa:k"]);
    assert!(record.contains("shared"), "{record}");
}

#[tokio::test]
async fn tls_takes_the_given_certificates() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let write = |name: &str, content: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let certificate = write("cert.pem", made.cert.pem());
    let key = write("key.pem", made.signing_key.serialize_pem());
    let port = server::free_port();
    let tls_port = port.to_string();
    let tls = [
        &["--tls-port", &tls_port][..],
        &["--tls-cert-file", &certificate, "--tls-key-file", &key],
        &["--tls-auth-clients", "no"],
    ];
    let Some(_redis) = RedisServer::start(&tls.concat()) else {
        return;
    };
    let url = format!("rediss://localhost:{port}");
    let error = store_at(&url).check().await.unwrap_err();
    assert!(error.message.contains(&url), "{error}");
    let trusting = store_trusting(&url, &[made.cert.der().to_vec()]);
    trusting.check().await.unwrap();
}

#[tokio::test]
async fn an_unusable_server_is_reported_without_the_password() {
    let port = server::free_port();
    let error = store_at(&format!("redis://:hidden-word@127.0.0.1:{port}"))
        .check()
        .await
        .unwrap_err();
    assert_eq!(error.kind, Kind::Usage);
    assert!(
        error.message.contains(&format!("redis://127.0.0.1:{port}")),
        "{error}"
    );
    assert!(error.message.contains("start redis there"), "{error}");
    assert!(!error.message.contains("hidden-word"), "{error}");

    let Some(redis) = RedisServer::start(&["--requirepass", "right-word"]) else {
        return;
    };
    let address = format!("127.0.0.1:{}", redis.port());
    for credentials in ["", ":wrong-word@", "some-user:right-word@"] {
        let store = store_at(&format!("redis://{credentials}{address}"));
        let error = store.check().await.unwrap_err();
        assert!(
            error.message.contains("give a user and password"),
            "{credentials} {error}"
        );
        for secret in ["wrong-word", "right-word", "some-user"] {
            assert!(!error.message.contains(secret), "{error}");
            assert!(!format!("{store:?}").contains(secret), "{store:?}");
        }
    }
    store_at(&format!("redis://:right-word@{address}"))
        .check()
        .await
        .unwrap();
}

/// The log of a test.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn that_redis_is_gone_and_back_is_logged_once() {
    let Some(mut redis) = RedisServer::start(&["--requirepass", "hidden-word"]) else {
        return;
    };
    // While there is one subscriber only, the first thread that comes to an event decides for all whether it is
    // enabled, and other tests' threads have none.
    let other = tracing_subscriber::fmt().with_writer(std::io::sink).finish();
    let _ = tracing::subscriber::set_global_default(other);
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone());
    let _logging = tracing::subscriber::set_default(subscriber.with_ansi(false).finish());
    let store = store_at(&format!("redis://:hidden-word@127.0.0.1:{}", redis.port()));
    redis.kill();
    for key in ["a", "b"] {
        assert!(set(&store, key, b"x").await);
        assert_eq!(get(&store, "none").await, None);
        tokio::time::sleep(Duration::from_millis(2100)).await;
    }
    let _again = RedisServer::start_at(redis.port(), &["--requirepass", "hidden-word"]).unwrap();
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert!(set(&store, "c", b"x").await);
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert_eq!(logged.matches("redis can't be used").count(), 1, "{logged}");
    assert_eq!(logged.matches("through redis again").count(), 1, "{logged}");
    assert!(!logged.contains("hidden-word"), "{logged}");
}
