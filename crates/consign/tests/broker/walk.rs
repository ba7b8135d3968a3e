//! The walk of an operator through a system at work, before and after incidents.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread::park_timeout;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::daemon::Daemon;
use crate::rig::{Rig, bare, err, ok, out};

/// `consign`, which knows this supervisor and its directory, and no broker.
fn at(daemon: &Daemon, arguments: &[&str]) -> Output {
    let mut command = bare(arguments);
    command.env("CONSIGN_HTTP_ADDR", daemon.addr.to_string());
    command.env("CONSIGN_DATA_DIR", daemon.data());
    command.output().unwrap()
}

/// Hands over events with these ids, each with so many bytes of data.
fn publish(daemon: &Daemon, ids: std::ops::Range<usize>, bytes: usize) -> Output {
    let (url, data) = (daemon.url(), "x ".repeat(bytes / 2));
    let mut child = bare(&["publish", "-", "--through-chain", "--url", &url])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    for id in ids {
        let event = format!(
            r#"{{"specversion":"1.0","id":"{id}","source":"/s","type":"audit.made","tenantid":"acme","data":"{data}"}}"#
        );
        writeln!(input, "{event}").unwrap();
    }
    drop(input);
    child.wait_with_output().unwrap()
}

/// Runs it again until it ends with this exit code.
fn until(daemon: &Daemon, arguments: &[&str], code: i32) -> Output {
    let began = Instant::now();
    loop {
        let output = at(daemon, arguments);
        if output.status.code() == Some(code) {
            return output;
        }
        assert!(began.elapsed() < PATIENCE, "{output:?}");
        park_timeout(Duration::from_millis(50));
    }
}

