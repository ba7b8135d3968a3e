use std::collections::BTreeSet;

use serde_json::json;

use super::sink;
use crate::support::{Daemon, event, lines, sqlite3, status};

#[test]
fn every_sink_of_a_list_gets_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("store.sqlite");
    let url = format!("sqlite:{}", file.display());
    let data = dir.path().join("data");
    let settings = [
        ("CONSIGN_SINK", "journal,store,log"),
        ("CONSIGN_STORE_URL", &*url),
    ];
    let daemon = Daemon::start(&data, &settings);
    let stack = "sign(redact(fanout(journal, dlq(store), log)))";
    assert_eq!(status(&daemon)["stack"], stack);
    let mut client = daemon.client();
    for id in ["said-1", "said-2", "said-3"] {
        let answer = client
            .post(&event(id, r#"{"password":"hunter2"}"#))
            .unwrap();
        assert_eq!(answer.status, 204);
        let receipt = answer.header("consign-receipt").unwrap();
        assert!(receipt.starts_with(r#"{"place":"journal""#), "{receipt}");
    }
    let now = status(&daemon);
    for name in ["journal", "store", "log"] {
        assert_eq!(sink(&now, name)["delivered"], 3, "{now}");
    }
    assert_eq!(sink(&now, "store")["need"], "required");
    assert_eq!(sink(&now, "log")["need"], "best-effort");
    assert_eq!(client.get("/readyz").unwrap().status, 200);
    let (exit, log) = daemon.stop();
    assert!(exit.success(), "{log}");
    let logged = log.lines().filter(|line| line.contains("said-"));
    assert_eq!(logged.count(), 3, "{log}");
    let journal: BTreeSet<String> = lines(&data).into_iter().collect();
    let rows = sqlite3(&file, "SELECT wire FROM agent_events");
    let rows: BTreeSet<String> = rows.lines().map(str::to_owned).collect();
    assert_eq!(rows, journal);
    for row in rows {
        assert!(row.contains("dssematerial") && !row.contains("hunter2"));
    }
}

#[test]
fn a_store_beside_auto_makes_a_list_of_the_chain() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", dir.path().join("store.sqlite").display());
    let daemon = Daemon::start(&dir.path().join("data"), &[("CONSIGN_STORE_URL", &url)]);
    let now = status(&daemon);
    assert_eq!(
        now["stack"],
        "sign(redact(fanout(journal, dlq(store), log)))"
    );
    assert_eq!(now["sinks"].as_array().unwrap().len(), 3);
    drop(daemon);
    let alone = Daemon::start(&dir.path().join("other"), &[]);
    let now = status(&alone);
    assert_eq!(now["stack"], "dlq(sign(redact(journal)))");
    assert_eq!(now["sinks"], json!([]));
}

#[test]
fn a_store_that_no_list_names_is_said_to_be_unused() {
    let dir = tempfile::tempdir().unwrap();
    let settings = [
        ("CONSIGN_SINK", "journal"),
        ("CONSIGN_STORE_URL", "sqlite:unused.sqlite"),
    ];
    let (_, log) = Daemon::start(dir.path(), &settings).stop();
    assert!(log.contains("CONSIGN_STORE_URL is unused"), "{log}");
}

#[test]
fn every_mistake_of_a_list_is_said_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let list = "journal:best-effort,store:best-effort,noop,log:one-of";
    let settings = [
        ("CONSIGN_SINK", list),
        ("CONSIGN_JSONL_PATH", "/var/log/events"),
    ];
    let (exit, said) = Daemon::run(dir.path(), &settings);
    assert_eq!(exit, Some(78), "{said}");
    for mistake in [
        "noop stands alone",
        "log one-of, which keeps no event",
        "needs a sink that is required or one-of",
        "is a second journal",
        "CONSIGN_STORE_URL is not set",
    ] {
        assert!(said.contains(mistake), "{mistake}: {said}");
    }
}
