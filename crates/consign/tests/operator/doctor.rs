use serde_json::{Value, json};

use crate::host::{Host, err, out};

fn status() -> Value {
    json!({
        "version": "0.1.0",
        "stack": "dlq(sign(redact(jetstream)))",
        "breaker": {"state": "connected", "attempt": 0, "next_probe_ms": 0, "reason": null},
        "nats": {"connected": true, "server": "nats://n:4222", "version": "2.15.1"},
        "spool": {"waiting": 0, "set_aside": 0, "dead": 0},
        "streams": [
            {"name": "CONSIGN_AUDIT", "state": "warn", "findings": [
                {"code": "storage-memory", "severity": "breaks", "text": "it is in memory",
                 "remedy": "replace it"},
                {"code": "purge-allowed", "severity": "weakens", "text": "it can be purged",
                 "remedy": "deny it"},
                {"code": "sync-unknown", "severity": "note", "text": "x", "remedy": "y"},
            ]},
            {"name": "CONSIGN_EVENTS", "state": "ok", "findings": []},
        ],
    })
}

#[test]
fn without_a_broker_in_the_settings_the_supervisors_findings_are_told() {
    let host = Host::start(&[]);
    *host.fake.status.lock().unwrap() = status();
    let found = host.consign(&["doctor"]);
    assert_eq!(found.status.code(), Some(3), "{found:?}");
    let said = out(&found);
    for line in [
        "ok    broker  nats://n:4222  says the supervisor",
        "FAIL  stream CONSIGN_AUDIT  storage-memory: it is in memory",
        "      try: replace it",
        "WARN  stream CONSIGN_AUDIT  purge-allowed: it can be purged",
        "ok    stream CONSIGN_EVENTS  ok, says the supervisor",
    ] {
        assert!(said.lines().any(|said| said == line), "{line}\n{said}");
    }
    assert!(!said.contains("ends on this machine"), "{said}");
    assert!(!said.contains("sync-unknown"), "{said}");
}

#[test]
fn a_broker_that_is_away_for_the_supervisor_exits_69() {
    let host = Host::start(&[]);
    let mut status = status();
    status["nats"]["connected"] = json!(false);
    status["breaker"] = json!({"state": "reconnecting", "reason": "refused"});
    *host.fake.status.lock().unwrap() = status;
    let away = host.consign(&["doctor"]);
    assert_eq!(away.status.code(), Some(69), "{away:?}");
    let said = out(&away);
    assert!(
        said.contains("FAIL  broker  nats://n:4222  not connected"),
        "{said}"
    );
    assert!(
        said.contains("try: look at the server at nats://n:4222"),
        "{said}"
    );
    assert!(!said.contains("CONSIGN_AUDIT"), "{said}");
    assert_eq!(err(&away), "");
}
