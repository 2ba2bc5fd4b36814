//! Sessions in a folder.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use patchbay::sessions::SessionStore;
use patchbay::{Error, Kind};

use crate::StateLocation;

fn store(folder: &Path) -> Result<SessionStore, Error> {
    let backend = StateLocation::Folder(folder.to_owned()).open(&[])?;
    Ok(SessionStore::new(Some(backend)))
}

async fn set(store: &SessionStore, connection: &str, key: &str, value: &[u8]) -> bool {
    let mut view = store.namespace(connection).view();
    view.set(key, value.to_vec()).await
}

async fn get(store: &SessionStore, connection: &str, key: &str) -> Option<Vec<u8>> {
    store.namespace(connection).view().get(key).await
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn sessions_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let first = store(folder.path()).unwrap();
    assert!(set(&first, "rpa", "kept", b"old").await);
    assert!(set(&first, "rpa", "kept", b"new").await);
    assert!(set(&first, "rpa", "deleted", b"x").await);
    assert!(set(&first, "other", "kept", b"theirs").await);
    let mut view = first.namespace("rpa").view();
    assert!(view.get("deleted").await.is_some());
    view.delete("deleted").await;
    drop((view, first));

    let second = store(folder.path()).unwrap();
    assert_eq!(get(&second, "rpa", "kept").await.as_deref(), Some(&b"new"[..]));
    assert_eq!(get(&second, "rpa", "deleted").await, None);
    assert_eq!(
        get(&second, "other", "kept").await.as_deref(),
        Some(&b"theirs"[..])
    );
    let keys = second.namespace("rpa").view().keys().await;
    assert_eq!(keys, ["kept"]);
}

#[tokio::test]
async fn what_was_there_before_counts_as_room_taken() {
    let folder = tempfile::tempdir().unwrap();
    let half = vec![1; 600 << 10];
    let first = store(folder.path()).unwrap();
    assert!(set(&first, "rpa", "one", &half).await);
    drop(first);
    let second = store(folder.path()).unwrap();
    assert!(!set(&second, "rpa", "two", &half).await);
    assert!(set(&second, "rpa", "one", &half).await);
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect()
}

#[tokio::test]
async fn only_the_owner_can_read_them() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("new/state");
    let first = store(&folder).unwrap();
    assert!(set(&first, "rpa", "k", b"token").await);
    drop(first);
    assert_eq!(mode(&folder), 0o700);
    let files = files(&folder);
    assert_eq!(files.len(), 1, "{files:?}");
    for file in &files {
        assert_eq!(mode(file), 0o600, "{file:?}");
    }
    set_mode(&folder, 0o755);
    let again = store(&folder).unwrap();
    assert_eq!(mode(&folder), 0o700, "tightened");
    assert!(get(&again, "rpa", "k").await.is_some());
}

#[test]
fn a_folder_of_all_users_is_rejected_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    set_mode(folder.path(), 0o1777);
    let error = store(folder.path()).unwrap_err();
    assert!(error.message.contains("a folder of its own"), "{error}");
    assert_eq!(mode(folder.path()), 0o1777);
}

