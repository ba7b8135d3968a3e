//! The daemon is killed under load, again and again, with the broker up and away in turn.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::support::{Broker, Client, Daemon, audited_stream, counted, drained, event, until};

#[test]
fn fd9_killed_under_load_every_receipt_is_in_the_stream_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut broker = Broker::start();
    let url = broker.url();
    let settings = [
        ("CONSIGN_NATS_URL", url.as_str()),
        ("CONSIGN_STREAMS", "ensure"),
    ];
    let mut acknowledged = HashSet::new();
    for round in 0..ROUNDS {
        match round % 4 {
            1 => broker.kill(),
            3 => broker.restart(),
            _ => {}
        }
        let daemon = Daemon::start(dir.path(), &settings);
        let answered = load(&daemon, round, || {
            // Moments that fall differently into the daemon's work in every round.
            std::thread::park_timeout(Duration::from_millis(60 + 13 * (round % 11)));
            let pid = daemon.pid().to_string();
            let kill = std::process::Command::new("kill")
                .args(["-9", &pid])
                .status();
            assert!(kill.unwrap().success());
        });
        daemon.kill();
        acknowledged.extend(answered);
    }
    broker.restart();
    let daemon = Daemon::start(dir.path(), &settings);
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

/// Sends until `kill` has done its work; the ids that were answered with 204.
fn load(daemon: &Daemon, round: u64, kill: impl FnOnce()) -> Vec<String> {
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
                        Ok(answer) if answer.status == 204 => answered.lock().unwrap().push(id),
                        // Whether this one is stored is open, and nobody was told that it is.
                        _ => return,
                    }
                    if killed.load(Ordering::Relaxed) {
                        return;
                    }
                }
            });
        }
        kill();
        killed.store(true, Ordering::Relaxed);
    });
    answered.into_inner().unwrap()
}

const ROUNDS: u64 = 50;
const SENDERS: usize = 32;
const PATIENCE: Duration = Duration::from_secs(60);
