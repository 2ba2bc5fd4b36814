//! Sessions in a folder.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use patchbay::sessions::SessionStore;
use patchbay::{Error, Kind};

use crate::StateLocation;

fn store(folder: &Path) -> Result<SessionStore, Error> {
    let backend = StateLocation::Folder(folder.to_owned()).open(&[])?;
    Ok(SessionStore::new(Some(backend)))
}

/// Opens a folder that was open before. A process that another test starts meanwhile holds the lock too, from
/// its fork until it runs its program.
fn store_again(folder: &Path) -> SessionStore {
    for _ in 0..200 {
        match store(folder) {
            Err(error) if error.message.contains("in use by another process") => {
                std::thread::sleep(Duration::from_millis(10));
            }
            opened => return opened.unwrap(),
        }
    }
    panic!("the lock of {} isn't released", folder.display());
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

    let second = store_again(folder.path());
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
    let second = store_again(folder.path());
    assert!(!set(&second, "rpa", "two", &half).await);
    assert!(set(&second, "rpa", "one", &half).await);
}

#[tokio::test]
async fn only_the_owner_can_read_them() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("new/state");
    let first = store(&folder).unwrap();
    assert!(set(&first, "rpa", "k", b"token").await);
    drop(first);
    let files = ["sessions.redb", "sessions.lock"];
    assert_eq!(mode(&folder), 0o700);
    for file in files {
        assert_eq!(mode(&folder.join(file)), 0o600, "{file}");
        set_mode(&folder.join(file), 0o664);
    }
    set_mode(&folder, 0o755);
    let again = store_again(&folder);
    assert_eq!(mode(&folder), 0o700, "tightened");
    for file in files {
        assert_eq!(mode(&folder.join(file)), 0o600, "{file}: tightened");
    }
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

#[test]
fn a_folder_has_one_host_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let first = store(folder.path()).unwrap();
    let error = store(folder.path()).unwrap_err();
    assert_eq!(error.kind, Kind::Usage);
    assert!(error.message.contains("in use by another process"), "{error}");
    assert!(error.message.contains(folder.path().to_str().unwrap()), "{error}");
    drop(first);
    store_again(folder.path());
}

#[test]
fn a_file_in_place_of_the_folder_is_reported() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = store(file.path()).unwrap_err();
    assert_eq!(error.kind, Kind::Usage);
    assert!(error.message.contains("can't be used"), "{error}");
}

#[tokio::test]
async fn a_damaged_database_is_moved_aside() {
    let folder = tempfile::tempdir().unwrap();
    let first = store(folder.path()).unwrap();
    for number in 0..200 {
        assert!(set(&first, "rpa", &format!("k{number}"), &[number; 500]).await);
    }
    drop(first);
    let path = folder.path().join("sessions.redb");
    let good = std::fs::read(&path).unwrap();
    let middle = good.len() / 2;
    let mut zeroed = good.clone();
    zeroed[4096..].fill(0);
    let mut header = good.clone();
    header[64..400].fill(0xa5);
    let mut scribbled = good.clone();
    for byte in scribbled.iter_mut().skip(4096).step_by(97) {
        *byte ^= 0x55;
    }
    // Well-formed, but not what was written.
    let mut altered = good.clone();
    let at = altered
        .windows(500)
        .position(|window| window == [7; 500])
        .unwrap();
    altered[at + 250] = 8;
    for damaged in [
        b"this is no database at all".to_vec(),
        good[..middle].to_vec(),
        zeroed,
        header,
        scribbled,
        altered,
    ] {
        std::fs::write(&path, &damaged).unwrap();
        let again = store_again(folder.path());
        assert_eq!(get(&again, "rpa", "k7").await, None, "it begins anew");
        assert!(set(&again, "rpa", "fresh", b"token").await);
        drop(again);
        let again = store_again(folder.path());
        assert!(get(&again, "rpa", "fresh").await.is_some());
        drop(again);
        let names = std::fs::read_dir(folder.path()).unwrap();
        let mut aside = names
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.to_str().unwrap().contains(".damaged-"));
        let aside = aside.next().unwrap();
        let kept = std::fs::read(&aside).unwrap();
        assert!(kept.starts_with(&damaged[..20]), "what was there is kept");
        assert_eq!(mode(&aside), 0o600);
        std::fs::remove_file(aside).unwrap();
    }
}
