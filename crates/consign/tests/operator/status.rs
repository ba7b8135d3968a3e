use std::net::TcpListener;

use serde_json::{Value, json};

use crate::host::{Host, bare, err, ok, out};

#[test]
fn a_healthy_supervisor_is_told_on_a_few_lines() {
    let host = Host::start(&[]);
    *host.fake.status.lock().unwrap() = healthy();
    let said = ok(&host.consign(&["status"]));
    for line in [
        "SERVER    nats://127.0.0.1:4222  nats-server 2.15.1  connected",
        "CHAIN     dlq(sign(redact(jetstream)))  signed by 7f3a",
        "CIRCUIT   connected",
        "DLQ       0 events",
        "STREAM          HEALTH  FINDINGS",
        "CONSIGN_EVENTS  ok",
    ] {
        assert!(said.lines().any(|said| said == line), "{line}\n{said}");
    }
    assert!(said.contains("accepted 1,204"), "{said}");
    let json = ok(&host.consign(&["status", "-o", "json"]));
    let mut document: Value = serde_json::from_str(&json).unwrap();
    let fields = document.as_object_mut().unwrap();
    // What it says itself, and beside it what was found; no broker is named here.
    assert_eq!(fields.remove("degraded"), Some(json!([])));
    assert_eq!(fields.remove("broker"), Some(Value::Null));
    assert_eq!(fields.remove("next"), Some(Value::Null));
    assert_eq!(document, healthy());
}

#[test]
fn several_sinks_are_a_line_each() {
    let host = Host::start(&[]);
    let mut status = healthy();
    status["sinks"] = json!([
        {"name": "jetstream", "need": "required", "delivered": 1200, "spilled": 0, "failed": 0,
         "kept": 0, "lagging": 0, "spool": {"waiting": 0}},
        {"name": "store", "need": "required", "delivered": 1000, "spilled": 200, "failed": 0,
         "kept": 0, "lagging": 0, "spool": {"waiting": 200}},
    ]);
    status["kubernetes"] = json!({"created": 2, "dropped": {"limited": 7, "refused": 0}});
    *host.fake.status.lock().unwrap() = status;
    let said = ok(&host.consign(&["status"]));
    for line in [
        "SINK      jetstream  required  delivered 1,200  failed 0  kept 0  lagging 0  spilled 0",
        "SINK      store  required  delivered 1,000  failed 0  kept 0  lagging 0  spilled 200  200 events waiting",
        "K8S       created 2  dropped: limited 7",
    ] {
        assert!(said.lines().any(|said| said == line), "{line}\n{said}");
    }
    *host.fake.status.lock().unwrap() = healthy();
    assert!(!ok(&host.consign(&["status"])).contains("SINK"));
}

