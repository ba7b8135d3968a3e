//! One event through every layer: in over HTTP, redacted, signed, journaled, answered.

use crate::support::{Daemon, audited, event, journal, lines, segments};
use serde_json::Value;

#[test]
fn structured_binary_and_batched_events_are_redacted_signed_and_stored() {
    let dir = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(dir.path(), &[]);
    let mut client = daemon.client();

    let structured = client
        .post(&event("1", r#"{"token":"s3cret","n": 1.10}"#))
        .unwrap();
    assert_eq!(
        (structured.status, structured.header("consign-outcome")),
        (204, Some("delivered"))
    );
    let receipt: Value =
        serde_json::from_str(structured.header("consign-receipt").unwrap()).unwrap();
    assert_eq!(receipt["place"], "journal");
    assert_eq!(receipt["offset"], 0);

    let headers = [
        ("ce-specversion", "1.0"),
        ("ce-id", "2"),
        ("ce-source", "/test"),
        ("ce-type", "test.made"),
        ("ce-tenantid", "acme"),
        ("content-type", "application/json"),
    ];
    let binary = client
        .request("POST", "/v1/events", &headers, b"{\"a\":\n1}")
        .unwrap();
    assert_eq!(binary.status, 204);

    let batch = format!("[{},{{\"id\":1}},{}]", event("3", "{}"), event("4", "{}"));
    let batched = [("content-type", "application/cloudevents-batch+json")];
    let answer = client
        .request("POST", "/v1/events", &batched, batch.as_bytes())
        .unwrap();
    assert_eq!(answer.status, 200);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let results = body["results"].as_array().unwrap();
    let outcomes: Vec<_> = results
        .iter()
        .map(|result| result["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["delivered", "refused", "delivered"]);
    assert_eq!(results[0]["id"], "3");
    assert_eq!(results[0]["receipt"]["place"], "journal");
    assert_eq!(results[1]["error"]["kind"], "invalid");
    assert!(results[1].get("id").is_none());

    let (status, log) = daemon.stop();
    assert!(status.success(), "{log}");
    assert!(log.contains("dlq(sign(redact(journal)))"), "{log}");
    let stored = journal(dir.path());
    let ids: Vec<_> = stored
        .iter()
        .map(|event| event["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["1", "2", "3", "4"]);
    assert_eq!(stored[0]["data"]["token"], "[REDACTED:key]");
    assert_eq!(stored[1]["tenantid"], "acme");
    for event in &stored {
        assert!(event["dssematerial"].is_string());
        assert_eq!(event["exacttime"], event["time"]);
        assert!(event["redactpolicy"].is_string());
    }
    assert_eq!(stored[0]["sequence"], "00000000000000000001");
    assert_eq!(stored[1]["sequence"], "00000000000000000001");
    assert_eq!(stored[2]["sequence"], "00000000000000000002");
    let producer = stored[1]["producerid"].as_str().unwrap();
    assert!(producer.ends_with(".events.acme"), "{producer}");
}

#[test]
fn a_batch_proves_itself() {
    let dir = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(dir.path(), &[]);
    let events: Vec<String> = (1..=5).map(|id| event(&id.to_string(), "{}")).collect();
    let batch = format!("[{}]", events.join(","));
    let batched = [("content-type", "application/cloudevents-batch+json")];
    let answer = daemon
        .client()
        .request("POST", "/v1/events", &batched, batch.as_bytes());
    assert_eq!(answer.unwrap().status, 200);
    assert!(daemon.stop().0.success());
    let segment = segments(dir.path()).pop().unwrap();
    let whole = lines(dir.path());
    assert_eq!(audited(dir.path()).findings(), 0);
    for removed in 1..4 {
        let mut rest = whole.clone();
        rest.remove(removed);
        std::fs::write(&segment, rest.join("\n") + "\n").unwrap();
        assert_eq!(audited(dir.path()).findings(), 1, "line {removed} removed");
    }
}

#[test]
fn an_event_without_a_subject_is_refused_without_a_broker_too() {
    let dir = tempfile::tempdir().unwrap();
    for settings in [&[][..], &[("CONSIGN_SIGN", "off")]] {
        let daemon = Daemon::start(dir.path(), settings);
        let text = r#"{"specversion":"1.0","id":"1","source":"/s","type":"no subject"}"#;
        let answer = daemon.client().post(text).unwrap();
        assert_eq!(answer.status, 400, "{}", answer.body);
        let problem: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(problem["violations"][0]["attribute"], "type");
        assert!(daemon.stop().0.success());
    }
}

#[test]
fn probes_status_metrics_and_keys_are_served() {
    let dir = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(dir.path(), &[]);
    let mut client = daemon.client();
    assert_eq!(
        client
            .post(&event("1", r#"{"password":"hunter2"}"#))
            .unwrap()
            .status,
        204
    );
    assert_eq!(client.post("{}").unwrap().status, 400);
    for probe in ["/livez", "/readyz", "/startupz"] {
        assert_eq!(client.get(probe).unwrap().status, 200, "{probe}");
    }
    let status: Value = serde_json::from_str(&client.get("/v1/status").unwrap().body).unwrap();
    assert_eq!(status["stack"], "dlq(sign(redact(journal)))");
    assert_eq!(status["counters"]["accepted"], 1);
    assert_eq!(status["signer"]["chains"], 1);
    assert_eq!(status["spool"]["waiting"], 0);
    let metrics = client.get("/metrics").unwrap().body;
    for name in [
        "consign_events_received_total",
        "consign_redactions_total",
        "consign_build_info",
    ] {
        assert!(metrics.contains(name), "{name}: {metrics}");
    }
    let keys: Value =
        serde_json::from_str(&client.get("/.well-known/jwks.json").unwrap().body).unwrap();
    assert_eq!(keys["keys"][0]["kid"], status["signer"]["keyid"]);
    let on_disk = std::fs::read_to_string(dir.path().join("keys/public.jwks.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&on_disk).unwrap(), keys);
}

#[test]
fn a_renamed_journal_is_left_alone_and_a_new_one_begun() {
    let dir = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(dir.path(), &[]);
    let mut client = daemon.client();
    assert_eq!(client.post(&event("1", "{}")).unwrap().status, 204);
    let segment = segments(dir.path()).pop().unwrap();
    std::fs::rename(&segment, segment.with_extension("1")).unwrap();
    daemon.signal("HUP");
    assert_eq!(client.post(&event("2", "{}")).unwrap().status, 204);
    assert!(daemon.stop().0.success());
    let ids: Vec<_> = journal(dir.path())
        .iter()
        .map(|event| event["id"].clone())
        .collect();
    assert_eq!(ids, ["2"]);
}
