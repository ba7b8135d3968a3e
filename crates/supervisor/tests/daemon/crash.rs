//! Killed under load, again and again, the daemon loses nothing that it acknowledged.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::support::{Client, Daemon, audited, event, journal};

#[test]
fn killed_under_load_nothing_acknowledged_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = HashSet::new();
    for round in 0..ROUNDS {
        let daemon = Daemon::start(dir.path(), &[]);
        let addr = daemon.addr();
        let killed = AtomicBool::new(false);
        let answered = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for sender in 0..SENDERS {
                let (killed, answered) = (&killed, &answered);
                scope.spawn(move || {
                    let Ok(mut client) = Client::connect(addr) else {
                        return;
                    };
                    for n in 0.. {
                        let id = format!("{round}-{sender}-{n}");
                        match client.post(&event(&id, r#"{"n":1}"#)) {
                            Ok(answer) if answer.status == 204 => {
                                answered.lock().unwrap().push(id);
                            }
                            // The connection died with the daemon: whether this one is stored is
                            // open, and nobody was told that it is.
                            _ => return,
                        }
                        if killed.load(Ordering::Relaxed) {
                            return;
                        }
                    }
                });
            }
            // Moments that fall differently into the daemon's work in every round.
            std::thread::park_timeout(Duration::from_millis(40 + 11 * (round % 13)));
            daemon.kill();
            killed.store(true, Ordering::Relaxed);
        });
        acknowledged.extend(answered.into_inner().unwrap());
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
