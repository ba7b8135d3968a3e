//! What SIGHUP reads anew: redaction rules and the keys that spooled events may be signed with.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Broker, Daemon, ENSURE, drained, event, journal, until};

#[test]
fn rules_count_from_a_sighup_on_and_a_broken_file_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("rules.toml");
    rule(&file, "first", "one-[0-9]+");
    let settings = [("CONSIGN_REDACT_RULES_FILE", file.to_str().unwrap())];
    let daemon = Daemon::start(&dir.path().join("data"), &settings);
    let mut client = daemon.client();
    let mut post = |id: &str| {
        let event = event(id, r#""one-1 two-2""#);
        assert_eq!(client.post(&event).unwrap().status, 204);
    };
    post("1");
    rule(&file, "second", "two-[0-9]+");
    daemon.signal("HUP");
    said(&daemon, "redaction rules read anew", 1);
    post("2");
    rule(&file, "third", "two-[0-9");
    daemon.signal("HUP");
    said(&daemon, "the redaction rules stay as they were", 1);
    post("3");
    fs::remove_file(&file).unwrap();
    daemon.signal("HUP");
    said(&daemon, "stay as they were", 2);
    post("4");

    let log = daemon.log();
    let complaint = log
        .lines()
        .find(|line| line.contains("rules stay as they were"));
    let complaint: Value = serde_json::from_str(complaint.unwrap()).unwrap();
    let complaint = complaint.to_string();
    assert!(
        complaint.contains("CONSIGN_REDACT_RULES_FILE"),
        "{complaint}"
    );
    assert!(complaint.contains("third"), "{complaint}");
    let events = journal(&dir.path().join("data"));
    let data: Vec<&str> = events
        .iter()
        .map(|event| event["data"].as_str().unwrap())
        .collect();
    assert_eq!(data[0], "[REDACTED:first] two-2");
    assert_eq!(data[1..], ["one-1 [REDACTED:second]"; 3]);
    let policies: Vec<&Value> = events.iter().map(|event| &event["redactpolicy"]).collect();
    assert_ne!(policies[0], policies[1]);
    assert!(policies[1..].iter().all(|policy| *policy == policies[1]));
}

/// Records that an earlier key signed wait for an operator who adds it again, and for no restart.
#[test]
fn a_key_that_is_added_frees_what_it_signed() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut broker = Broker::start();
    broker.kill();
    let settings = [ENSURE];
    let daemon = Daemon::with_broker(&data, &broker.url(), &settings);
    assert_eq!(daemon.client().post(&event("1", "{}")).unwrap().status, 204);
    assert!(daemon.stop().0.success());
    // Another key signs from here on, and nobody remembers the first.
    let published = data.join("keys/public.jwks.json");
    let first = fs::read_to_string(&published).unwrap();
    fs::remove_file(&published).unwrap();
    fs::remove_file(data.join("keys/signing.pem")).unwrap();
    broker.restart();
    let daemon = Daemon::connected(&data, &broker.url(), &settings);
    let patience = Duration::from_secs(30);
    until(&daemon, patience, |status| {
        status["spool"]["set_aside"] == 1
    });
    let metrics = daemon.client().get("/metrics").unwrap().body;
    let unknown = "\nconsign_verify_total{result=\"unknown-key\"} ";
    assert!(metrics.contains(unknown), "{metrics}");
    assert!(!metrics.contains(&format!("{unknown}0")), "{metrics}");

    let second = fs::read_to_string(&published).unwrap();
    let mut both: Value = serde_json::from_str(&second).unwrap();
    let first: Value = serde_json::from_str(&first).unwrap();
    let key = first["keys"][0].clone();
    both["keys"].as_array_mut().unwrap().push(key);
    fs::write(&published, "not a key set").unwrap();
    daemon.signal("HUP");
    said(&daemon, "the trusted keys stay as they were", 1);
    fs::write(&published, both.to_string()).unwrap();
    daemon.signal("HUP");
    said(&daemon, "trusted keys read anew", 1);
    until(&daemon, 2 * patience, drained);
    assert_eq!(broker.stored("CONSIGN_EVENTS").len(), 1);
    let metrics = daemon.client().get("/metrics").unwrap().body;
    let verified = "\nconsign_verify_total{result=\"verified\"} ";
    assert!(!metrics.contains(&format!("{verified}0")), "{metrics}");
}

fn rule(file: &Path, name: &str, pattern: &str) {
    let text = format!("[[rules]]\nname = \"{name}\"\npattern = '{pattern}'\n");
    fs::write(file, text).unwrap();
}

/// Waits until the log has these words so often.
fn said(daemon: &Daemon, words: &str, times: usize) {
    let start = Instant::now();
    while daemon.log().matches(words).count() < times {
        let log = daemon.log();
        assert!(start.elapsed() < Duration::from_secs(20), "{words}: {log}");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}
