//! Starting, running and stopping with the broker away.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::support::{Broker, Daemon, ENSURE, drained, event, status, until};

#[test]
fn fb1_a_broker_that_comes_late_is_found_and_gets_everything() {
    let dir = tempfile::tempdir().unwrap();
    let mut broker = Broker::start();
    broker.kill();
    let daemon = Daemon::with_broker(dir.path(), &broker.url(), &[ENSURE]);
    let mut client = daemon.client();
    let answer = client.post(&event("1", "{}")).unwrap();
    assert_eq!(
        (answer.status, answer.header("consign-outcome")),
        (204, Some("spilled"))
    );
    let ready = client.get("/readyz").unwrap();
    assert_eq!(ready.status, 200, "{}", ready.body);
    assert!(ready.body.contains("broker"), "{}", ready.body);
    let now = status(&daemon);
    assert_eq!(now["stack"], "dlq(sign(redact(jetstream)))");
    assert_eq!(now["breaker"]["state"], "reconnecting");
    assert_eq!(now["spool"]["waiting"], 1);
    broker.restart();
    until(&daemon, PATIENCE, drained);
    assert_eq!(broker.stored("CONSIGN_EVENTS").len(), 1);
    let now = status(&daemon);
    assert_eq!(now["breaker"]["state"], "connected");
    assert_eq!(now["counters"]["redriven"], 1);
    assert!(daemon.stop().0.success());
}

#[test]
fn fp1_a_stop_during_an_outage_is_quick_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut broker = Broker::start();
    let daemon = Daemon::connected(dir.path(), &broker.url(), &[ENSURE]);
    assert_eq!(daemon.client().post(&event("1", "{}")).unwrap().status, 204);
    broker.kill();
    for id in 2..30 {
        let answer = daemon.client().post(&event(&id.to_string(), "{}")).unwrap();
        assert_eq!(answer.status, 204);
    }
    let asked = Instant::now();
    let (exit, log) = daemon.stop();
    assert!(exit.success(), "{log}");
    assert!(
        asked.elapsed() < Duration::from_secs(5),
        "{:?}",
        asked.elapsed()
    );
    broker.restart();
    let daemon = Daemon::with_broker(dir.path(), &broker.url(), &[ENSURE]);
    until(&daemon, PATIENCE, drained);
    assert_eq!(broker.stored("CONSIGN_EVENTS").len(), 29);
}

#[test]
fn a_required_broker_that_is_away_ends_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let url = format!("nats://127.0.0.1:{port}");
    for how in [
        ("CONSIGN_REQUIRE_JETSTREAM", "1"),
        ("CONSIGN_ON_CONNECT_FAIL", "fail"),
    ] {
        let settings = [
            ("CONSIGN_NATS_URL", url.as_str()),
            ("CONSIGN_NATS_CONNECT_TIMEOUT", "500ms"),
            how,
        ];
        let (code, said) = Daemon::run(dir.path(), &settings);
        assert_eq!(code, Some(69), "{said}");
        assert!(said.contains("try: "), "{said}");
    }
}

#[test]
fn a_required_stream_that_is_missing_ends_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let broker = Broker::start();
    let url = broker.url();
    let settings = [
        ("CONSIGN_NATS_URL", url.as_str()),
        ("CONSIGN_REQUIRE_JETSTREAM", "1"),
    ];
    let (code, said) = Daemon::run(dir.path(), &settings);
    assert_eq!(code, Some(78), "{said}");
    assert!(said.contains("CONSIGN_STREAMS=ensure"), "{said}");
}

#[test]
fn without_a_spool_an_outage_is_said_to_the_sender() {
    let dir = tempfile::tempdir().unwrap();
    let mut broker = Broker::start();
    broker.kill();
    let daemon = Daemon::with_broker(dir.path(), &broker.url(), &[("CONSIGN_DLQ", "off")]);
    let answer = daemon.client().post(&event("1", "{}")).unwrap();
    assert_eq!(answer.status, 503, "{}", answer.body);
    assert!(answer.header("retry-after").is_some());
    assert_eq!(daemon.client().get("/readyz").unwrap().status, 503);
    assert_eq!(status(&daemon)["stack"], "sign(redact(jetstream))");
}

const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn events_that_wait_outlive_a_start_that_forgets() {
    let dir = tempfile::tempdir().unwrap();
    let mut broker = Broker::start();
    broker.kill();
    let daemon = Daemon::with_broker(dir.path(), &broker.url(), &[ENSURE]);
    assert_eq!(daemon.client().post(&event("1", "{}")).unwrap().status, 204);
    assert!(daemon.stop().0.success());
    let forget = [
        ("CONSIGN_NATS_CONNECT_TIMEOUT", "300ms"),
        ("CONSIGN_ON_CONNECT_FAIL", "noop"),
    ];
    let daemon = Daemon::with_broker(dir.path(), &broker.url(), &forget);
    assert_eq!(status(&daemon)["stack"], "sign(redact(noop))");
    assert!(daemon.stop().0.success());
    broker.restart();
    let daemon = Daemon::with_broker(dir.path(), &broker.url(), &[ENSURE]);
    until(&daemon, PATIENCE, drained);
    assert_eq!(broker.stored("CONSIGN_EVENTS").len(), 1);
    assert!(daemon.stop().0.success());
}
