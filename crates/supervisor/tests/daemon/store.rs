//! Chains that end in a database, and in the log.

use crate::archive::answers_and_follows;
use crate::support::{Daemon, Said, Watcher, event, sqlite3, status};

#[test]
fn events_end_in_the_store_signed_and_each_once() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("store.sqlite");
    let url = format!("sqlite:{}", file.display());
    let settings = [("CONSIGN_SINK", "store"), ("CONSIGN_STORE_URL", &*url)];
    let daemon = Daemon::start(&dir.path().join("data"), &settings);
    assert_eq!(status(&daemon)["stack"], "dlq(sign(redact(store)))");
    let mut client = daemon.client();
    for id in ["1", "2", "1"] {
        let answer = client.post(&event(id, r#"{"n":1}"#)).unwrap();
        assert_eq!(answer.status, 204);
        let receipt = answer.header("consign-receipt").unwrap();
        assert!(
            receipt.starts_with(r#"{"place":"store","row":"#),
            "{receipt}"
        );
    }
    assert_eq!(client.get("/readyz").unwrap().status, 200);
    let (exit, log) = daemon.stop();
    assert!(exit.success(), "{log}");
    let signed = "SELECT count(*) FROM agent_events WHERE wire LIKE '%dssematerial%'";
    assert_eq!(sqlite3(&file, signed), "2");
}

#[test]
fn history_and_the_live_tail_read_the_store() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", dir.path().join("store.sqlite").display());
    let settings = [("CONSIGN_SINK", "store"), ("CONSIGN_STORE_URL", &*url)];
    let daemon = Daemon::start(&dir.path().join("data"), &settings);
    answers_and_follows(&daemon, "row:");
    let mut beyond = Watcher::open(daemon.addr(), "?after=row:999", None);
    assert_eq!(beyond.says(), Said::Lagged);
    assert!(beyond.event().1.contains(r#""id":"1""#));
}

#[test]
fn an_event_dated_after_until_hides_none_behind_it() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", dir.path().join("store.sqlite").display());
    let settings = [("CONSIGN_SINK", "store"), ("CONSIGN_STORE_URL", &*url)];
    let daemon = Daemon::start(&dir.path().join("data"), &settings);
    let mut client = daemon.client();
    let dated = event("far", r#"{},"time":"2199-01-01T00:00:00Z""#);
    for text in [dated, event("near", "{}")] {
        assert_eq!(client.post(&text).unwrap().status, 204);
    }
    let query = "?since=1h&until=2198-01-01T00:00:00Z";
    let mut tail = Watcher::open(daemon.addr(), query, None);
    assert!(tail.event().1.contains(r#""id":"near""#));
}

#[test]
fn a_chain_that_ends_in_the_log_says_each_event_and_keeps_none() {
    let dir = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(dir.path(), &[("CONSIGN_SINK", "log")]);
    assert_eq!(status(&daemon)["stack"], "sign(redact(log))");
    let answer = daemon
        .client()
        .post(&event("seen-in-the-log", r#"{"n":1}"#));
    let receipt = answer.as_ref().unwrap().header("consign-receipt");
    assert_eq!(receipt, Some(r#"{"place":"noop"}"#));
    let (_, log) = daemon.stop();
    let lines = log.lines().filter(|line| line.contains("seen-in-the-log"));
    assert_eq!(lines.count(), 1, "{log}");
}

#[test]
fn a_store_that_cannot_be_named_stops_the_start_and_is_not_repeated() {
    let dir = tempfile::tempdir().unwrap();
    let url = "mysql://me:hunter2@db/x";
    let settings = [("CONSIGN_SINK", "store"), ("CONSIGN_STORE_URL", url)];
    let (exit, said) = Daemon::run(dir.path(), &settings);
    assert_eq!(exit, Some(78), "{said}");
    assert!(
        said.contains("CONSIGN_STORE_URL") && !said.contains("hunter2"),
        "{said}"
    );
}
