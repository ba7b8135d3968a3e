use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use sink_jsonl::{Config, Journal, OpenError};

use crate::{append, ids, open, place};

fn refused(dir: &Path) -> OpenError {
    Journal::open(dir, Config::default()).unwrap_err()
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
fn two_journals_cannot_have_one_directory() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path(), Config::default());
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
    open(dir.path(), Config::default());
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
    for mode in [0o700, 0o755, 0o2750] {
        fs::set_permissions(&real, fs::Permissions::from_mode(mode)).unwrap();
        open(&real, Config::default());
    }
    if let Err(error) = std::os::unix::fs::chown(&real, Some(65_534), None) {
        println!("not checked: another user's directory, for {error}");
        return;
    }
    check_unsafe(&real, "belongs to another user");
}

/// FD12
#[test]
fn a_segment_that_others_could_have_made_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::NamedTempFile::new().unwrap();
    let segment = dir.path().join("00000000000000000003.jsonl");
    symlink(elsewhere.path(), &segment).unwrap();
    check_unsafe(dir.path(), "is a symbolic link");
    fs::remove_file(&segment).unwrap();
    fs::write(&segment, "{}\n").unwrap();
    fs::set_permissions(&segment, fs::Permissions::from_mode(0o666)).unwrap();
    check_unsafe(dir.path(), "can be written by others");
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
async fn a_segment_with_a_second_name_is_not_gone_on_with() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path(), Config::default());
    let (first, _) = place(append(&journal, 0).await);
    drop(journal);
    let backup = dir.path().join("backup");
    fs::hard_link(dir.path().join(&first), &backup).unwrap();
    let before = fs::read(&backup).unwrap();
    let journal = open(dir.path(), Config::default());
    let (second, _) = place(append(&journal, 1).await);
    assert!(second > first, "{second}");
    assert_eq!(fs::read(&backup).unwrap(), before);
    assert_eq!(ids(dir.path()), [0, 1]);
}
