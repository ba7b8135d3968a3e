//! What a daemon with a name tells of itself.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Broker, Daemon, ENSURE, connected, journal, post_batch, until};

const NAMED: (&str, &str) = ("CONSIGN_NODE_NAME", "edge-1");
const OFTEN: (&str, &str) = ("CONSIGN_NODE_HEALTH_EVERY", "100ms");
const SELDOM: (&str, &str) = ("CONSIGN_NODE_HEALTH_EVERY", "1h");
const OFF: (&str, &str) = ("CONSIGN_NODE_HEALTH_EVERY", "off");

#[test]
fn it_joins_tells_how_it_is_and_leaves() {
    let dir = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(dir.path(), &[NAMED, OFTEN]);
    until(&daemon, PATIENCE, |status| {
        status["counters"]["delivered"].as_u64() > Some(3)
    });
    assert!(
        daemon
            .client()
            .get("/metrics")
            .unwrap()
            .body
            .contains("consign_node_events_total{outcome=\"stored\"}")
    );
    assert!(daemon.stop().0.success());
    let told = journal(dir.path());
    for event in &told {
        assert_eq!(event["source"], "urn:consign:node:edge-1");
        assert_eq!(event["tenantid"], "single");
        assert!(event["dssematerial"].is_string(), "{event}");
    }
    let (first, last) = (told.first().unwrap(), told.last().unwrap());
    assert_eq!(first["type"], "node.joined");
    let capabilities = first["data"]["capabilities"].as_array().unwrap();
    for capability in ["journal", "http", "spool", "sign", "redact"] {
        assert!(capabilities.contains(&json!(capability)), "{first}");
    }
    assert_eq!(last["type"], "node.left");
    assert_eq!(last["data"]["reason"], "asked to stop");
    for event in &told[1..told.len() - 1] {
        assert_eq!(event["type"], "node.health");
        assert_eq!(event["data"]["status"], "ok", "{event}");
        assert!(
            event["data"]["resources"]["uptime_seconds"].is_number(),
            "{event}"
        );
    }
}

#[test]
fn nobody_else_speaks_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(dir.path(), &[NAMED, OFF]);
    let mut client = daemon.client();
    let left = |id: &str, source: &str| {
        let data = r#"{"reason":"because I say so"}"#;
        format!(
            r#"{{"specversion":"1.0","id":"{id}","source":"{source}","type":"node.left","data":{data}}}"#
        )
    };
    for source in ["urn:consign:node:edge-1", "URN:Consign:node:edge-1"] {
        let answer = client.post(&left("1", source)).unwrap();
        assert_eq!(answer.status, 400, "{source}");
        assert!(
            answer.body.contains("the supervisor's own"),
            "{}",
            answer.body
        );
    }
    let another = "urn:consign:node:edge-2";
    let batch = ["urn:consign:node:edge-1", another].map(|source| left("2", source));
    let results = post_batch(&mut client, &batch).unwrap();
    let outcomes: Vec<_> = results
        .iter()
        .map(|result| result["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["refused", "delivered"]);
    assert!(daemon.stop().0.success());
    let left: Vec<_> = journal(dir.path())
        .into_iter()
        .filter(|event| event["type"] == "node.left")
        .collect();
    let sources: Vec<_> = left
        .iter()
        .map(|event| event["source"].as_str().unwrap())
        .collect();
    assert_eq!(sources, [another, "urn:consign:node:edge-1"]);
    assert_eq!(left[1]["data"]["reason"], "asked to stop");
}

#[test]
fn a_crash_leaves_no_word() {
    let dir = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(dir.path(), &[NAMED, OFF]);
    until(&daemon, PATIENCE, |status| {
        status["counters"]["delivered"] == 1
    });
    daemon.kill();
    let kinds: Vec<_> = journal(dir.path())
        .iter()
        .map(|event| event["type"].clone())
        .collect();
    assert_eq!(kinds, ["node.joined"]);
}

#[test]
fn an_outage_is_told_when_it_begins_and_a_stop_in_it_is_not_lost() {
    let dir = tempfile::tempdir().unwrap();
    let mut broker = Broker::start();
    let daemon = Daemon::connected(dir.path(), &broker.url(), &[ENSURE, NAMED, SELDOM]);
    until(&daemon, PATIENCE, |status| {
        status["counters"]["delivered"] == 1
    });
    broker.kill();
    until(&daemon, PATIENCE, |status| status["spool"]["waiting"] == 1);
    assert!(daemon.stop().0.success());
    broker.restart();
    let daemon = Daemon::connected(dir.path(), &broker.url(), &[ENSURE]);
    until(&daemon, PATIENCE, |status| {
        connected(status) && status["spool"]["waiting"] == 0
    });
    let stored = broker.stored("CONSIGN_EVENTS");
    let told: Vec<&Value> = stored.iter().map(|message| &message.event).collect();
    let kinds: Vec<_> = told
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["node.joined", "node.health", "node.left"]);
    assert_eq!(told[1]["data"]["status"], "degraded");
    assert_eq!(stored[2].subject, "consign.events.single.node.left");
    assert!(daemon.stop().0.success());
    assert_eq!(
        broker.stored("CONSIGN_EVENTS").len(),
        3,
        "without a name it tells nothing"
    );
}

const PATIENCE: Duration = Duration::from_secs(30);