#[test]
fn what_needs_somebody_is_said_and_exits_1() {
    let host = Host::start(&[]);
    for (pointer, value, said) in [
        (
            "/breaker",
            json!({"state": "reconnecting", "attempt": 3, "next_probe_ms": 800, "reason": "a\u{1b}b"}),
            "the circuit is reconnecting",
        ),
        ("/spool/dead", json!(2), "2 events refused for good"),
        ("/spool/set_aside", json!(1), "1 event set aside"),
        (
            "/streams/0/state",
            json!("missing"),
            "stream CONSIGN_EVENTS is missing",
        ),
    ] {
        let mut status = healthy();
        *status.pointer_mut(pointer).unwrap() = value;
        *host.fake.status.lock().unwrap() = status;
        let output = host.consign(&["status"]);
        assert_eq!(output.status.code(), Some(1), "{pointer} {output:?}");
        assert!(err(&output).contains(said), "{said} {output:?}");
        assert!(!(out(&output) + &err(&output)).contains('\u{1b}'));
        assert_eq!(
            host.consign(&["status", "-o", "json"]).status.code(),
            Some(1)
        );
    }
    *host.fake.status.lock().unwrap() = healthy();
    *host.fake.degraded.lock().unwrap() = vec!["the broker is away".into()];
    let output = host.consign(&["status"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("degraded: the broker is away"));
}

#[test]
fn each_fact_is_told_once_and_one_command_comes_next() {
    let host = Host::start(&[]);
    let mut status = healthy();
    status["breaker"] = json!({"state": "reconnecting", "reason": "refused"});
    status["nats"]["connected"] = json!(false);
    status["spool"]["dead"] = json!(2);
    *host.fake.status.lock().unwrap() = status;
    *host.fake.degraded.lock().unwrap() = vec![
        "2 events are dead: consign dlq ls".into(),
        "the broker is away: refused".into(),
    ];
    let said = err(&host.consign(&["status"]));
    let lines: Vec<&str> = said.lines().collect();
    let expected = [
        "degraded: 2 events are dead",
        "degraded: the broker is away: refused",
        "next: consign dlq ls",
    ];
    assert_eq!(lines, expected);
    let json = out(&host.consign(&["status", "-o", "json"]));
    let document: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(document["next"], "consign dlq ls");
    assert_eq!(document["degraded"].as_array().unwrap().len(), 2);

    // The order in which they are told has no say, and one tool does not send to the other.
    host.fake.degraded.lock().unwrap().reverse();
    let said = err(&host.consign(&["status"]));
    assert!(said.ends_with("next: consign dlq ls\n"), "{said}");
    host.fake.degraded.lock().unwrap().pop();
    let said = err(&host.consign(&["status"]));
    let next = "next: look at the server at nats://127.0.0.1:4222";
    assert!(said.contains(next), "{said}");
    let said = out(&host.consign(&["doctor"]));
    let next = "try: look at the server at nats://127.0.0.1:4222";
    assert!(said.contains(next), "{said}");
    assert!(!said.contains("consign status"), "{said}");
}

#[test]
fn a_spool_that_was_drained_tells_what_is_left_on_disk() {
    let host = Host::start(&[]);
    let mut status = healthy();
    status["spool"]["bytes"] = json!(1434);
    *host.fake.status.lock().unwrap() = status;
    let said = ok(&host.consign(&["status"]));
    let line = "DLQ       0 events, 1.4 KiB on disk";
    assert!(said.lines().any(|said| said == line), "{said}");
}

#[test]
fn how_the_streams_were_is_not_told_as_how_they_are() {
    let host = Host::start(&[]);
    let mut status = healthy();
    status["nats"]["connected"] = json!(false);
    status["streams"] = json!([
        {"name": "CONSIGN_AUDIT", "state": "missing", "findings": [], "last_known": true, "age_s": 185},
    ]);
    *host.fake.status.lock().unwrap() = status;
    *host.fake.degraded.lock().unwrap() = vec!["the broker is away".into()];
    let output = host.consign(&["status"]);
    let said = out(&output);
    assert!(said.contains("STREAM         LAST KNOWN"), "{said}");
    assert!(said.contains("CONSIGN_AUDIT  MISSING, 3m5s ago"), "{said}");
    assert!(!err(&output).contains("stream CONSIGN_AUDIT"), "{output:?}");
}

/// A broker that hangs has not told its supervisor so yet.
#[test]
fn what_a_supervisor_says_of_a_broker_that_does_not_answer_here_is_the_last_known() {
    let host = Host::start(&[]);
    let mut status = healthy();
    status["streams"][0]["age_s"] = json!(4);
    *host.fake.status.lock().unwrap() = status;
    // It takes connections and says nothing.
    let frozen = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = frozen.local_addr().unwrap();
    let output = bare(&["status", "--timeout", "100ms"])
        .env("CONSIGN_HTTP_ADDR", host.addr.to_string())
        .env("CONSIGN_NATS_URL", format!("nats://{address}"))
        .env("CONSIGN_NATS_CONNECT_TIMEOUT", "100ms")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = out(&output);
    for line in [
        "SERVER    nats://127.0.0.1:4222  nats-server 2.15.1  not reached from here",
        "CIRCUIT   connected when last used",
        "STREAM          LAST KNOWN  FINDINGS",
        "CONSIGN_EVENTS  ok, 4s ago",
    ] {
        assert!(
            said.lines().any(|said| said.trim_end() == line),
            "{line}\n{said}"
        );
    }
    let next = format!("next: look at the server at nats://{address}");
    assert!(err(&output).contains(&next), "{output:?}");
}

#[test]
fn a_chain_without_a_broker_has_no_circuit() {
    let host = Host::start(&[]);
    *host.fake.status.lock().unwrap() = json!({
        "stack": "sign(redact(journal))", "breaker": null, "nats": null, "signer": null,
        "journal": {"state": "ok", "segments": 1, "bytes": 1024, "oldest_age_s": 3},
    });
    let said = ok(&host.consign(&["status"]));
    assert!(
        !said.contains("CIRCUIT") && said.contains("unsigned"),
        "{said}"
    );
    assert!(said.contains("JOURNAL   ok  1 segment, 1.0 KiB"), "{said}");
}

/// What a token sees that is good for some tenants' events alone.
#[test]
fn a_confined_view_is_told_without_counts() {
    let host = Host::start(&[]);
    *host.fake.status.lock().unwrap() = json!({
        "confined": true, "stack": "dlq(sign(redact(jetstream)))", "breaker": {"state": "connected"},
        "nats": {"connected": true}, "spool": {"state": "ok"}, "signer": {"keyid": "7f3a"},
        "journal": null,
    });
    let said = ok(&host.consign(&["status"]));
    for line in ["SERVER    connected", "CIRCUIT   connected", "DLQ       ok"] {
        assert!(said.lines().any(|said| said == line), "{line}\n{said}");
    }
    assert!(!said.contains("0 events"), "{said}");
    let said = out(&host.consign(&["doctor"]));
    let line = "skip  spool records  the supervisor has them, and this token may not see counts";
    assert!(said.lines().any(|said| said == line), "{said}");
}

fn healthy() -> Value {
    json!({
        "version": "0.1.0",
        "stack": "dlq(sign(redact(jetstream)))",
        "breaker": {"state": "connected", "attempt": 0, "next_probe_ms": 0, "reason": null},
        "nats": {"connected": true, "server": "nats://127.0.0.1:4222", "version": "2.15.1"},
        "spool": {"waiting": 0, "set_aside": 0, "dead": 0, "bytes": 0, "oldest_age_s": 0},
        "signer": {"keyid": "7f3a", "run": "01J", "chains": 1},
        "counters": {"accepted": 1204, "delivered": 1204},
        "streams": [{"name": "CONSIGN_EVENTS", "state": "ok", "findings": []}],
    })
}
