//! Killed under load, again and again, the daemon loses nothing that it acknowledged.

use std::collections::HashSet;
use std::time::Duration;

use crate::support::{Daemon, audited, journal, killed_under_load};

#[test]
fn killed_under_load_nothing_acknowledged_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = HashSet::new();
    for round in 0..ROUNDS {
        let daemon = Daemon::start(dir.path(), &[]);
        // Moments that fall differently into the daemon's work in every round.
        let moment = Duration::from_millis(40 + 11 * (round % 13));
        let answered = killed_under_load(daemon, SENDERS, &round.to_string(), moment);
        acknowledged.extend(answered);
    }
    assert!(Daemon::start(dir.path(), &[]).stop().0.success());
    let stored: HashSet<String> = journal(dir.path())
        .iter()
        .map(|event| event["id"].as_str().unwrap().to_owned())
        .collect();
    let lost: Vec<_> = acknowledged.difference(&stored).collect();
    assert!(
        lost.is_empty(),
        "{} of {} lost",
        lost.len(),
        acknowledged.len()
    );
    assert!(
        acknowledged.len() > 2 * ROUNDS as usize,
        "hardly any load: {}",
        acknowledged.len()
    );
    let report = audited(dir.path());
    assert_eq!(report.findings(), 0, "{:?}", report.faults);
    assert_eq!(report.events() as usize, stored.len());
    // Each round is a run of its own; a round that was killed before its first event has none.
    assert!(report.chains.len() > ROUNDS as usize / 4);
}

const ROUNDS: u64 = 50;
const SENDERS: usize = 64;
