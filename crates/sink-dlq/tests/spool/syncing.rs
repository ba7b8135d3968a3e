//! G1: every acknowledged append stands behind the fdatasync of its file, as the kernel saw it.
//! Runs the process of the kill test under `strace`.

use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::kill::{DIR, ROUND};

#[test]
fn every_acknowledged_append_was_synced_before() {
    let dir = tempfile::tempdir().unwrap();
    let trace = dir.path().join("trace");
    let spawned = Command::new("strace")
        .args(["-f", "-qq", "-y", "-s", "64", "-o"])
        .arg(&trace)
        .args(["-e", "trace=write,pwrite64,writev,fdatasync,fsync"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "kill::writes_a_little", "--nocapture"])
        .env(DIR, dir.path().join("spool"))
        .env(ROUND, "0")
        .stdout(Stdio::null())
        .status();
    match spawned {
        Ok(status) => assert!(status.success(), "{status}"),
        Err(error) => return unable(&format!("strace: {error}")),
    }
    let trace = std::fs::read_to_string(&trace).unwrap();
    let acknowledged = check(&trace);
    assert!(acknowledged >= 50, "{acknowledged}\n{trace}");
}

/// Goes through the calls in the kernel's order. Returns how many appends were acknowledged.
fn check(trace: &str) -> usize {
    let mut unsynced: HashMap<String, usize> = HashMap::new();
    let mut unfinished: HashMap<&str, (String, &str)> = HashMap::new();
    let (mut stored, mut grown) = (0, 0);
    for line in trace.lines() {
        let (thread, call) = line.split_once(' ').unwrap();
        let call = call.trim_start();
        let path = call
            .split_once('<')
            .and_then(|(_, rest)| rest.split_once('>'));
        let path = path.map_or("", |(path, _)| path);
        let is_write = ["write(", "pwrite64(", "writev("]
            .iter()
            .any(|name| call.starts_with(name));
        if is_write && is_segment(path) {
            *unsynced.entry(path.to_owned()).or_default() += 1;
            grown += 1;
        } else if call.starts_with("fdatasync(") || call.starts_with("fsync(") {
            if call.contains("unfinished") {
                unfinished.insert(thread, (path.to_owned(), call));
            } else if call.contains("= 0") {
                unsynced.remove(path);
            }
        } else if call.contains("sync resumed>") && call.contains("= 0") {
            let (path, _) = unfinished.remove(thread).unwrap();
            unsynced.remove(&path);
        } else if is_write && call.contains("\"stored ") {
            stored += 1;
            assert!(
                unsynced.is_empty(),
                "answered before the sync: {unsynced:?}\n{line}"
            );
        }
    }
    assert!(grown >= stored, "{grown} writes for {stored} answers");
    stored
}

/// Headers are written under another name, and synced before they get theirs.
fn is_segment(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|extension| extension == "seg" || extension == "tmp")
}

/// Says why a test checks nothing here; where it has to, it fails.
#[expect(clippy::disallowed_methods, reason = "CI says so in its environment")]
#[expect(
    clippy::print_stdout,
    reason = "whoever reads the tests' output is to know"
)]
pub(crate) fn unable(why: &str) {
    println!("not checked: {why}");
    let is_ci = std::env::var_os("CI").is_some_and(|value| value == "1");
    assert!(!(is_ci && rustix::process::geteuid().is_root()), "{why}");
}
