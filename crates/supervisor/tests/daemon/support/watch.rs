use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value;
use sink_sign::{Audit, Mode, Order, PublicKeys, Report, Verifier};

use super::{Client, Daemon, Stored};

/// What `GET /v1/status` says now.
pub(crate) fn status(daemon: &Daemon) -> Value {
    let answer = daemon.client().get("/v1/status").unwrap();
    serde_json::from_str(&answer.body).unwrap()
}

/// Waits until the status satisfies `wish`, and returns how long that took. Panics with the last
/// status where it does not come to pass.
pub(crate) fn until(
    daemon: &Daemon,
    patience: Duration,
    wish: impl Fn(&Value) -> bool,
) -> Duration {
    let start = Instant::now();
    loop {
        let now = status(daemon);
        if wish(&now) {
            return start.elapsed();
        }
        assert!(start.elapsed() < patience, "still {now:#}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

/// Whether the daemon has a connection to the broker.
pub(crate) fn connected(status: &Value) -> bool {
    status["nats"]["connected"] == true
}

/// Whether the spool holds nothing that waits or was set aside.
pub(crate) fn drained(status: &Value) -> bool {
    status["spool"]["waiting"] == 0 && status["spool"]["set_aside"] == 0
}

/// Posts a batch and returns the results, one for each event.
pub(crate) fn post_batch(client: &mut Client, events: &[String]) -> std::io::Result<Vec<Value>> {
    let batched = [("content-type", "application/cloudevents-batch+json")];
    let body = format!("[{}]", events.join(","));
    let answer = client.request("POST", "/v1/events", &batched, body.as_bytes())?;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body: Value = serde_json::from_str(&answer.body)?;
    Ok(body["results"].as_array().unwrap().clone())
}

/// How often each event id stands in a stream.
pub(crate) fn counted(stored: &[Stored]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for message in stored {
        *counts
            .entry(message.event["id"].as_str().unwrap())
            .or_default() += 1;
    }
    counts
}

/// What an audit says of lines that were read from a stream, by the daemon's own keys.
pub(crate) fn audited_stream(data: &std::path::Path, stored: &[Stored]) -> Report {
    let keys = std::fs::read_to_string(data.join("keys/public.jwks.json")).unwrap();
    let verifier = Verifier::new(PublicKeys::parse(&keys).unwrap(), Mode::Strict);
    let mut audit = Audit::new(verifier, Order::Any);
    let lines: String = stored
        .iter()
        .map(|message| message.text.clone() + "\n")
        .collect();
    audit.file("the stream", lines.as_bytes()).unwrap();
    audit.finish()
}
