//! A sink that never answers.

use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use super::sink;
use crate::support::{Daemon, event, journal, status, until};

#[test]
fn a_best_effort_sink_that_hangs_is_waited_for_by_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let (_silent, daemon) = beside_a_silent_store(dir.path(), "journal,store:best-effort:30s");
    let mut client = daemon.client();
    let begun = Instant::now();
    for id in 0..20 {
        let answer = client.post(&event(&id.to_string(), "{}")).unwrap();
        assert_eq!(answer.status, 204);
        assert_eq!(answer.header("consign-outcome"), Some("delivered"));
    }
    assert!(begun.elapsed() < QUICK, "{:?}", begun.elapsed());
    let now = status(&daemon);
    assert_eq!(sink(&now, "store")["lagging"], 20, "{now}");
    assert!(sink(&now, "store")["spool"].is_null(), "{now}");
    assert_eq!(client.get("/readyz").unwrap().status, 200);
    let begun = Instant::now();
    let (exit, log) = daemon.stop();
    assert!(exit.success(), "{log}");
    assert!(begun.elapsed() < Duration::from_secs(8), "{log}");
    assert_eq!(journal(dir.path()).len(), 20);
}

#[test]
fn a_required_sink_that_hangs_costs_its_deadline_and_its_spool_has_the_events() {
    let dir = tempfile::tempdir().unwrap();
    let (_silent, daemon) = beside_a_silent_store(dir.path(), "journal,store:required:1s");
    let mut client = daemon.client();
    let begun = Instant::now();
    for id in 0..20 {
        // A subject for each, so that none of them goes behind another's record.
        let own = event(&id.to_string(), "{}").replace("test.made", &format!("test.made{id}"));
        let answer = client.post(&own).unwrap();
        assert_eq!(answer.header("consign-outcome"), Some("delivered"));
    }
    assert!(begun.elapsed() < QUICK, "{:?}", begun.elapsed());
    until(&daemon, QUICK, |now| {
        sink(now, "store")["spool"]["waiting"] == 20
    });
    let now = status(&daemon);
    assert_eq!(sink(&now, "journal")["delivered"], 20, "{now}");
    assert_eq!(now["spool"]["waiting"], 20, "{now}");
    assert_eq!(client.get("/readyz").unwrap().status, 200);
    let (exit, log) = daemon.stop();
    assert!(exit.success(), "{log}");
}

/// A daemon that has these sinks, the store one that never answers.
fn beside_a_silent_store(data: &Path, sinks: &str) -> (TcpListener, Daemon) {
    let (silent, url) = silent();
    let settings = [
        ("CONSIGN_SINK", sinks),
        ("CONSIGN_STORE_URL", &*url),
        ("CONSIGN_SHUTDOWN_GRACE", "4s"),
    ];
    (silent, Daemon::start(data, &settings))
}

/// A server that takes connections and says nothing.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, format!("postgres://u:p@{address}/d"))
}

/// Less than the store's own deadline, with room for a busy machine.
const QUICK: Duration = Duration::from_secs(8);