#[tokio::test]
async fn another_host_waits_for_the_login_and_sees_what_it_gave() {
    let folder = tempfile::tempdir().unwrap();
    let [a, b] = [(); 2].map(|()| store(folder.path()).unwrap());
    let mut first = a.namespace("rpa").view();
    assert_eq!(first.get("k").await, None);
    let second = tokio::spawn(async move { get(&b, "rpa", "k").await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!second.is_finished());
    assert!(first.set("k", b"token".to_vec()).await);
    assert_eq!(second.await.unwrap().as_deref(), Some(&b"token"[..]));
    a.settle().await;
    assert_eq!(files(folder.path()).len(), 1, "the lock is given back");
}

#[tokio::test]
async fn a_lock_ends_with_its_call() {
    let folder = tempfile::tempdir().unwrap();
    let [a, b] = [(); 2].map(|()| store(folder.path()).unwrap());
    let mut first = a.namespace("rpa").view();
    assert_eq!(first.get("k").await, None);
    assert_eq!(files(folder.path()).len(), 1);
    drop(first);
    a.settle().await;
    assert_eq!(files(folder.path()), Vec::<PathBuf>::new());
    assert_eq!(get(&b, "rpa", "k").await, None);
}

#[tokio::test]
async fn a_lock_comes_after_what_its_call_has_written() {
    let folder = tempfile::tempdir().unwrap();
    let [a, b] = [(); 2].map(|()| store(folder.path()).unwrap());
    for round in 0..50 {
        let key = round.to_string();
        let mut cut = a.namespace("rpa").view();
        assert_eq!(cut.get(&key).await, None);
        // Polled once and given up, as by a caller that goes away.
        let _ = tokio::time::timeout(Duration::ZERO, cut.set(&key, b"token".to_vec())).await;
        drop(cut);
        assert!(get(&b, "rpa", &key).await.is_some(), "{round}");
    }
}

#[tokio::test]
async fn a_refused_call_sees_the_newer_record_of_another_host() {
    let folder = tempfile::tempdir().unwrap();
    let [a, b] = [(); 2].map(|()| store(folder.path()).unwrap());
    assert!(set(&a, "rpa", "k", b"old").await);
    assert_eq!(get(&b, "rpa", "k").await.as_deref(), Some(&b"old"[..]));
    let mut renewing = a.namespace("rpa").view();
    assert!(renewing.get("k").await.is_some());
    renewing.delete("k").await;
    // It is refused as well, and waits for the one that renews it.
    let mut refused = b.namespace("rpa").view();
    assert!(refused.get("k").await.is_some());
    let waiting = tokio::spawn(async move {
        refused.delete("k").await;
        refused.get("k").await
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!waiting.is_finished());
    assert_eq!(renewing.get("k").await, None);
    assert!(renewing.set("k", b"new".to_vec()).await);
    assert_eq!(waiting.await.unwrap().as_deref(), Some(&b"new"[..]));
}

#[tokio::test]
async fn a_lock_of_a_process_that_is_stopped_does_not_hold_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let [a, b] = [(); 2].map(|()| store(folder.path()).unwrap());
    let mut stopped = a.namespace("rpa").view();
    assert_eq!(stopped.get("k").await, None);
    let [lock] = files(folder.path()).try_into().unwrap();
    let lock = std::fs::File::options().write(true).open(lock).unwrap();
    lock.set_modified(SystemTime::now() - Duration::from_mins(2))
        .unwrap();
    let mut other = b.namespace("rpa").view();
    assert_eq!(other.get("k").await, None, "it has the lock now");
    drop(stopped);
    a.settle().await;
    assert_eq!(files(folder.path()).len(), 1, "only who has it gives it back");
    assert!(other.set("k", b"token".to_vec()).await);
}

#[tokio::test]
async fn many_hosts_make_one_login() {
    let folder = tempfile::tempdir().unwrap();
    let logins = Arc::new(AtomicUsize::new(0));
    let hosts = (0..8).map(|_| {
        let (host, logins) = (store(folder.path()).unwrap(), logins.clone());
        tokio::spawn(async move {
            for key in 0..20 {
                let key = key.to_string();
                let mut view = host.namespace("rpa").view();
                if view.get(&key).await.is_none() {
                    logins.fetch_add(1, Ordering::Relaxed);
                    tokio::task::yield_now().await;
                    assert!(view.set(&key, b"token".to_vec()).await);
                }
            }
        })
    });
    for host in hosts.collect::<Vec<_>>() {
        host.await.unwrap();
    }
    assert_eq!(logins.load(Ordering::Relaxed), 20);
}

#[tokio::test]
async fn many_small_records_take_room_too() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path()).unwrap();
    let mut stored = 0;
    while set(&store, "rpa", &format!("k{stored}"), b"x").await {
        stored += 1;
        assert!(stored < 1000, "each takes a block of the file system");
    }
    assert!(stored > 100, "{stored}");
}

#[tokio::test]
async fn what_cannot_be_written_costs_logins_and_no_calls() {
    let folder = tempfile::tempdir().unwrap();
    let host = store(folder.path()).unwrap();
    // In its place is something that isn't a folder.
    let sessions = folder.path().join("sessions");
    std::fs::remove_dir_all(&sessions).unwrap();
    std::fs::write(&sessions, "").unwrap();
    assert_eq!(get(&host, "rpa", "k").await, None);
    assert!(set(&host, "rpa", "k", b"token").await);
    assert!(get(&host, "rpa", "k").await.is_some(), "in memory");
}

#[test]
fn a_file_in_place_of_the_folder_is_reported() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = store(file.path()).unwrap_err();
    assert_eq!(error.kind, Kind::Usage);
    assert!(error.message.contains("can't be used"), "{error}");
}

#[tokio::test]
async fn a_damaged_record_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let first = store(folder.path()).unwrap();
    assert!(set(&first, "rpa", "k", &[7; 500]).await);
    drop(first);
    let [path] = files(folder.path()).try_into().unwrap();
    let good = std::fs::read(&path).unwrap();
    let mut altered = good.clone();
    altered[250] ^= 1;
    let mut longer = good.clone();
    longer.push(0);
    for damaged in [
        b"no record at all".to_vec(),
        Vec::new(),
        good[..300].to_vec(),
        altered,
        longer,
    ] {
        std::fs::write(&path, &damaged).unwrap();
        let again = store(folder.path()).unwrap();
        assert_eq!(get(&again, "rpa", "k").await, None, "it begins anew");
        assert!(set(&again, "rpa", "k", b"token").await);
        drop(again);
        let again = store(folder.path()).unwrap();
        assert_eq!(get(&again, "rpa", "k").await.as_deref(), Some(&b"token"[..]));
    }
}
