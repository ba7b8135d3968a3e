//! A directory of our own on a real file system.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use events_disk::{Fs as _, Home, OpenError, OsFs, check_file};

fn make(dir: &Path) -> Result<Home, OpenError> {
    Home::make(&OsFs, dir)
}

fn check_unsafe<T: std::fmt::Debug>(result: Result<T, OpenError>, reason: &str) {
    let error = result.unwrap_err();
    let OpenError::Unsafe { reason: found, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(*found, reason);
}

/// FD11
#[test]
fn two_holders_cannot_have_one_directory() {
    let dir = tempfile::tempdir().unwrap();
    let first = make(dir.path()).unwrap();
    let pid = std::process::id();
    for refused in [make(dir.path()), Home::take(&OsFs, dir.path())] {
        let error = refused.unwrap_err();
        assert!(matches!(error, OpenError::Held { pid: Some(held), .. } if held == pid));
        assert!(
            error
                .to_string()
                .ends_with(&format!("held by process {pid}"))
        );
    }
    drop(first);
    make(dir.path()).unwrap();
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
    check_unsafe(make(&link), "is a symbolic link");
    check_unsafe(make(&file), "is not a directory");
    for mode in [0o777, 0o770, 0o1777, 0o702] {
        fs::set_permissions(&real, fs::Permissions::from_mode(mode)).unwrap();
        check_unsafe(make(&real), "can be written by others");
        check_unsafe(Home::take(&OsFs, &real), "can be written by others");
    }
    for mode in [0o700, 0o755, 0o2750] {
        fs::set_permissions(&real, fs::Permissions::from_mode(mode)).unwrap();
        make(&real).unwrap();
    }
    if let Err(error) = std::os::unix::fs::chown(&real, Some(65_534), None) {
        println!("not checked: another user's directory, for {error}");
        return;
    }
    check_unsafe(make(&real), "belongs to another user");
}

/// FD12
#[test]
fn a_file_that_others_could_have_made_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("1.log");
    let check = || check_file(&path, &OsFs.stat(&path).unwrap());
    let elsewhere = tempfile::NamedTempFile::new().unwrap();
    symlink(elsewhere.path(), &path).unwrap();
    check_unsafe(check(), "is a symbolic link");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    check_unsafe(check(), "is no regular file");
    fs::remove_dir(&path).unwrap();
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    check_unsafe(check(), "can be written by others");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    check().unwrap();
}

/// FD12
#[test]
fn no_link_is_followed_to_the_lock_or_to_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::NamedTempFile::new().unwrap();
    for name in ["LOCK", "1.log"] {
        symlink(elsewhere.path(), dir.path().join(name)).unwrap();
    }
    let refused = make(dir.path()).unwrap_err();
    assert!(matches!(refused, OpenError::Io { .. }), "{refused}");
    let path = dir.path().join("1.log");
    OsFs.create(&path).unwrap_err();
    OsFs.open(&path).unwrap_err();
    OsFs.open_to_read(&path).unwrap_err();
    assert!(fs::read(elsewhere.path()).unwrap().is_empty());
}

#[test]
fn everything_in_it_is_its_owners_alone() {
    let dir = tempfile::tempdir().unwrap();
    let above = dir.path().join("a");
    let home = above.join("home");
    let _held = make(&home).unwrap();
    OsFs.create(&home.join("1.log")).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode(&above), mode(&home)), (0o700, 0o700));
    for name in ["LOCK", "1.log"] {
        assert_eq!(mode(&home.join(name)), 0o600, "{name}");
    }
}

#[test]
fn another_directory_at_the_path_is_not_the_one_that_was_taken() {
    let dir = tempfile::tempdir().unwrap();
    let (path, moved) = (dir.path().join("home"), dir.path().join("moved"));
    assert!(Home::take(&OsFs, &path).is_err(), "there is none to take");
    let home = make(&path).unwrap();
    assert!(home.is_at(&OsFs, &path).unwrap());
    fs::rename(&path, &moved).unwrap();
    assert!(home.is_at(&OsFs, &path).is_err());
    make(&path).unwrap();
    assert!(!home.is_at(&OsFs, &path).unwrap());
    assert!(home.is_at(&OsFs, &moved).unwrap());
}
