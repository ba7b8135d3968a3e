//! Tenants are confined, and none can occupy another's identity.

use std::time::Duration;

use crate::support::{Broker, Daemon, ENSURE, until};

#[test]
fn two_tenants_with_the_same_id_both_get_their_event_stored() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start();
    let daemon = Daemon::connected(dir.path(), &broker.url(), &[ENSURE]);
    let mut client = daemon.client();
    for tenant in ["a", "b", "a"] {
        let answer = client.post(&of(tenant)).unwrap();
        assert_eq!(
            (answer.status, answer.header("consign-outcome")),
            (204, Some("delivered"))
        );
    }
    let stored = broker.stored("CONSIGN_EVENTS");
    let subjects: Vec<_> = stored
        .iter()
        .map(|message| message.subject.as_str())
        .collect();
    assert_eq!(
        subjects,
        ["consign.events.a.test.made", "consign.events.b.test.made"]
    );
    assert_ne!(stored[0].message_id, stored[1].message_id);
}

#[test]
fn fi8_hostile_tenants_are_refused_and_nothing_is_published() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start();
    let daemon = Daemon::connected(dir.path(), &broker.url(), &[ENSURE]);
    let mut client = daemon.client();
    let long = "x".repeat(10_000);
    for tenant in [
        "*", ">", "a.b", "a b", r"\r\n", "", &long, r"\u202e", "$JS", "_INBOX.x",
    ] {
        let answer = client.post(&of(tenant)).unwrap();
        assert_eq!(answer.status, 400, "{tenant}");
    }
    let status = until(&daemon, PATIENCE, |status| {
        status["breaker"]["state"] == "connected"
    });
    assert!(status < Duration::from_secs(1));
    assert!(broker.stored("CONSIGN_EVENTS").is_empty());
    assert_eq!(
        client.post(&of("good")).unwrap().header("consign-outcome"),
        Some("delivered")
    );
}

fn of(tenant: &str) -> String {
    format!(
        r#"{{"specversion":"1.0","id":"1","source":"/test","type":"test.made","tenantid":"{tenant}"}}"#
    )
}

const PATIENCE: Duration = Duration::from_secs(30);
