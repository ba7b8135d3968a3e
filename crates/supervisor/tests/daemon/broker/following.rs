//! The live tail while the broker dies, is away, and comes back.

use std::time::Duration;

use crate::support::{Broker, Daemon, ENSURE, Said, Watcher, connected, event, until};

#[test]
fn who_follows_while_the_broker_is_away_sees_what_is_spilled_and_then_what_is_stored() {
    let dir = tempfile::tempdir().unwrap();
    let mut broker = Broker::start();
    let daemon = Daemon::connected(dir.path(), &broker.url(), &[ENSURE]);
    let mut client = daemon.client();
    let mut post = |id: &str| client.post(&event(id, r#"{"token":"s3cret"}"#)).unwrap();
    let mut before = Watcher::open(daemon.addr(), "", None);
    let mut elsewhere = Watcher::open(daemon.addr(), "?subject=consign.audit.>", None);
    assert_eq!(post("1").status, 204);
    assert!(before.event().1.contains(r#""id":"1""#));

    broker.kill();
    until(&daemon, PATIENCE, |status| !connected(status));
    assert_away(&before.says());
    assert_away(&elsewhere.says());
    let mut during = Watcher::open(daemon.addr(), "", None);
    assert_away(&during.says());
    for id in ["2", "3"] {
        let answer = post(id);
        assert_eq!(answer.header("consign-outcome"), Some("spilled"));
        for watcher in [&mut before, &mut during] {
            let Said::Spilled(data) = watcher.says() else {
                panic!("what is spilled is heard at once");
            };
            assert!(data.contains(&format!(r#""id":"{id}""#)), "{data}");
            assert!(!data.contains("s3cret"), "{data}");
        }
    }

    broker.restart();
    for watcher in [&mut before, &mut during] {
        let mut stored = Vec::new();
        while stored.len() < 2 {
            match watcher.says() {
                Said::Event(id, data) => {
                    assert!(id.starts_with("CONSIGN_EVENTS:"), "{id}");
                    stored.push(data);
                }
                Said::Notice(text) => assert!(text.contains("back"), "{text}"),
                other => panic!("{other:?}"),
            }
        }
        for (data, id) in stored.iter().zip(["2", "3"]) {
            assert!(data.contains(&format!(r#""id":"{id}""#)), "{data}");
        }
    }
    match elsewhere.says() {
        Said::Notice(text) => assert!(text.contains("back"), "{text}"),
        other => panic!("nothing of its subjects came: {other:?}"),
    }
    assert!(daemon.stop().0.success());
}

/// Where to begin is certain before the answer begins.
#[test]
fn what_is_stored_right_after_the_answer_began_is_not_missed() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start();
    let daemon = Daemon::connected(dir.path(), &broker.url(), &[ENSURE]);
    never_misses(&daemon, 20);
}

#[test]
fn what_is_stored_right_after_the_answer_began_is_not_missed_over_the_journal() {
    let dir = tempfile::tempdir().unwrap();
    never_misses(&Daemon::start(dir.path(), &[]), 50);
}

fn never_misses(daemon: &Daemon, rounds: usize) {
    let mut client = daemon.client();
    for round in 0..rounds {
        let mut watcher = Watcher::open(daemon.addr(), "", None);
        let id = round.to_string();
        assert_eq!(client.post(&event(&id, "{}")).unwrap().status, 204);
        assert!(watcher.event().1.contains(&format!(r#""id":"{id}""#)));
    }
}

fn assert_away(said: &Said) {
    let Said::Notice(text) = said else {
        panic!("that the broker is away is told: {said:?}");
    };
    assert!(text.contains("the broker is away"), "{text}");
}

const PATIENCE: Duration = Duration::from_secs(30);
