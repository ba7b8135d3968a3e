//! The operator's side of the spool, over HTTP; and the mirrored stack.

use std::time::Duration;

use async_nats::jetstream::stream;
use serde_json::Value;

use crate::support::{Broker, Daemon, ENSURE, connected, event, status, until};

#[test]
fn records_are_listed_shown_redriven_and_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let mut broker = Broker::start();
    broker.put_stream(stream::Config {
        name: "ALL".to_owned(),
        subjects: vec!["consign.events.>".to_owned()],
        ..stream::Config::default()
    });
    broker.kill();
    let settings = [("CONSIGN_DLQ_REDRIVE", "manual")];
    let daemon = Daemon::with_broker(dir.path(), &broker.url(), &settings);
    let mut client = daemon.client();
    for id in ["1", "2", "3"] {
        assert_eq!(client.post(&event(id, "{}")).unwrap().status, 204);
    }
    let get = |path: &str| -> Value {
        let answer = daemon.client().get(path).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    };
    let page = get("/v1/dlq?area=waiting&limit=2");
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    assert_eq!(page["totals"]["waiting"], 3);
    let first = page["items"][0]["id"].as_str().unwrap();
    let shown = get(&format!("/v1/dlq/{first}"));
    assert_eq!(shown["event"]["id"], "1");
    assert!(shown["event"]["dssematerial"].is_string());
    let dropped = client.request("DELETE", &format!("/v1/dlq/{first}"), &[], b"");
    assert_eq!(dropped.unwrap().status, 204);
    broker.restart();
    until(&daemon, PATIENCE, connected);
    // Nobody asked yet.
    assert_eq!(status(&daemon)["spool"]["waiting"], 2);
    let json = [("content-type", "application/json")];
    let mut report = Value::Null;
    // The breaker may still wait for its probe.
    for _ in 0..100 {
        let answer = client.request("POST", "/v1/dlq/redrive", &json, br#"{"all":true}"#);
        report = serde_json::from_str(&answer.unwrap().body).unwrap();
        if report["left"] == 0 {
            break;
        }
        std::thread::park_timeout(Duration::from_millis(50));
    }
    assert_eq!(report["left"], 0, "{report}");
    let stored = broker.stored("ALL");
    let ids: Vec<_> = stored
        .iter()
        .map(|message| message.event["id"].clone())
        .collect();
    assert_eq!(ids, ["2", "3"]);
}

#[test]
fn a_mirror_has_every_event_whatever_the_broker_does() {
    let dir = tempfile::tempdir().unwrap();
    let mirror = tempfile::tempdir().unwrap();
    let mut broker = Broker::start();
    let path = mirror.path().join("mirror");
    let settings = [ENSURE, ("CONSIGN_JSONL_PATH", path.to_str().unwrap())];
    let daemon = Daemon::connected(dir.path(), &broker.url(), &settings);
    assert_eq!(
        status(&daemon)["stack"],
        "sign(redact(fanout(dlq(jetstream), journal)))"
    );
    let mut client = daemon.client();
    assert_eq!(client.post(&event("1", "{}")).unwrap().status, 204);
    broker.kill();
    assert_eq!(client.post(&event("2", "{}")).unwrap().status, 204);
    broker.restart();
    until(&daemon, PATIENCE, |status| status["spool"]["waiting"] == 0);
    assert!(daemon.stop().0.success());
    let mut mirrored = Vec::new();
    for entry in std::fs::read_dir(&path).unwrap() {
        let entry = entry.unwrap().path();
        if entry
            .extension()
            .is_some_and(|extension| extension == "jsonl")
        {
            mirrored.extend(
                std::fs::read_to_string(entry)
                    .unwrap()
                    .lines()
                    .map(str::to_owned),
            );
        }
    }
    let stored: Vec<String> = broker
        .stored("CONSIGN_EVENTS")
        .into_iter()
        .map(|message| message.text)
        .collect();
    assert_eq!(mirrored, stored, "the same bytes, in the same order");
}

const PATIENCE: Duration = Duration::from_secs(30);

/// How the streams were is told as that, with its age, while nobody can know how they are.
#[test]
fn the_streams_are_told_as_last_known_while_the_broker_is_away() {
    let dir = tempfile::tempdir().unwrap();
    let mut broker = Broker::start();
    let daemon = Daemon::connected(dir.path(), &broker.url(), &[ENSURE]);
    let told = |last_known: bool| {
        move |status: &Value| {
            let streams = status["streams"].as_array().unwrap();
            let is = |stream: &Value| {
                stream["last_known"] == last_known && stream["age_s"].as_u64().is_some()
            };
            !streams.is_empty() && streams.iter().all(is)
        }
    };
    let patience = Duration::from_secs(30);
    until(&daemon, patience, told(false));
    broker.kill();
    until(&daemon, patience, told(true));
    broker.restart();
    until(&daemon, patience, told(false));
}