/// Status, streams, what flows and what was stored, where all is well.
fn walk(rig: &Rig, daemon: &Daemon, stored: &[usize]) {
    let status = ok(&until(daemon, &["status"], 0));
    assert!(status.contains("0 events"), "{status}");
    let doctor = at(daemon, &["doctor"]);
    assert!(out(&doctor).contains("ok    circuit"), "{doctor:?}");
    let streams = rig.json(&["streams", "--format", "json"]);
    let streams = streams.get("items").and_then(Value::as_array).unwrap();
    let audit = streams
        .iter()
        .find(|stream| stream.get("name").unwrap() == "CONSIGN_AUDIT");
    let held = audit
        .and_then(|audit| audit.get("messages"))
        .and_then(Value::as_u64);
    assert_eq!(held, Some(stored.len() as u64));
    let count = stored.len().to_string();
    let seen = [
        "subscribe",
        "consign.audit.>",
        "--all",
        "--template",
        "{id}",
        "--count",
        &count,
    ];
    let replay = ["replay", "--subject", "consign.audit.>", "--since", "30m"];
    let all: Vec<String> = stored.iter().map(ToString::to_string).collect();
    if !stored.is_empty() {
        let seen = ok(&rig.consign(&seen));
        assert_eq!(seen.lines().collect::<Vec<_>>(), all);
    }
    let table = ok(&rig.consign(&[&replay[..], &["--format", "table"]].concat()));
    assert_eq!(table.lines().count(), stored.len(), "{table}");
    assert!(
        table.lines().all(|line| line.contains("audit.made")),
        "{table}"
    );
    let lines = rig.consign(&[&replay[..], &["-o", "json"]].concat());
    let keys = daemon.data().join("keys/public.jwks.json");
    let mut verify = bare(&["verify", "-", "--keys", keys.to_str().unwrap()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    verify
        .stdin
        .take()
        .unwrap()
        .write_all(&lines.stdout)
        .unwrap();
    assert!(verify.wait().unwrap().success());
}

#[test]
fn a_broker_killed_and_back_is_told_and_costs_nothing() {
    let mut rig = Rig::start();
    let daemon = Daemon::start(&rig.server.url());
    ok(&publish(&daemon, 0..3, 10));
    walk(&rig, &daemon, &[0, 1, 2]);

    rig.runtime.block_on(rig.server.kill()).unwrap();
    let spilled = ok(&publish(&daemon, 3..5, 10));
    assert_eq!(spilled.matches("spilled").count(), 2, "{spilled}");
    let status = until(&daemon, &["status"], 1);
    assert!(out(&status).contains("(2 waiting, "), "{status:?}");
    assert!(err(&status).contains("the broker is away"), "{status:?}");
    let doctor = at(&daemon, &["doctor"]);
    assert_eq!(doctor.status.code(), Some(69), "{doctor:?}");
    for line in ["FAIL  circuit", "2 waiting, 0 set aside, 0 dead"] {
        assert!(out(&doctor).contains(line), "{line}: {doctor:?}");
    }

    rig.runtime.block_on(rig.server.restart()).unwrap();
    drained(&daemon);
    // What was in memory alone is gone, and one command brings it back.
    ok(&rig.consign(&["stream", "ensure"]));
    walk(&rig, &daemon, &[0, 1, 2, 3, 4]);
}

/// Waits until nothing waits any more.
fn drained(daemon: &Daemon) {
    let began = Instant::now();
    while !out(&at(daemon, &["status"])).contains("0 events") {
        assert!(began.elapsed() < PATIENCE);
        park_timeout(Duration::from_millis(50));
    }
}

#[test]
fn a_stream_that_was_purged_is_empty_and_goes_on() {
    let rig = Rig::start();
    let daemon = Daemon::start(&rig.server.url());
    let event = [
        "publish",
        "consign.events.acme.a",
        "{}",
        "--through-chain",
        "--type",
        "a",
    ];
    ok(&at(&daemon, &event));
    ok(&publish(&daemon, 0..2, 10));
    ok(&rig.consign(&["purge", "CONSIGN_EVENTS", "-f"]));
    walk(&rig, &daemon, &[0, 1]);
    let none = ok(&rig.consign(&["replay", "--subject", "consign.events.>", "--since", "30m"]));
    assert_eq!(none, "");
    ok(&at(&daemon, &event));
    assert_eq!(rig.held("CONSIGN_EVENTS"), 1);
    walk(&rig, &daemon, &[0, 1]);
}

#[test]
fn a_disk_that_filled_while_the_broker_was_away_is_told_everywhere() {
    let mut rig = Rig::start();
    let disk = Disk(tempfile::tempdir().unwrap());
    if !mount(
        &["-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs"],
        disk.0.path(),
    ) {
        assert!(
            option_env!("CI").is_none(),
            "CI must be able to mount a tmpfs"
        );
        return;
    }
    let daemon = Daemon::start_in(&disk.0.path().join("data"), &rig.server.url());
    rig.runtime.block_on(rig.server.kill()).unwrap();
    let mut ids = 0..100;
    let taken = ids.find(|id| {
        let published = publish(&daemon, *id..id + 1, 16_000);
        assert!(
            matches!(published.status.code(), Some(0 | 1)),
            "{published:?}"
        );
        published.status.code() == Some(1)
    });
    let taken = taken.unwrap();
    assert!(taken > 0);

    let status = at(&daemon, &["status"]);
    assert_eq!(status.status.code(), Some(1), "{status:?}");
    assert!(
        err(&status).contains("the spool refuses events"),
        "{status:?}"
    );
    let doctor = at(&daemon, &["doctor"]);
    assert_eq!(doctor.status.code(), Some(69), "{doctor:?}");
    assert!(out(&doctor).contains("FAIL  spool room"), "{doctor:?}");
    let ready = rig.runtime.block_on(async {
        reqwest::get(format!("{}/readyz", daemon.url()))
            .await
            .unwrap()
            .status()
    });
    assert_eq!(ready, 503);

    assert!(mount(&["-o", "remount,size=16m"], disk.0.path()));
    rig.runtime.block_on(rig.server.restart()).unwrap();
    drained(&daemon);
    ok(&rig.consign(&["stream", "ensure"]));
    let kept: Vec<usize> = (0..taken).collect();
    walk(&rig, &daemon, &kept);
}

/// A directory that is unmounted when it is dropped, after whoever uses it.
struct Disk(tempfile::TempDir);

impl Drop for Disk {
    fn drop(&mut self) {
        let _gone = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

fn mount(arguments: &[&str], path: &Path) -> bool {
    let mounted = Command::new("mount").args(arguments).arg(path).status();
    mounted.is_ok_and(|status| status.success())
}

const PATIENCE: Duration = Duration::from_secs(30);
