//! History and the live tail, over the journal and over a broker alike.

use serde_json::Value;

use crate::support::{Broker, Daemon, ENSURE, Watcher, event};

#[test]
fn the_newest_events_come_in_order_from_the_journal() {
    let dir = tempfile::tempdir().unwrap();
    answers_and_follows(&Daemon::start(dir.path(), &[]), ".jsonl:");
}

#[test]
fn the_newest_events_come_in_order_from_the_streams() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start();
    let daemon = Daemon::connected(dir.path(), &broker.url(), &[ENSURE]);
    answers_and_follows(&daemon, "CONSIGN_EVENTS:");
}

pub(crate) fn answers_and_follows(daemon: &Daemon, id: &str) {
    let mut client = daemon.client();
    for n in 1..=5 {
        let sent = client.post(&event(&n.to_string(), r#"{"token":"s3cret"}"#));
        assert_eq!(sent.unwrap().status, 204);
    }
    let newest = client.get("/v1/events?limit=3&type=test.made").unwrap();
    assert_eq!(newest.status, 200, "{}", newest.body);
    let lines: Vec<Value> = newest
        .body
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let ids: Vec<_> = lines
        .iter()
        .map(|event| event["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["3", "4", "5"]);
    let none = client.get("/v1/events?type=test.other").unwrap();
    assert_eq!((none.status, none.body.as_str()), (200, ""));

    let mut tail = Watcher::open(daemon.addr(), "?subject=consign.events.>&since=1h", None);
    let first = tail.event();
    assert!(first.0.contains(id), "{first:?}");
    assert!(
        first.1.contains(r#""id":"1""#) && !first.1.contains("s3cret"),
        "{first:?}"
    );
    for n in 2..=5 {
        assert!(tail.event().1.contains(&format!(r#""id":"{n}""#)));
    }
    assert_eq!(client.post(&event("6", "{}")).unwrap().status, 204);
    let live = tail.event();
    assert!(live.1.contains(r#""id":"6""#), "{live:?}");
    drop(tail);
    assert_eq!(client.post(&event("7", "{}")).unwrap().status, 204);
    let mut resumed = Watcher::open(daemon.addr(), &format!("?after={}", live.0), None);
    assert!(resumed.event().1.contains(r#""id":"7""#));
}
