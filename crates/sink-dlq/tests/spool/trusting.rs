use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use sink_dlq::{Area, OpenError, Spool};

use crate::{append, config, ids, open, segments};

fn refused(dir: &Path) -> OpenError {
    Spool::open(dir, config()).unwrap_err()
}

fn check_unsafe(dir: &Path, reason: &str) {
    let error = refused(dir);
    let OpenError::Unsafe { reason: found, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(*found, reason);
}

/// FD11
#[test]
fn two_spools_cannot_have_one_directory() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path());
    let error = refused(dir.path());
    let pid = std::process::id();
    assert!(matches!(error, OpenError::Held { pid: Some(held), .. } if held == pid));
    assert!(
        error
            .to_string()
            .ends_with(&format!("held by process {pid}"))
    );
    let clone = first.clone();
    drop(first);
    refused(dir.path());
    drop(clone);
    open(dir.path());
}

/// FD12
#[test]
fn a_directory_that_others_could_have_made_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (real, link, file) = (
        dir.path().join("real"),
        dir.path().join("link"),
        dir.path().join("file"),
    );
    fs::create_dir(&real).unwrap();
    symlink(&real, &link).unwrap();
    fs::write(&file, "").unwrap();
    check_unsafe(&link, "is a symbolic link");
    check_unsafe(&file, "is not a directory");
    for mode in [0o777, 0o770, 0o1777, 0o702] {
        fs::set_permissions(&real, fs::Permissions::from_mode(mode)).unwrap();
        check_unsafe(&real, "can be written by others");
    }
    for mode in [0o700, 0o755] {
        fs::set_permissions(&real, fs::Permissions::from_mode(mode)).unwrap();
        open(&real);
    }
    let dead = real.join("dead");
    fs::set_permissions(&dead, fs::Permissions::from_mode(0o777)).unwrap();
    check_unsafe(&real, "can be written by others");
    fs::remove_dir_all(&dead).unwrap();
    symlink(dir.path(), &dead).unwrap();
    check_unsafe(&real, "is a symbolic link");
    fs::remove_file(&dead).unwrap();
    if let Err(error) = std::os::unix::fs::chown(&real, Some(65_534), None) {
        println!("not checked: another user's directory, for {error}");
        return;
    }
    check_unsafe(&real, "belongs to another user");
}

#[tokio::test]
async fn everything_in_it_is_its_owners_alone() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("a").join("spool");
    let spool = open(&dir);
    append(&spool, 1).await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    for name in ["", "waiting", "set-aside", "dead", "quarantine"] {
        assert_eq!(mode(&dir.join(name)), 0o700, "{name}");
    }
    for path in segments(&dir, Area::Waiting) {
        assert_eq!(mode(&path), 0o600);
    }
    assert_eq!(mode(&dir.join("STORE")), 0o600);
    assert_eq!(mode(&dir.join("LOCK")), 0o600);
}

/// FD12
#[tokio::test]
async fn a_segment_that_others_could_have_made_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    append(&open(dir.path()), 1).await.unwrap();
    let elsewhere = tempfile::NamedTempFile::new().unwrap();
    let segment = dir.path().join("waiting/00000000000000009999.seg");
    symlink(elsewhere.path(), &segment).unwrap();
    check_unsafe(dir.path(), "is a symbolic link");
    fs::remove_file(&segment).unwrap();
    fs::create_dir(&segment).unwrap();
    check_unsafe(dir.path(), "is no regular file");
    fs::remove_dir(&segment).unwrap();
    fs::remove_file(dir.path().join("LOCK")).unwrap();
    symlink(elsewhere.path(), dir.path().join("LOCK")).unwrap();
    assert!(matches!(refused(dir.path()), OpenError::Io { .. }));
}

/// FD12: a backup by hard links is not written into.
#[tokio::test]
async fn a_segment_with_a_second_name_is_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    append(&open(dir.path()), 1).await.unwrap();
    let segment = segments(dir.path(), Area::Waiting).remove(0);
    let backup = dir.path().join("backup");
    fs::hard_link(&segment, &backup).unwrap();
    let mut torn = fs::read(&segment).unwrap();
    torn.extend_from_slice(b"torn");
    fs::write(&segment, &torn).unwrap();
    let spool = open(dir.path());
    append(&spool, 2).await.unwrap();
    assert_eq!(fs::read(&backup).unwrap(), torn);
    assert_eq!(ids(&spool, Area::Waiting).await, [1, 2]);
}

/// FC2
#[tokio::test]
async fn a_newer_format_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    append(&open(dir.path()), 1).await.unwrap();
    let store = dir.path().join("STORE");
    let covered = "consign-spool 2 anything at all ";
    let line = format!("{covered}{:08x}\n", crc32c::crc32c(covered.as_bytes()));
    let old = fs::read(&store).unwrap();
    fs::write(&store, &line).unwrap();
    let before = segments(dir.path(), Area::Waiting);
    assert!(matches!(
        refused(dir.path()),
        OpenError::Newer { version: 2, .. }
    ));
    assert_eq!(fs::read(&store).unwrap(), line.as_bytes());
    assert_eq!(segments(dir.path(), Area::Waiting), before);
    fs::write(&store, &old).unwrap();
    let spool = open(dir.path());
    assert_eq!(ids(&spool, Area::Waiting).await, [1]);
}

/// FD15, and the same for the store's name: the segments alone say what is there.
#[tokio::test]
async fn without_its_other_files_a_spool_has_all_it_had() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(dir.path());
    let first = append(&spool, 1).await.unwrap().id;
    append(&spool, 2).await.unwrap();
    spool.settle(vec![first]).await.unwrap();
    spool.close().await.unwrap();
    drop(spool);
    fs::remove_file(dir.path().join("waiting/removed")).unwrap();
    fs::remove_file(dir.path().join("STORE")).unwrap();
    fs::remove_dir(dir.path().join("quarantine")).unwrap();
    let spool = open(dir.path());
    assert_eq!(
        ids(&spool, Area::Waiting).await,
        [1, 2],
        "delivered again, not lost"
    );
    assert!(spool.open_report().damaged.is_empty());
}
