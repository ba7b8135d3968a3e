//! The daemon is killed under load, again and again, with the broker up and away in turn.

use std::collections::HashSet;
use std::time::Duration;

use crate::support::{
    Broker, Daemon, ENSURE, audited_stream, counted, drained, killed_under_load, until,
};

#[test]
fn fd9_killed_under_load_every_receipt_is_in_the_stream_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut broker = Broker::start();
    let mut acknowledged = HashSet::new();
    for round in 0..ROUNDS {
        match round % 4 {
            1 => broker.kill(),
            3 => broker.restart(),
            _ => {}
        }
        let daemon = Daemon::with_broker(dir.path(), &broker.url(), &[ENSURE]);
        // Moments that fall differently into the daemon's work in every round.
        let moment = Duration::from_millis(60 + 13 * (round % 11));
        let answered = killed_under_load(daemon, SENDERS, &round.to_string(), moment);
        acknowledged.extend(answered);
    }
    broker.restart();
    let daemon = Daemon::with_broker(dir.path(), &broker.url(), &[ENSURE]);
    until(&daemon, PATIENCE, drained);
    let stored = broker.stored("CONSIGN_EVENTS");
    let counts = counted(&stored);
    let lost = acknowledged
        .iter()
        .filter(|id: &&String| !counts.contains_key(id.as_str()))
        .count();
    assert_eq!(lost, 0, "of {}", acknowledged.len());
    assert!(counts.values().all(|count| *count == 1), "doubled");
    assert!(acknowledged.len() > 2 * ROUNDS as usize, "hardly any load");
    let report = audited_stream(dir.path(), &stored);
    assert_eq!(report.findings(), 0, "{:?}", report.faults);
    assert!(daemon.stop().0.success());
}

const ROUNDS: u64 = 50;
const SENDERS: usize = 32;
const PATIENCE: Duration = Duration::from_secs(60);
